"""What the pages of imports say: states in words, counts, months. Refuses to read the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.facts.models import Import
from zhike.facts.refusals import read_rejects, shown_value
from zhike_analytics.contracts import TABLES, ColumnType

SHOWN_REJECTS = 50
STAGES = {
    "scan": gettext_lazy("扫描文件"),
    "read": gettext_lazy("读取文件"),
    "map": gettext_lazy("按映射转换"),
    "check": gettext_lazy("逐行核对"),
    "rejects": gettext_lazy("整理拒收清单"),
    "copy": gettext_lazy("送入数据库"),
    "resolve": gettext_lazy("与已有的对号"),
    "names": gettext_lazy("编排拼音"),
    "insert": gettext_lazy("写入新增"),
    "update": gettext_lazy("写入改变"),
    "link": gettext_lazy("关联客户经理"),
    "lake": gettext_lazy("写入月份"),
    "timeline": gettext_lazy("写入时间线"),
    "wait": gettext_lazy("等同一张表的另一个导入完成"),
    "done": gettext_lazy("收尾"),
}
KINDS = {"done": "good", "failed": "hand", "refused": "hand", "checked": "warn", "cancelled": "", "moving": "on"}


def table_name(name: str) -> str:
    """Return what a table is called in the page's language."""
    if name not in TABLES:
        return name
    return TABLES[name].en if get_language() == "en" else TABLES[name].zh


def import_context(one: Import, *, brief: bool = False) -> dict[str, Any]:
    """Return what a page shows of an import."""
    run = one.run
    moving = run.state in {"queued", "running"} and one.phase in {"checking", "loading"}
    tables = [_table(row) for row in one.summary.get("tables", [])]
    context: dict[str, Any] = {
        "id": one.pk,
        "title": table_name(one.table) if one.table else one.mapping_name,
        "files": one.files,
        "size": sum(file["bytes"] for file in one.files),
        "phase": one.phase,
        "state": _state_words(one, moving),
        "kind": KINDS["moving"] if moving else KINDS.get("failed" if run.state == "failed" else one.phase, "good"),
        "moving": moving,
        "failed": run.state == "failed",
        "can_confirm": one.phase == "checked" and not moving,
        "can_cancel": one.phase in {"checking", "checked", "loading"},
        "can_retry": run.state == "failed" and one.phase in {"checking", "loading"},
        "error": run.error_en if get_language() == "en" else run.error_zh,
        "who": one.created_by_name,
        "at": one.created_at,
        "finished_at": run.finished_at,
        "share": run.progress_permille / 1000,
        "stage": _stage_words(run.stage) if run.state == "running" else "",
        "queued": run.state == "queued",
        "attempts": run.attempts,
        "read": one.rows_read,
        "new": one.rows_new,
        "changed": one.rows_changed,
        "unchanged": one.rows_unchanged,
        "duplicates": one.rows_duplicate,
        "refused": one.rows_refused,
        "nothing_changed": one.phase in {"checked", "loaded"}
        and bool(tables)
        and not (one.rows_new or one.rows_changed),
        "version": f"{run.state}-{one.phase}-{run.progress_permille}-{run.stage}-{run.attempts}",
    }
    if not brief:
        context["tables"] = tables
        context["steps"] = _steps(one, moving)
        context["rejects"] = _rejects(one) if one.rejects_path and not moving else []
        context["more_rejects"] = one.rows_refused > SHOWN_REJECTS
    return context


def _state_words(one: Import, moving: bool) -> str:
    if one.run.state == "queued" and moving:
        return _("排队")
    if one.run.state == "failed" and one.phase in {"checking", "loading"}:
        return _("未完成")
    return str(one.get_phase_display())


def _stage_words(stage: str) -> str:
    word, _space, rest = stage.partition(" ")
    return f"{STAGES.get(word, word)} {table_name(rest)}".strip()


def _steps(one: Import, moving: bool) -> list[dict[str, str]]:
    places = {"checking": 1, "checked": 2, "loading": 3, "loaded": 4, "refused": 1, "cancelled": 1}
    at = places[one.phase]
    names = [_("收到文件"), _("核对"), _("确认"), _("装入")]
    over = one.phase in {"refused", "cancelled"}
    notes = [
        f"{len(one.files)} {_('个')}",
        f"{one.rows_read:,} {_('行')}" if one.rows_read else "",
        _("等你确认") if one.phase == "checked" else "",
        str(one.get_phase_display()) if one.phase in {"loaded"} else "",
    ]
    return [
        {
            "label": name,
            "note": note,
            "state": "done" if number < at else "now" if number == at and not over else "",
        }
        for number, (name, note) in enumerate(zip(names, notes, strict=True))
    ]


def _table(row: dict[str, Any]) -> dict[str, Any]:
    sums = _sum_columns(row)
    return {
        **row,
        "name": table_name(row["table"]),
        "sums": [label for _name, label, _money in sums],
        "months": [
            {
                **month,
                "period": f"{month['period'] // 100}-{month['period'] % 100:02d}",
                "values": [
                    {"value": month["sums"].get(name), "money": money, "there": month.get("sums_there", {}).get(name)}
                    for name, _label, money in sums
                ],
            }
            for month in row["months"]
            if month["period"]
        ],
    }


def _sum_columns(row: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """Return the columns that are summed by month: at most three, with their units."""
    named = {name for month in row["months"] for name in month["sums"]}
    english = get_language() == "en"
    found = []
    for column in TABLES[row["table"]].columns:
        if column.lake_name in named:
            money = column.type is ColumnType.MONEY
            label = column.en if english else column.zh
            found.append((column.lake_name, f"{label} {_('元')}" if money else f"{label} {column.unit}", money))
    return found[:3]


def _rejects(one: Import) -> list[dict[str, Any]]:
    tables = [row["table"] for row in one.summary.get("tables", [])] or ([one.table] if one.table else [])
    english = get_language() == "en"
    return [
        {
            "file": reject.file,
            "line": reject.line,
            "column": reject.column,
            "value": shown_value(tables, reject),
            "reason": reject.en if english else reject.zh,
        }
        for reject in read_rejects(Path(one.rejects_path), 0, SHOWN_REJECTS)
    ]

"""What the pages of cycle runs say: states in words, counts beside the run before. Refuses to read the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.insights import words_parts as words
from zhike.workbench.names import choice_name
from zhike_analytics.contracts import TABLES, codes
from zhike_analytics.contracts.policies_decisions import RULES

STAGES = {
    "wait": gettext_lazy("等另一个周期完成"),
    "snapshot": gettext_lazy("复制档案快照"),
    "features": gettext_lazy("汇总账单、用量与档案"),
    "scores": gettext_lazy("评分、定级、预警"),
    "copy": gettext_lazy("装入结果"),
    "indexes": gettext_lazy("建索引"),
    "series": gettext_lazy("月度序列"),
    "summaries": gettext_lazy("客户指标"),
    "swap": gettext_lazy("切换到新结果"),
    "done": gettext_lazy("收尾"),
}
KINDS = {"queued": "on", "building": "on", "current": "good", "failed": "hand"}
MOVING = ("queued", "running")


def brief(one: Any) -> dict[str, Any]:
    """Return what the list shows of a run."""
    run, counts = one.run, one.counts
    moving = one.state in {"queued", "building"} and run is not None and run.state in MOVING
    failed = one.state == "failed" or (one.state in {"queued", "building"} and not moving)
    alerts = counts.get("alerts", {})
    return {
        "id": one.pk,
        "as_of": one.as_of,
        "last_period": one.last_period,
        "state": _state_words(one, run, moving=moving, failed=failed),
        "kind": "hand" if failed and not _cancelled(run) else KINDS.get(one.state, ""),
        "moving": moving,
        "failed": failed,
        "share": run.progress_permille / 1000 if run else 0,
        "stage": str(STAGES.get(run.stage, run.stage)) if run and run.state == "running" else "",
        "queued": run is not None and run.state == "queued",
        "attempts": run.attempts if run else 0,
        "who": run.started_by_name if run else "",
        "at": one.started_at,
        "took": _took(one),
        "accounts": one.accounts,
        "customers": counts.get("customers", 0),
        "alerts": one.alerts,
        "red": sum(number for name, number in alerts.items() if name.endswith(".red")),
        "yellow": sum(number for name, number in alerts.items() if name.endswith(".yellow")),
        "up": counts.get("moved", {}).get("up", 0),
        "down": counts.get("moved", {}).get("down", 0),
        "first": counts.get("moved", {}).get("first", 0),
        "published": one.published_at is not None,
    }


def whole(one: Any, moved: Sequence[Any]) -> dict[str, Any]:
    """Return what the page of a run shows."""
    told = brief(one)
    run = one.run
    english = get_language() == "en"
    told |= {
        "error": (run.error_en if english else run.error_zh) if run and told["failed"] else "",
        "cancelled": _cancelled(run),
        "version": f"{one.state}-{run.state if run else ''}-{run.progress_permille if run else 0}-"
        f"{run.stage if run else ''}-{run.attempts if run else 0}",
    }
    if not told["published"]:
        return told
    other = one.compared_with.counts if one.compared_with is not None else None
    told |= {
        "other": one.compared_with,
        "confidence": [
            {"name": choice_name(words.SCORE, name), "value": one.counts["confidence"][name]} for name in words.SCORE
        ],
        "alert_rows": _alert_rows(one, other),
        "tiers": _tier_rows(one, other),
        "moves": [_move(row) for row in moved],
        "coverage": [
            _coverage(name, one.about["coverage"][name], one.versions.get(f"archive.{name}", ""))
            for name in TABLES
            if name in one.about["coverage"]
        ],
        "not_judged": [
            {"name": choice_name(_RULE, rule), "lacks": _lacks(said)}
            for rule, said in one.about["rules"].items()
            if said.startswith("lacks ")
        ],
        "unknown": _unknown(one.counts),
        "policies": [{"name": choice_name(words.FAMILY, family), **cited} for family, cited in one.policies.items()],
        "weights": _("、").join(
            f"{choice_name(words.WEIGHT, name)} {formatting.percent(one.about['weights']['of'][name], 1)}"
            for name in words.WEIGHT
        ),
        "consistency": formatting.number(one.about["weights"]["consistency_ratio"], 3),
        "code": one.code,
    }
    told["lacking"] = _("、").join(row["name"] for row in told["coverage"] if not row["loaded"])
    return told


_RULE = {name: (spec.zh, spec.en) for name, spec in RULES.items()}


def _cancelled(run: Any) -> bool:
    return run is not None and run.state == "cancelled"


def _state_words(one: Any, run: Any, *, moving: bool, failed: bool) -> str:
    if _cancelled(run):
        return _("已取消")
    if failed:
        return _("未完成")
    if moving:
        return _("排队") if run.state == "queued" else _("进行中")
    return str(one.get_state_display())


def _took(one: Any) -> str:
    """Return how long a run took, in words."""
    if one.published_at is None:
        return ""
    seconds = max(int((one.published_at - one.started_at) / timedelta(seconds=1)), 1)
    if seconds < 60:
        return _("%(count)d 秒") % {"count": seconds}
    return _("%(minutes)d 分 %(seconds)d 秒") % {"minutes": seconds // 60, "seconds": seconds % 60}


def _alert_rows(one: Any, other: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    found, before = one.counts["alerts"], (other or {}).get("alerts", {})
    rows = []
    for rule in RULES:
        red, yellow = found.get(f"{rule}.red", 0), found.get(f"{rule}.yellow", 0)
        past = before.get(f"{rule}.red", 0) + before.get(f"{rule}.yellow", 0)
        if red or yellow or past:
            change = red + yellow - past if other is not None else None
            rows.append({"name": choice_name(_RULE, rule), "red": red, "yellow": yellow, "change": change})
    return sorted(rows, key=lambda row: (-row["red"], -row["yellow"]))


def _tier_rows(one: Any, other: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    found = one.counts["tier"]
    most = max([found.get(tier, 0) for tier in codes.TIER], default=0) or 1
    return [
        {
            "tier": tier,
            "count": found.get(tier, 0),
            "share": found.get(tier, 0) / most,
            "change": None if other is None else found.get(tier, 0) - other["tier"].get(tier, 0),
        }
        for tier in codes.TIER
    ]


def _move(row: Any) -> dict[str, Any]:
    return {
        "code": row.account.code,
        "name": row.account.name,
        "up": row.moved == "up",
        "before": row.previous_tier,
        "now": row.tier,
        "because": choice_name(words.BECAUSE, row.because) or choice_name(words.TIER_REASON, row.reason),
        "value": _points(row.value),
        "value_before": _points(row.value_before),
        "bill_fen": row.bill_mean3_fen,
    }


def _points(hundredths: int | None) -> str:
    return formatting.NOTHING if hundredths is None else formatting.number(hundredths / 100, 1)


def _coverage(name: str, found: Mapping[str, Any], snapshot: str) -> dict[str, Any]:
    months, missing = found.get("months"), found.get("missing_months", [])
    return {
        "table": name,
        "name": _table(name),
        "loaded": found["loaded"],
        "months": None if months is None else len(months),
        "missing": _("、").join(formatting.month(period) for period in missing),
        "version": found["version"].partition(":")[0] if ":" in found["version"] else "",
        "digest": (found["version"].rpartition(":")[2] or snapshot)[:8],
    }


def _table(name: str) -> str:
    return TABLES[name].en if get_language() == "en" else TABLES[name].zh


def _lacks(said: str) -> str:
    needs = said.removeprefix("lacks ").split(", ")
    return _("、").join(choice_name(words.NEED, need) if need in words.NEED else _table(need) for need in needs)


def _unknown(counts: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return which parts of which scores were unknown of how many customers, most first."""
    rows = [
        {
            "score": choice_name(words.SCORE, score),
            "part": choice_name(words.PART, part),
            "count": number,
            "share": number / max(counts["customers"], 1),
        }
        for score, parts in counts["unknown"].items()
        for part, number in parts.items()
    ]
    return sorted(rows, key=lambda row: -row["count"])

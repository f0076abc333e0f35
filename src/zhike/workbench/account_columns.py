"""The columns of the accounts list: what each shows on the page and writes into a workbook. Refuses to read rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from zhike.core.actor import Actor
from zhike.insights.words import ALERT_LEVEL, LEVEL_NUMBER
from zhike.workbench.names import choice_name
from zhike_analytics.contracts import codes

ALERT_CODES = {number: code for code, number in LEVEL_NUMBER.items()}


@dataclass(frozen=True)
class Column:
    """One column; `kind` says how the page draws the value (`account_cells`)."""

    key: str
    label: str | Promise
    kind: str
    value: Callable[[Any, Any], Any]
    sort: str = ""
    first: str = ""
    permission: str = ""
    default: bool = True
    phone: bool = False
    width: int = 12
    unit: str | Promise = ""

    @property
    def right(self) -> bool:
        """Whether it stands right-aligned, as numbers do."""
        return self.kind in {"yuan", "percent", "change", "number", "owed", "points"}


def _name(code_names: Any, field: str) -> Callable[[Any, Any], str]:
    return lambda row, found: choice_name(code_names, getattr(row, field))


COLUMNS = (
    Column("tier", _("等级"), "tier", lambda row, found: row.tier, sort="tier", phone=True, width=8),
    Column("billed", _("月出账"), "yuan", lambda row, found: row.billed, sort="billed", first="-", phone=True,
           unit=_("元"), width=14),
    Column("change", _("同比"), "change", lambda row, found: row.change, sort="change", phone=True),
    Column("margin", _("毛利率"), "percent", lambda row, found: row.margin, sort="margin", permission="margin.view"),
    Column("value", _("价值"), "points", lambda row, found: row.value_score, sort="value", first="-"),
    Column("loyalty", _("忠诚"), "points", lambda row, found: row.loyalty_score, sort="loyalty", first="-"),
    Column("lock_in", _("异网锁定"), "points", lambda row, found: row.lock_in_score, sort="lock_in", first="-"),
    Column("alert", _("预警"), "alert", lambda row, found: row.alert_count or None, sort="stake", first="-",
           phone=True),
    Column("stake", _("涉及金额"), "yuan", lambda row, found: row.stake_fen or None, sort="stake", first="-",
           default=False, unit=_("元"), width=14),
    Column("share", _("我方占比"), "share", lambda row, found: row.share, sort="share", default=False),
    Column("ends", _("合同到期"), "until", lambda row, found: row.ends, sort="ends", phone=True),
    Column("visited", _("上次走访"), "day", lambda row, found: row.visited, sort="visited"),
    Column("overdue", _("欠费"), "owed", lambda row, found: row.overdue_fen, sort="overdue", first="-",
           default=False, unit=_("元")),
    Column("completeness", _("档案完整度"), "score", lambda row, found: row.completeness, sort="completeness",
           default=False),
    Column("lead", _("客户经理"), "lead", lambda row, found: found.leads.get(row.lead_id, "")),
    Column("region", _("区域"), "text", lambda row, found: found.regions.get(row.region_id, ""), default=False),
    Column("code", _("编码"), "text", lambda row, found: row.code, sort="code", default=False, width=16),
    Column("industry", _("行业大类"), "text", lambda row, found: row.industry, default=False, width=16),
    Column("ownership", _("单位性质"), "text", _name(codes.OWNERSHIP, "ownership"), default=False),
    Column("size", _("规模"), "text", _name(codes.SIZE, "size"), default=False),
    Column("lifecycle", _("在网状态"), "text", _name(codes.LIFECYCLE, "lifecycle"), default=False),
    Column("credit", _("信用级别"), "text", lambda row, found: row.credit_rating, default=False),
    Column("employees", _("员工"), "number", lambda row, found: row.staff_count, sort="employees", first="-",
           default=False),
    Column("theirs", _("异网月费"), "yuan", lambda row, found: row.theirs_fen or None, sort="theirs", first="-",
           default=False, unit=_("元"), width=14),
    Column("complaints", _("近一年投诉"), "number", lambda row, found: row.complaints, sort="complaints", first="-",
           default=False),
)  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}


def allowed(actor: Actor) -> list[Column]:
    """Return the columns that the actor may see at all."""
    return [column for column in COLUMNS if not column.permission or actor.may(column.permission)]


def chosen(actor: Actor, preferred: Any) -> list[Column]:
    """Return the columns a person sees, in their order: their own choice, or what everybody begins with."""
    every = allowed(actor)
    keys = [key for key in preferred if key in BY_KEY] if isinstance(preferred, list) else []
    if not keys:
        return [column for column in every if column.default]
    return [BY_KEY[key] for key in dict.fromkeys(keys) if BY_KEY[key] in every]


def choice(actor: Actor, shown: Iterable[Column]) -> list[dict[str, Any]]:
    """Return what the choice of columns offers: the shown ones in their order, then the others."""
    present = list(shown)
    rest = [column for column in allowed(actor) if column not in present]
    offered = [{"key": "name", "label": _("客户"), "shown": True, "fixed": True}]
    offered += [{"key": one.key, "label": one.label, "shown": one in present, "fixed": False} for one in present + rest]
    return offered


def sheet_value(column: Column, row: Any, found: Any) -> Any:
    """Return the value as a workbook holds it: yuan with their fen, shares as percentages, dates as dates."""
    value = column.value(row, found)
    if value is None or value == "":
        return None
    if column.kind in {"yuan", "owed"}:
        return Decimal(value) / 100
    if column.kind in {"percent", "change", "share"}:
        return round(Decimal(str(value)) * 100, 1)
    if column.kind == "points":
        return Decimal(value) / 100
    if column.kind == "alert":
        return choice_name(ALERT_LEVEL, ALERT_CODES[row.alert_level])
    return value


def sheet_title(column: Column) -> str:
    """Return the title of the column in a workbook, with its unit."""
    unit = "%" if column.kind in {"percent", "change", "share", "score"} else str(column.unit)
    return f"{column.label} {unit}".strip()

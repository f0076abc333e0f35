"""Items of the worklist as lines of a page and of a workbook: words, money, days, the address of the step.

Plain values in and out; refuses to read or change anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from zhike.core import formatting
from zhike.core.actor import Actor
from zhike.workbench.names import choice_name
from zhike.worklist.words import advice_of, title_of, why_of
from zhike_analytics.contracts import codes

STEPS: dict[str, tuple[str, dict[str, str], str]] = {
    "account": ("workbench:account", {}, ""),
    "people": ("workbench:account_tab", {"tab": "people"}, ""),
    "contact_add": ("customers:row_add", {"kind": "contacts"}, "accounts.edit"),
    "rival_add": ("customers:row_add", {"kind": "rivals"}, "accounts.edit"),
    "archive": ("customers:edit", {}, "accounts.edit"),
    "contracts": ("workbench:account_tab", {"tab": "archive"}, ""),
    "bills": ("workbench:account", {}, ""),
    "complaints": ("workbench:account_tab", {"tab": "timeline"}, ""),
    "timeline": ("workbench:account_tab", {"tab": "timeline"}, ""),
    "team": ("workbench:account_tab", {"tab": "team"}, ""),
}
"""Where the step of each verb begins: view, arguments, the right it needs (without it, the account's first page)."""
ANCHORS = {"bills": "#bill", "complaints": "?kind=complaints"}


@dataclass(frozen=True)
class Line:
    """One item as people read it."""

    item: Any
    title: str
    why: str
    advice: str
    label: str
    address: str
    amount: str
    unit: str
    due: str
    due_note: str
    late: bool
    service_level: str
    factors: list[tuple[str, str]]
    group: str = ""  # heading above the line, where a list is in groups

    @property
    def red(self) -> bool:
        """Whether the item is a red alert."""
        return bool(self.item.level == "red")


def lines(items: Sequence[Any], actor: Actor, *, today: date, by_day: bool = False) -> list[Line]:
    """Return items as lines; in the order of days each begins with its heading where that changes."""
    found: list[Line] = []
    before = ""
    for item in items:
        heading = group_of(item.due_on, today) if by_day else ""
        found.append(_line(item, actor, today, heading if heading != before else ""))
        before = heading
    return found


def _line(item: Any, actor: Actor, today: date, group: str) -> Line:
    amount, unit = formatting.money_parts(item.expected_fen)
    won = item.evidence.get("gain") == "win"
    due, note = due_words(item.due_on, today)
    chinese = (get_language() or "").startswith("zh")
    return Line(
        item=item,
        title=title_of(item.rule, item.evidence),
        why=why_of(item.rule, item.evidence),
        advice=advice_of(item.advice),
        label=str(item.advice.get("label_zh" if chinese else "label_en") or _("看客户")),
        address=address_of(item.verb, item.account.code, actor),
        amount=amount,
        unit=(_("{unit}可增") if won else _("{unit}可保")).format(unit=unit),
        due=due,
        due_note=note,
        late=item.due_on <= today,
        service_level=choice_name(codes.SERVICE_LEVEL, item.account.service_level),
        factors=factors(item),
        group=group,
    )


def address_of(verb: str, code: str, actor: Actor) -> str:
    """Return the address where the step of a verb begins, for an account with this code."""
    view, arguments, right = STEPS.get(verb, STEPS["account"])
    if right and not actor.may(right):
        view, arguments = "workbench:account", {}
    return reverse(view, kwargs={"code": code, **arguments}) + ANCHORS.get(verb, "")


def factors(item: Any) -> list[tuple[str, str]]:
    """Return what the item's worth was multiplied from, in words and figures."""
    told: Mapping[str, Any] = item.evidence
    if "helps" not in told:
        return []
    stake = _("一年可赢得") if told.get("gain") == "win" else _("一年内有风险")
    return [
        (stake, formatting.money(item.stake_fen)),
        (_("现在动手有用"), formatting.percent(told["helps"])),
        (_("可争取的部分"), formatting.percent(told.get("saves"))),
        (_("紧迫程度"), formatting.percent(told.get("urgency"))),
    ]


def due_words(day: date, today: date) -> tuple[str, str]:
    """Return until when something should be done, as one says it, with a note below."""
    left = (day - today).days
    if left < 0:
        late = ngettext("过期 %(n)d 天", "过期 %(n)d 天", -left) % {"n": -left}
        return formatting.short_day(day, today), late
    if left == 0:
        return _("今天"), ""
    if left == 1:
        return _("明天"), formatting.short_day(day, today)
    return formatting.short_day(day, today), weekday(day) if left < 8 else ""


def weekday(day: date) -> str:
    """Return the day of the week, short."""
    return [_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日")][day.weekday()]


def group_of(day: date, today: date) -> str:
    """Return the heading under which a day stands."""
    if day < today:
        return _("已过期")
    if day == today:
        return _("今天")
    if day <= today + timedelta(days=6 - today.weekday()):
        return _("本周")
    return _("以后")


@dataclass(frozen=True)
class Moment:
    """One line of the timeline of a day."""

    when: str
    text: str
    note: str
    state: str
    code: str = ""


def day_lines(items: Sequence[Any], *, today: date) -> list[Moment]:
    """Return what was decided today, the present moment, and what is due today and within a week."""
    now = timezone.localtime()
    said = {"done": _("已办结"), "postponed": _("已延后"), "dismissed": _("不处理")}
    past, coming = [], []
    for item in items:
        told = {"text": item.account.name, "code": item.account.code}
        decided = item.decided_at and formatting.local(item.decided_at)
        if decided and decided.date() == today and item.state in said:
            note = f"{said[item.state]} · {title_of(item.rule, item.evidence)}"
            past.append(Moment(when=f"{decided:%H:%M}", note=note, state="past", **told))
        else:
            when = _("今天") if item.due_on == today else formatting.short_day(item.due_on, today)
            state = "hand" if item.due_on <= today else ""
            coming.append(Moment(when=when, note=title_of(item.rule, item.evidence), state=state, **told))
    return [*past, Moment(when=f"{now:%H:%M}", text=_("现在"), note="", state="now"), *coming]


HEADS = (
    ("account", 32), ("tier", 8), ("manager", 12), ("level", 8), ("title", 32), ("why", 48), ("advice", 48),
    ("worth", 14), ("stake", 14), ("due", 12),
)  # fmt: skip


def head_words() -> dict[str, str]:
    """Return the titles of the workbook's columns."""
    return {
        "account": _("客户"), "tier": _("等级"), "manager": _("客户经理"), "level": _("级别"), "title": _("事项"),
        "why": _("为什么"), "advice": _("建议"), "worth": _("现在动手约值（元）"), "stake": _("一年内的金额（元）"),
        "due": _("期限"),
    }  # fmt: skip


def sheet_row(line: Line) -> list[Any]:
    """Return a line as cells of the workbook, money in yuan."""
    item = line.item
    manager = item.assignee.name if item.assignee else ""
    return [
        item.account.name, item.account.tier, manager, item.get_level_display(), line.title, line.why, line.advice,
        item.expected_fen / 100, item.stake_fen / 100, item.due_on,
    ]  # fmt: skip

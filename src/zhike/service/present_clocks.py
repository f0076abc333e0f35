"""A clock of a request as its page shows it: what is left, the bar by department, what is said of it. Refuses rules.

Every figure is the library's own; minutes are shared out so that what stands beside each other adds up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from zhike.core.formatting import short_moment
from zhike.service import codes
from zhike.service.clocks import Reading
from zhike.service.present_days import (
    Day,
    Row,
    days_of,
    minutes_of,
    pieces_of,
    rows_of,
    shown_days,
    sums_of,
)
from zhike.service.present_hours import hours_words
from zhike.service.present_time import hm, instant, pixels, shares, spell
from zhike.service.queries_clocks import Clocks

NAMES = {
    "resolution": gettext_lazy("办结时限"),
    "first_contact": gettext_lazy("首次联系"),
    "reply": gettext_lazy("阶段答复"),
    "call_back": gettext_lazy("回访"),
    "legal": gettext_lazy("法定时限"),
}
"""The clocks in the order in which the page lists them."""
TONES = ("k4", "k2", "k1", "k3", "k5", "k6", "k7", "k8")
ROUND_THE_CLOCK = ("legal",)
BAR, PHONE, AIR = 7.2, 3.5, 8.0  # pixels that one per cent of the bar has at a desk and on a phone; room beside text


@dataclass(frozen=True)
class Slice:
    """A department's share of a clock, or what is left of it."""

    tone: str
    flex: int
    name: str
    time: str
    says_time: bool
    says_name: bool
    time_phone: bool


@dataclass(frozen=True)
class Panel:
    """Everything the page says of one clock."""

    key: str
    label: Any
    state: str
    lead: str
    figure: str
    tone: str
    tail: str
    rule: str
    hours: str
    promise: str
    counted: str
    bar: list[Slice]
    mark_share: str
    mark: str
    mark_when: str
    end: str
    over: bool
    days: list[Day]
    earlier: list[Day]
    rows: list[Row]
    legend: list[tuple[str, str]]
    total: str
    sums: list[str]
    notices: list[str]
    reading: Reading = field(repr=False)


def chosen(clocks: Clocks, wanted: str) -> str:
    """Return which clock the page explains: the one asked for, else the promise to the customer that runs."""
    if wanted in clocks.by_name:
        return wanted
    running = [name for name in NAMES if name in clocks.by_name and clocks.by_name[name].state in {"running", "paused"}]
    for name in ("resolution", "call_back", *running, *clocks.by_name):
        if name in running or (not running and name in clocks.by_name):
            return name
    return ""


def tabs(clocks: Clocks, now_shown: str) -> list[dict[str, Any]]:
    """Return each clock in a word: what is left, or how it ended."""
    found = []
    for name, label in NAMES.items():
        reading = clocks.by_name.get(name)
        if reading is None:
            continue
        found.append({"key": name, "label": label, "here": name == now_shown, **_brief(reading, name)})
    return found


def left_of(reading: Reading) -> int:
    """Return what is left in whole minutes, as seconds: what was counted and what is left make up the promise."""
    return (reading.target // 60 - reading.counted // 60) * 60


def _brief(reading: Reading, name: str) -> dict[str, str]:
    late = reading.breached_at is not None
    days = name in ROUND_THE_CLOCK
    if reading.state == "stopped":
        return {"text": _("超时") if late else _("按时"), "tone": "hand" if late else "good"}
    if late:
        return {"text": _("超 {time}").format(time=spell(-reading.remaining, days=days)), "tone": "hand"}
    if reading.state == "paused":
        return {"text": _("挂起"), "tone": "warn"}
    tone = "warn" if reading.counted >= reading.warn_after else ""
    return {"text": _("剩 {time}").format(time=spell(left_of(reading), days=days)), "tone": tone}


def panel(clocks: Clocks, name: str) -> Panel | None:
    """Return what the page says of a clock."""
    reading = clocks.by_name.get(name)
    if reading is None or reading.started_at is None:
        return None
    found = pieces_of(reading)
    tones = tones_of(clocks)
    rows = rows_of(found, clocks.departments)
    earlier, days = shown_days(days_of(found, reading, clocks.now, tones, clocks.departments))
    lead, figure, tone, tail = _headline(reading, name, clocks.now)
    mark_share, mark, mark_when = _marked(found, reading)
    sums = sums_of(found)
    total = sum(sums.values())
    words = [f"{SUMS[why]} {hm(60 * minutes)}" for why, minutes in zip(sums, shares(sums.values()), strict=True)]
    return Panel(
        key=name, label=NAMES[name], state=reading.state, lead=lead, figure=figure, tone=tone, tail=tail,
        rule=rule_words(reading.cite), hours=_hours(reading),
        promise=spell(reading.target, days=name in ROUND_THE_CLOCK),
        counted=hm(reading.counted), bar=_bar(found, reading, clocks, tones),
        mark_share=mark_share, mark=mark, mark_when=mark_when, end=hm(max(reading.target, reading.counted)),
        over=reading.remaining < 0,
        days=days, earlier=earlier, rows=rows, legend=_legend(found, clocks, tones, reading), total=hm(total),
        sums=words, notices=_notices(reading), reading=reading,
    )  # fmt: skip


SUMS = {
    "counted": gettext_lazy("计时"), "paused": gettext_lazy("挂起"), "stopped": gettext_lazy("停表"),
    "night": gettext_lazy("夜间"), "rest_day": gettext_lazy("休息日"), "holiday": gettext_lazy("节假日"),
}  # fmt: skip


def tones_of(clocks: Clocks) -> dict[str, str]:
    """Return one tone for each department, in the order in which they had the request."""
    order = dict.fromkeys(str(leg.leg.department_id or "") for leg in clocks.legs)
    return {key: TONES[place % len(TONES)] for place, key in enumerate(order)}


def department_name(clocks: Clocks, key: str) -> str:
    """Return how a department is called, also where nobody has the request yet."""
    return clocks.departments.get(key) or _("未派部门")


def rule_words(cite: str) -> str:
    """Return the rule that a clock names as people call it: level, kind, month of the policy."""
    words = cite.split()
    if len(words) != 3 or words[1] not in codes.KINDS:
        return cite
    level, kind, month = words
    level = _("普通") if level == "normal" else level
    return _("{level} · {kind} · {month} 版").format(level=level, kind=codes.KINDS[kind], month=month)


def _hours(reading: Reading) -> str:
    last = reading.segments[-1] if reading.segments else None
    return hours_words(last.hours.at(last.end)) if last is not None else ""


def _headline(reading: Reading, name: str, now: datetime) -> tuple[str, str, str, str]:
    days = name in ROUND_THE_CLOCK
    late = reading.breached_at is not None
    due = instant(reading.due_at) if reading.due_at is not None else None
    when = short_moment(due) if due else ""
    if reading.state == "stopped":
        ended = short_moment(instant(reading.stopped_at)) if reading.stopped_at is not None else ""
        tail = _("{when} 停表").format(when=ended)
        lead = _("超时，用了") if late else _("按时，用了")
        return lead, spell(reading.counted, days=days), "hand" if late else "good", tail
    if reading.remaining < 0 or late:
        return (
            _("已超"),
            spell(reading.remaining, days=days),
            "hand",
            _("{when} 到期").format(when=when) if when else "",
        )
    if reading.state == "paused":
        return _("挂起，还剩"), spell(left_of(reading), days=days), "warn", _("恢复后续计")
    tone = "hand" if reading.remaining < 7200 or reading.counted >= reading.warn_after else ""
    tail = _("{when} 到期").format(when=when) if when else ""
    return _("还剩"), spell(left_of(reading), days=days), tone, tail


def _bar(found: Sequence[Any], reading: Reading, clocks: Clocks, tones: dict[str, str]) -> list[Slice]:
    """Return each department's share, in the very minutes that the days show, and what is left or was not needed."""
    spent: dict[str, int] = {}
    for one, given in zip(found, minutes_of(found, 0), strict=True):
        if one.why == "counted":
            spent[one.department] = spent.get(one.department, 0) + given
    whole = max(reading.target, reading.counted, 1)
    parts = [
        _slice(tones.get(key, TONES[0]), seconds, whole, department_name(clocks, key), hm(60 * spent.get(key, 0)))
        for key, seconds in reading.by_department.items() if seconds
    ]  # fmt: skip
    if reading.remaining > 0:
        stopped = reading.state == "stopped"
        parts.append(
            _slice("kn" if stopped else "kr", reading.remaining, whole, _("未用") if stopped else _("剩"),
                   hm(left_of(reading)))
        )  # fmt: skip
    return parts


def _slice(tone: str, seconds: int, whole: int, name: str, time: str) -> Slice:
    width, needed = 100 * seconds / whole, pixels(time) + AIR
    says_time, says_name = width * BAR >= needed, width * BAR >= needed + pixels(name) + 4
    return Slice(tone, seconds, name, time, says_time, says_name, width * PHONE >= needed)


def _marked(found: Sequence[Any], reading: Reading) -> tuple[str, str, str]:
    """Return the place on the bar's axis that matters: where the promise ended, else where the warning stands."""
    if reading.counted > reading.target:
        when = short_moment(instant(reading.due_at)) if reading.due_at is not None else ""
        return f"{100 * reading.target / reading.counted:.1f}", pgettext("clock", "到期"), when
    return (
        f"{100 * reading.warn_after / max(reading.target, 1):.1f}",
        pgettext("clock", "预警"),
        _warned(found, reading),
    )


def _warned(found: Sequence[Any], reading: Reading) -> str:
    """Return when the warning was or will be due; nothing where that is not known."""
    counted = 0
    for one in found:
        if one.why != "counted":
            continue
        if counted + one.seconds >= reading.warn_after:
            return short_moment(instant(one.begin + reading.warn_after - counted))
        counted += one.seconds
    if reading.state == "running" and reading.warn_at is not None:
        return short_moment(instant(reading.warn_at))
    return ""


def _legend(
    found: Sequence[Any], clocks: Clocks, tones: dict[str, str], reading: Reading
) -> list[tuple[str, str]]:  # fmt: skip
    used = dict.fromkeys(one.department for one in found if one.why == "counted")
    legend = [(tones.get(key, TONES[0]), department_name(clocks, key)) for key in used]
    whys = {one.why for one in found}
    if "paused" in whys:
        legend.append(("kp", _("挂起，不计")))
    if "stopped" in whys:
        legend.append(("ks", _("停表，不计")))
    if "night" in whys:
        legend.append(("kn", _("夜间，不计")))
    if whys & {"rest_day", "holiday"}:
        legend.append(("kh", _("休息日、节假日，不计")))
    if reading.state == "running" and reading.remaining > 0:
        legend.append(("kr", _("剩余")))
    return legend


def _notices(reading: Reading) -> list[str]:
    found = []
    for one in reading.notices:
        if one.code == "holidays_unknown":
            found.append(
                _("{year} 年放假安排尚未公布：到期时间先按平常周计算，公布后自动改正。").format(year=one.sequence)
            )
    if reading.earlier_breaches:
        when = "、".join(short_moment(instant(one)) for one in reading.earlier_breaches)
        found.append(_("此前曾超时：{when}。重新计时不抹去记录。").format(when=when))
    if reading.breached_at is not None and reading.state != "stopped" and reading.remaining >= 0:
        found.append(
            _("曾于 {when} 超时，之后时限放宽；记录保留。").format(when=short_moment(instant(reading.breached_at)))
        )
    return found

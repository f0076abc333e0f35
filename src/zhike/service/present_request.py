"""How one request is written on its page: head, stages, people, departments, what comes. Refuses rules and models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.service import codes
from zhike.service.clock_feed import seconds
from zhike.service.clocks import Reading
from zhike.service.present_clocks import NAMES, ROUND_THE_CLOCK, TONES, department_name, left_of, tones_of
from zhike.service.present_time import hm, instant, shares, spell
from zhike.service.present_words import reason_words
from zhike.service.queries_clocks import Clocks, LegClock

AT = {
    "taken": gettext_lazy("受理"), "contacted": gettext_lazy("首次联系"),
    **{name: codes.STAGES[name] for name in ("assign", "handle", "answer", "call_back", "closed")},
}  # fmt: skip
ORDER = ("triage", "assign", "handle", "answer", "call_back", "closed")
LEGAL_SOON = timedelta(days=5)


def stages(request: Any, clocks: Clocks, events: Sequence[Any]) -> list[dict[str, Any]]:
    """Return the bar of stages: when each was reached, how long the present one lasts, by when the next is due."""
    place = ORDER.index(request.stage)
    last = {one.kind: one.at for one in events}
    times = {
        "taken": request.taken_at, "contacted": request.contacted_at, "assign": last.get("offered"),
        "handle": last.get("worked"), "answer": request.answered_at, "call_back": last.get("called_back"),
        "closed": request.closed_at,
    }  # fmt: skip
    leg = clocks.legs[-1].leg if clocks.legs else None
    found = []
    for key, label in AT.items():
        here = request.stage == key or (key == "assign" and request.stage == "triage")
        if key in {"taken", "contacted"}:
            done = times[key] is not None
        else:
            done = place > ORDER.index(key) or request.stage == "closed"
        note, at = "", times.get(key)
        if key == "contacted" and at is not None:
            note = spell(seconds(at) - seconds(request.taken_at))
        elif here and leg is not None and request.is_open:
            at, note = None, spell(seconds(clocks.now) - seconds(leg.began_at), days=True)
        elif not done:
            at, note = None, _before(clocks, key)
        if key == "assign" and request.stage == "triage":
            label = codes.STAGES["triage"]
        found.append({"label": label, "at": at, "note": note, "state": "now" if here else "done" if done else ""})
    return found


def _before(clocks: Clocks, stage: str) -> str:
    """Return by when a stage that is still to come is due, or what it waits for."""
    name = {"contacted": "first_contact", "answer": "resolution", "call_back": "call_back"}.get(stage, "")
    reading = clocks.by_name.get(name)
    if reading is not None and reading.state == "running" and reading.due_at is not None:
        due = instant(reading.due_at)
        today = due.date() == instant(seconds(clocks.now)).date()
        return _("{time} 前").format(time=f"{due:%H:%M}" if today else f"{due:%m-%d %H:%M}")
    return {"call_back": _("答复后"), "closed": _("客户确认后")}.get(stage, "")


# -- signs -------------------------------------------------------------------------------------------------------------


def badges(request: Any, clocks: Clocks, repeat_days: int, red_lines: Collection[str]) -> list[dict[str, Any]]:
    """Return what marks a request out, the gravest first."""
    found: list[dict[str, Any]] = []
    if request.category in red_lines:
        found.append({"text": _("红线"), "tone": "hand"})
    for sign in request.signs:
        if sign in codes.SIGNS:
            text = _("{days} 天内重复").format(days=repeat_days) if sign == "repeat" else codes.SIGNS[sign]
            found.append({"text": text, "tone": "" if sign == "key_account" else "hand"})
    legal = clocks.by_name.get("legal")
    if request.is_open and legal is not None and legal.due_at is not None and request.kind in {"complaint", "fault"}:
        late = legal.breached_at is not None
        soon = instant(legal.due_at) - clocks.now < LEGAL_SOON
        left = spell(legal.remaining if late else left_of(legal), days=True)
        text = _("超法定时限 {time}") if late else _("法定时限剩 {time}")
        found.append({"text": text.format(time=left), "tone": "hand" if late else "warn" if soon else ""})
    if request.supervised:
        found.append({"text": _("督办中"), "tone": "warn"})
    if request.escalation:
        found.append({"text": _("已升至 {level} 级").format(level=request.escalation), "tone": "warn"})
    if request.paused_at is not None:
        found.append({"text": _("挂起：{why}").format(why=reason_words("pause", request.pause_reason)), "tone": "warn"})
    if request.exception_reason and request.is_open:
        found.append({"text": _("例外归档待批"), "tone": "warn"})
    if request.priority != "normal":
        found.append({"text": request.get_priority_display(), "tone": "hand"})
    if request.special:
        found.append({"text": request.get_special_display(), "tone": "hand"})
    if not request.is_open:
        found.append({"text": request.get_closed_how_display(), "tone": "good" if request.satisfied else ""})
    return found


# -- people ------------------------------------------------------------------------------------------------------------


def people(request: Any, parts: Sequence[Any], team: Sequence[Any], clocks: Clocks) -> list[dict[str, Any]]:
    """Return who has a part now, the owner first, then who keeps the account; of a closed request, who had one."""
    open_now = [one for one in parts if one.until is None]
    shown = open_now or [one for one in parts if one.until == request.closed_at]
    order = list(codes.PARTS)
    found = []
    for one in sorted(shown, key=lambda part: (order.index(part.part), part.since)):
        found.append(
            {
                "name": one.staff.name, "mark": one.staff.name[:1], "part": codes.PARTS[one.part],
                "duty": _duty(one, request, clocks), "handler": one.part == "handler" and one.until is None,
            }
        )  # fmt: skip
    for member in team:
        if member.duty == "lead":
            name = member.staff.name
            found.append({"name": name, "mark": name[:1], "part": _("客户经理"), "duty": _("知会"), "handler": False})
    return found


def _duty(part: Any, request: Any, clocks: Clocks) -> str:
    match part.part:
        case "owner":
            return _("跟到客户确认") if request.is_open else _("已办结")
        case "handler":
            lasting = spell(seconds(part.until or clocks.now) - seconds(part.since), days=True)
            return _("正在处理，接手 {time}").format(time=lasting) if part.until is None else _("处理过")
        case "caller_back":
            return _("未经手，负责回访")
    return _("协同办理")


# -- departments -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class LegLine:
    """A department's having of the request: its own promise, how it came and went."""

    name: str
    tone: str
    spent: str
    promised: str
    over: str
    share: str
    left: str
    natural: str
    began_at: datetime
    ended_at: datetime | None
    how: str
    how_tone: str
    here: bool


def legs(clocks: Clocks, names: Mapping[int, str], events: Sequence[Any]) -> list[LegLine]:
    """Return the departments in their order; their natural times leave no gap and add up to the whole."""
    tones = tones_of(clocks)
    naturals = shares(_natural(one, clocks) for one in clocks.legs)
    found = []
    for place, (one, natural) in enumerate(zip(clocks.legs, naturals, strict=True)):
        leg, reading = one.leg, one.reading
        how, tone = _handed(one, names, events, last=place == len(clocks.legs) - 1)
        over = reading is not None and reading.counted > reading.target
        found.append(
            LegLine(
                department_name(clocks, str(leg.department_id or "")),
                tones.get(str(leg.department_id or ""), TONES[0]),
                hm(reading.counted) if reading else "", hm(reading.target) if reading else "",
                hm(reading.counted - reading.target) if reading and over else "",
                f"{min(100 * reading.counted / reading.target, 100):.0f}" if reading else "",
                _left(reading) if leg.ended_at is None and reading else "", hm(60 * natural), leg.began_at,
                leg.ended_at, how, tone, leg.ended_at is None,
            )
        )  # fmt: skip
    return found


def natural(clocks: Clocks) -> str:
    """Return the time of all departments together."""
    return hm(sum(_natural(one, clocks) for one in clocks.legs))


def _natural(one: LegClock, clocks: Clocks) -> int:
    return seconds(one.leg.ended_at or clocks.now) - seconds(one.leg.began_at)


def _left(reading: Reading) -> str:
    if reading.remaining < 0:
        return ""
    if reading.state == "paused":
        return _("挂起，还剩 {time}").format(time=spell(left_of(reading)))
    if reading.due_at is None:
        return _("还剩 {time}").format(time=spell(left_of(reading)))
    due = f"{instant(reading.due_at):%m-%d %H:%M}"
    return _("还剩 {time}，{due} 到点").format(time=spell(left_of(reading)), due=due)


def _handed(one: LegClock, names: Mapping[int, str], events: Sequence[Any], *, last: bool) -> tuple[str, str]:
    """Return in words how a leg was offered, accepted or returned."""
    leg = one.leg
    if leg.ended_how == "returned":
        words = next((event.words for event in events if event.kind == "returned" and event.at == leg.ended_at), "")
        why = reason_words("return", leg.reason)
        return _("退单：{why}").format(why=f"{why}，{words}" if words else why), "warn"
    if leg.accepted_at is not None and leg.stage == "handle":
        waited = spell(seconds(leg.accepted_at) - seconds(leg.began_at))
        who = names.get(leg.accepted_by_id or 0, "")
        return _("{who} 接单，等了 {time}").format(who=who, time=waited), ""
    if leg.stage == "handle" and leg.ended_at is None and last:
        return _("已派单，等接单或退单"), "warn"
    if leg.stage == "handle":
        return _("未接单"), ""
    return "", ""


# -- what comes --------------------------------------------------------------------------------------------------------


def coming(request: Any, clocks: Clocks, events: Sequence[Any]) -> list[dict[str, Any]]:
    """Return what will be due, in the order of its time; what is past and still open stands first."""
    if not request.is_open:
        return []
    found: list[tuple[datetime, dict[str, Any]]] = []
    for name, reading in clocks.by_name.items():
        if reading.state != "running" or reading.due_at is None:
            continue
        due, late = instant(reading.due_at), reading.breached_at is not None
        what = {
            "resolution": _("办结到期"), "first_contact": _("首次联系到期"), "reply": _("该给客户阶段答复"),
            "call_back": _("回访到期"), "legal": _("法定时限到期，可被申诉"),
        }.get(name, str(NAMES.get(name, name)))  # fmt: skip
        left = spell(reading.remaining, days=name in ROUND_THE_CLOCK)
        note = _("已超 {time}").format(time=left) if late else ""
        found.append((due, {"what": what, "note": note, "state": "hand" if late or name == "resolution" else ""}))
        if name == "resolution" and reading.warn_at is not None and reading.counted < reading.warn_after:
            found.append((instant(reading.warn_at), {"what": _("办结预警"), "note": "", "state": ""}))
    if clocks.legs and (own := clocks.legs[-1].reading) is not None and own.state == "running" and own.due_at:
        where = department_name(clocks, str(clocks.legs[-1].leg.department_id or ""))
        late = own.breached_at is not None
        note = _("已超内部承诺 {time}").format(time=spell(own.remaining)) if late else ""
        what = _("{where} 内部承诺到点").format(where=where)
        found.append((instant(own.due_at), {"what": what, "note": note, "state": "hand" if late else ""}))
    watched = next((one for one in reversed(events) if one.kind == "supervised"), None)
    if request.supervised and watched is not None and watched.data.get("due_at"):
        due = datetime.fromisoformat(watched.data["due_at"])
        found.append((due, {"what": _("督办要求办结"), "note": watched.words, "state": "hand"}))
    first = min((at for at, _one in found if at > clocks.now), default=None)
    return [
        {**one, "at": at, "state": one["state"] or ("now" if at == first else "")}
        for at, one in sorted(found, key=lambda pair: pair[0])
    ]

"""A clock day by day: each minute with its reason, as strips of a day and as a table. Refuses to count anew."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from zhike.service.clocks import Reading
from zhike.service.clocks.clock import Segment
from zhike.service.clocks.explain import Piece, pieces
from zhike.service.present_hours import WEEKDAYS
from zhike.service.present_time import DAY, hm, instant, pixels
from zhike.service.present_words import reason_words

MOST_DAYS = 14
MOST_AHEAD = 4
STRIP, PHONE = 5.4, 2.9  # pixels that one per cent of a day has at a desk and on a phone
AIR = 8.0
COUNTS = ("counted", "left")
WHOLE_DAYS = ("kh", "kp", "ks")
TONES = {"paused": "kp", "stopped": "ks", "night": "kn", "rest_day": "kh", "holiday": "kh", "left": "kr"}


@dataclass(frozen=True)
class Block:
    """A stretch of a day's strip; places in per cent, written for CSS."""

    tone: str
    left: str
    width: str
    name: str
    time: str
    title: str
    phone: bool
    time_phone: bool


@dataclass(frozen=True)
class Pin:
    """An instant marked on a strip."""

    kind: str
    left: str
    title: str
    text: str = ""
    before: bool = False


@dataclass(frozen=True)
class Day:
    """A row of the strips: one day, or several alike in a row."""

    day: date
    until: date
    weekday: Any
    today: bool
    blocks: list[Block]
    pins: list[Pin]
    counted: str
    ahead: bool = False
    skipped: int = 0


@dataclass(frozen=True)
class Row:
    """A line of the table: from, to, who had it, why, what was counted then and in all."""

    begin: datetime
    end: datetime
    who: str
    why: str
    counted: str
    total: str


def pieces_of(reading: Reading) -> list[Piece]:
    """Return each stretch of the clock's present round with its reason, cut at midnight of the page's zone."""
    since = reading.started_at or 0
    return _cut(pieces([one for one in reading.segments if one.begin >= since]))


def _ahead(reading: Reading, now: int) -> list[Piece]:
    """Return what is left, laid on the hours to come."""
    if reading.state != "running" or reading.due_at is None or reading.due_at <= now or not reading.segments:
        return []
    last = reading.segments[-1]
    rest = Segment(now, reading.due_at, "running", last.department, "", last.hours, 0)
    return _cut([replace(one, why="left") for one in pieces([rest]) if one.why == "counted"])


def _cut(found: Sequence[Piece]) -> list[Piece]:
    """Cut at midnight of the page's zone what may have been cut at midnight of the calendar's."""
    whole = []
    for one in _joined(found):
        begin = one.begin
        while begin < one.end:
            day = instant(begin).date()
            end = min(one.end, _midnight(day + timedelta(days=1)))
            whole.append(replace(one, day=day, begin=begin, end=end))
            begin = end
    return whole


def _joined(found: Sequence[Piece], *, quiet: bool = False) -> list[Piece]:
    """Return stretches that follow each other for the same reason as one; `quiet`: nights of two departments, too."""
    whole: list[Piece] = []
    for one in found:
        last = whole[-1] if whole else None
        if quiet and last and one.why == last.why and one.why not in COUNTS:
            last = replace(last, department=one.department)
        if last and (last.end, last.why, last.department, last.reason) == (
            one.begin, one.why, one.department, one.reason
        ):  # fmt: skip
            whole[-1] = replace(last, end=one.end)
        else:
            whole.append(one)
    return whole


def _midnight(day: date) -> int:
    return int(datetime.combine(day, time(), timezone.get_current_timezone()).timestamp())


def sums_of(found: Sequence[Piece]) -> dict[str, int]:
    """Return the seconds of each reason, what was counted first: together they are all the time that passed."""
    total: dict[str, int] = {"counted": 0}
    for one in found:
        total[one.why] = total.get(one.why, 0) + one.seconds
    return total


def days_of(
    found: Sequence[Piece], reading: Reading, now: datetime, tones: Mapping[str, str], names: Mapping[str, str]
) -> list[Day]:
    """Return the strips: each day that passed, and those on which what is left will be used up."""
    present = int(now.timestamp())
    rest = _ahead(reading, present)
    pins = _pins(reading, present)
    rows: list[Day] = []
    counted, today = 0, instant(present).date()
    for day, group in groupby(sorted([*found, *rest], key=lambda one: one.begin), key=lambda one: one.day):
        of_day = _joined(list(group), quiet=True)
        minutes = minutes_of(of_day, counted)
        counted += sum(one.seconds for one in of_day if one.why in COUNTS)
        spent = [given for one, given in zip(of_day, minutes, strict=True) if one.why == "counted"]
        blocks = [
            _block(one, given, tones, names, hidden=_under_label(one, reading))
            for one, given in zip(of_day, minutes, strict=True)
        ]
        if day < today and rows and _goes_on(rows[-1], blocks, day):
            rows[-1] = replace(rows[-1], until=day, blocks=[replace(blocks[0], time="")])
            continue
        marks = [_pin(kind, at, day) for kind, at in pins if instant(at).date() == day]
        total = hm(60 * sum(spent)) if spent else "–"
        rows.append(Day(day, day, WEEKDAYS[day.weekday()], day == today, blocks, marks, total, ahead=day > today))
    return rows


def minutes_of(of_day: Sequence[Piece], counted: int) -> list[int]:
    """Return whole minutes for each stretch; those that count go on from what was counted before."""
    found = []
    for one in of_day:
        if one.why in COUNTS:
            found.append((counted + one.seconds) // 60 - counted // 60)
            counted += one.seconds
        else:
            found.append(one.end // 60 - one.begin // 60)
    return found


def _goes_on(row: Day, blocks: Sequence[Block], day: date) -> bool:
    """Return whether a whole day that does not count is like the one before it."""
    if len(blocks) > 1 or blocks[0].tone not in WHOLE_DAYS or row.until != day - timedelta(days=1):
        return False
    return blocks[0].width == "100.00" and [one.title for one in row.blocks] == [blocks[0].title]


def shown_days(days: Sequence[Day]) -> tuple[list[Day], list[Day]]:
    """Return the days opened by hand and those shown at once; of the days to come the last says when it is due."""
    past = [one for one in days if not one.ahead]
    ahead = [one for one in days if one.ahead]
    if len(ahead) > MOST_AHEAD:
        ahead = [*ahead[: MOST_AHEAD - 1], replace(ahead[-1], skipped=len(ahead) - MOST_AHEAD)]
    if len(past) <= MOST_DAYS:
        return [], [*past, *ahead]
    return past[:-MOST_DAYS], [*past[-MOST_DAYS:], *ahead]


def _place(at: int, day: date) -> float:
    begin = _midnight(day)
    return 100 * (at - begin) / max(_midnight(day + timedelta(days=1)) - begin, DAY // 2)


def _under_label(one: Piece, reading: Reading) -> bool:
    """Return whether the word that it was due would cover what a stretch says."""
    return reading.due_at is not None and one.begin <= reading.due_at < one.end


def _block(
    one: Piece, minutes: int, tones: Mapping[str, str], names: Mapping[str, str], *, hidden: bool = False
) -> Block:  # fmt: skip
    left, right = _place(one.begin, one.day), _place(one.end, one.day)
    width = right - left
    name = names.get(one.department) or _("未派部门") if one.why == "counted" else why_words(one)
    tone = tones.get(one.department, "k4") if one.why == "counted" else TONES[one.why]
    spent = hm(60 * minutes)
    between = f"{instant(one.begin):%H:%M}–{_end(one.end)}"
    quiet = one.why in {"night", "rest_day", "holiday"}
    says_time = "" if quiet or hidden or width * STRIP < pixels(spent) + AIR else spent
    room = width * STRIP - AIR - (pixels(says_time) + 4 if says_time else 0)
    return Block(
        tone, f"{left:.2f}", f"{width:.2f}", name if room >= pixels(name) and not hidden else "", says_time,
        name if quiet and one.seconds > DAY // 2 else f"{name} {between}, {spent}",
        quiet and width * PHONE >= pixels(name) + AIR, width * PHONE >= pixels(spent) + AIR,
    )  # fmt: skip


def _end(at: int) -> str:
    moment = instant(at)
    return "24:00" if (moment.hour, moment.minute) == (0, 0) else f"{moment:%H:%M}"


def _pins(reading: Reading, now: int) -> list[tuple[str, int]]:
    found = []
    if reading.state in {"running", "paused"}:
        found.append(("now", now))
    if reading.due_at is not None and (reading.state != "stopped" or reading.breached_at is not None):
        found.append(("due", reading.due_at))
    if reading.state == "stopped" and reading.stopped_at is not None:
        found.append(("stop", reading.stopped_at))
    return found


def _pin(kind: str, at: int, day: date) -> Pin:
    place, when = _place(at, day), f"{instant(at):%H:%M}"
    if kind == "due":
        words = _("{time} 到期").format(time=when)
        return Pin(kind, f"{place:.2f}", words, words, before=place > 78)
    words = _("现在 {time}") if kind == "now" else _("{time} 停表")
    return Pin(kind, f"{place:.2f}", words.format(time=when))


def why_words(one: Piece) -> str:
    """Return why a stretch is not counted."""
    match one.why:
        case "paused":
            return reason_words("pause", one.reason)
        case "night":
            return _("夜")
        case "rest_day":
            return _("休息日")
        case "holiday":
            return one.reason or _("节假日")
        case "stopped":
            return _("停表")
        case "left":
            return _("剩")
    return _("计时")


def rows_of(found: Sequence[Piece], names: Mapping[str, str]) -> list[Row]:
    """Return the table: stretches that go on over midnight for the same reason are one line."""
    rows: list[Row] = []
    total = 0
    for one in _joined(found):
        counts, before = one.why == "counted", total
        total += one.seconds if counts else 0
        who = names.get(one.department) or _("未派部门")
        rows.append(
            Row(
                instant(one.begin),
                instant(one.end),
                who,
                why_words(one),
                hm(60 * (total // 60 - before // 60)) if counts else "",
                hm(total),
            )
        )
    return rows

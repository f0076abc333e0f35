"""Every second of a clock, by day and by reason. Owns the cutting; refuses words: pages find them for the codes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from zhike.service.clocks.calendars import Calendar
from zhike.service.clocks.clock import Segment


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch within one local day that has one explanation.

    `why`: ``counted``, ``paused`` (with `reason`), ``stopped``, ``night``, ``rest_day``, ``holiday`` (`reason` is its
    name).
    """

    day: date
    begin: int
    end: int
    why: str
    department: str
    reason: str = ""

    @property
    def seconds(self) -> int:
        """How long it is."""
        return self.end - self.begin


def pieces(segments: Sequence[Segment]) -> list[Piece]:
    """Return segments cut at midnight and where service begins and ends; together they leave no second out."""
    found = [piece for one in segments for piece in _of(one)]
    whole: list[Piece] = []
    for piece in found:
        last = whole[-1] if whole else None
        if last and last.end == piece.begin and _same(last, piece):
            whole[-1] = Piece(last.day, last.begin, piece.end, last.why, last.department, last.reason)
        else:
            whole.append(piece)
    return whole


def _same(one: Piece, other: Piece) -> bool:
    mine = (one.day, one.why, one.department, one.reason)
    return mine == (other.day, other.why, other.department, other.reason)


def _of(segment: Segment) -> Iterable[Piece]:
    for begin, end, calendar in segment.hours.parts(segment.begin, segment.end):
        for left, right, day in _days(calendar, begin, end):
            if segment.state != "running":
                yield Piece(day, left, right, segment.state, segment.department, segment.reason)
                continue
            at = left
            for from_, until in calendar.spans(left, right):
                if at < from_:
                    yield _closed(calendar, day, at, from_, segment)
                yield Piece(day, from_, until, "counted", segment.department)
                at = until
            if at < right:
                yield _closed(calendar, day, at, right, segment)


def _closed(calendar: Calendar, day: date, begin: int, end: int, segment: Segment) -> Piece:
    why = calendar.why_closed(day)
    name = calendar.holidays.get(day, "") if why == "holiday" else ""
    return Piece(day, begin, end, why, segment.department, name)


def _days(calendar: Calendar, begin: int, end: int) -> Iterable[tuple[int, int, date]]:
    while begin < end:
        day, until = calendar.local_day(begin), min(calendar.midnight_after(begin), end)
        yield begin, until, day
        begin = until


def by_day(found: Sequence[Piece]) -> list[tuple[date, list[Piece], int]]:
    """Return the pieces of each day with the seconds counted on it."""
    rows = []
    for day, group in groupby(found, key=lambda piece: piece.day):
        of_day = list(group)
        rows.append((day, of_day, sum(piece.seconds for piece in of_day if piece.why == "counted")))
    return rows


def sums(found: Sequence[Piece]) -> dict[str, int]:
    """Return the seconds of each explanation: together they are the time that passed.

    自然时长 = 计时 + 等客户 + 夜间 + 休息日 + 节假日 + 归档期间.
    """
    total: dict[str, int] = {}
    for piece in found:
        total[piece.why] = total.get(piece.why, 0) + piece.seconds
    return total

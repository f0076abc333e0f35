"""Working calendars: which seconds are service time. Owns hours, holidays and zones; refuses what happened in them.

An instant is service time when the wall clock of the calendar's zone then shows a time within a window of that day. So
an hour that daylight saving skips counts nothing, and one that it repeats counts twice, as it does for people at work.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
FURTHEST_YEARS = 12
"""How far ahead a due instant is looked for."""
_EPOCH = date(1970, 1, 1)
Windows = tuple[tuple[int, int], ...]
"""Minutes from midnight, begin to end (not included); an end beyond 1440 runs into the next day."""


class CalendarRefused(ValueError):
    """Hours that make no calendar; `code` names why: ``weekday``, ``window``, ``empty``, ``both``."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


def joined(windows: Iterable[tuple[int, int]]) -> Windows:
    """Return windows in order, those that overlap or touch as one.

    >>> joined([(840, 1080), (480, 720), (600, 840)])
    ((480, 1080),)
    """
    whole: list[tuple[int, int]] = []
    for begin, end in sorted(windows):
        if whole and begin <= whole[-1][1]:
            whole[-1] = (whole[-1][0], max(whole[-1][1], end))
        else:
            whole.append((begin, end))
    return tuple(whole)


@dataclass(frozen=True)
class Calendar:
    """Hours of service of one desk.

    Parameters
    ----------
    weekly
        ``(weekday, begin, end)``, Monday 0, minutes from midnight. A weekday may stand there several times; windows
        that overlap count once.
    holidays
        Days without service, with their names.
    working_days
        Make-up days (调休上班) and the weekday whose hours they follow.
    days
        Single days with hours of their own, stronger than all else; no windows: closed.
    known_until
        Last year whose public holidays are known; 0 where the calendar has none to know.
    """

    code: str
    weekly: tuple[tuple[int, int, int], ...]
    zone: str = "Asia/Shanghai"
    holidays: Mapping[date, str] = field(default_factory=dict)
    working_days: Mapping[date, int] = field(default_factory=dict)
    days: Mapping[date, Windows] = field(default_factory=dict)
    known_until: int = 0

    def __post_init__(self) -> None:
        """Refuse hours that cannot be."""
        for weekday, begin, end in self.weekly:
            if not 0 <= weekday <= 6:
                raise CalendarRefused("weekday", str(weekday))
            _check_window(begin, end)
        for windows in self.days.values():
            for begin, end in windows:
                _check_window(begin, end)
        if not self.weekly:
            raise CalendarRefused("empty", self.code)
        both = self.holidays.keys() & self.working_days.keys()
        if both:
            raise CalendarRefused("both", min(both).isoformat())
        for weekday in self.working_days.values():
            if not self._of_weekday[weekday]:
                raise CalendarRefused("weekday", str(weekday))

    def __hash__(self) -> int:
        """Calendars are compared by value and looked up by code."""
        return hash((self.code, self.weekly, self.zone))

    @cached_property
    def _of_weekday(self) -> tuple[Windows, ...]:
        return tuple(joined((begin, end) for day, begin, end in self.weekly if day == weekday) for weekday in range(7))

    @cached_property
    def _hours(self) -> _Hours:
        return _Hours(self)

    def windows(self, day: date) -> Windows:
        """Return the windows that begin on a local day."""
        if day in self.days:
            return joined(self.days[day])
        if day in self.working_days:
            return self._of_weekday[self.working_days[day]]
        return () if day in self.holidays else self._of_weekday[day.weekday()]

    def why_closed(self, day: date) -> str:
        """Return why a second outside all windows of a local day is none of service.

        ``holiday``, ``rest_day``, or ``night`` (outside the hours of a working day).
        """
        if self.windows(day):
            return "night"
        return "holiday" if day in self.holidays else "rest_day"

    def counted(self, begin: int, end: int) -> int:
        """Return the seconds of service between two instants (seconds since 1970, UTC)."""
        return self._hours.counted(begin, end) if end > begin else 0

    def after(self, begin: int, seconds: int) -> int | None:
        """Return the instant at which `seconds` of service have passed since `begin`; ``None`` beyond twelve years.

        The earliest such instant: what is reached at the end of a day is reached then, not next morning.
        """
        return self._hours.reach(begin, seconds)

    def spans(self, begin: int, end: int) -> Iterable[tuple[int, int]]:
        """Yield the stretches of service within two instants."""
        return self._hours.within(begin, end)

    @cached_property
    def tzinfo(self) -> ZoneInfo:
        """The zone whose wall clock the hours follow."""
        return ZoneInfo(self.zone)

    def local_day(self, instant: int) -> date:
        """Return the local day of an instant."""
        return datetime.fromtimestamp(instant, self.tzinfo).date()

    def midnight_after(self, instant: int) -> int:
        """Return the first instant of the next local day."""
        day = self.local_day(instant) + timedelta(days=1)
        begin = int(datetime(day.year, day.month, day.day, tzinfo=self.tzinfo).timestamp())
        while self.local_day(begin) < day:  # where midnight itself is skipped
            begin += 900
        return begin


def _check_window(begin: int, end: int) -> None:
    if not (0 <= begin < DAY_MINUTES and begin < end <= begin + DAY_MINUTES):
        raise CalendarRefused("window", f"{begin}-{end}")


class _Hours:
    """The stretches of service of a calendar in order, with running sums; grown by years when more is asked for."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.first = self.last = 0  # years held, from first up to but not including last
        self._begin = self._limit = 0  # instants that may be asked for
        self.begins: list[int] = []
        self.ends: list[int] = []
        self.sums: list[int] = [0]  # seconds of all stretches before each, and of all at the end

    def counted(self, begin: int, end: int) -> int:
        """Return the seconds of service between two instants."""
        self._cover(begin)
        self._cover(end)
        return self._before(end) - self._before(begin)

    def _before(self, instant: int) -> int:
        """Return the seconds of service from the beginning of what is held up to an instant that is held."""
        place = bisect_right(self.begins, instant)
        if not place:
            return 0
        return self.sums[place - 1] + min(instant, self.ends[place - 1]) - self.begins[place - 1]

    def reach(self, begin: int, seconds: int) -> int | None:
        """Return the earliest instant at or after `begin` by which `seconds` have been counted."""
        if seconds <= 0:
            return begin
        limit = begin + FURTHEST_YEARS * 366 * 86_400
        self._cover(begin)
        wanted = self._before(begin) + seconds
        while self.sums[-1] < wanted:
            if self._end() >= limit:
                return None
            self._cover(self._end() + 1)
            wanted = self._before(begin) + seconds
        low, high = 0, len(self.begins)
        while low < high:  # the first stretch by whose end enough is counted
            middle = (low + high) // 2
            if self.sums[middle + 1] < wanted:
                low = middle + 1
            else:
                high = middle
        return self.begins[low] + wanted - self.sums[low]

    def within(self, begin: int, end: int) -> Iterable[tuple[int, int]]:
        """Yield stretches cut to two instants."""
        self._cover(begin)
        self._cover(end)
        place = max(bisect_right(self.begins, begin) - 1, 0)
        while place < len(self.begins) and self.begins[place] < end:
            left, right = max(self.begins[place], begin), min(self.ends[place], end)
            if left < right:
                yield left, right
            place += 1

    def _end(self) -> int:
        return int(datetime(self.last, 1, 1, tzinfo=UTC).timestamp()) - 2 * 86_400

    def _cover(self, instant: int) -> None:
        if self.first and self._begin <= instant < self._limit:
            return
        year = datetime.fromtimestamp(instant, UTC).year
        first = min(self.first or year, year - 1)
        last = max(self.last, year + 2)
        self.first, self.last = first, last
        self._begin = int(datetime(first, 1, 1, tzinfo=UTC).timestamp()) + 2 * 86_400
        self._limit = self._end()
        self._lay_out()

    def _lay_out(self) -> None:
        calendar = self.calendar
        stretches: list[tuple[int, int]] = []
        offsets = _offsets(calendar.tzinfo, self.first, self.last)
        day, after = date(self.first, 1, 1), date(self.last, 1, 1)
        while day < after:
            windows = calendar.windows(day)
            if windows:
                midnight = (day - _EPOCH).days * 86_400
                for begin, end in windows:
                    stretches.extend(_cut(midnight + begin * 60, midnight + end * 60, offsets))
            day += timedelta(days=1)
        self.begins, self.ends, self.sums = [], [], [0]
        for begin, end in joined(stretches):
            self.begins.append(begin)
            self.ends.append(end)
            self.sums.append(self.sums[-1] + end - begin)


def _offsets(zone: ZoneInfo, first: int, last: int) -> list[tuple[int, int, int]]:
    """Return stretches of UTC in which the zone's offset is one: begin, end, offset; all in seconds."""
    begin = int(datetime(first - 1, 12, 1, tzinfo=UTC).timestamp())
    end = int(datetime(last, 2, 1, tzinfo=UTC).timestamp())

    def offset(instant: int) -> int:
        found = datetime.fromtimestamp(instant, zone).utcoffset()
        assert found is not None
        return int(found.total_seconds())

    result, since, known = [], begin, offset(begin)
    for step in range(begin + 86_400, end + 86_400, 86_400):
        if offset(step) != known:
            low, high = step - 86_400, step
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(middle) == known else (low, middle)
            result.append((since, high, known))
            since, known = high, offset(high)
    return [*result, (since, end + 86_400, known)]


def _cut(begin: int, end: int, offsets: Sequence[tuple[int, int, int]]) -> Iterable[tuple[int, int]]:
    """Yield the instants at which the wall clock shows a time within a window (wall seconds since 1970)."""
    if len(offsets) == 1:
        yield begin - offsets[0][2], end - offsets[0][2]
        return
    for since, until, offset in offsets:
        left, right = max(begin - offset, since), min(end - offset, until)
        if left < right:
            yield left, right


ALWAYS = Calendar("always", tuple((day, 0, DAY_MINUTES) for day in range(7)), zone="UTC")
"""Round the clock: legal limits, and the highest assurance."""


class Timeline:
    """Calendars as they followed each other: from which instant on which one holds. The first holds before, too."""

    def __init__(self, calendars: Sequence[tuple[int, Calendar]]) -> None:
        if not calendars:
            raise CalendarRefused("empty", "timeline")
        ordered = sorted(calendars, key=lambda one: one[0])
        self.calendars = [calendar for _, calendar in ordered]
        self.begins = [begin for begin, _ in ordered][1:]

    @classmethod
    def of(cls, calendar: Calendar) -> Timeline:
        """Return a timeline of one calendar."""
        return cls([(0, calendar)])

    def parts(self, begin: int, end: int) -> Iterable[tuple[int, int, Calendar]]:
        """Yield a stretch of time cut where calendars change."""
        place = bisect_right(self.begins, begin)
        while begin < end:
            until = min(self.begins[place], end) if place < len(self.begins) else end
            yield begin, until, self.calendars[place]
            begin, place = until, place + 1

    def counted(self, begin: int, end: int) -> int:
        """Return the seconds of service between two instants."""
        if not self.begins:
            return self.calendars[0].counted(begin, end)
        return sum(calendar.counted(left, right) for left, right, calendar in self.parts(begin, end))

    def after(self, begin: int, seconds: int) -> int | None:
        """Return the instant at which `seconds` of service have passed since `begin`."""
        place = bisect_right(self.begins, begin)
        while place < len(self.begins):
            until, calendar = self.begins[place], self.calendars[place]
            found = calendar.counted(begin, until)
            if found >= seconds:
                return calendar.after(begin, seconds)
            begin, seconds, place = until, seconds - found, place + 1
        return self.calendars[place].after(begin, seconds)

    def at(self, instant: int) -> Calendar:
        """Return the calendar that holds at an instant."""
        return self.calendars[bisect_right(self.begins, instant)]

"""One clock: what it counted, under which rules, when it is due. Owns the arithmetic; refuses to know what it times.

Time only accumulates. A new target, calendar, tier or policy holds from its instant on and never rewrites what has been
counted; the clock is due when what is counted reaches the target then in force. Marks are taken in the order of their
numbers; one whose time lies before the last is taken as of the last, so that a later mark never changes the past.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from zhike.service.clocks.calendars import Timeline

What = Literal["start", "pause", "resume", "rule", "department", "stop", "reopen"]
State = Literal["waiting", "running", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What holds for a clock from some instant on.

    Parameters
    ----------
    target
        Seconds of service promised.
    hours
        The calendars that say which seconds count.
    pauses
        Reasons that stop this clock; others are written down and change nothing (a legal limit knows none).
    warn
        Share of the target, in thousandths, from which on a warning is due.
    cite
        What the page names as the rule, e.g. ``AA-complaint 2026-07``.
    """

    target: int
    hours: Timeline
    pauses: frozenset[str] = frozenset()
    warn: int = 800
    cite: str = ""

    def __post_init__(self) -> None:
        """Refuse a promise of no time."""
        if self.target < 1 or not 0 < self.warn <= 1000:
            raise ValueError(f"a target of {self.target} seconds, warned of at {self.warn} thousandths, is no promise")


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happened: when (seconds since 1970, UTC), its number in the log, what.

    ``start`` and ``rule`` carry a rule; ``start``, ``department`` and ``reopen`` may name who has it; ``pause`` names a
    reason; ``reopen`` says whether the clock begins anew.
    """

    at: int
    sequence: int
    what: What
    rule: Rule | None = None
    department: str = ""
    reason: str = ""
    anew: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of time in which nothing changed. `state` ``running`` counts where the hours say so."""

    begin: int
    end: int
    state: State
    department: str
    reason: str
    hours: Timeline
    counted: int


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a reader should know: `code` and where. Codes: ``paused_twice``, ``resumed_unpaused``, ``no_pause``
    (a reason that does not stop this clock), ``earlier`` (a mark that was dated before the last), ``ignored``,
    ``holidays_unknown`` (`sequence` is then the year whose holidays are not yet published)."""

    code: str
    sequence: int


@dataclass(slots=True)
class Reading:
    """What a clock shows. Instants are seconds since 1970; ``None``: not so, or not known yet.

    `due_at` while running is when the target will be reached if nothing changes; paused clocks have none, only
    `remaining`. Once reached it is when that was. `warn_after` is how much must be counted for a warning. `breached_at`
    is when more than the target then in force had been counted for the first time; answering at the very second is in
    time.
    """

    state: State = "waiting"
    counted: int = 0
    target: int = 0
    due_at: int | None = None
    warn_at: int | None = None
    warn_after: int = 0
    breached_at: int | None = None
    started_at: int | None = None
    stopped_at: int | None = None
    cite: str = ""
    rounds: int = 0
    earlier_breaches: tuple[int, ...] = ()
    by_department: dict[str, int] = field(default_factory=dict)
    segments: list[Segment] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)

    @property
    def remaining(self) -> int:
        """Seconds of service left; below zero when late."""
        return self.target - self.counted


def read_clock(marks: Iterable[Mark], now: int, *, explain: bool = True) -> Reading:
    """Return what a clock shows at `now`.

    Parameters
    ----------
    marks
        In any order; each number once. Marks after `now` have not happened.
    explain
        Whether to keep the segments and check the holidays; lists that only need the due instant do without.
    """
    run = _Run(explain)
    for mark in sorted(marks, key=_number):
        if mark.at <= now:
            run.take(mark)
    return run.read(now)


def _number(mark: Mark) -> int:
    return mark.sequence


class _Run:
    """A clock being worked out: where it stands after the marks taken so far."""

    def __init__(self, explain: bool) -> None:
        self.explain = explain
        self.reading = Reading()
        self.rule: Rule | None = None
        self.since = 0
        self.department = self.reason = ""
        self.reached: int | None = None

    def take(self, mark: Mark) -> None:
        at, reading = mark.at, self.reading
        if reading.state != "waiting":
            if at < self.since:
                self._note("earlier", mark.sequence)
                at = self.since
            self._pass(at)
        match mark.what:
            case "start" if reading.state == "waiting" and mark.rule is not None:
                self.rule, self.since = mark.rule, at
                self.department = mark.department
                reading.state, reading.started_at, reading.rounds = "running", at, 1
            case "rule" if mark.rule is not None and self.rule is not None:
                self._change(mark.rule, at)
            case "department" if self.rule is not None:
                self.department = mark.department
            case "pause" if self.rule is not None:
                self._pause(mark)
            case "resume":
                if reading.state == "paused":
                    reading.state, self.reason = "running", ""
                else:
                    self._note("resumed_unpaused", mark.sequence)
            case "stop" if reading.state in {"running", "paused"}:
                reading.state, reading.stopped_at, self.reason = "stopped", at, ""
            case "reopen" if reading.state == "stopped":
                self._reopen(mark, at)
            case _:
                self._note("ignored", mark.sequence)

    def _pause(self, mark: Mark) -> None:
        assert self.rule is not None
        if mark.reason not in self.rule.pauses:
            self._note("no_pause", mark.sequence)
        elif self.reading.state == "running":
            self.reading.state, self.reason = "paused", mark.reason
        else:
            self._note("paused_twice" if self.reading.state == "paused" else "ignored", mark.sequence)

    def _change(self, rule: Rule, at: int) -> None:
        self.rule = rule
        counted = self.reading.counted
        if counted < rule.target:
            self.reached = None
        elif self.reached is None:
            self.reached = at
        if counted > rule.target and self.reading.breached_at is None and self.reading.state != "stopped":
            self.reading.breached_at = at
        if self.reading.state == "paused" and self.reason not in rule.pauses:
            self.reading.state, self.reason = "running", ""

    def _reopen(self, mark: Mark, at: int) -> None:
        reading = self.reading
        reading.state, reading.stopped_at = "running", None
        if mark.department:
            self.department = mark.department
        if mark.rule is not None:
            self._change(mark.rule, at)
        if mark.anew:
            if reading.breached_at is not None:
                reading.earlier_breaches += (reading.breached_at,)
            reading.counted, reading.breached_at, self.reached = 0, None, None
            reading.started_at, reading.rounds = at, reading.rounds + 1
            reading.by_department = {}

    def _pass(self, until: int) -> None:
        """Let time pass up to an instant."""
        begin, rule, reading = self.since, self.rule, self.reading
        if until <= begin or rule is None:
            return
        counted = 0
        if reading.state == "running":
            counted = rule.hours.counted(begin, until)
            if counted:
                total = reading.counted + counted
                if self.reached is None and total >= rule.target:
                    self.reached = rule.hours.after(begin, rule.target - reading.counted)
                if reading.breached_at is None and total > rule.target:
                    reading.breached_at = self.reached
                reading.counted = total
                mine = reading.by_department
                mine[self.department] = mine.get(self.department, 0) + counted
        if self.explain:
            reading.segments.append(
                Segment(begin, until, reading.state, self.department, self.reason, rule.hours, counted)
            )
        self.since = until

    def read(self, now: int) -> Reading:
        reading, rule = self.reading, self.rule
        if rule is None:
            return reading
        if reading.state != "stopped":
            self._pass(now)
        reading.target, reading.cite = rule.target, rule.cite
        warned = reading.warn_after = rule.target * rule.warn // 1000
        if self.reached is not None:
            reading.due_at = self.reached
        elif reading.state == "running":
            reading.due_at = rule.hours.after(now, rule.target - reading.counted)
            if reading.counted < warned:
                reading.warn_at = rule.hours.after(now, warned - reading.counted)
            else:
                reading.warn_at = now
        if self.explain:
            self._check_holidays(rule, now)
        return reading

    def _check_holidays(self, rule: Rule, now: int) -> None:
        last = max(now, self.reading.due_at or 0)
        calendar = rule.hours.at(last)
        if calendar.known_until:
            year = calendar.local_day(last).year
            if year > calendar.known_until:
                self._note("holidays_unknown", year)

    def _note(self, code: str, sequence: int) -> None:
        if self.explain:
            self.reading.notices.append(Notice(code, sequence))

"""Which clocks a request has and what its log means to each: facts in, marks of `clocks` out. Refuses any rule.

Rules come from a book: what policy, with the request's tier, category and priority as they stood, says at an instant.
A change of policy or calendar is an instant like any fact: it holds from then on and rewrites nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from zhike.service.clocks import Mark, Reading, Rule, read_clock
from zhike.service.log import Fact
from zhike.service.models import NEVER
from zhike.service.standing import Standing, Stretch, apply

ROOM = 1000  # numbers between two facts, for changes of policy and for facts that mean several marks


@dataclass(frozen=True)
class Shape:
    """When a clock starts, stops and runs again. `again` says for each kind of fact whether it begins anew."""

    start: frozenset[str]
    stop: frozenset[str]
    again: dict[str, bool] = field(default_factory=dict)
    renewed_by: frozenset[str] = frozenset()


CLOCKS = {
    "first_contact": Shape(
        frozenset({"taken"}), frozenset({"contacted", "replied", "told", "answered", "closed"}),
    ),
    "resolution": Shape(
        frozenset({"taken"}), frozenset({"answered", "closed"}), {"customer_answered": False, "reopened": True},
    ),
    "call_back": Shape(
        frozenset({"answered"}), frozenset({"customer_answered", "closed"}), {"answered": True},
    ),
    "reply": Shape(
        frozenset({"taken"}), frozenset({"answered", "closed"}), {"customer_answered": True, "reopened": True},
        renewed_by=frozenset({"replied", "told"}),
    ),
    "legal": Shape(
        frozenset({"taken"}), frozenset({"answered", "closed"}), {"customer_answered": False, "reopened": True},
    ),
}  # fmt: skip
"""The clocks of a request: first contact, resolution, call-back after the answer, progress replies, the legal limit."""


class Book(Protocol):
    """What rules there are; `version` names them, so that what was worked out with others can be told."""

    version: str

    def rule(self, clock: str, standing: Standing, at: datetime) -> Rule | None:
        """Return what holds for a clock of a request that stands so, at an instant; nothing where nothing is due."""

    def commitment(self, leg: Stretch, standing: Standing, at: datetime) -> Rule | None:
        """Return what the department that has the request owes in this leg."""

    def changes(self, since: datetime, until: datetime) -> Sequence[datetime]:
        """Return the instants within which rules or calendars changed."""


class NoBook:
    """Nothing is promised."""

    version = ""

    def rule(self, clock: str, standing: Standing, at: datetime) -> Rule | None:
        """Return nothing."""
        return None

    def commitment(self, leg: Stretch, standing: Standing, at: datetime) -> Rule | None:
        """Return nothing."""
        return None

    def changes(self, since: datetime, until: datetime) -> Sequence[datetime]:
        """Return none."""
        return ()


_source: Callable[[], Book] | None = None


def register_book(source: Callable[[], Book] | None) -> None:
    """Name the function that opens the book of what was promised; without one nothing is promised and nothing due."""
    global _source
    _source = source


def book_now() -> Book | None:
    """Return the book as it stands, if there is one; ask once per action or job."""
    return _source() if _source is not None else None


@dataclass(frozen=True)
class Due:
    """The next thing that is due, as the request's row keeps it."""

    next_due_at: datetime = NEVER
    next_due_kind: str = ""
    warn_at: datetime = NEVER
    clock_version: str = ""

    def as_columns(self) -> dict[str, Any]:
        """Return the row's columns."""
        return {
            "next_due_at": self.next_due_at, "next_due_kind": self.next_due_kind, "warn_at": self.warn_at,
            "clock_version": self.clock_version,
        }  # fmt: skip


def moments(
    facts: Iterable[Fact], book: Book, *, until: datetime
) -> Iterator[tuple[datetime, int, Fact | None, Standing]]:
    """Yield each fact, and between them each change of rules, with how the request then stands.

    The standing is one object that moves on: use it before asking for the next.
    """
    standing, last, number = Standing(), None, 0
    waiting: list[datetime] = []
    for fact in facts:
        if last is None:
            waiting = list(book.changes(fact.at, until))
        while waiting and waiting[0] <= fact.at:
            number += 1
            yield waiting.pop(0), number, None, standing
        apply(standing, fact)
        last, number = fact, fact.sequence * ROOM
        yield fact.at, number, fact, standing
    for change in waiting:
        number += 1
        yield change, number, None, standing


def marks_of(facts: Sequence[Fact], book: Book, *, until: datetime) -> dict[str, list[Mark]]:
    """Return the marks of each clock of a request."""
    tellers = {name: _Teller(name, shape, book) for name, shape in CLOCKS.items()}
    for at, number, fact, standing in moments(facts, book, until=until):
        for teller in tellers.values():
            teller.hear(at, number, fact, standing)
    return {name: teller.marks for name, teller in tellers.items()}


class _Teller:
    """Tells one clock what the log means to it."""

    def __init__(self, name: str, shape: Shape, book: Book) -> None:
        self.name, self.shape, self.book = name, shape, book
        self.marks: list[Mark] = []
        self.rule: Rule | None = None
        self.department = ""
        self.runs = self.started = False

    def hear(self, at: datetime, number: int, fact: Fact | None, standing: Standing) -> None:
        kind = fact.kind if fact is not None else ""
        again = self._again(fact)
        if not self.started:
            if kind in self.shape.start:
                self._start(at, number, standing)
            return
        rule = self.book.rule(self.name, standing, at)
        if rule is not None and rule != self.rule:
            self.rule = rule
            self._tell("rule", at, number, rule=rule)
        here = str(standing.department_id or "")
        if here != self.department and self.runs:
            self.department = here
            self._tell("department", at, number + 1, department=here)
        if self.runs and kind == "paused" and fact is not None:
            self._tell("pause", at, number + 2, reason=fact.data["reason"])
        elif self.runs and kind == "resumed":
            self._tell("resume", at, number + 2)
        elif self.runs and kind in self.shape.stop and not (again is not None and kind in self.shape.start):
            self.runs = False
            self._tell("stop", at, number + 3)
        elif self.runs and kind in self.shape.renewed_by:
            self._tell("stop", at, number + 3)
            self._tell("reopen", at, number + 4, department=self.department, anew=True)
        elif not self.runs and again is not None:
            self.runs, self.department = True, here
            self._tell("reopen", at, number + 4, rule=self.rule, department=here, anew=again)

    def _again(self, fact: Fact | None) -> bool | None:
        """Return whether a fact lets the clock run again, and then whether anew; content customers do not."""
        if fact is None or fact.kind not in self.shape.again:
            return None
        if fact.kind == "customer_answered" and fact.data["satisfied"]:
            return None
        return self.shape.again[fact.kind]

    def _start(self, at: datetime, number: int, standing: Standing) -> None:
        self.rule = self.book.rule(self.name, standing, at)
        if self.rule is None:
            return
        self.started = self.runs = True
        self.department = str(standing.department_id or "")
        self._tell("start", at, number, rule=self.rule, department=self.department)

    def _tell(self, what: Any, at: datetime, number: int, **given: Any) -> None:
        self.marks.append(Mark(seconds(at), number, what, **given))


def readings(facts: Sequence[Fact], book: Book, *, now: datetime, explain: bool = True) -> dict[str, Reading]:
    """Return what each clock of a request shows; those that never started are left out."""
    found = {}
    for name, marks in marks_of(facts, book, until=now).items():
        if marks:
            found[name] = read_clock(marks, seconds(now), explain=explain)
    return found


def next_due(facts: Sequence[Fact], book: Book, *, now: datetime) -> Due:
    """Return what is due next of a request: the earliest of its running clocks, late ones included."""
    due: list[tuple[int, str]] = []
    warn: list[int] = []
    for name, reading in readings(facts, book, now=now, explain=False).items():
        if reading.state == "running" and reading.due_at is not None:
            due.append((reading.due_at, name))
            warn.append(min(reading.warn_at or reading.due_at, reading.due_at))
    if not due:
        return Due(clock_version=book.version)
    at, kind = min(due)
    return Due(_moment(at), kind, _moment(min(warn)), book.version)


def commitments(facts: Sequence[Fact], book: Book, *, now: datetime) -> list[tuple[Stretch, Reading | None]]:
    """Return each leg with what its department's own clock shows; nothing where it promised nothing."""
    told: dict[int, list[Mark]] = {}
    standing = Standing()
    for at, number, fact, standing in moments(facts, book, until=now):
        for leg in standing.legs:
            marks = told.setdefault(leg.ordinal, [])
            if leg.ended_at is not None:
                if marks and marks[-1].what != "stop":
                    marks.append(Mark(seconds(at), number + 3, "stop"))
                continue
            rule = book.commitment(leg, standing, at)
            if not marks and rule is not None:
                marks.append(Mark(seconds(at), number, "start", rule=rule, department=str(leg.department_id or "")))
                if standing.paused_at is not None:  # it came while the clock stood still
                    marks.append(Mark(seconds(at), number + 1, "pause", reason=standing.pause_reason))
            elif marks and rule is not None and rule != _last_rule(marks):
                marks.append(Mark(seconds(at), number, "rule", rule=rule))
            if fact is not None and fact.kind == "paused" and marks:
                marks.append(Mark(seconds(at), number + 2, "pause", reason=fact.data["reason"]))
            elif fact is not None and fact.kind == "resumed" and marks:
                marks.append(Mark(seconds(at), number + 2, "resume"))
    return [
        (leg, read_clock(told[leg.ordinal], seconds(now)) if told.get(leg.ordinal) else None) for leg in standing.legs
    ]


def _last_rule(marks: Sequence[Mark]) -> Rule | None:
    return next((mark.rule for mark in reversed(marks) if mark.rule is not None), None)


def seconds(moment: datetime) -> int:
    """Return an instant as clocks count: whole seconds since 1970, UTC."""
    return int(moment.timestamp())


def _moment(instant: int) -> datetime:
    return datetime.fromtimestamp(instant, UTC)

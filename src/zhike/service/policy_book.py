"""The book of what was promised: which rule holds for a clock at an instant, from published policies. Changes none.

A version holds from its day on, or from the instant it was published where that is later: rules never reach back over
time that was already counted. What the system itself plants begins on its day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from functools import cached_property
from typing import Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel

from zhike.core.policies import Family, PolicyBook, policy_book
from zhike.service.clocks import ALWAYS, Calendar, Rule, Timeline
from zhike.service.models import Department
from zhike.service.policies import CALENDARS, COMMITMENTS, SERVICE_TARGETS, Calendars, Commitments, ServiceTargets
from zhike.service.policies_categories import REQUEST_CATEGORIES, RequestCategories
from zhike.service.standing import Standing, Stretch

SHANGHAI = ZoneInfo("Asia/Shanghai")
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
Held = TypeVar("Held", bound=BaseModel)


class _Course(Generic[Held]):
    """The versions of a family as they came into force; the first holds before, too."""

    def __init__(self, book: PolicyBook, family: Family[Held]) -> None:
        coming: list[tuple[datetime, tuple[Any, int], Held, int]] = []
        for row in book.rows(family):
            begins = datetime.combine(row.valid_from, time(), SHANGHAI)
            if row.author_id is not None or row.revision > 1:
                begins = max(begins, row.recorded_at)
            body = family.schema.model_validate(row.body)
            coming.append((begins, (row.valid_from, row.revision), body, row.pk))
        if not coming:
            coming = [
                (datetime.combine(day, time(), SHANGHAI), (day, 0), body, 0) for day, body in family.seed_versions()
            ]
        self.begins: list[datetime] = []
        self.bodies: list[Held] = []
        self.days: list[Any] = []
        self.last = max(pk for _, _, _, pk in coming)
        best: tuple[Any, int] | None = None
        for begins, order, body, _ in sorted(coming, key=lambda one: (one[0], one[1])):
            if best is None or order > best:
                best = order
                self.begins.append(begins if self.bodies else EARLIEST)
                self.bodies.append(body)
                self.days.append(order[0])

    def place(self, at: datetime) -> int:
        """Return which version is in force at an instant."""
        return max(place for place, begins in enumerate(self.begins) if begins <= at)


class _Rules:
    """Everything that was published up to one moment, made ready; kept by the process until something else is."""

    def __init__(self, book: PolicyBook) -> None:
        self.epoch = book.epoch
        self.calendars: _Course[Calendars] = _Course(book, CALENDARS)
        self.targets: _Course[ServiceTargets] = _Course(book, SERVICE_TARGETS)
        self.commitments: _Course[Commitments] = _Course(book, COMMITMENTS)
        self.categories: _Course[RequestCategories] = _Course(book, REQUEST_CATEGORIES)
        self.version = f"{self.calendars.last}.{self.targets.last}.{self.commitments.last}.{self.categories.last}"
        self._built: list[dict[str, Calendar]] = [body.built() for body in self.calendars.bodies]
        self._timelines: dict[str, Timeline] = {"": Timeline.of(ALWAYS)}
        self._found: dict[tuple[Any, ...], Rule | None] = {}

    def timeline(self, code: str) -> Timeline:
        """Return a calendar through time; one that nobody wrote counts every minute: nothing is left waiting."""
        if code not in self._timelines:
            self._timelines[code] = Timeline(
                [
                    (int(begins.timestamp()), built.get(code, ALWAYS))
                    for begins, built in zip(self.calendars.begins, self._built, strict=True)
                ]
            )
        return self._timelines[code]

    def rule(self, clock: str, kind: str, assurance: str, priority: str, category: str, at: datetime) -> Rule | None:
        """Return what is promised; a category may set a time to a solution that is shorter than all else."""
        longest = None
        if clock == "resolution":
            longest = self.categories.bodies[self.categories.place(at)].longest_minutes(category)
        key = (clock, kind, assurance, priority, self.targets.place(at), longest)
        if key not in self._found:
            self._found[key] = self._make(*key)
        return self._found[key]

    def _make(
        self, clock: str, kind: str, assurance: str, priority: str, place: int, longest: int | None
    ) -> Rule | None:
        body = self.targets.bodies[place]
        cite = f"{assurance or 'normal'} {kind} {self.targets.days[place]:%Y-%m}"
        if clock == "legal":
            return Rule(body.legal_days * 86_400, self.timeline(""), warn=round(body.warn_share * 1000), cite=cite)
        target = body.target_for(kind, assurance)
        minutes: int | None = getattr(target, f"{clock}_minutes")
        if minutes is None:
            return None
        shares = {"urgent": body.urgent_share, "critical": body.critical_share}
        share = shares.get(priority, 1) if clock in {"first_contact", "resolution"} else 1
        minutes = min(minutes, longest or minutes)
        return Rule(
            max(round(minutes * 60 * share), 60), self.timeline(target.calendar), frozenset(body.pause_reasons),
            round(body.warn_share * 1000), cite,
        )  # fmt: skip

    def owed(self, function: str, calendar: str, kind: str, assurance: str, at: datetime) -> Rule | None:
        """Return what a department owes."""
        place = self.commitments.place(at)
        key = ("owed", function, calendar, kind, assurance, place)
        if key not in self._found:
            body = self.commitments.bodies[place]
            one = body.commitment_for(function, kind, assurance)
            self._found[key] = None
            if one is not None:
                cite = f"{function} {self.commitments.days[place]:%Y-%m}"
                pauses, warn = frozenset(one.pause_reasons), round(body.warn_share * 1000)
                self._found[key] = Rule(one.minutes * 60, self.timeline(calendar), pauses, warn, cite)
        return self._found[key]

    def changes(self, since: datetime, until: datetime) -> Sequence[datetime]:
        """Return when promised times, commitments or limits of categories changed; calendars have timelines."""
        courses = (self.targets.begins, self.commitments.begins, self.categories.begins)
        return sorted({one for begins in courses for one in begins if since < one <= until})


class ServiceBook:
    """What `clock_feed` asks, answered for one action or job."""

    def __init__(self, rules: _Rules) -> None:
        self.rules = rules
        self.version = rules.version
        self.changes = rules.changes

    @cached_property
    def _departments(self) -> dict[int, tuple[str, str, str]]:
        rows = Department.objects.values_list("pk", "function", "calendar", "name")
        return {pk: (function, calendar, name) for pk, function, calendar, name in rows}

    def name_of(self, department_id: int) -> str:
        """Return what a department is called: it is read with its function anyway."""
        return self._departments[department_id][2]

    def rule(self, clock: str, standing: Standing, at: datetime) -> Rule | None:
        """Return what holds for a clock of a request that stands so."""
        return self.rules.rule(clock, standing.kind, standing.assurance_level, standing.priority, standing.category, at)

    def commitment(self, leg: Stretch, standing: Standing, at: datetime) -> Rule | None:
        """Return what the department that has the request owes in this leg; nothing while nobody has it."""
        if leg.department_id is None:
            return None
        function, calendar, _name = self._departments[leg.department_id]
        return self.rules.owed(function, calendar, standing.kind, standing.assurance_level, at)


_kept: _Rules | None = None


def service_book() -> ServiceBook:
    """Return the book as of now: one small question; rules are made ready once until something is published."""
    global _kept
    book, kept = policy_book(), _kept
    if kept is None or kept.epoch != book.epoch:
        kept = _kept = _Rules(book)
    return ServiceBook(kept)

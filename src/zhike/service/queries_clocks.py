"""The clocks of one request, each explained: what it counted, for which department, what is left. Refuses to judge."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.service import clock_feed
from zhike.service.clocks import Reading
from zhike.service.log import Fact
from zhike.service.models import Department, Request, RequestEvent
from zhike.service.policy_book import ServiceBook
from zhike.service.standing import Stretch


@dataclass(frozen=True)
class LegClock:
    """One department's having of a request, and its own clock where it promised something."""

    leg: Stretch
    department: str
    reading: Reading | None


@dataclass(frozen=True)
class Clocks:
    """All clocks of a request at an instant. `by_name` has the keys of `clock_feed.CLOCKS`; `departments` names ids.

    `next_kind` is the clock that runs out first of those that run; empty where none does.
    """

    now: datetime
    by_name: dict[str, Reading] = field(default_factory=dict)
    legs: tuple[LegClock, ...] = ()
    departments: dict[str, str] = field(default_factory=dict)
    next_kind: str = ""

    @property
    def next_reading(self) -> Reading | None:
        """The clock that runs out first."""
        return self.by_name.get(self.next_kind)


def clocks_of(
    actor: Actor, request: Request, *, events: Sequence[RequestEvent] | None = None, now: datetime | None = None
) -> Clocks:
    """Return the clocks of a request; `events` is its log where the caller has read it already.

    Without a book of promises there are legs, but no clocks.
    """
    require(actor, "requests.view")
    if events is None:
        events = list(RequestEvent.objects.for_actor(actor).filter(request_id=request.pk).order_by("sequence"))
    facts: list[Fact] = [one.as_fact() for one in events]
    moment = max(now or timezone.now(), facts[-1].at) if facts else now or timezone.now()
    book = clock_feed.book_now() or clock_feed.NoBook()
    found = clock_feed.readings(facts, book, now=moment)
    legs = clock_feed.commitments(facts, book, now=moment)
    ids = {leg.department_id for leg, _ in legs if leg.department_id is not None}
    names = {str(pk): name for pk, name in _names(ids, book)}
    return Clocks(
        moment, found, tuple(LegClock(leg, names.get(str(leg.department_id), ""), one) for leg, one in legs), names,
        clock_feed.next_due(facts, book, now=moment).next_due_kind,
    )  # fmt: skip


def _names(ids: set[int], book: clock_feed.Book) -> Iterable[tuple[int, str]]:
    """Return what departments are called; a book that knows them saves the question."""
    if isinstance(book, ServiceBook):
        return [(one, book.name_of(one)) for one in sorted(ids)]
    return Department.objects.filter(pk__in=ids).values_list("pk", "name")

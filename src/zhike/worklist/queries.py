"""What an actor may read of the worklist: pages by worth or by day, counts, the items of one account. Refuses words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.paging import Page, keyset_page
from zhike.customers.models import Account
from zhike.people.models import Staff
from zhike.worklist.models import LIVE, WorkItem
from zhike_analytics.contracts import codes

VIEW, ACT = "worklist.view", "worklist.act"
COUNT_STOPS_AT = 1001
MOST_ASSIGNEES = 300
SORTS = {"worth": ("expected_fen", True), "due": ("due_on", False)}
LEVELS = ("red", "yellow", "plain")
STATES = ("open", "postponed", "done", "dismissed")
RECENT_DAYS = 30
"""How far back the lists of what was done or dismissed go."""


@dataclass(frozen=True)
class WorkFilter:
    """What the list is narrowed to. `owner` is the id of the assignee; `state` one of :data:`STATES`."""

    owner: int | None = None
    kind: str = ""
    level: str = ""
    tiers: tuple[str, ...] = ()
    state: str = "open"


@dataclass(frozen=True)
class Counts:
    """How many items wait, by kind; `whole` is false where counting stopped."""

    by_kind: dict[str, int]
    whole: bool

    @property
    def total(self) -> int:
        """All of them, up to where counting stopped."""
        return sum(self.by_kind.values())


def work_page(
    actor: Actor, wanted: WorkFilter, *, today: date, sort: str = "worth", size: int, cursor: str = ""
) -> Page[WorkItem]:
    """Return one page of items with their accounts, by what acting now is worth or by the day they are due.

    Raises
    ------
    CursorInvalid
        When the cursor is damaged.
    """
    require(actor, VIEW)
    key, descending = SORTS[sort]
    rows = _narrowed(actor, wanted, today).select_related("account", "assignee", "decided_by")
    return keyset_page(rows, [key, "id"], descending=descending, size=size, cursor=cursor)


def work_for_export(actor: Actor, wanted: WorkFilter, *, today: date, sort: str, limit: int) -> list[WorkItem]:
    """Return the items of a list in its order, for a workbook."""
    require(actor, VIEW)
    require(actor, "accounts.export")
    key, descending = SORTS[sort]
    order = [f"-{key}", "-id"] if descending else [key, "id"]
    rows = _narrowed(actor, wanted, today).select_related("account", "assignee", "decided_by")
    return list(rows.order_by(*order)[:limit])


def _narrowed(actor: Actor, wanted: WorkFilter, today: date) -> QuerySet[WorkItem]:
    rows = in_state(WorkItem.objects.for_actor(actor), wanted.state, today)
    if wanted.owner is not None:
        rows = rows.filter(assignee_id=wanted.owner)
    if wanted.kind:
        rows = rows.filter(kind=wanted.kind)
    if wanted.level:
        rows = rows.filter(level=wanted.level)
    if wanted.tiers:
        rows = rows.filter(tier_rank__in=[list(codes.TIER).index(tier) + 1 for tier in wanted.tiers])
    return rows


def in_state(rows: QuerySet[WorkItem], state: str, today: date) -> QuerySet[WorkItem]:
    """Return the items that are waiting now, put off to a later day, or were done or dismissed lately."""
    if state == "postponed":
        return rows.filter(state="postponed", decided_by__isnull=False, until__gt=today)
    if state in {"done", "dismissed"}:
        return rows.filter(state=state, decided_by__isnull=False, decided_at__gte=_midnight(today, -RECENT_DAYS))
    return rows.filter(state__in=LIVE, until__lte=today)


def _midnight(day: date, plus: int = 0) -> datetime:
    return timezone.make_aware(datetime.combine(day + timedelta(days=plus), time()))


def counts(actor: Actor, wanted: WorkFilter, *, today: date) -> Counts:
    """Return how many of the waiting items are of which kind, whatever kind the list is narrowed to."""
    require(actor, VIEW)
    wide = WorkFilter(owner=wanted.owner, level=wanted.level, tiers=wanted.tiers)
    kinds = _narrowed(actor, wide, today).order_by().values_list("kind", flat=True)[:COUNT_STOPS_AT]
    by_kind = Counter(kinds)  # counted here: in SQL each of them would be looked up once more
    return Counts(by_kind, whole=by_kind.total() < COUNT_STOPS_AT)


def beside(actor: Actor, wanted: WorkFilter, *, today: date) -> tuple[int, int]:
    """Return how many items are put off to a later day and how many were done today; both stop at a thousand."""
    require(actor, VIEW)
    rows = WorkItem.objects.for_actor(actor)
    if wanted.owner is not None:
        rows = rows.filter(assignee_id=wanted.owner)
    decided = rows.filter(decided_by__isnull=False).order_by().values_list("state", flat=True)
    put_off = decided.filter(state="postponed", until__gt=today)[: COUNT_STOPS_AT - 1]
    done = decided.filter(state="done", decided_at__gte=_midnight(today))[: COUNT_STOPS_AT - 1]
    states = list(put_off.union(done, all=True))
    return states.count("postponed"), states.count("done")


def item_of(actor: Actor, item_id: int) -> WorkItem | None:
    """Return one item, or nothing when it is not the actor's to see."""
    require(actor, VIEW)
    rows = WorkItem.objects.for_actor(actor).select_related("account", "assignee", "decided_by")
    return rows.filter(pk=item_id).first()


def items_of_account(actor: Actor, account: Account, *, today: date, limit: int = 5) -> list[WorkItem]:
    """Return what waits at one account, what is worth most first."""
    if not actor.may(VIEW):
        return []
    rows = in_state(WorkItem.objects.for_actor(actor), "open", today).filter(account_id=account.pk)
    return list(rows.select_related("account").order_by("-expected_fen", "-id")[:limit])


def day_of(actor: Actor, *, owner: int | None, today: date, limit: int = 6) -> list[WorkItem]:
    """Return what somebody decided today and what is due for them within a week, for the timeline of their day."""
    require(actor, VIEW)
    rows = WorkItem.objects.for_actor(actor).select_related("account")
    mine = Q() if owner is None else Q(assignee_id=owner)
    coming = in_state(rows, "open", today).filter(mine, due_on__lte=today + timedelta(days=7))
    decided = rows.filter(decided_by_id=actor.staff_id or 0, decided_at__gte=_midnight(today)).exclude(state="open")
    first = decided.order_by("-decided_at", "-id")[:limit]
    then = coming.order_by("due_on", "id")[: limit + 2]
    return [*reversed(list(first)), *then]


def assignees(actor: Actor) -> Sequence[tuple[int, str]]:
    """Return whose items the actor may single out: the managers of the team or regions; nobody for a manager."""
    require(actor, VIEW)
    if actor.scope is ScopeKind.STAFF:
        return []
    rows = Staff.objects.for_actor(actor).filter(active=True, role="manager").order_by("name", "id")
    return list(rows.values_list("id", "name")[:MOST_ASSIGNEES])

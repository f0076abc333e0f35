"""Special events (突发事件, outages): the parents that are open, their children, what else belongs to them. Read only.

Every function needs an actor; refuses children that the actor does not reach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Q, QuerySet

from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.people.models import Region
from zhike.service.codes import OPEN_STAGES
from zhike.service.models import Request, RequestEvent
from zhike.service.queries_inbox import SHOWN, VIEW

MOST_FOUND = 500


@dataclass(frozen=True)
class EventFilter:
    """What may belong to an event: open requests of nobody's, by kind, category, product, place and time."""

    kinds: tuple[str, ...] = ()
    category: str = ""
    product_area: str = ""
    region_id: int | None = None
    text: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Children:
    """How the children of an event stand."""

    every: int = 0
    waiting: int = 0
    answered: int = 0
    closed: int = 0
    late: int = 0
    paused: int = 0
    told_at: datetime | None = None


def events_open(actor: Actor, *, size: int, cursor: str = "") -> Page[Request]:
    """Return the parents that are open, the last first."""
    require(actor, VIEW)
    rows = Request.objects.for_actor(actor).filter(stage__in=OPEN_STAGES).exclude(special="").select_related(*SHOWN)
    return keyset_page(rows, ("taken_at", "id"), descending=True, size=size, cursor=cursor)


def children_counts(actor: Actor, parents: Sequence[Request], *, now: datetime) -> dict[int, Children]:
    """Return how the children of each parent stand, counted in one statement."""
    rows = Request.objects.for_actor(actor).filter(parent_id__in=[one.pk for one in parents]).order_by()
    found = rows.values("parent_id").annotate(
        every=Count("pk"),
        closed=Count("pk", filter=Q(stage="closed")),
        answered=Count("pk", filter=Q(stage="call_back")),
        late=Count("pk", filter=Q(next_due_at__lte=now, stage__in=OPEN_STAGES)),
        paused=Count("pk", filter=Q(paused_at__isnull=False)),
        told_at=Max("replied_at"),
    )
    return {
        row["parent_id"]: Children(
            row["every"], row["every"] - row["closed"] - row["answered"], row["answered"], row["closed"], row["late"],
            row["paused"], row["told_at"],
        )
        for row in found
    }  # fmt: skip


def children_page(actor: Actor, parent: Request, *, size: int, cursor: str = "") -> Page[Request]:
    """Return the children of a parent, those that are due first before the others."""
    rows = Request.objects.for_actor(actor).filter(parent_id=parent.pk).select_related(*SHOWN)
    return keyset_page(rows, ("next_due_at", "id"), descending=False, size=size, cursor=cursor)


def may_belong(actor: Actor, parent: Request, wanted: EventFilter) -> list[Request]:
    """Return open requests under no parent that fit, the last first, at most :data:`MOST_FOUND`."""
    require(actor, VIEW)
    rows: QuerySet[Request] = Request.objects.for_actor(actor).filter(
        stage__in=OPEN_STAGES, parent=None, special=""
    ).exclude(pk=parent.pk)  # fmt: skip
    if wanted.kinds:
        rows = rows.filter(kind__in=wanted.kinds)
    if wanted.category:
        rows = rows.filter(category=wanted.category)
    if wanted.product_area:
        rows = rows.filter(product_area=wanted.product_area)
    if wanted.text:
        rows = rows.filter(title__contains=wanted.text)
    if wanted.region_id is not None:
        top = Region.objects.filter(pk=wanted.region_id).values("path")[:1]
        rows = rows.filter(region_id__in=Region.objects.filter(path__startswith=top).values("pk"))
    if wanted.since is not None:
        rows = rows.filter(taken_at__gte=wanted.since)
    if wanted.until is not None:
        rows = rows.filter(taken_at__lte=wanted.until)
    return list(rows.select_related(*SHOWN).order_by("-taken_at", "-pk")[:MOST_FOUND])


def messages_of(actor: Actor, parent: Request) -> list[RequestEvent]:
    """Return what all customers of an event were told, the last first."""
    rows = RequestEvent.objects.for_actor(actor).filter(request_id=parent.pk, kind__in=("told", "answered"))
    return list(rows.order_by("-sequence")[:20])

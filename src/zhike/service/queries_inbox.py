"""The queues of the inbox: which requests an actor reaches in each, counts that stop early, search, export.

Every function needs an actor. Each queue is one condition that one index answers; refuses OR and offsets.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.brief import TooLong, brief
from zhike.core.paging import Page, keyset_page
from zhike.insights.queries import AccountFilter, accounts_page
from zhike.insights.queries_search import read
from zhike.people.models import Region
from zhike.service.codes import OPEN_STAGES
from zhike.service.models import Department, Participation, Request
from zhike.service.queries_departments import departments_of_staff

VIEW = "requests.view"
COUNT_STOPS_AT = 1001
QUEUES = (
    "mine", "team", "unowned", "breaching", "escalated", "call_back", "exceptions", "supervised", "open", "closed",
)  # fmt: skip
COUNTED = QUEUES[:8]
SORTS: dict[str, tuple[tuple[str, ...], bool]] = {
    "due": (("next_due_at", "id"), False),
    "recent": (("taken_at", "id"), True),
}
NUMBER = re.compile(r"TS-?[0-9-]*$")
WALK_MILLISECONDS = 25
FOUND_AT_MOST = 2000
SHOWN = ("account", "region", "owner", "handler", "department")


@dataclass(frozen=True)
class InboxFilter:
    """What the inbox is narrowed to; `queue` is one of :data:`QUEUES`, everything else may be empty."""

    queue: str = "mine"
    kinds: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    tiers: tuple[str, ...] = ()
    department_id: int | None = None
    region_id: int | None = None
    text: str = ""


@dataclass(frozen=True)
class Counts:
    """How many requests wait in each queue; :data:`COUNT_STOPS_AT` stands for that many or more."""

    by_queue: dict[str, int] = field(default_factory=dict)


def inbox_page(
    actor: Actor, wanted: InboxFilter, *, sort: str = "due", size: int, cursor: str = "", now: datetime | None = None
) -> Page[Request]:
    """Return one page of a queue, by what is due first or by what came last.

    Raises
    ------
    CursorInvalid
        When the cursor is damaged.
    """
    require(actor, VIEW)
    keys, descending = SORTS[sort]
    if wanted.queue == "breaching" and sort == "due":
        keys = ("warn_at", "id")
    rows = narrowed(actor, wanted, now=now or timezone.now())
    if not wanted.text.strip():
        return keyset_page(rows.select_related(*SHOWN), keys, descending=descending, size=size, cursor=cursor)
    return _searched(actor, rows, wanted.text, keys, descending=descending, size=size, cursor=cursor)


def queue_counts(actor: Actor, *, now: datetime | None = None) -> Counts:
    """Return how many requests wait in each queue, counted in one statement that stops early."""
    require(actor, VIEW)
    moment = now or timezone.now()
    names: list[str] = []
    parts: list[str] = []
    given: list[Any] = []
    for name in COUNTED:
        rows = narrowed(actor, InboxFilter(name), now=moment).order_by().values_list("pk", flat=True)[:COUNT_STOPS_AT]
        if rows.query.is_empty():
            continue
        sql, params = rows.query.sql_with_params()
        names.append(name)
        parts.append(f"(SELECT count(*) FROM ({sql}) AS q)")
        given.extend(params)
    if not parts:
        return Counts(dict.fromkeys(COUNTED, 0))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(parts)}", given)
        return Counts(dict.fromkeys(COUNTED, 0) | dict(zip(names, cursor.fetchone(), strict=True)))


def narrowed(actor: Actor, wanted: InboxFilter, *, now: datetime) -> QuerySet[Request]:
    """Return the requests of a queue that the actor reaches, narrowed further, not ordered."""
    rows = Request.objects.for_actor(actor)
    rows = rows.filter(stage="closed") if wanted.queue == "closed" else rows.filter(stage__in=OPEN_STAGES)
    match wanted.queue:
        case "mine":
            parts = Participation.objects.unscoped(reason="the actor's own parts")
            rows = rows.filter(pk__in=parts.filter(staff_id=actor.staff_id or 0, until=None).values("request_id"))
        case "team":
            if own := departments_of_staff(actor.staff_id):
                rows = rows.filter(department_id__in=sorted(own))
        case "unowned":
            rows = rows.filter(owner=None)
        case "breaching":
            rows = rows.filter(warn_at__lte=now)
        case "escalated":
            rows = rows.filter(escalation__gt=0)
        case "call_back":
            parts = Participation.objects.unscoped(reason="the actor's own parts")
            handled = parts.filter(staff_id=actor.staff_id or 0, part="handler").values("request_id")
            rows = rows.filter(stage="call_back").exclude(pk__in=handled)
        case "exceptions":
            rows = rows.exclude(exception_reason="")
        case "supervised":
            rows = rows.filter(supervised=True)
    for column, values in (
        ("kind", wanted.kinds), ("stage", wanted.stages), ("category", wanted.categories),
        ("channel", wanted.channels), ("priority", wanted.priorities), ("tier", wanted.tiers),
    ):  # fmt: skip
        if values:
            rows = rows.filter(**{f"{column}__in": values})
    if wanted.department_id is not None:
        rows = rows.filter(department_id=wanted.department_id)
    if wanted.region_id is not None:
        top = Region.objects.filter(pk=wanted.region_id).values("path")[:1]
        rows = rows.filter(region_id__in=Region.objects.filter(path__startswith=top).values("pk"))
    return rows


def for_export(
    actor: Actor, wanted: InboxFilter, *, sort: str = "due", limit: int, now: datetime | None = None
) -> list[Request]:
    """Return the requests of a queue in the order of the page, at most `limit`."""
    return inbox_page(actor, wanted, sort=sort, size=limit, now=now).rows


def chosen(actor: Actor, numbers: Sequence[str]) -> list[Request]:
    """Return those of these requests that the actor reaches, in the order given."""
    require(actor, VIEW)
    rows = Request.objects.for_actor(actor).filter(number__in=list(numbers)).select_related(*SHOWN)
    found = {one.number: one for one in rows}
    return [found[number] for number in dict.fromkeys(numbers) if number in found]


def regions_to_choose(actor: Actor) -> list[tuple[int, str, int]]:
    """Return the regions by which an inbox may be narrowed: id, name, depth; none for whoever reaches by account."""
    require(actor, VIEW)
    rows = Region.objects.order_by("path").values_list("pk", "name", "path")
    if actor.scope is not ScopeKind.EVERYTHING:
        rows = rows.filter(pk__in=list(actor.region_ids))
    return [(pk, name, path.count("/") - 1) for pk, name, path in rows[:200]]


def departments_to_choose(actor: Actor) -> list[tuple[int, str]]:
    """Return the departments by which an inbox may be narrowed; names are no secret among staff."""
    require(actor, VIEW)
    rows = Department.objects.filter(active=True).order_by("region__path", "code").values_list("pk", "name")
    return list(rows[:200])


# -- search ------------------------------------------------------------------------------------------------------------


def search(actor: Actor, text: str, *, size: int = 20, cursor: str = "") -> Page[Request]:
    """Return requests by number, by customer or by words of the title, what came last first."""
    require(actor, VIEW)
    keys, descending = SORTS["recent"]
    rows = Request.objects.for_actor(actor)
    return _searched(actor, rows, text, keys, descending=descending, size=size, cursor=cursor)


def _searched(
    actor: Actor, rows: QuerySet[Request], text: str, keys: Sequence[str], *, descending: bool, size: int, cursor: str
) -> Page[Request]:
    wanted = read(text)
    if wanted is None:
        return Page([], None, None)
    rows = rows.select_related(*SHOWN)

    def page_of(found: QuerySet[Request], *, gathered: bool = False) -> Page[Request]:
        return keyset_page(found, keys, descending=descending, size=size, cursor=cursor, gathered=gathered)

    number = wanted.raw.upper()
    if NUMBER.match(number):
        beyond = number[:-1] + chr(ord(number[-1]) + 1)
        return page_of(rows.filter(number__gte=number, number__lt=beyond), gathered=True)
    accounts = _accounts(actor, text)
    plain = wanted.raw
    told = Q(title__contains=plain) | Q(account_id__in=accounts)
    try:
        with brief(WALK_MILLISECONDS):  # what is common is met soon when walking in order
            return page_of(rows.filter(told))
    except TooLong:
        pass
    holds = RawSQL("zhike_grams(title) @> %s::text[]", [_grams(plain)], output_field=BooleanField())
    everywhere = Request.objects.unscoped(reason="ids only, narrowed to the actor's rows")
    by_title = everywhere.filter(holds, title__contains=plain).order_by().values("pk")[:FOUND_AT_MOST]
    by_account = everywhere.filter(account_id__in=accounts).order_by().values("pk")[:FOUND_AT_MOST]
    ids = [row["pk"] for row in by_title.union(by_account)]
    return page_of(rows.filter(pk__in=ids), gathered=True)


def _accounts(actor: Actor, text: str) -> list[int]:
    if not actor.may("accounts.view"):
        return []
    found = accounts_page(
        actor, AccountFilter(text=text), today=timezone.localdate(), sort="name", descending=False, size=50
    )
    return [row.account_id for row in found.page.rows]


def _grams(text: str) -> list[str]:
    if len(text) < 2:
        return [text]
    pairs = {text[place : place + 2] for place in range(len(text) - 1)}
    return sorted(pair for pair in pairs if not re.search(r"\s", pair)) or sorted(set(text) - {" "})

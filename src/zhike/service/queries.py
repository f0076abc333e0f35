"""What an actor may read of one request and of an account's: the log, legs, people, files, what is alike.

Every function needs an actor. Refuses callers' names and numbers unmasked (see `queries_caller`); queues and search are
in `queries_inbox`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q

from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.customers.models import Account
from zhike.service.codes import OPEN_STAGES
from zhike.service.models import Attachment, Leg, Participation, QualitySample, Request, RequestEvent
from zhike.service.queries_inbox import (
    COUNT_STOPS_AT,
    QUEUES,
    SHOWN,
    SORTS,
    VIEW,
    Counts,
    InboxFilter,
    inbox_page,
    narrowed,
    queue_counts,
    search,
)

__all__ = [
    "COUNT_STOPS_AT",
    "QUEUES",
    "SORTS",
    "Counts",
    "InboxFilter",
    "alike",
    "attachment_of",
    "attachments_of",
    "children_of",
    "events_of",
    "inbox_page",
    "legs_of",
    "narrowed",
    "open_counts_of_account",
    "own_parts",
    "parts_of",
    "queue_counts",
    "request_of",
    "requests_of_account",
    "sample_of",
    "search",
]


# -- one request -------------------------------------------------------------------------------------------------------


def request_of(actor: Actor, number: str) -> Request | None:
    """Return a request with the people and places it names, or nothing when it is not the actor's to see."""
    require(actor, VIEW)
    rows = Request.objects.for_actor(actor).select_related(
        "account", "region", "owner", "handler", "caller_back", "department", "home", "contact", "subscription",
        "parent", "merged_into", "exception_by",
    )  # fmt: skip
    return rows.filter(number=number.replace("\0", "")).first()


def events_of(actor: Actor, request: Request) -> list[RequestEvent]:
    """Return the log of a request, oldest first."""
    return list(RequestEvent.objects.for_actor(actor).filter(request_id=request.pk).order_by("sequence"))


def legs_of(actor: Actor, request: Request) -> list[Leg]:
    """Return the departments that had a request, in their order."""
    rows = Leg.objects.for_actor(actor).filter(request_id=request.pk).select_related("department")
    return list(rows.order_by("ordinal"))


def parts_of(actor: Actor, request: Request) -> list[Participation]:
    """Return who has or had a part in a request, those who still have one first."""
    rows = Participation.objects.for_actor(actor).filter(request_id=request.pk).select_related("staff")
    return sorted(rows, key=lambda one: (one.until is not None, one.ordinal))


def attachments_of(actor: Actor, request: Request) -> list[Attachment]:
    """Return the files of a request."""
    return list(Attachment.objects.for_actor(actor).filter(request_id=request.pk).order_by("pk"))


def attachment_of(actor: Actor, request: Request, pk: int) -> Attachment | None:
    """Return one file of a request; `files.path_of` says where its content lies."""
    return Attachment.objects.for_actor(actor).filter(request_id=request.pk, pk=pk).first()


def sample_of(actor: Actor, request: Request) -> QualitySample | None:
    """Return whether a request was drawn for inspection, and its score."""
    return QualitySample.objects.for_actor(actor).filter(request_id=request.pk).first()


def children_of(actor: Actor, request: Request, *, size: int = 50, cursor: str = "") -> Page[Request]:
    """Return the requests under a parent that the actor sees."""
    rows = Request.objects.for_actor(actor).filter(parent_id=request.pk).select_related(*SHOWN)
    return keyset_page(rows, ("id",), descending=False, size=size, cursor=cursor)


def alike(actor: Actor, request: Request, *, limit: int = 5) -> list[Request]:
    """Return earlier requests of the same customer about the same, the last first (同类经过)."""
    if request.account_id is None:
        return []
    rows = Request.objects.for_actor(actor).filter(account_id=request.account_id).exclude(pk=request.pk)
    if request.subscription_id is not None:
        rows = rows.filter(Q(category=request.category) | Q(subscription_id=request.subscription_id))
    else:
        rows = rows.filter(category=request.category)
    return list(rows.order_by("-taken_at", "-id")[:limit])


# -- an account --------------------------------------------------------------------------------------------------------


def requests_of_account(
    actor: Actor, account: Account, *, kinds: Sequence[str] = (), only_open: bool = False, size: int = 10,
    cursor: str = "",
) -> Page[Request]:  # fmt: skip
    """Return an account's requests, the last first."""
    require(actor, VIEW)
    rows = Request.objects.for_actor(actor).filter(account_id=account.pk).select_related(*SHOWN)
    if kinds:
        rows = rows.filter(kind__in=list(kinds))
    if only_open:
        rows = rows.filter(stage__in=OPEN_STAGES)
    keys, descending = SORTS["recent"]
    return keyset_page(rows, keys, descending=descending, size=size, cursor=cursor)


def open_counts_of_account(actor: Actor, account: Account) -> dict[str, int]:
    """Return how many requests of each kind an account has open."""
    if not actor.may(VIEW):
        return {}
    rows = Request.objects.for_actor(actor).filter(account_id=account.pk, stage__in=OPEN_STAGES)
    found: dict[str, int] = {}
    for kind in rows.order_by().values_list("kind", flat=True)[:COUNT_STOPS_AT]:
        found[kind] = found.get(kind, 0) + 1
    return found


def own_parts(actor: Actor, request_ids: Sequence[int]) -> dict[int, list[str]]:
    """Return which parts the actor has now in these requests."""
    rows: Any = Participation.objects.for_actor(actor).filter(
        request_id__in=list(request_ids), staff_id=actor.staff_id or 0, until=None
    )
    found: dict[int, list[str]] = {}
    for request_id, part in rows.values_list("request_id", "part"):
        found.setdefault(request_id, []).append(part)
    return found

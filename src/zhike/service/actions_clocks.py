"""Working out anew what is due: after rules or calendars changed, after many requests moved at once. Set-based.

Refuses to touch the log: what was counted before stays counted, only what is due next is written anew. Runs in pieces
that may be cut off and begun again; a request that somebody holds is waited for, so that no newer row is overwritten.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.service import clock_feed
from zhike.service.actions_bulk import FACT
from zhike.service.codes import OPEN_STAGES
from zhike.service.log import Fact
from zhike.service.models import Request, RequestEvent

AT_ONCE = 1000
FAMILIES = ("calendars", "service_targets", "commitments", "request_categories")
EVERY = "what is due is worked out for everybody's requests alike"

WRITE = """
UPDATE service_request r SET next_due_at = d.next_due_at, next_due_kind = d.next_due_kind, warn_at = d.warn_at,
    clock_version = d.clock_version
FROM jsonb_to_recordset(%s::jsonb) AS d (id bigint, next_due_at timestamptz, next_due_kind text, warn_at timestamptz,
    clock_version text)
WHERE d.id = r.id AND (r.next_due_at, r.next_due_kind, r.clock_version)
    IS DISTINCT FROM (d.next_due_at, d.next_due_kind, d.clock_version)
"""


def recompute(actor: Actor, ids: Sequence[int] | None = None) -> int:
    """Work out what is due of these requests, or of all open ones; return how many had it otherwise before."""
    book = clock_feed.book_now()
    if book is None:
        return 0
    changed, after = 0, 0
    while piece := _piece(ids, after):
        with audited(actor, "service.recompute", new_rows=False), connection.cursor() as cursor:
            held = Request.objects.unscoped(reason=EVERY).filter(pk__in=piece, stage__in=OPEN_STAGES)
            mine = list(held.order_by("pk").select_for_update().values_list("pk", flat=True))
            due = _due_of(mine, book, timezone.now())
            cursor.execute(WRITE, [json.dumps(due, default=datetime.isoformat)])
            changed += cursor.rowcount
        after = piece[-1]
    return changed


def _piece(ids: Sequence[int] | None, after: int) -> list[int]:
    if ids is not None:
        return sorted(pk for pk in ids if pk > after)[:AT_ONCE]
    rows = Request.objects.unscoped(reason=EVERY).filter(stage__in=OPEN_STAGES, pk__gt=after)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])


def _due_of(ids: Sequence[int], book: clock_feed.Book, now: datetime) -> list[dict[str, Any]]:
    logs: dict[int, list[Fact]] = {}
    rows = RequestEvent.objects.unscoped(reason=EVERY).filter(request_id__in=list(ids))
    for request_id, *told in rows.order_by("request_id", "sequence").values_list("request_id", *FACT):
        logs.setdefault(request_id, []).append(Fact(*told))
    return [
        {"id": pk} | clock_feed.next_due(facts, book, now=max(now, facts[-1].at)).as_columns()
        for pk, facts in logs.items()
    ]


def policy_published(*, actor: Actor, family: str, **_facts: Any) -> None:
    """Queue the working out when rules or calendars of clocks changed."""
    if family in FAMILIES:
        from zhike.service.jobs import recompute_clocks  # jobs call this module

        recompute_clocks.enqueue(actor, lock="service.recompute")

"""How requests follow their accounts to another tier, level or region, without anybody's step. Set-based, audited.

A tier that changes half-way is a fact in the log of each open request: clocks count with the old one up to that
instant. The region is no fact, it only says who sees a request; closed ones move too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.service.jobs import recompute_clocks

_LEVELS = ("tier", "service_level", "assurance_level")
_OLD, _NEW = (", ".join(f"{table}.{name}" for name in _LEVELS) for table in ("r", "a"))

TIERS = f"""
WITH held AS (
    SELECT r.id, r.version, r.changed_at, {_NEW} FROM service_request r JOIN customers_account a ON a.id = r.account_id
    WHERE r.stage <> 'closed' AND ({_OLD}) IS DISTINCT FROM ({_NEW}) {{only}} ORDER BY r.id FOR UPDATE OF r
), told AS (
    INSERT INTO service_requestevent
        (request_id, sequence, kind, at, by_id, by_name, department_id, words, to_customer, data)
    SELECT id, version + 1, 'tier_followed', greatest(now(), changed_at), %(by)s, %(name)s, NULL, '', false,
        jsonb_build_object('tier', tier, 'service_level', service_level, 'assurance_level', assurance_level)
    FROM held RETURNING request_id, sequence, at
)
UPDATE service_request r SET version = told.sequence, changed_at = told.at,
    tier = held.tier, service_level = held.service_level, assurance_level = held.assurance_level
FROM told JOIN held ON held.id = told.request_id WHERE r.id = told.request_id
RETURNING r.id
"""
REGIONS = """
UPDATE service_request r SET region_id = a.region_id FROM customers_account a
WHERE a.id = r.account_id AND r.region_id <> a.region_id {only}
"""


def accounts_changed(*, actor: Actor, account_ids: Iterable[int], **_facts: Any) -> None:
    """Let requests follow in the transaction that changed their accounts."""
    follow(actor, sorted(set(account_ids)))


def facts_loaded(*, actor: Actor, tables: Iterable[str], **_facts: Any) -> None:
    """Let all requests follow when a file may have changed accounts."""
    if "accounts" in set(tables):
        follow(actor)


def published(*, actor: Actor, **_facts: Any) -> None:
    """Let all requests follow when a cycle may have moved accounts between tiers."""
    follow(actor)


def follow(actor: Actor, account_ids: list[int] | None = None) -> list[int]:
    """Bring tiers and regions of requests in line with their accounts; return the requests whose tier changed."""
    only = "AND r.account_id = ANY(%(ids)s)" if account_ids is not None else ""
    given = {"by": actor.staff_id, "name": actor.name, "ids": account_ids or []}
    with audited(actor, "service.follow", new_rows=False), connection.cursor() as cursor:
        cursor.execute(TIERS.format(only=only), given)
        moved = [int(row[0]) for row in cursor.fetchall()]
        cursor.execute(REGIONS.format(only=only), given)
        if moved:  # another tier, other targets
            recompute_clocks.enqueue(actor, lock="service.recompute", ids=moved)
    return moved

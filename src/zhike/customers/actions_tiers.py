"""Lets tiers, service and assurance levels follow what a cycle decided. Refuses to override what a person set."""

from __future__ import annotations

import json
from datetime import date

from django.db import connection

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.customers.provenance import set_by_hand

COLUMNS = ("tier", "service_level", "assurance_level")


def follow_tiers(actor: Actor, *, decisions: str, source: str, on: date) -> int:
    """Write decided levels into the archive and return how many accounts changed; call it within a transaction.

    Parameters
    ----------
    decisions
        A table or sub-query in SQL: ``account_id`` and the three columns. Accounts it leaves out stay as they are.
    source
        By which the values name where they came from, e.g. ``cycle:12``.
    """
    origin = json.dumps({name: {"source": source, "on": on.isoformat()} for name in COLUMNS})
    written = ", ".join(f"{name} = d.{name}" for name in COLUMNS)
    old, new = (", ".join(f"{alias}.{name}" for name in COLUMNS) for alias in ("a", "d"))
    with audited(actor, "customers.follow_tiers", reason=source), connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE customers_account a SET {written}, provenance = a.provenance || %s::jsonb, updated_at = now()"
            f" FROM {decisions} d WHERE d.account_id = a.id AND ({old}) IS DISTINCT FROM ({new})"
            f" AND NOT {set_by_hand('a', 'tier')}",
            [origin],
        )
        return int(cursor.rowcount)

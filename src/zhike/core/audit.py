"""Who did what: names the actor and the action of a transaction, so that the database's trigger can write it down.

Refuses to be skipped: actions open their transaction through :func:`audited`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from zhike.core.actor import Actor


@contextmanager
def audited(actor: Actor, action: str, *, reason: str = "", new_rows: bool = True) -> Iterator[None]:
    """Open a transaction whose changes are recorded as `action` of `actor`.

    Parameters
    ----------
    action
        Verb of the room, e.g. ``customers.change_account`` or ``facts.import 3f2a``.
    reason
        Why, where the person was asked.
    new_rows
        Whether inserted rows are recorded too; bulk loads pass ``False`` and cite their import instead.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('zhike.actor_id', %s, true), set_config('zhike.actor_name', %s, true),"
                " set_config('zhike.action', %s, true), set_config('zhike.reason', %s, true),"
                " set_config('zhike.audit_inserts', %s, true)",
                [str(actor.staff_id or ""), actor.name, action, reason, "on" if new_rows else "off"],
            )
        yield


def attach_sql(*tables: str) -> str:
    """Return the SQL by which a room's migration puts its tables under audit."""
    return "".join(f"SELECT zhike_attach_audit('{table}'::regclass);\n" for table in tables)

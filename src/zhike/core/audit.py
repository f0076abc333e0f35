"""Who did what: names the actor and the action of a transaction, so that the database's trigger can write it down.

Refuses to be skipped: actions open their transaction through :func:`audited`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from zhike.core.actor import Actor

_NAMES = ("zhike.actor_id", "zhike.actor_name", "zhike.action", "zhike.reason", "zhike.audit_inserts")


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
    within = connection.in_atomic_block
    with transaction.atomic():
        outer = _settings() if within else ()
        _set(str(actor.staff_id or ""), actor.name, action, reason, "on" if new_rows else "off")
        yield
        if within and not connection.needs_rollback:  # what the outer action changes after this one is its own again
            _set(*outer)


def _settings() -> tuple[str, ...]:
    with connection.cursor() as cursor:
        parts = [f"coalesce(current_setting('{name}', true), '')" for name in _NAMES]
        cursor.execute(f"SELECT {', '.join(parts)}")
        return tuple(cursor.fetchone())


def _set(*values: str) -> None:
    with connection.cursor() as cursor:
        parts = [f"set_config('{name}', %s, true)" for name in _NAMES]
        cursor.execute(f"SELECT {', '.join(parts)}", values)


def attach_sql(*tables: str) -> str:
    """Return the SQL by which a room's migration puts its tables under audit."""
    return "".join(f"SELECT zhike_attach_audit('{table}'::regclass);\n" for table in tables)

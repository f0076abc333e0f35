"""Erases a row's personal values from the audit and the looks, leaving the record that it happened.

Refuses columns that no room has declared personal; the database refuses them too, and any other change of an entry.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from zhike.core.actor import Actor, require
from zhike.core.models import Erasure

ERASED = "[erased]"
"""What stands in the audit where a personal value was."""


def attach_personal_sql(table: str, columns: Sequence[str]) -> str:
    """Return the SQL by which a room's migration declares the personal columns of a table."""
    listed = ", ".join(f"'{column}'" for column in columns)
    return f"SELECT zhike_attach_personal('{table}'::regclass, {listed});\n"


def erase_from_books(
    actor: Actor, *, table: str, row_id: int, account_id: int | None, columns: Sequence[str], reason: str
) -> Erasure:
    """Put the erasure on record, then take the values out of every entry and the name out of every look.

    Call it inside the audited transaction that has emptied the row itself, after that was done: the entry of that very
    change holds the values too.
    """
    require(actor, "personal.erase")
    record = Erasure(
        actor_id=actor.staff_id, actor_name=actor.name, reason=reason.strip()[:300], subject_table=table,
        subject_id=row_id, account_id=account_id, columns=list(columns),
    )  # fmt: skip
    record.save(force_insert=True)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE core_auditentry a SET before = zhike_erased(a.before, e.columns),"
            " after = zhike_erased(a.after, e.columns) FROM core_erasure e"
            " WHERE e.id = %s AND a.table_name = e.subject_table AND a.row_id = e.subject_id",
            [record.pk],
        )
        cursor.execute(
            "UPDATE core_look SET subject_name = ''"
            " WHERE subject_table = %s AND subject_id = %s AND subject_name <> ''",
            [table, row_id],
        )
    return record

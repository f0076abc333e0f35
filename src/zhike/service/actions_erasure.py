"""What requests keep of a person goes when the person is erased (docs/adr/0006-erasure.md). Leaves free texts.

The log names nobody who calls; who called stands in three columns of the request, and in the books of their changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from zhike.core.actor import Actor
from zhike.core.erasure import erase_from_books
from zhike.customers.erased import identifier_sql

COLUMNS = ("caller_name", "caller_phone", "caller_address")
FOUND = f"""
UPDATE service_request SET caller_name = '', caller_phone = '', caller_address = ''
WHERE (contact_id = ANY(%(contact_ids)s)
    OR (caller_phone <> '' AND {identifier_sql("number", "caller_phone")} = ANY(%(numbers)s))
    OR (caller_address <> '' AND {identifier_sql("email", "caller_address")} = ANY(%(addresses)s)))
RETURNING id, account_id
"""


def person_erased(
    *, actor: Actor, contact_ids: Sequence[int], numbers: Sequence[str], addresses: Sequence[str], reason: str
) -> None:
    """Empty who called wherever it was this person, and take it out of the books; in the erasure's transaction."""
    asked: dict[str, Any] = {"contact_ids": list(contact_ids), "numbers": list(numbers), "addresses": list(addresses)}
    with connection.cursor() as cursor:
        cursor.execute(FOUND, asked)
        found = cursor.fetchall()
    for pk, account_id in found:
        erase_from_books(
            actor, table="service_request", row_id=pk, account_id=account_id, columns=COLUMNS, reason=reason
        )

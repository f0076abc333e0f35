"""Which incoming rows would bring an erased person back, as conditions for the loading of files. Writes nothing."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import connection

from zhike.customers.erased import digest_sql
from zhike.customers.models import Contact, ErasedIdentifier

ERASING = 7391_0006  # number of the advisory lock between loading people and erasing one
CHECKED = {"contacts": ("mobile", "phone", "email", "wechat"), "member_lines": ("number",)}
NO_ACTOR = "a file may bring anybody back, whoever loads it"


def hold_off_erasures() -> None:
    """Keep erasures out until this transaction ends: what was checked must still hold when it is written."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [ERASING])


def refusals(table: str, given: Collection[str]) -> list[tuple[str, str, list[Any]]]:
    """Return column, SQL condition on the incoming row ``i``, and parameters, for each way back that a file offers.

    A contact erased keeps its code, so a row with this code is refused whatever it says; any other row is refused by
    the keyed hash of its number or address.
    """
    found: list[tuple[str, str, list[Any]]] = []
    if table not in CHECKED:
        return found
    hold_off_erasures()
    if table == "contacts" and Contact.objects.unscoped(reason=NO_ACTOR).exclude(erased_at=None).exists():
        condition = (
            "EXISTS (SELECT FROM customers_contact c JOIN customers_account a ON a.id = c.account_id"
            " WHERE a.code = i.account_code AND c.code = i.contact_code AND c.erased_at IS NOT NULL)"
        )
        found.append(("contact_code", condition, []))
    columns = [column for column in CHECKED.get(table, ()) if column in given]
    if columns and ErasedIdentifier.objects.exists():
        for column in columns:
            digest, keyed = digest_sql(column, f'i."{column}"')
            known = f"{digest} IN (SELECT digest FROM customers_erasedidentifier)"
            for parameters in keyed:
                found.append((column, known, list(parameters)))
    return found

"""Erasing a person: one action that empties every row of theirs and every book, and cannot be undone.

Leaves the skeleton (that somebody decides, that a line is paid for) and the record that it happened.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from django.db import connection

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.core.erasure import erase_from_books
from zhike.customers.erased import digests, identifier
from zhike.customers.loading_erased import ERASING
from zhike.customers.models import Account, Contact, ErasedIdentifier
from zhike.customers.queries_erasure import COLUMNS, Subject, same_person, subject_of

NOBODY = "***"  # in the place of a name
HASHED = ("mobile", "phone", "number", "email", "wechat")


class Busy(Exception):
    """People are being imported at this moment; the erasure can be tried again when that is done."""


class NoSubject(LookupError):
    """There is no such person on the account, or their data is erased already."""


def erase_person(actor: Actor, *, code: str, kind: str, row_id: int, reason: str) -> int:
    """Erase a contact's or a member's personal data everywhere in the archive; return how many rows it concerned.

    Every row with the same mobile number goes with it, in other accounts too, and rows removed earlier. In the audit
    the values give way to a mark; a keyed hash of number, e-mail and WeChat keeps imports from bringing them back.

    Raises
    ------
    Account.DoesNotExist, NoSubject, Busy
        When the account is not the actor's to see, nobody is there to erase, or people are just being imported.
    """
    require(actor, "personal.erase")
    with audited(actor, "customers.erase_person", reason=reason.strip()[:300]):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [ERASING])
            if not cursor.fetchone()[0]:
                raise Busy
        account = Account.objects.for_actor(actor).get(code=code)
        subject = subject_of(actor, account, kind, row_id)
        if subject is None:
            raise NoSubject(row_id)
        found = [subject, *same_person(subject)]
        told = _told(found)
        for one in found:
            _remember(one)
            if one.row is not None:
                _empty(one)
            erase_from_books(
                actor, table=one.table, row_id=one.row_id, account_id=one.account_id, columns=COLUMNS[one.kind],
                reason=reason,
            )  # fmt: skip
        notify("person_erased", actor=actor, reason=reason, **told)
        notify("accounts", actor=actor, account_ids=sorted({one.account_id for one in found if one.account_id}))
    return len(found)


def _told(found: Sequence[Subject]) -> dict[str, list[Any]]:
    """Return by what other rooms know the person; read it before the rows are emptied."""
    addresses = {
        identifier(column, str(one.values.get(column) or "")) for one in found for column in ("email", "wechat")
    }
    return {
        "contact_ids": sorted({one.row_id for one in found if one.kind == "contacts"}),
        "numbers": sorted({number for one in found for number in one.numbers()}),
        "addresses": sorted(addresses - {""}),
    }


def _remember(subject: Subject) -> None:
    """Keep the keyed hashes of what would bring the person back; who it was cannot be read from them."""
    found = [digests(column, str(subject.values.get(column) or ""))[:1] for column in HASHED]
    ErasedIdentifier.objects.bulk_create(
        [ErasedIdentifier(digest=digest) for (digest,) in filter(None, found)], ignore_conflicts=True
    )


def _empty(subject: Subject) -> None:
    row: Any = subject.row
    blank: dict[str, Any] = dict.fromkeys(COLUMNS[subject.kind], "")
    if isinstance(row, Contact):
        blank |= {"name": NOBODY, "birthday": None, "consent": False}
    else:
        blank["number"] = f"erased-{row.pk}"
    stamp = {"source": "erasure", "on": date.today().isoformat()}
    for name, value in blank.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            row.provenance[name] = stamp
    row.erased_at = datetime.now(UTC)
    row.save(update_fields=[*blank, "provenance", "erased_at", "updated_at"])

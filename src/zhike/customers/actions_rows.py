"""Adding, changing and removing rows of an account: contacts, sites, competitors' business, contracts. All audited.

Refuses what the actor cannot see, and to write over what somebody else has changed since it was shown.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.customers.actions import Stale
from zhike.customers.erased import digests
from zhike.customers.kinds import OWN_CODES, RowKind
from zhike.customers.loading_erased import hold_off_erasures
from zhike.customers.models import Account, AccountRow, Contact, ErasedIdentifier
from zhike.customers.queries_erasure import is_erased

EDIT = "accounts.edit"
HASHED = ("mobile", "phone", "email", "wechat")


class Erased(ValueError):
    """The owner of this number or address had their personal data erased; `column` says which of the two it is."""

    def __init__(self, column: str) -> None:
        super().__init__(column)
        self.column = column


class CodeTaken(ValueError):
    """The account has a row with this code already."""


def stamp_of(actor: Actor) -> dict[str, str]:
    """Return what is kept beside a field that the actor has written."""
    return {"source": f"staff:{actor.staff_id}", "on": datetime.now(UTC).date().isoformat()}


def add_row(actor: Actor, *, kind: RowKind, code: str, values: dict[str, Any]) -> AccountRow:
    """Add a row to the account with this code; every filled field remembers who said it.

    Raises
    ------
    Account.DoesNotExist
        When the account is not the actor's to see.
    CodeTaken
        When the person typed a code that another row has.
    Erased
        When a number or address belongs to somebody who had it erased, and ``renewed`` does not say that they agreed.
    """
    require(actor, EDIT)
    try:
        with audited(actor, f"customers.add_{kind.noun}"):
            account = _locked_account(actor, code)
            row = kind.model(account=account)
            _welcome(values)
            said = {name: value for name, value in values.items() if name in kind.fields and value not in (None, "")}
            for name, value in said.items():
                setattr(row, name, value)
            row.code = _checked_code(kind, account, values["code"]) if kind.own_code else _next_code(kind, account)  # type: ignore[attr-defined]
            stamp = stamp_of(actor)
            row.provenance = {_recorded(name): stamp for name in said}
            row.save(force_insert=True)
            notify("accounts", actor=actor, account_ids=[account.pk])
    except IntegrityError as clash:
        raise CodeTaken from clash  # a file brought the same code at this very instant
    return row


def change_row(
    actor: Actor, *, kind: RowKind, code: str, row_id: int, changes: dict[str, Any], seen_at: datetime
) -> AccountRow:
    """Change fields of a row; each changed field remembers who changed it and when.

    Raises
    ------
    Account.DoesNotExist, AccountRow.DoesNotExist
        When the account is not the actor's to see, or the row is gone.
    Stale
        When somebody changed the row since `seen_at`.
    Erased
        As :func:`add_row`.
    """
    require(actor, EDIT)
    with audited(actor, f"customers.change_{kind.noun}"):
        account = _locked_account(actor, code)
        row = _locked_row(actor, kind, account, row_id)
        if row.updated_at != seen_at or getattr(row, "erased_at", None):
            raise Stale
        _welcome(changes)
        changed = {
            name: value for name, value in changes.items() if name in kind.fields and getattr(row, name) != value
        }
        if changed:
            stamp = stamp_of(actor)
            for name, value in changed.items():
                setattr(row, name, value)
                row.provenance[_recorded(name)] = stamp
            row.save(update_fields=[*(_recorded(name) for name in changed), "provenance", "updated_at"])
            notify("accounts", actor=actor, account_ids=[account.pk])
    return row


def remove_row(actor: Actor, *, kind: RowKind, code: str, row_id: int, seen_at: datetime) -> None:
    """Take a row out of the archive; the audit keeps what it was. Nobody reports to a removed contact any more.

    Raises
    ------
    Account.DoesNotExist, AccountRow.DoesNotExist, Stale
        As :func:`change_row`.
    """
    require(actor, EDIT)
    with audited(actor, f"customers.remove_{kind.noun}"):
        account = _locked_account(actor, code)
        row = _locked_row(actor, kind, account, row_id)
        if row.updated_at != seen_at:
            raise Stale
        if isinstance(row, Contact):
            below = Contact.objects.for_actor(actor).filter(account_id=account.pk, reports_to_code=row.code)
            for one in below:
                one.reports_to_code = ""
                one.provenance["reports_to_code"] = stamp_of(actor)
                one.save(update_fields=["reports_to_code", "provenance", "updated_at"])
        row.delete()
        notify("accounts", actor=actor, account_ids=[account.pk])


def _locked_account(actor: Actor, code: str) -> Account:
    return Account.objects.for_actor(actor).select_for_update(of=("self",)).get(code=code)


def _locked_row(actor: Actor, kind: RowKind, account: Account, row_id: int) -> AccountRow:
    rows = kind.model.objects.for_actor(actor).select_for_update(of=("self",))
    return rows.get(account_id=account.pk, pk=row_id)


def _welcome(values: dict[str, Any]) -> None:
    """Refuse numbers and addresses whose owner had them erased, unless they agreed to be entered again (`renewed`)."""
    hold_off_erasures()
    for column in HASHED:
        found = digests(column, str(values.get(column) or ""))
        if found and values.get("renewed"):
            ErasedIdentifier.objects.filter(digest__in=found).delete()
        elif found and is_erased(found):
            raise Erased(column)


def _recorded(name: str) -> str:
    """Return the field's name as imports keep its provenance: a link by its field, not by its column."""
    return name.removesuffix("_id") if name == "tie_staff_id" else name


def _checked_code(kind: RowKind, account: Account, wanted: str) -> str:
    rows: Any = kind.model.objects.unscoped(reason="codes are unique within an account that is the actor's")
    if rows.filter(account_id=account.pk, code=wanted).exists():
        raise CodeTaken(wanted)
    return wanted


def _next_code(kind: RowKind, account: Account) -> str:
    """Return the first free code of those made here; the account is locked, so no other page takes it."""
    rows: Any = kind.model.objects.unscoped(reason="codes are unique within an account that is the actor's")
    taken = set(rows.filter(account_id=account.pk, code__startswith=OWN_CODES).values_list("code", flat=True))
    return next(code for number in range(1, len(taken) + 2) if (code := f"{OWN_CODES}{number:03d}") not in taken)

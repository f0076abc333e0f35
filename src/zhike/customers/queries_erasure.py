"""Whom an erasure would concern: one row, and every other row of the same number. Refuses to change anything."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import TextField
from django.db.models.expressions import RawSQL

from zhike.core.actor import Actor, require
from zhike.core.erasure import ERASED
from zhike.core.models import AuditEntry
from zhike.customers.erased import identifier, identifier_sql
from zhike.customers.models import Account, Contact, ErasedIdentifier, MemberLine

ANYWHERE = "a person's request holds for the whole archive, whoever carries it out"
COLUMNS: dict[str, tuple[str, ...]] = {
    "contacts": ("name", "mobile", "phone", "email", "wechat", "birthday", "traits"),
    "lines": ("number", "member_name", "department"),
}
"""The personal columns of each kind of row; every migration declares them to the database (`apps.py`)."""
TABLES = {"contacts": "customers_contact", "lines": "customers_memberline"}
KINDS = {table: kind for kind, table in TABLES.items()}
NUMBERS = {"contacts": ("mobile", "phone"), "lines": ("number",)}
TEXTS = (
    "network_situation", "innovation_goals", "decision_process", "latent_needs", "background", "service_preference",
    "legal_representative",
)  # fmt: skip


@dataclass(frozen=True)
class Subject:
    """One row that tells of a person; `row` is ``None`` where it was removed and only the audit still tells of it."""

    kind: str
    row_id: int
    account_id: int
    values: dict[str, Any]
    row: Any = None

    @property
    def table(self) -> str:
        """Name of the row's table."""
        return TABLES[self.kind]

    @property
    def name(self) -> str:
        """What the person is called."""
        return str(self.values.get("name") or self.values.get("member_name") or "")

    def numbers(self) -> set[str]:
        """Return what of the row's numbers tells a person."""
        found = {identifier(column, str(self.values.get(column) or "")) for column in NUMBERS[self.kind]}
        return found - {""}


def subject_of(actor: Actor, account: Account, kind: str, row_id: int) -> Subject | None:
    """Return a row of the account that tells of a person, removed or not; ``None`` when none is left to erase."""
    require(actor, "personal.erase")
    if kind not in COLUMNS:
        return None
    model = Contact if kind == "contacts" else MemberLine
    row: Any = model.objects.for_actor(actor).filter(account_id=account.pk, pk=row_id).first()
    if row is not None:
        return None if row.erased_at else _living(kind, row)
    if not Account.objects.for_actor(actor).filter(pk=account.pk).exists():
        return None
    gone = AuditEntry.objects.filter(table_name=TABLES[kind], row_id=row_id, account_id=account.pk, operation="D")
    entry = gone.first()
    return None if entry is None or ERASED in (entry.before or {}).values() else _removed(entry)


def same_person(subject: Subject) -> list[Subject]:
    """Return every other row with one of the subject's numbers, in the whole archive, removed ones included."""
    numbers = subject.numbers()
    if not numbers:
        return []
    found: dict[tuple[str, int], Subject] = {}
    for kind, model in (("contacts", Contact), ("lines", MemberLine)):
        for column in NUMBERS[kind]:
            said = _said(column, f"{TABLES[kind]}.{column}")
            rows: Any = model.objects.unscoped(reason=ANYWHERE).alias(said=said)  # type: ignore[attr-defined]
            for row in rows.filter(said__in=numbers, erased_at=None):
                found.setdefault((kind, row.pk), _living(kind, row))
            gone = AuditEntry.objects.filter(table_name=TABLES[kind], operation="D")
            said = _said(column, f"core_auditentry.before ->> '{column}'")
            for entry in gone.alias(said=said).filter(said__in=numbers):
                found.setdefault((kind, entry.row_id), _removed(entry))
    found.pop((subject.kind, subject.row_id), None)
    return list(found.values())


def texts_naming(account: Account, name: str) -> list[str]:
    """Return which of the account's texts speak of somebody by name: people must put those right themselves."""
    return [column for column in TEXTS if len(name) > 1 and name in (getattr(account, column) or "")]


def is_erased(digests: Iterable[str]) -> bool:
    """Return whether one of these belongs to somebody who had their data erased."""
    return ErasedIdentifier.objects.filter(digest__in=list(digests)).exists()


def _said(column: str, expression: str) -> RawSQL:
    return RawSQL(identifier_sql(column, expression), [], output_field=TextField())  # noqa: S611 our own column names


def _living(kind: str, row: Any) -> Subject:
    return Subject(kind, row.pk, row.account_id, {name: getattr(row, name) for name in COLUMNS[kind]}, row)


def _removed(entry: AuditEntry) -> Subject:
    kind, before = KINDS[entry.table_name], entry.before or {}
    return Subject(kind, entry.row_id, entry.account_id or 0, {name: before.get(name) for name in COLUMNS[kind]})

"""Reads the audit for those who may: changes, looks at personal data, long work. Refuses to change any of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.models import AuditEntry, Look, Run
from zhike.core.paging import Page, keyset_page

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class AuditFilter:
    """What the auditor asked for. `account` is an account's code; an unknown one finds nothing."""

    person: str = ""
    account: str = ""
    action: str = ""
    table: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None


class AccountCodes:
    """How account codes and ids translate; the archive registers it, because the ground floor knows no account."""

    def __init__(self) -> None:
        self.find: Callable[[str], int | None] = lambda code: None
        self.codes: Callable[[Iterable[int]], dict[int, str]] = lambda ids: {}


ACCOUNT_CODES = AccountCodes()


def register_account_codes(find: Callable[[str], int | None], codes: Callable[[Iterable[int]], dict[int, str]]) -> None:
    """Name the functions that translate an account's code into its id and back."""
    ACCOUNT_CODES.find, ACCOUNT_CODES.codes = find, codes


ACTION_WORDS: dict[str, Any] = {}


def register_actions(words: Mapping[str, Any]) -> None:
    """Say what a room's actions are called, e.g. ``{"people.change_person": _("修改人员")}``."""
    ACTION_WORDS.update(words)


def action_words(action: str) -> str:
    """Return what an action is called: ``facts.import 3f2a`` as ``facts.import``; unknown ones keep their own name."""
    known = ACTION_WORDS.get(action) or ACTION_WORDS.get(action.partition(" ")[0])
    return str(known) if known else action


def change_entries(actor: Actor, wanted: AuditFilter) -> QuerySet[AuditEntry]:
    """Return the changes that match, for an auditor."""
    require(actor, "audit.view")
    rows = _of_account(between(_by(AuditEntry.objects.all(), wanted), wanted), wanted)
    if wanted.action:
        rows = rows.filter(action__startswith=wanted.action)
    if wanted.table:
        rows = rows.filter(table_name=wanted.table)
    return rows


def look_entries(actor: Actor, wanted: AuditFilter) -> QuerySet[Look]:
    """Return the looks at personal data that match, for an auditor."""
    require(actor, "audit.view")
    return _of_account(between(_by(Look.objects.all(), wanted), wanted), wanted)


def run_entries(actor: Actor, wanted: AuditFilter) -> QuerySet[Run]:
    """Return imports, exports and other long work that match, for an auditor."""
    require(actor, "audit.view")
    rows = between(Run.objects.all(), wanted, "created_at")
    if wanted.person:
        rows = rows.filter(started_by_name__icontains=wanted.person)
    if wanted.action:
        rows = rows.filter(kind__startswith=wanted.action)
    return rows


def newest_page(rows: QuerySet[Row], keys: Sequence[str], *, size: int, cursor: str = "") -> Page[Row]:
    """Return one page, newest first; the first of `keys` grows with time, the last is unique."""
    return keyset_page(rows, keys, descending=True, size=size, cursor=cursor)


def changes_of_row(actor: Actor, table: str, row_id: int, limit: int = 20) -> list[AuditEntry]:
    """Return the last changes of one row, for an auditor."""
    require(actor, "audit.view")
    return list(AuditEntry.objects.filter(table_name=table, row_id=row_id).order_by("-id")[:limit])


def _by(rows: QuerySet[Any], wanted: AuditFilter) -> QuerySet[Any]:
    return rows.filter(actor_name__icontains=wanted.person) if wanted.person else rows


def _of_account(rows: QuerySet[Any], wanted: AuditFilter) -> QuerySet[Any]:
    if not wanted.account:
        return rows
    account_id = ACCOUNT_CODES.find(wanted.account)
    return rows.filter(account_id=account_id) if account_id is not None else rows.none()


def between(rows: QuerySet[Any], wanted: AuditFilter, field: str = "at") -> QuerySet[Any]:
    """Keep the rows whose `field` lies within the days asked for."""
    asked = Q()
    if wanted.since:
        asked &= Q(**{f"{field}__gte": _midnight(wanted.since)})
    if wanted.until:
        asked &= Q(**{f"{field}__lt": _midnight(wanted.until + timedelta(days=1))})
    return rows.filter(asked)


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))

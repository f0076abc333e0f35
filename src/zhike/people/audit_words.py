"""Says the audit in words: who changed what from which value to which, masked. Refuses to look up accounts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.core import formatting, masking
from zhike.core.audit_queries import action_words
from zhike.core.erasure import ERASED
from zhike.core.models import AuditEntry
from zhike.people.queries import names_behind
from zhike.people.roles import ROLES
from zhike_analytics.contracts.columns import Column
from zhike_analytics.contracts.registry import TABLES

OPERATIONS = {"I": gettext_lazy("新增"), "U": gettext_lazy("修改"), "D": gettext_lazy("删除")}
OWN_LABELS = {
    "active": gettext_lazy("在职"),
    "role": gettext_lazy("角色"),
    "region_id": gettext_lazy("区域"),
    "team_id": gettext_lazy("班组"),
    "user_id": gettext_lazy("登录名"),
    "parent_id": gettext_lazy("上级"),
    "code": gettext_lazy("编码"),
    "name": gettext_lazy("名称"),
    "staff_id": gettext_lazy("人员"),
    "tie_staff_id": gettext_lazy("关系人"),
    "duty": gettext_lazy("职责"),
    "valid_from": gettext_lazy("起"),
    "valid_to": gettext_lazy("止"),
}
HIDDEN = frozenset({"id", "provenance", "created_at", "updated_at", "pinyin_key"})
LONGEST = 80


@dataclass(frozen=True)
class ToldField:
    """One field of a change."""

    column: str
    label: str
    before: str
    after: str


@dataclass(frozen=True)
class ToldChange:
    """One entry of the audit as a person reads it."""

    entry: AuditEntry
    action: str
    operation: str
    table: str
    fields: list[ToldField]


class Names:
    """Names of the people and places that a page of the audit mentions; three queries for the whole page."""

    def __init__(self, entries: Iterable[AuditEntry]) -> None:
        wanted: dict[str, set[int]] = {"region": set(), "team": set(), "staff": set()}
        for entry in entries:
            for values in (entry.before or {}, entry.after or {}):
                for column, value in values.items():
                    kind = _kind(column)
                    if kind and isinstance(value, int):
                        wanted[kind].add(value)
        self._names = names_behind(wanted)

    def name(self, column: str, value: Any) -> str | None:
        """Return the name behind a number in `column`, or ``None`` when the column names nobody."""
        kind = _kind(column)
        return self._names[kind].get(value, f"#{value}") if kind and value is not None else None


def _kind(column: str) -> str:
    return {"region_id": "region", "team_id": "team", "staff_id": "staff", "tie_staff_id": "staff"}.get(column, "")


def told_change(entry: AuditEntry, names: Names | None = None) -> ToldChange:
    """Return an entry in words, with personal values masked."""
    names = names or Names([entry])
    before, after = entry.before or {}, entry.after or {}
    columns = [column for column in {**before, **after} if column not in HIDDEN]
    if entry.operation != "U":
        columns = [column for column in columns if {**before, **after}[column] not in (None, "", [], {})]
    fields = [
        ToldField(
            column=column,
            label=column_label(entry.table_name, column),
            before=_told(entry.table_name, column, before[column], names) if column in before else "",
            after=_told(entry.table_name, column, after[column], names) if column in after else "",
        )
        for column in columns
    ]
    return ToldChange(
        entry=entry,
        action=action_words(entry.action),
        operation=str(OPERATIONS[entry.operation]),
        table=table_words(entry.table_name),
        fields=fields,
    )


def table_words(table: str) -> str:
    """Return what a table's rows are called."""
    return str(_tables().get(table, table))


def column_label(table: str, column: str) -> str:
    """Return what a column is called, in the present language."""
    declared = _contract(table).get(column)
    return _spoken((declared.zh, declared.en)) if declared else str(OWN_LABELS.get(column, column))


def audited_tables() -> list[tuple[str, str]]:
    """Return the tables that the audit speaks of, with their names in words."""
    return sorted(((name, str(label)) for name, label in _tables().items()), key=lambda pair: pair[0])


def is_personal(table: str, column: str) -> bool:
    """Return whether the column holds personal data, so that the audit shows it masked.

    A person's name is personal at a customer's; a colleague's is not.
    """
    return column in _personal() and (column != "name" or table == "customers_contact")


def _told(table: str, column: str, value: Any, names: Names) -> str:
    named = names.name(column, value)
    if named is not None:
        return named
    match value:
        case None | "":
            return formatting.NOTHING
        case True:
            return _("是")
        case False:
            return _("否")
    if column == "role":
        return str(ROLES.get(value, value))
    declared = _contract(table).get(column)
    if declared and isinstance(value, str) and value in declared.choices:
        return _spoken(declared.choices[value])
    if column.endswith("_fen") and isinstance(value, int):
        return formatting.money(value)
    text = str(value)
    if text == ERASED:
        return _("已按本人要求删除")
    if is_personal(table, column):
        return _masked(column, text)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def _masked(column: str, text: str) -> str:
    if column in {"mobile", "phone", "number", "counterpart"}:
        return masking.mask_phone(text)
    if column == "email":
        return masking.mask_email(text)
    if column in {"name", "member_name", "legal_representative"}:
        return masking.mask_name(text)
    return masking.mask_text(text)


@cache
def _personal() -> frozenset[str]:
    return frozenset(column.name for table in TABLES.values() for column in table.columns if column.personal)


@cache
def _tables() -> dict[str, Any]:
    rooms = ("people", "customers", "catalogue", "facts")
    return {
        model._meta.db_table: model._meta.verbose_name for model in apps.get_models() if model._meta.app_label in rooms
    }


@cache
def _contract(table: str) -> dict[str, Column]:
    """Return the declared columns of a database table by name, from the contract of the same name."""
    stem = table.partition("_")[2]
    for contract in TABLES.values():
        if contract.name.replace("_", "").removesuffix("s") in {stem, stem.removesuffix("s")}:
            return {column.lake_name: column for column in contract.columns}
    return {}


def _spoken(pair: tuple[str, str]) -> str:
    return pair[1] if get_language() == "en" else pair[0]

"""Writes prepared rows into one table: new ones inserted, differing ones changed, equal ones left alone.

Refuses to overwrite with emptiness: an empty cell keeps what is there, unless the mapping asks to clear. Rows are
inserted and updated by two statements instead of ``ON CONFLICT``: only so can an empty cell keep the value that stands
in the row at that very instant (docs/adr/0007-imports-by-sets.md).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.db.models import Field

from zhike.customers.provenance import WITH_THE_ROW
from zhike.facts.loading.incoming import INCOMING, REFUSED, analyse
from zhike.facts.loading.targets import Reference, Target, empty_literal
from zhike_analytics.contracts import TABLES

PREPARED = "zk_prepared"
CHANGED = "zk_changed"


@dataclass(frozen=True)
class Written:
    """One column that the rows of a file fill."""

    column: str  # of the database
    prepared: str  # of the prepared rows
    field: Field
    recorded: bool = True  # whether its provenance is kept
    alias: str = "p"  # the prepared rows, or a table joined to them by their number

    @property
    def given(self) -> str:
        """The SQL value that the file gives."""
        return f'{self.alias}."{self.prepared}"'

    def inserted(self) -> str:
        """Return the SQL value of a new row."""
        if self.field.null:
            return self.given
        return f"coalesce({self.given}, {self._empty()})"

    def updated(self, clear_empty: bool) -> str:
        """Return the SQL value of a row that is there already."""
        if clear_empty and self.recorded:
            return self.inserted()
        return f'coalesce({self.given}, t."{self.column}")'

    def _empty(self) -> str:
        try:
            return empty_literal(self.field)
        except ValueError:
            return "NULL"  # the database refuses; the contract's required columns keep this from happening


def prepare(cursor: Any, target: Target, given: Collection[str], references: tuple[Reference, ...]) -> None:
    """Resolve codes to ids, find the row that each incoming row means, and give new ones their id."""
    table = target.database_table
    joins, ids = [], []
    for number, reference in enumerate(references):
        joins.append(
            f'LEFT JOIN {reference.target._meta.db_table} r{number} ON r{number}.code = i."{reference.column}"'
        )
        ids.append(f'r{number}.id AS "{reference.id_name}"')
    by_field = {name: column for column, name in target.fields.items()}
    by_id = {reference.id_name: f"r{number}.id" for number, reference in enumerate(references)}
    matches = [f't."{name}" = ' + (by_id.get(name) or f'i."{by_field[name]}"') for name in target.key]
    selected = ", ".join(["i.*", *ids, "t.id AS target_id", f"coalesce(t.id, nextval('{table}_id_seq')) AS id"])
    cursor.execute(f"DROP TABLE IF EXISTS {PREPARED}, {CHANGED}")
    cursor.execute(
        f"CREATE TEMP TABLE {PREPARED} ON COMMIT DROP AS SELECT {selected} FROM {INCOMING} i {' '.join(joins)}"
        f" LEFT JOIN {table} t ON {' AND '.join(matches)}"
        f" WHERE NOT EXISTS (SELECT FROM {REFUSED} x WHERE x._row = i._row)"
    )
    cursor.execute(f"CREATE TEMP TABLE {CHANGED} (id bigint) ON COMMIT DROP")
    analyse(cursor, PREPARED, TABLES[target.table], given, "target_id", "id")


def insert_new(cursor: Any, target: Target, written: list[Written], stamp: str, joins: str = "") -> int:
    """Insert the rows that are new and return how many they are."""
    columns = ["id", *(one.column for one in written)]
    values = ["p.id", *(one.inserted() for one in written)]
    filled = set(columns)
    for name, one in target.stored_fields().items():
        if name not in filled:
            columns.append(name)
            values.append(empty_literal(one))
    columns.append("provenance")
    values.append(f"jsonb_build_object('{WITH_THE_ROW}', stamp)")
    names = ", ".join(f'"{name}"' for name in columns)
    cursor.execute(
        f"INSERT INTO {target.database_table} ({names}) SELECT {', '.join(values)} FROM {PREPARED} p"
        f"{joins} CROSS JOIN (SELECT %s::jsonb AS stamp) s WHERE p.target_id IS NULL",
        [stamp],
    )
    return int(cursor.rowcount)


def change_existing(
    cursor: Any, target: Target, written: list[Written], stamp: str, clear_empty: bool, joins: str = ""
) -> int:
    """Change the rows that differ, noting where each changed field came from; return how many they are."""
    keys = set(target.key)
    changing = [one for one in written if one.column not in keys]
    if not changing:
        return 0
    sets = [f'"{one.column}" = {one.updated(clear_empty)}' for one in changing]
    old = ", ".join(f't."{one.column}"' for one in changing)
    new = ", ".join(one.updated(clear_empty) for one in changing)
    marks = [
        f"'{one.field.name}', CASE WHEN {one.updated(clear_empty)} IS DISTINCT FROM t.\"{one.column}\" THEN stamp END"
        for one in _recorded(changing)
    ]
    sets.append(f"provenance = t.provenance || jsonb_strip_nulls(jsonb_build_object({', '.join(marks)}))")
    sets.append("updated_at = now()")
    cursor.execute(
        f"WITH done AS (UPDATE {target.database_table} t SET {', '.join(sets)} FROM {PREPARED} p"
        f"{joins} CROSS JOIN (SELECT %s::jsonb AS stamp) s"
        f" WHERE t.id = p.target_id AND ROW({new}) IS DISTINCT FROM ROW({old}) RETURNING t.id)"
        f" INSERT INTO {CHANGED} SELECT id FROM done",
        [stamp],
    )
    return int(cursor.rowcount)


def _recorded(written: list[Written]) -> list[Written]:
    return [one for one in written if one.recorded]

"""What people may read of imports and facts. Refuses to change anything; every reading has its actor."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import connection

from zhike.core.actor import Actor, require
from zhike.core.paging import Page, keyset_page
from zhike.facts import analysis
from zhike.facts.loading.lake import lake
from zhike.facts.loading.targets import TARGETS
from zhike.facts.models import Import
from zhike.facts.stock import Concentration, MonthStock, Stock
from zhike_analytics.contracts import TABLES

VIEW = "imports.view"
PHASES = dict(Import.Phase.choices)


def import_of(actor: Actor, import_id: UUID) -> Import:
    """Return one import.

    Raises
    ------
    Import.DoesNotExist
        When there is none.
    """
    require(actor, VIEW)
    return Import.objects.select_related("run").get(pk=import_id)


def find_import(actor: Actor, import_id: UUID) -> Import | None:
    """Return one import, or nothing when there is none."""
    require(actor, VIEW)
    return Import.objects.select_related("run").filter(pk=import_id).first()


def recent_imports(actor: Actor, *, size: int, cursor: str = "", state: str = "", table: str = "") -> Page[Import]:
    """Return imports, newest first."""
    require(actor, VIEW)
    rows = Import.objects.select_related("run")
    if state:
        rows = rows.filter(phase=state)
    if table:
        rows = rows.filter(table=table)
    return keyset_page(rows, ["created_at", "id"], descending=True, size=size, cursor=cursor)


# -- what is there ---------------------------------------------------------------------------------------------------

COUNTED_ROWS = 50_000  # beyond, the database's own estimate is shown: a full count would cost a second


def stock(actor: Actor) -> dict[str, Stock]:
    """Return what is there of every table."""
    return _stock(actor, list(TABLES))


def stock_of(actor: Actor, table: str) -> Stock:
    """Return what is there of one table."""
    return _stock(actor, [table])[table]


def concentration_of(actor: Actor, table: str) -> Concentration | None:
    """Return how concentrated use or bills are; single accounts cannot be told from it."""
    require(actor, VIEW)
    return analysis.concentration(table)


def _last_imports() -> dict[str, tuple[UUID, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT ON (t ->> 'table') t ->> 'table', i.id, coalesce(r.finished_at, i.created_at)"
            " FROM facts_import i JOIN core_run r ON r.id = i.run_id, jsonb_array_elements(i.summary -> 'tables') t"
            " WHERE i.phase = 'loaded' ORDER BY t ->> 'table', i.created_at DESC"
        )
        return {table: (import_id, at) for table, import_id, at in cursor.fetchall()}


def _stock(actor: Actor, names: list[str]) -> dict[str, Stock]:
    require(actor, VIEW)
    last = _last_imports()
    counts = _archive_rows({name: TARGETS[name].database_table for name in names if not TABLES[name].in_lake})
    found = {}
    for name in names:
        import_id, at = last.get(name, (None, None))
        if name in counts:
            rows, approximate = counts[name]
            found[name] = Stock(name, rows, approximate, (), import_id, at)
        else:
            manifest = lake().manifest(name)
            months = [MonthStock(part.period, part.rows, part.version, None) for part in manifest.partitions]
            found[name] = Stock(name, manifest.rows, False, months, import_id, at)
    return found


def _archive_rows(tables: dict[str, str]) -> dict[str, tuple[int, bool]]:
    """Return rows per table, and whether that is an estimate: one statement asks for all, one counts the short ones."""
    if not tables:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, (SELECT reltuples::bigint FROM pg_class WHERE oid = kept::regclass)"
            " FROM unnest(%s::text[], %s::text[]) AS one (name, kept)",
            [list(tables), list(tables.values())],
        )
        found = {name: (int(estimate), True) for name, estimate in cursor.fetchall()}
        short = [name for name, (estimate, _) in found.items() if estimate <= COUNTED_ROWS]
        if short:
            counts = " UNION ALL ".join(
                f"SELECT %s, (SELECT count(*) FROM (SELECT FROM {tables[name]} LIMIT {COUNTED_ROWS + 1}) counted)"
                for name in short
            )
            cursor.execute(counts, short)
            found |= {name: (int(counted), counted > COUNTED_ROWS) for name, counted in cursor.fetchall()}
    return found

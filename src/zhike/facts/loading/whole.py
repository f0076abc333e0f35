"""Loads everything an import holds in one transaction, or tries it and takes it back. Refuses to leave halves.

The lake is written first, then the database commits. A process killed in between leaves months in the lake whose import
is not marked loaded; running it again writes the same rows by their keys and changes nothing twice.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.facts.checking import Checked, RowsRefused
from zhike.facts.loading.archive import Loaded, Source, load_archive
from zhike.facts.loading.events import TIMELINE_TABLES, load_events
from zhike.facts.loading.incoming import Report, refused_rows
from zhike.facts.loading.lake import load_lake
from zhike.facts.refusals import RejectsFile, as_reject
from zhike_analytics.contracts import TABLES
from zhike_analytics.contracts.issues import Reject

WAIT_SECONDS = 0.3


@dataclass
class Outcome:
    """What loading did, or would do."""

    tables: list[Loaded] = field(default_factory=list)
    refused_sample: list[Reject] = field(default_factory=list)

    @property
    def new(self) -> int:
        """Rows that were not there before."""
        return sum(one.new for one in self.tables)

    @property
    def changed(self) -> int:
        """Rows that were there and differ."""
        return sum(one.changed for one in self.tables)

    @property
    def unchanged(self) -> int:
        """Rows that were there just so."""
        return sum(one.unchanged for one in self.tables)

    @property
    def refused(self) -> int:
        """Rows that only the database could refuse."""
        return sum(one.refused for one in self.tables)


def load_all(
    actor: Actor,
    import_id: UUID,
    checked: Checked,
    *,
    rejects: Path,
    on: date,
    strict: bool = False,
    dry_run: bool = False,
    clear_empty: bool = False,
    report: Report,
    finish: Callable[[Outcome], None] | None = None,
) -> Outcome:
    """Load every table; `finish` runs in the same transaction as the rows.

    Raises
    ------
    RowsRefused
        When `strict` and the database refuses a row that the check of the files could not.
    """
    outcome = Outcome()
    source = Source(f"import:{import_id}", on)
    tables = checked.in_load_order()
    with RejectsFile(rejects, Path(checked.rejects) if checked.rejects else None) as refusals:
        with audited(actor, f"facts.import {import_id}", new_rows=False), connection.cursor() as cursor:
            hold_tables(cursor, [one.table for one in tables], report)
            parts = [_part(report, number, len(tables), one.table) for number, one in enumerate(tables)]
            for one, part in zip(tables, parts, strict=True):
                if not TABLES[one.table].in_lake:
                    outcome.tables.append(
                        load_archive(
                            cursor, one.table, one.parquet, source,
                            present=one.present, clear_empty=clear_empty, report=part,
                        )
                    )  # fmt: skip
                    for row in refused_rows(cursor):
                        refusals.add(as_reject(TABLES[one.table], checked.files, row))
                elif one.table in TIMELINE_TABLES and not dry_run:
                    load_events(cursor, one.table, one.parquet, import_id)
            if strict and outcome.refused:
                raise RowsRefused(outcome.refused, checked)
            # Whatever the database may still object to, it says before the lake is written.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for one, part in zip(tables, parts, strict=True):
                if TABLES[one.table].in_lake:
                    outcome.tables.append(load_lake(one, import_id, dry_run=dry_run, report=part))
            if dry_run:
                transaction.set_rollback(True)
            else:
                notify("facts_loaded", actor=actor, tables=[one.table for one in tables], import_id=import_id)
                if finish:
                    finish(outcome)
        outcome.refused_sample = refusals.first
    return outcome


def hold_tables(cursor: Any, tables: Sequence[str], report: Report) -> None:
    """Wait until no other import writes these tables; the lock ends with the transaction."""
    for table in sorted(set(tables)):
        while True:
            cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"zhike.facts.{table}"])
            if cursor.fetchone()[0]:
                break
            report(0.0, f"wait {table}")
            time.sleep(WAIT_SECONDS)


def _part(report: Report, number: int, parts: int, table: str) -> Report:
    return lambda share, stage: report((number + share) / parts, f"{stage} {table}")

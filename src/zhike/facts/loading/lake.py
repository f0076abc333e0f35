"""Loads checked rows into the lake's months, or says what that would change. Refuses to touch the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from zhike.core.home import home
from zhike.facts.checking import CheckedTable
from zhike.facts.loading.archive import Loaded
from zhike.facts.loading.incoming import Report, silent
from zhike_analytics.contracts import TABLES
from zhike_analytics.engines.comparison import MonthChange, compare
from zhike_analytics.lake.store import Lake


def lake() -> Lake:
    """Return the installation's lake."""
    return Lake(home() / "lake")


def load_lake(one: CheckedTable, import_id: UUID, *, dry_run: bool, report: Report = silent) -> Loaded:
    """Merge the rows into their months (not in a dry run) and return what that changes.

    Raises
    ------
    LakeError
        When nothing could be written; every month stands as it was.
    """
    report(0.0, "lake")
    months = compare_with_lake(one.table, one.parquet)
    report(0.4, "lake")
    if not dry_run and any(month.new or month.changed for month in months):
        lake().commit(one.table, one.parquet, source=f"import:{import_id}")
    report(1.0, "lake")
    return Loaded(
        one.table,
        read=one.accepted_rows,
        new=sum(month.new for month in months),
        changed=sum(month.changed for month in months),
        unchanged=sum(month.unchanged for month in months),
        months=_with_sums(one, months),
    )


def compare_with_lake(table: str, parquet: Path) -> list[MonthChange]:
    """Return what the rows would change, month by month."""
    manifest = lake().manifest(table)
    held = {part.period: lake().root / table / part.file for part in manifest.partitions}
    return compare(TABLES[table], parquet, held, parquet.parent)


def _with_sums(one: CheckedTable, months: list[MonthChange]) -> list[dict[str, Any]]:
    """Return the months with the sums of the files beside those of the lake as it was."""
    sums = {month["period"]: month["sums"] for month in one.months}
    return [
        {
            "period": month.period,
            "rows": month.rows,
            "new": month.new,
            "changed": month.changed,
            "unchanged": month.unchanged,
            "there": month.there,
            "sums": sums.get(month.period, {}),
            "sums_there": month.sums_there,
        }
        for month in months
    ]

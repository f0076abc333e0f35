"""Says what loading checked rows would change in the lake, month by month. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from zhike_analytics.contracts.columns import Column, ColumnType, Table
from zhike_analytics.engines.checks import lake_type
from zhike_analytics.engines.duck import name, paths, rows, session, single
from zhike_analytics.engines.intake import month_sql


@dataclass(frozen=True, slots=True)
class MonthChange:
    """What checked rows mean for one month (period 0 for tables without months).

    Attributes
    ----------
    rows
        Checked rows of the month; ``new``, ``changed`` and ``unchanged`` say how many of them are what.
    there
        Rows that the lake holds now.
    sums_there
        Sums of money and quantities that the lake holds now, by lake name.
    """

    period: int
    rows: int
    new: int
    changed: int
    unchanged: int
    there: int
    sums_there: dict[str, float] = field(default_factory=dict)


def compare(table: Table, accepted: Path, existing: Mapping[int, Path], workdir: Path) -> list[MonthChange]:
    """Compare checked rows with the months that the lake holds.

    Parameters
    ----------
    accepted
        Parquet of checked rows, unique by key.
    existing
        The lake's present file per month.
    """
    with session(workdir) as connection:
        counted = rows(
            connection,
            f"SELECT {month_sql(table)} AS period, count(*) FROM read_parquet({paths([accepted])})"
            " GROUP BY 1 ORDER BY 1",
        )
        return [
            _month(connection, table, accepted, existing[int(period)], int(period), int(count))
            if int(period) in existing
            else MonthChange(int(period), int(count), int(count), 0, 0, 0)
            for period, count in counted
        ]


def _month(
    connection: duckdb.DuckDBPyConnection, table: Table, accepted: Path, held: Path, period: int, count: int
) -> MonthChange:
    columns = ", ".join(
        f"{name(column.lake_name)}::{lake_type(column)} AS {name(column.lake_name)}" for column in table.columns
    )
    key = [name(table.column(one).lake_name) for one in table.key]
    new = f"(SELECT {columns} FROM read_parquet({paths([accepted])}) WHERE {month_sql(table)} = {period})"
    old = f"(SELECT {columns} FROM read_parquet({paths([held])}))"
    same = " AND ".join(f"o.{one} IS NOT DISTINCT FROM n.{one}" for one in key)
    known = int(single(connection, f"SELECT count(*) FROM {new} n SEMI JOIN {old} o ON {same}"))
    equal = int(single(connection, f"SELECT count(*) FROM (SELECT * FROM {new} INTERSECT SELECT * FROM {old})"))
    summed = [column for column in table.columns if is_summed(column)]
    parts = "".join(f", sum({name(column.lake_name)})" for column in summed)
    there = rows(connection, f"SELECT count(*){parts} FROM {old}")[0]
    sums = {
        column.lake_name: float(value) for column, value in zip(summed, there[1:], strict=True) if value is not None
    }
    return MonthChange(period, count, count - known, known - equal, equal, int(there[0]), sums)


def is_summed(column: Column) -> bool:
    """Return whether a person would compare the column's sum with the source system: money and quantities."""
    return column.type is ColumnType.MONEY or (
        column.type in {ColumnType.INTEGER, ColumnType.DECIMAL} and bool(column.unit)
    )

"""Writes and merges the partitions of the lake. Refuses to decide which partition is the current one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from zhike_analytics.contracts.columns import Table, TableKind
from zhike_analytics.engines.checks import lake_type
from zhike_analytics.engines.duck import KEEP, name, paths, rows, session, single, text
from zhike_analytics.engines.intake import month_sql


def _columns(table: Table) -> str:
    return ", ".join(
        f"{name(column.lake_name)}::{lake_type(column)} AS {name(column.lake_name)}" for column in table.columns
    )


def _order(table: Table) -> str:
    moment = f", {name(table.column(table.moment).lake_name)}" if table.kind is TableKind.EVENT else ""
    keys = "".join(f", {name(table.column(key).lake_name)}" for key in table.key if key != table.moment)
    first = name("account_code") if any(one.name == "account_code" for one in table.columns) else name(table.key[0])
    return f"{first}{moment}{keys}"


def periods_of(table: Table, accepted: Path, workdir: Path) -> list[int]:
    """Return the months that checked rows belong to, in order."""
    with session(workdir) as connection:
        found = rows(
            connection, f"SELECT DISTINCT {month_sql(table)} FROM read_parquet({paths([accepted])}) ORDER BY 1"
        )
    return [int(row[0]) for row in found]


def merge(
    table: Table, accepted: Path, existing: dict[int, Path], drafts: dict[int, Path], workdir: Path
) -> dict[int, int]:
    """Write for each month of `drafts` the existing rows with the new ones in place of those of the same key.

    Returns
    -------
    Rows per month written; a month in which nothing would change is left out and its draft is not kept.
    """
    written: dict[int, int] = {}
    columns, order = _columns(table), _order(table)
    key = [name(table.column(one).lake_name) for one in table.key]
    with session(workdir) as connection:
        several = len(drafts) > 1
        for period, draft in drafts.items():
            kept = f" WHERE {month_sql(table)} = {period}" if several or table.kind is not TableKind.REFERENCE else ""
            new = f"(SELECT {columns} FROM read_parquet({paths([accepted])}){kept})"
            query = f"SELECT * FROM {new} ORDER BY {order}"
            if period in existing:
                old = f"(SELECT {columns} FROM read_parquet({paths([existing[period]])}))"
                if not _differs(connection, table, new, old):
                    continue
                same = " AND ".join(f"o.{one} IS NOT DISTINCT FROM n.{one}" for one in key)
                query = (
                    f"SELECT * FROM (SELECT * FROM {new} UNION ALL"
                    f" SELECT o.* FROM {old} o ANTI JOIN {new} n ON {same}) ORDER BY {order}"
                )
            connection.execute(f"COPY ({query}) TO {text(str(draft))} {KEEP}")
            written[period] = int(single(connection, f"SELECT count(*) FROM read_parquet({paths([draft])})"))
    return written


def _differs(connection: duckdb.DuckDBPyConnection, table: Table, new: str, old: str) -> bool:
    """Return whether a new row is not already there, exactly as it is."""
    return bool(single(connection, f"SELECT EXISTS (SELECT * FROM {new} EXCEPT SELECT * FROM {old})"))


def read_rows(
    table: Table,
    files: Sequence[Path],
    workdir: Path,
    *,
    equals: dict[str, Any],
    columns: Sequence[str] = (),
    limit: int = 5000,
) -> list[dict[str, Any]]:
    """Return rows whose columns equal the given values, in the order of the lake; at most `limit`."""
    if not files:
        return []
    chosen = ", ".join(name(one) for one in columns) or "*"
    where = " AND ".join(f"{name(column)} = ?" for column in equals) or "true"
    with session(workdir, threads=1) as connection:
        found = connection.sql(
            f"SELECT {chosen} FROM read_parquet({paths(files)}) WHERE {where} LIMIT {int(limit)}",
            params=list(equals.values()),
        )
        content: Any = pa.table(found.to_arrow_table())
        return list(content.to_pylist())  # moments keep their zone


def concentration(files: Sequence[Path], measure: str, workdir: Path, *, steps: int = 100) -> list[tuple[float, float]]:
    """Return the Lorenz curve of a measure of ``usage_month`` or ``bills``: (share of accounts, share of the measure).

    Accounts stand from the largest down; accounts without any are left out.
    """
    if not files:
        return []
    with session(workdir) as connection:
        totals = rows(
            connection,
            f"SELECT t FROM (SELECT sum({name(measure)})::HUGEINT AS t FROM read_parquet({paths(files)})"
            " GROUP BY account_code) WHERE t > 0 ORDER BY t DESC",
        )
    amounts = [int(row[0]) for row in totals]
    if not amounts:
        return []
    whole, running, curve = sum(amounts), 0, [(0.0, 0.0)]
    marks = {max(1, round(len(amounts) * step / steps)) for step in range(1, steps + 1)}
    for position, amount in enumerate(amounts, 1):
        running += amount
        if position in marks:
            curve.append((position / len(amounts), running / whole))
    return curve

"""Brings typed Parquet rows into a temporary table by COPY, and keeps what is refused there. Refuses to merge rows."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zhike_analytics.contracts import ColumnType, Table

INCOMING = "zk_incoming"
REFUSED = "zk_refused"
BATCH_ROWS = 50_000
FILE, LINE = "_file", "_line"  # where a row stood, when the check of the files says so

_SQL_TYPES = {
    ColumnType.CODE: "text",
    ColumnType.TEXT: "text",
    ColumnType.ENUM: "text",
    ColumnType.INTEGER: "bigint",
    ColumnType.DECIMAL: "numeric(18, 6)",
    ColumnType.MONEY: "bigint",
    ColumnType.DATE: "date",
    ColumnType.MONTH: "integer",
    ColumnType.DATETIME: "timestamptz",
    ColumnType.BOOLEAN: "boolean",
}

Report = Callable[[float, str], None]
"""Told how far a step is (0 to 1) and what is being done."""


RefusedRow = tuple[int | None, int | None, str, str | None, str]
"""Number of the file, line, column, value, code."""


def silent(_share: float, _stage: str) -> None:
    """Report to nobody."""


def row_count(parquet: Path) -> int:
    """Return how many rows the file holds."""
    return int(pq.ParquetFile(parquet).metadata.num_rows)


def given_columns(table: Table, parquet: Path, present: Collection[str] | None) -> list[str]:
    """Return the lake names of the columns that the operator's files hold (`present`; ``None``: all in the Parquet)."""
    held = set(pq.ParquetFile(parquet).schema_arrow.names)
    return [
        column.lake_name
        for column in table.columns
        if column.lake_name in held and (present is None or column.name in present)
    ]


def bring_in(
    cursor: Any, table: Table, parquet: Path, present: Collection[str] | None = None, report: Report = silent
) -> list[str]:
    """Copy the rows into the temporary table and return the columns that were given.

    Text is quoted and an absent value is not, so that PostgreSQL tells blank text from no value.
    """
    source = pq.ParquetFile(parquet)
    held = set(source.schema_arrow.names)
    columns = given_columns(table, parquet, present)
    types = {column.lake_name: _SQL_TYPES[column.type] for column in table.columns}
    place = [(FILE, "integer"), (LINE, "bigint")]
    parts = [f'"{name}" {kind}' for name, kind in place] + [f'"{name}" {types[name]}' for name in columns]
    cursor.execute(f"DROP TABLE IF EXISTS {INCOMING}")
    cursor.execute(
        f"CREATE TEMP TABLE {INCOMING} (_row bigint GENERATED ALWAYS AS IDENTITY, {', '.join(parts)}) ON COMMIT DROP"
    )
    prepare_refused(cursor)
    copied = [name for name, _ in place if name in held] + columns
    names = ", ".join(f'"{name}"' for name in copied)
    total = max(source.metadata.num_rows, 1)
    done = 0
    with cursor.copy(f"COPY {INCOMING} ({names}) FROM STDIN (FORMAT csv)") as copy:
        for block in _blocks(source, copied):
            copy.write(block[0])
            done += block[1]
            report(done / total, "copy")
    cursor.execute(f"CREATE INDEX ON {INCOMING} (_row)")
    analyse(cursor, INCOMING, table, columns)
    return columns


def analyse(cursor: Any, target: str, table: Table, columns: Collection[str], *more: str) -> None:
    """Tell the planner about the columns by which rows are joined, which are codes; free text would cost far more."""
    joined = [column.lake_name for column in table.columns if column.type is ColumnType.CODE]
    names = ", ".join(f'"{name}"' for name in ("_row", *more, *(name for name in joined if name in columns)))
    cursor.execute(f"ANALYZE {target} ({names})")


def _blocks(source: pq.ParquetFile, columns: list[str]) -> Iterator[tuple[bytes, int]]:
    options = pa_csv.WriteOptions(include_header=False, quoting_style="all_valid")
    for batch in source.iter_batches(batch_size=BATCH_ROWS, columns=columns):
        ordered = pa.Table.from_batches([batch]).select(columns)
        buffer = io.BytesIO()
        pa_csv.write_csv(_plain(ordered), buffer, write_options=options)
        yield buffer.getvalue(), batch.num_rows


def _plain(rows: pa.Table) -> pa.Table:
    """Return the rows with dictionary-encoded text as plain text and decimals as text (the writer knows neither)."""
    for index, one in enumerate(rows.schema):
        if pa.types.is_dictionary(one.type) or pa.types.is_decimal(one.type):
            rows = rows.set_column(index, one.name, rows.column(index).cast(pa.string()))
    return rows


def prepare_refused(cursor: Any) -> None:
    """Make the temporary table of refused rows when the transaction has none yet."""
    cursor.execute(
        f"CREATE TEMP TABLE IF NOT EXISTS {REFUSED} (_row bigint, file integer, line bigint,"
        " column_name text, value text,"
        " code text) ON COMMIT DROP"
    )
    cursor.execute(f"TRUNCATE {REFUSED}")


def refuse(cursor: Any, column: str, code: str, condition: str, parameters: list[Any] | None = None) -> int:
    """Refuse incoming rows (alias ``i``) for which `condition` holds; return how many were newly refused."""
    cursor.execute(
        f'INSERT INTO {REFUSED} SELECT i._row, i."{FILE}", i."{LINE}", %s, i."{column}"::text, %s FROM {INCOMING} i'
        f" WHERE ({condition}) AND NOT EXISTS (SELECT FROM {REFUSED} r WHERE r._row = i._row)",
        [column, code, *(parameters or [])],
    )
    return int(cursor.rowcount)


def refused_rows(cursor: Any, *, block: int = 10_000) -> Iterator[RefusedRow]:
    """Yield the refused rows in the order in which they came."""
    seen = -1
    while True:
        cursor.execute(
            f"SELECT _row, file, line, column_name, value, code FROM {REFUSED} WHERE _row > %s ORDER BY _row LIMIT %s",
            [seen, block],
        )
        rows = cursor.fetchall()
        if not rows:
            return
        for row in rows:
            yield row[1:]
        seen = rows[-1][0]

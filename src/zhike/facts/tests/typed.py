"""Typed rows for tests, as the check of the files leaves them. Refuses columns that a table does not have."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from zhike_analytics.contracts import ColumnType, Table

_TYPES = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.MONEY: pa.int64(),
    ColumnType.MONTH: pa.int32(),
    ColumnType.DECIMAL: pa.decimal128(18, 6),
    ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us", tz="UTC"),
    ColumnType.BOOLEAN: pa.bool_(),
}


def arrow_rows(table: Table, rows: list[dict[str, Any]]) -> pa.Table:
    """Return the rows with the columns that at least one of them names; lines count from 2, below the header."""
    named = {name for row in rows for name in row}
    columns = [column for column in table.columns if column.lake_name in named]
    assert named == {column.lake_name for column in columns}
    arrays = {
        column.lake_name: pa.array(
            [row.get(column.lake_name) for row in rows], type=_TYPES.get(column.type, pa.string())
        )
        for column in columns
    }
    place = {
        "_file": pa.array([0] * len(rows), type=pa.int32()),
        "_line": pa.array(range(2, len(rows) + 2), type=pa.int64()),
    }
    return pa.table({**place, **arrays})

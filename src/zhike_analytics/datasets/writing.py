"""Collects rows per table and writes them as typed Parquet. Refuses columns that no contract names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from zhike_analytics.contracts import TABLES, ColumnType, Table

_TYPES: dict[ColumnType, Any] = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.DECIMAL: pa.decimal128(18, 6),
    ColumnType.MONEY: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.MONTH: pa.int32(),
    ColumnType.DATETIME: pa.timestamp("us", tz="UTC"),
    ColumnType.BOOLEAN: pa.bool_(),
}


def lake_schema(table: Table) -> pa.Schema:
    """Return the Arrow schema of a table as the lake keeps it."""
    return pa.schema([(column.lake_name, _TYPES.get(column.type, pa.string())) for column in table.columns])


class Tables:
    """Files under a folder, one per table that has rows."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.rows: dict[str, int] = {}
        self._waiting: dict[str, list[dict[str, Any]]] = {}
        self._writers: dict[str, pq.ParquetWriter] = {}

    def add(self, table: str, **row: Any) -> None:
        """Keep one row until the next flush.

        Raises
        ------
        KeyError
            When the row names a column that the table does not have.
        """
        names = {column.lake_name for column in TABLES[table].columns}
        if unknown := set(row) - names:
            raise KeyError(f"{table} has no column {sorted(unknown)}")
        self._waiting.setdefault(table, []).append(row)

    def flush(self) -> None:
        """Write the rows kept so far."""
        for table, rows in self._waiting.items():
            schema = lake_schema(TABLES[table])
            if table not in self._writers:
                self._writers[table] = pq.ParquetWriter(self.target / f"{table}.parquet", schema, compression="zstd")
            self._writers[table].write_table(pa.Table.from_pylist(rows, schema=schema))
            self.rows[table] = self.rows.get(table, 0) + len(rows)
        self._waiting = {}

    def close(self) -> None:
        """Write the rest and finish every file."""
        self.flush()
        for writer in self._writers.values():
            writer.close()

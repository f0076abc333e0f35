"""Arrow schemas of the contract tables and their writing to Parquet. Refuses columns that a contract does not name."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from zhike_analytics.contracts import TABLES, ColumnType, Table
from zhike_analytics.datasets.randomness import Integers

DECIMAL = pa.decimal128(18, 6)
MOMENT = pa.timestamp("us", tz="UTC")
GROUP_ROWS = 1 << 20
_TYPES: dict[ColumnType, Any] = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.DECIMAL: DECIMAL,
    ColumnType.MONEY: pa.int64(),
    ColumnType.DATE: pa.date32(),
    ColumnType.MONTH: pa.int32(),
    ColumnType.DATETIME: MOMENT,
    ColumnType.BOOLEAN: pa.bool_(),
}


def decimals(values: np.ndarray[Any, Any], places: int = 0) -> pa.Array:
    """Return whole numbers of `places` decimals as DECIMAL(18, 6): 12345 with two places is 123.45.

    The 128-bit values are laid out by hand: Arrow has no fast way from integers with a scale.
    """
    low = values.astype(np.int64) * 10 ** (6 - places)
    words = np.empty((len(low), 2), dtype=np.int64)
    words[:, 0] = low
    words[:, 1] = low >> 63
    return pa.Array.from_buffers(DECIMAL, len(low), [None, pa.py_buffer(words)])


def batch(table: Table, columns: Mapping[str, Any]) -> pa.Table:
    """Return `columns` (lake name → array) as an Arrow table of the contract; columns left out are empty.

    Text may come dictionary-encoded and stays so: the Parquet file is the same, and large tables are written faster.

    Raises
    ------
    ValueError
        When a column is unknown or a required one is missing.
    """
    if unknown := set(columns) - {column.lake_name for column in table.columns}:
        raise ValueError(f"{table.name}: unknown columns {sorted(unknown)}")
    rows = len(next(iter(columns.values())))
    arrays = []
    for column in table.columns:
        kind = _TYPES.get(column.type, pa.string())
        if column.lake_name in columns:
            arrays.append(_fitted(columns[column.lake_name], kind))
        elif column.required:
            raise ValueError(f"{table.name}: column {column.lake_name} is missing")
        else:
            arrays.append(pa.nulls(rows, kind))
    return pa.Table.from_arrays(arrays, names=[column.lake_name for column in table.columns])


def _fitted(values: Any, type_: pa.DataType) -> Any:
    """Return `values` as an Arrow array of `type_`, or of texts in a dictionary."""
    if isinstance(values, pa.DictionaryArray):
        return values
    if isinstance(values, pa.Array | pa.ChunkedArray):
        return values if values.type == type_ else values.cast(type_)
    return pa.array(values, type=type_)


class Writers:
    """Open Parquet files of one target folder: one a table, but one a month for the tables named `by_month`.

    Rows keep the order in which they come, so a file does not tell how large the batches were.
    """

    def __init__(self, target: Path, *, by_month: Collection[str] = ()) -> None:
        """Write below `target`, which must exist."""
        self.target = target
        self.by_month = by_month
        self.rows: dict[str, int] = dict.fromkeys(TABLES, 0)
        self._open: dict[Path, pq.ParquetWriter] = {}

    def write(self, table: str, columns: Mapping[str, Any], months: Integers | None = None) -> None:
        """Append rows of `table`; `months` (YYYYMM) are needed of a table that may be kept by month."""
        rows = batch(TABLES[table], columns)
        self.rows[table] += rows.num_rows
        if table not in self.by_month or months is None:
            self.append(f"{table}.parquet", rows)
            return
        numbers, short = np.unique(months, return_inverse=True)
        short = short.astype(np.uint16)
        rows = rows.take(pa.array(np.argsort(short, kind="stable")))
        at = 0
        for number, count in zip(numbers.tolist(), np.bincount(short, minlength=len(numbers)).tolist(), strict=True):
            self.append(f"{table}/period={number}.parquet", rows.slice(at, count))
            at += count

    def append(self, name: str, rows: pa.Table) -> None:
        """Append `rows` to the file `name`, beginning it when it is new."""
        path = self.target / name
        writer = self._open.get(path)
        if writer is None:
            path.parent.mkdir(parents=True, exist_ok=True)
            # Without Arrow's own schema a dictionary of texts is read back as what it is: text.
            writer = pq.ParquetWriter(path, rows.schema, compression="zstd", compression_level=1, store_schema=False)
            self._open[path] = writer
        if rows.num_rows:
            writer.write_table(rows, row_group_size=GROUP_ROWS)

    def close(self) -> None:
        """Finish all files."""
        for writer in self._open.values():
            writer.close()
        self._open.clear()

    def __enter__(self) -> Self:
        """Return the writers themselves."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish all files, also after an error."""
        self.close()

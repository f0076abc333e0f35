"""Opens and saves tables of accounts in bounded pieces, so that the same values give the same bytes. Refuses scores."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from zhike_analytics.contracts.registry import table as table_named
from zhike_analytics.engines.duck import name, paths, rows, session, text
from zhike_analytics.engines.intake import month_sql

MEMORY_LIMIT = "2GB"
GROUP_ROWS = 65_536


@dataclass(frozen=True, slots=True)
class TableFiles:
    """The Parquet files of one table and, for a table of months or events, the months that were loaded."""

    files: tuple[tuple[int, Path], ...]
    periods: tuple[int, ...] = ()

    def paths(self, first: int = 0) -> list[Path]:
        """Return the files that may hold months from `first` on (a file of no one month has the number 0)."""
        return [path for period, path in self.files if period == 0 or period >= first]


@contextmanager
def open_engine(workdir: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield an engine with bounded memory whose sums do not depend on the order of rows."""
    with session(workdir, memory_limit=MEMORY_LIMIT) as connection:
        connection.execute("SET preserve_insertion_order = false")
        yield connection


def months_in(table: str, files: Sequence[Path], workdir: Path) -> tuple[int, ...]:
    """Return the months that files of a table hold, oldest first."""
    if not files:
        return ()
    with open_engine(workdir) as connection:
        query = f"SELECT DISTINCT {month_sql(table_named(table))} FROM {source(files)} ORDER BY 1"
        return tuple(int(row[0]) for row in rows(connection, query) if row[0] is not None)


def source(files: Sequence[Path]) -> str:
    """Return files as a table in SQL; columns that some files lack are empty there."""
    return f"read_parquet({paths(files)}, hive_partitioning = false, union_by_name = true)"


def columns_of(files: Sequence[Path]) -> set[str]:
    """Return the names of the columns of files."""
    return {column for file in files for column in pq.read_schema(file).names}


def code_ranges(connection: duckdb.DuckDBPyConnection, accounts: Sequence[Path], size: int) -> list[tuple[str, str]]:
    """Return first and last code of pieces of `size` accounts, in the order of codes."""
    code = name("account_code")
    found = rows(
        connection,
        f"SELECT min({code}), max({code}) FROM (SELECT {code}, (row_number() OVER (ORDER BY {code}) - 1) // {size} AS n"
        f" FROM {source(accounts)}) GROUP BY n ORDER BY 1",
    )
    return [(str(low), str(high)) for low, high in found]


def between(low: str, high: str) -> str:
    """Return the condition that a row belongs to a piece."""
    return f"account_code BETWEEN {text(low)} AND {text(high)}"


def read_between(connection: duckdb.DuckDBPyConnection, file: Path, low: str, high: str) -> pa.Table:
    """Return the rows of a result whose accounts lie in a piece, in the order of codes."""
    return fetch(connection, f"SELECT * FROM {source([file])} WHERE {between(low, high)} ORDER BY account_code")


class Rows(Protocol):
    """What sums rows of files up: an engine that is open."""

    def source(self, files: Sequence[Path]) -> str:
        """Return files as a table in the engine's SQL; columns that some files lack are empty there."""

    def fetch(self, query: str) -> pa.Table:
        """Return the rows of a query."""


@dataclass(frozen=True)
class DuckRows:
    """DuckDB as an engine that sums rows up."""

    connection: duckdb.DuckDBPyConnection

    def source(self, files: Sequence[Path]) -> str:
        """Return files as a table in SQL."""
        return source(files)

    def fetch(self, query: str) -> pa.Table:
        """Return the rows of a query."""
        return fetch(self.connection, query)


def fetch(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """Return the rows of a query."""
    return connection.sql(query).to_arrow_table()


class FrameWriter:
    """Writes one Parquet file piece by piece: zstd, fixed groups of rows, no time of writing inside."""

    def __init__(self, path: Path, schema: pa.Schema, metadata: Mapping[str, str] | None = None) -> None:
        """Begin `path` with columns of `schema`."""
        self._schema = schema.with_metadata(dict(metadata)) if metadata else schema.remove_metadata()
        self._writer = pq.ParquetWriter(path, self._schema, compression="zstd", compression_level=1)
        self.rows = 0

    def write(self, table: pa.Table) -> None:
        """Append rows."""
        if table.num_rows:
            fitted = table.select(self._schema.names).cast(self._schema)
            self._writer.write_table(fitted.combine_chunks(), row_group_size=GROUP_ROWS)
            self.rows += table.num_rows

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, failure: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish the file."""
        self._writer.close()


def pieces(path: Path) -> Iterator[pa.Table]:
    """Yield a file's groups of rows one after the other."""
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            yield file.read_row_group(number)


def read_frame(path: Path, columns: Sequence[str] | None = None) -> Any:
    """Return a result file as an Arrow table."""
    return pq.read_table(path, columns=None if columns is None else list(columns), partitioning=None)

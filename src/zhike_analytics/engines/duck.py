"""Opens DuckDB with bounded memory and the field's time zone. Refuses extensions from the network."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from zhike_analytics.contracts.issues import IntakeError

MEMORY_LIMIT = "512MB"
THREADS = 2
# A column with more different texts than this in a group of rows is written plain: quicker, and far less memory.
DISTINCT = "DICTIONARY_SIZE_LIMIT 1000"
# Files that live as long as an import: groups of rows so small that the widest table fits into the memory.
STAGE = f"(FORMAT parquet, COMPRESSION snappy, {DISTINCT}, ROW_GROUP_SIZE 40960)"
KEEP = f"(FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, {DISTINCT}, ROW_GROUP_SIZE 122880)"  # the lake's files


@contextmanager
def session(
    workdir: Path, *, memory_limit: str = MEMORY_LIMIT, threads: int = THREADS
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Yield a connection that spills into `workdir` beyond `memory_limit`.

    Raises
    ------
    IntakeError
        ``disk_full`` when there is no space left, ``memory`` when even spilling does not help.
    """
    workdir.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET temp_directory = {text(str(workdir / 'spill'))}")
        connection.execute(f"SET memory_limit = {text(memory_limit)}")
        connection.execute(f"SET threads = {threads}")
        connection.execute("SET TimeZone = 'Asia/Shanghai'")
        connection.execute("SET preserve_insertion_order = true")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET autoinstall_known_extensions = false")
        yield connection
    except duckdb.Error as failure:
        if is_disk_full(failure):
            raise IntakeError("disk_full") from failure
        if isinstance(failure, duckdb.OutOfMemoryException):
            raise IntakeError("memory", limit=memory_limit) from failure
        raise
    except OSError as failure:
        if failure.errno in {28, 27, 122}:  # no space, file too large, quota
            raise IntakeError("disk_full") from failure
        raise
    finally:
        connection.close()


def is_disk_full(failure: Exception) -> bool:
    """Return whether the engine stopped because nothing more could be written."""
    words = ("no space left", "disk quota", "file too large", "could not write")
    return any(word in str(failure).lower() for word in words)


def text(value: str) -> str:
    """Return `value` as an SQL text literal.

    >>> text("it's")
    "'it''s'"
    """
    return "'" + value.replace("'", "''") + "'"


def name(identifier: str) -> str:
    """Return `identifier` as a quoted SQL name.

    >>> name('a"b')
    '"a""b"'
    """
    return '"' + identifier.replace('"', '""') + '"'


def paths(files: Sequence[Path]) -> str:
    """Return files as an SQL list literal for ``read_parquet``."""
    return "[" + ", ".join(text(re.sub(r"([*?\[\]])", r"[\1]", str(file))) for file in files) + "]"


def rows(connection: duckdb.DuckDBPyConnection, query: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query."""
    return connection.execute(query).fetchall()


def single(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    """Return the one value of a query."""
    row = connection.execute(query).fetchone()
    assert row is not None
    return row[0]

"""Reading of what the operator's builder wrote, for tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq


def files_of(folder: Path, name: str) -> list[Path]:
    """Return the files of a table."""
    single = folder / f"{name}.parquet"
    return [single] if single.exists() else sorted((folder / name).glob("*.parquet"))


def table_of(folder: Path, name: str) -> pa.Table:
    """Return a table."""
    return pa.concat_tables([pq.read_table(file, partitioning=None) for file in files_of(folder, name)])


def rows_of(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the rows of a table."""
    return table_of(folder, name).to_pylist()


def codes_of(folder: Path, name: str, column: str) -> set[tuple[str, str]]:
    """Return the pairs of account and code of a table."""
    table = table_of(folder, name)
    return set(zip(table["account_code"].to_pylist(), table[column].to_pylist(), strict=True))

"""The made-up operator as files: the only place of the system that calls the library's data sets. Refuses to load."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from zhike_analytics.contracts import TABLES
from zhike_analytics.datasets.operator import build_operator
from zhike_analytics.datasets.spec import OperatorSpec


def generate(accounts: int, seed: int, target: Path, report: Callable[[float, str], None]) -> None:
    """Write the operator's tables as typed Parquet into `target`, and what it hides into ``truth``."""
    build_operator(OperatorSpec(accounts=accounts, seed=seed), target, progress=report)


def tables(target: Path) -> dict[str, list[Path]]:
    """Return the files of each table that was generated."""
    found = {name: sorted([*target.glob(f"{name}.parquet"), *target.glob(f"{name}/**/*.parquet")]) for name in TABLES}
    return {name: files for name, files in found.items() if files}

"""Cycles of small operators written by hand, for tests of scores and alerts. Refuses anything random."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from zhike_analytics.contracts.policies_decisions import CyclePolicies, default_policies
from zhike_analytics.features import CycleInputs
from zhike_analytics.features.tests.example import TODAY, Row, write
from zhike_analytics.scoring import CycleResult, run_cycle


def cycle(
    folder: Path,
    tables: Mapping[str, Sequence[Row]],
    *,
    policies: CyclePolicies | None = None,
    as_of: date = TODAY,
    previous: CycleResult | None = None,
    name: str = "result",
) -> CycleResult:
    """Write tables and run a cycle over them."""
    inputs = CycleInputs.from_folder(write(folder / f"{name}-tables", tables))
    return run_cycle(inputs, policies or default_policies(), as_of, folder / name, previous=previous)


def rows_of(result: CycleResult, name: str) -> dict[str, Row]:
    """Return the rows of one result file by account."""
    return {row["account_code"]: row for row in pq.read_table(result.path(name)).to_pylist()}


def alerts_of(result: CycleResult) -> dict[tuple[str, str], Row]:
    """Return alerts by account and rule."""
    return {(row["account_code"], row["rule"]): row for row in pq.read_table(result.path("alerts")).to_pylist()}


def changed(policies: CyclePolicies, family: str, **values: Any) -> CyclePolicies:
    """Return rules of which one family has other values; they are checked as any."""
    body = policies.model_dump(mode="json")
    body[family] |= values
    return CyclePolicies.model_validate(body)

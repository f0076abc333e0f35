"""Builds the features of all accounts and what is usual among peers, a piece at a time. Refuses to hold all at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

from zhike_analytics.engines.account_rows import Window, collect
from zhike_analytics.engines.frames import DuckRows, FrameWriter, Rows, code_ranges, open_engine
from zhike_analytics.engines.spark import LOCAL, open_spark
from zhike_analytics.features.columns import Floats, numbers
from zhike_analytics.features.derive import derive
from zhike_analytics.features.inputs import ARCHIVE, FACTS, CycleInputs
from zhike_analytics.features.peers import Peers

ACCOUNTS_AT_ONCE = 250_000
"""Each piece reads some rows of its neighbours (groups of rows in files do not end where pieces do): few large pieces
cost less than many small ones. A piece takes about 1.5 GB."""
Report = Callable[[float, str], None]


@dataclass(frozen=True)
class FeatureRun:
    """Features as built: one Parquet row per account in the order of codes, and what scores need to know of others.

    Attributes
    ----------
    path
        The features file; its columns are those of :func:`zhike_analytics.features.derive.derive`.
    peers
        Sums over peers.
    volumes
        Usage of all customers, sorted: an account's place among them.
    coverage
        Per table whether it was loaded, which months of the last twelve it holds and which are missing.
    """

    path: Path
    accounts: int
    window: Window
    peers: Peers
    volumes: Floats
    coverage: dict[str, dict[str, Any]]


def build_features(
    inputs: CycleInputs,
    as_of: date,
    target: Path,
    workdir: Path,
    *,
    fewest_peers: int = 20,
    fall_noise: float = 0.02,
    least_usage: float = 0.0,
    engine: str = "duckdb",
    report: Report | None = None,
) -> FeatureRun:
    """Write the features of all accounts as of a day to `target`.

    Accounts go through in ranges of their code, so memory is bounded by the size of a range and not by the operator.

    Parameters
    ----------
    engine
        What sums facts and archive up: ``duckdb``, ``spark`` (on this machine) or the address of a standalone
        cluster, ``spark://host:port``. Both give the same values.

    Raises
    ------
    InputError
        When there are no accounts or the facts lie after the day.
    """
    window = inputs.window(as_of)
    peers, volumes = Peers(fewest_peers), []
    writer: FrameWriter | None = None
    accounts = inputs.archive["accounts"].paths()
    with contextlib.ExitStack() as opened:
        connection = opened.enter_context(open_engine(workdir))
        rows: Rows = DuckRows(connection)
        if engine != "duckdb":
            rows = opened.enter_context(open_spark(workdir / "spark", LOCAL if engine == "spark" else engine))
        ranges = code_ranges(connection, accounts, ACCOUNTS_AT_ONCE) or [("", "")]
        try:
            for number, (low, high) in enumerate(ranges):
                raw = collect(rows, inputs.facts, inputs.archive, window, low, high)
                features = derive(raw, window, fall_noise, least_usage)
                writer = writer or FrameWriter(target, features.schema)
                writer.write(features)
                peers.add(features)
                volume = numbers(features.filter(features.column("customer")), "usage_volume")
                volumes.append(volume[~np.isnan(volume)])
                if report:
                    report((number + 1) / len(ranges), "features")
        finally:
            if writer:
                writer.__exit__(None, None, None)
    assert writer is not None
    return FeatureRun(target, writer.rows, window, peers, np.sort(np.concatenate(volumes)), coverage_of(inputs, window))


def coverage_of(inputs: CycleInputs, window: Window) -> dict[str, dict[str, Any]]:
    """Return what was loaded and what was not, table by table."""
    found: dict[str, dict[str, Any]] = {}
    for name in (*FACTS, *ARCHIVE):
        files = inputs.facts.get(name) or inputs.archive.get(name)
        found[name] = {"loaded": files is not None, "version": inputs.versions.get(name, "")}
        if files is not None and name in FACTS:
            year = [window.month(k) for k in reversed(range(12))]
            found[name]["months"] = [period for period in year if period in files.periods]
            found[name]["missing_months"] = [period for period in year if period not in files.periods]
    return found

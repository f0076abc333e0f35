"""The cycle, from facts to result files, against DuckDB reading every column of the same Parquet."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from benchmarks.child import Run, run
from benchmarks.figures import Figure, Settings, benchmark, median

SMALL, LARGE = 100_000, 1_000_000
QUICK_SMALL, QUICK_LARGE = 20_000, 100_000
MONTHS = 24


def build(accounts: int, folder: str, seed: int) -> Iterator[int]:
    """Build an operator."""
    from zhike_analytics.datasets.operator import build_operator
    from zhike_analytics.datasets.spec import OperatorSpec

    yield 0
    yield build_operator(OperatorSpec(accounts=accounts, months=MONTHS, seed=seed), Path(folder)).rows["usage_month"]


def scan(folder: str) -> Iterator[int]:
    """Read every value of every table that the cycle reads: the yardstick."""
    from zhike_analytics.features.inputs import ARCHIVE, FACTS

    tables = [
        files
        for name in (*FACTS, *ARCHIVE)
        if (files := sorted(Path(folder).glob(f"{name}.parquet")) or sorted((Path(folder) / name).glob("*.parquet")))
    ]
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    yield 0
    rows = 0
    for files in tables:
        names = ", ".join(f"'{file}'" for file in files)
        source = f"read_parquet([{names}], hive_partitioning = false)"
        columns = [row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {source}").fetchall()]
        # Largest values could be told from the files' statistics alone; whether each is empty cannot.
        touched = " + ".join(f'("{column}" IS NULL)::INTEGER' for column in columns)
        found = connection.execute(f"SELECT count(*), sum({touched}) FROM {source}").fetchone()
        rows += found[0] if found else 0
    yield rows


def cycle(folder: str, accounts: int) -> Iterator[int]:
    """Run a cycle: features, scores, tiers and alerts in files."""
    from zhike_analytics.contracts.policies_decisions import default_policies
    from zhike_analytics.datasets.spec import OperatorSpec
    from zhike_analytics.features import CycleInputs
    from zhike_analytics.scoring import run_cycle

    target = Path(tempfile.mkdtemp(dir=Path(folder).parent)) / "result"
    # Which months a file holds and its fingerprint stand in the lake's manifest; here they are read beforehand.
    inputs = CycleInputs.from_folder(Path(folder))
    today = OperatorSpec(accounts=accounts, months=MONTHS).today
    yield 0
    yield run_cycle(inputs, default_policies(), today, target).about["accounts"]
    shutil.rmtree(target.parent)


@benchmark("cycle")
def cycle_to_files(settings: Settings) -> Iterator[Figure]:
    """Measure both at two sizes, in turn."""
    sizes = (QUICK_SMALL, QUICK_LARGE) if settings.quick else (SMALL, LARGE)
    ours: dict[int, list[Run]] = {size: [] for size in sizes}
    bare: dict[int, list[Run]] = {size: [] for size in sizes}
    usage = {}
    for size in sizes:
        folder = str(settings.folder / f"operator-{size}")
        usage[size] = run("benchmarks.cycle:build", accounts=size, folder=folder, seed=settings.seed).value
        for _ in range(min(settings.repeats, 3)):
            bare[size].append(run("benchmarks.cycle:scan", folder=folder))
            ours[size].append(run("benchmarks.cycle:cycle", folder=folder, accounts=size))
        shutil.rmtree(folder)
    small, large = sizes
    for size in sizes:
        pairs = list(zip(ours[size], bare[size], strict=True))
        yield Figure(
            f"cycle of {size:,} accounts : full scan, CPU",
            median([mine.processor_seconds / yardstick.processor_seconds for mine, yardstick in pairs]),
            most=10.0,
            detail={
                "usage_rows": usage[size],
                "processor_seconds": [round(one.processor_seconds, 1) for one in ours[size]],
                "yardstick_processor_seconds": [round(one.processor_seconds, 2) for one in bare[size]],
                "seconds": [round(one.seconds, 1) for one in ours[size]],
            },
        )
    yield Figure(
        f"peak memory of a cycle of {large:,} accounts",
        max(one.peak_bytes for one in ours[large]) / 2**30,
        "GiB",
        most=4.0,
        detail={f"{size}_megabytes": max(one.peak_bytes for one in ours[size]) >> 20 for size in sizes},
    )
    cost = {size: median([one.processor_seconds for one in ours[size]]) for size in sizes}
    yield Figure(
        f"growth of its CPU from {small:,} to {large:,} accounts",
        math.log(cost[large] / cost[small]) / math.log(large / small),
        "exponent",
        most=1.05,
    )

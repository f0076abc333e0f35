"""The cycle, from facts to result files, against DuckDB reading every column of the same Parquet; and against truth."""

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
TRUTH_ACCOUNTS, QUICK_TRUTH_ACCOUNTS = 20_000, 3_000
TAKEN_AWAY: tuple[tuple[str, ...], ...] = (
    (),
    ("costs",),
    ("bills", "costs", "payments"),
    ("contacts",),
    ("member_lines",),
    ("competitor_holdings",),
    ("subscriptions",),
    ("contacts", "member_lines", "subscriptions", "contracts"),
)
FALLING = ("bill_fall", "usage_fall", "declining", "silent")


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


@benchmark("truth")
def scores_beside_the_truth(settings: Settings) -> Iterator[Figure]:
    """Compare scores and alerts with what the synthetic operator hides, with tables taken away one after the other."""
    from zhike_analytics.contracts import periods
    from zhike_analytics.contracts.policies_decisions import default_policies
    from zhike_analytics.datasets.judge import correlation, lead_of, rewound, warnings_judged
    from zhike_analytics.datasets.operator import build_operator
    from zhike_analytics.datasets.spec import OperatorSpec
    from zhike_analytics.features import CycleInputs
    from zhike_analytics.scoring import run_cycle

    accounts = QUICK_TRUTH_ACCOUNTS if settings.quick else TRUTH_ACCOUNTS
    spec = OperatorSpec(accounts=accounts, months=MONTHS, seed=settings.seed)
    operator = settings.folder / "operator-truth"
    build_operator(spec, operator)
    everything = operator.parent / "truth-everything"
    for number, lacking in enumerate(TAKEN_AWAY):
        tables, target = operator, everything
        if lacking:
            tables, target = operator.parent / f"truth-tables-{number}", operator.parent / f"truth-{number}"
            tables.mkdir()
            for path in operator.iterdir():
                if path.name.partition(".")[0] not in lacking:
                    (tables / path.name).symlink_to(path)
        found = run_cycle(CycleInputs.from_folder(tables), default_policies(), spec.today, target).path("scores")
        words = f"without {', '.join(lacking)}" if lacking else "with all tables"
        for name in ("value", "loyalty"):
            yield Figure(
                f"{name} : hidden {name}, {words}",
                correlation(found, operator, name),
                "Spearman",
                least=0.8 if name == "value" and not lacking else None,
                detail={} if lacking else {
                    f"confidence_at_least_{least}": round(correlation(found, operator, name, least_confidence=least), 3)
                    for least in (50, 75, 90)
                },
            )  # fmt: skip
    for words, rules in (("any rule", ()), ("falling bills or use", FALLING)):
        for levels in (("red",), ("red", "yellow")):
            judged = warnings_judged(everything, operator, spec.current_period, levels=levels, rules=rules)
            yield Figure(
                f"who is warned of leaves within six months: {words}, {' or '.join(levels)}",
                judged.lift,
                "× usual",
                detail={
                    "precision": round(judged.precision, 3), "recall": round(judged.recall, 3),
                    "warned": judged.warned, "leaving": judged.leaving,
                },
            )  # fmt: skip
    cycles = {}
    for back in range(6, 0, -1):
        month = periods.shift(spec.current_period, -back)
        inputs = CycleInputs.from_folder(rewound(operator, month, operator.parent / f"rewound-{month}"))
        target = operator.parent / f"cycle-{month}"
        cycles[month] = run_cycle(inputs, default_policies(), periods.first_day(month), target).folder
    for levels in (("red",), ("red", "yellow")):
        share, lead = lead_of(cycles, operator, levels=levels, rules=FALLING)
        yield Figure(
            f"median months from the first warning to leaving: falling bills or use, {' or '.join(levels)}",
            lead,
            "months",
            detail={"share_of_leavers_warned_of": round(share, 3)},
        )

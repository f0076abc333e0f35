"""Results of a cycle into the bare tables of the bundled PostgreSQL: copied alone, and the whole loading."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.child import Run, run
from benchmarks.figures import Figure, Settings, benchmark, median

MODEL, TIMES, QUICK_TIMES = 5_000, 60, 4
CYCLE = 1


def write_results(folder: Path, times: int, seed: int) -> int:
    """Write the result of a cycle over a made-up operator, repeated under other codes; return how many accounts."""
    from zhike_analytics.contracts.policies_decisions import default_policies
    from zhike_analytics.datasets.operator import build_operator
    from zhike_analytics.datasets.spec import OperatorSpec
    from zhike_analytics.features.inputs import CycleInputs
    from zhike_analytics.scoring.cycle import run_cycle

    build_operator(OperatorSpec(accounts=MODEL, seed=seed), folder / "operator")
    result = run_cycle(
        CycleInputs.from_folder(folder / "operator"), default_policies(), date(2026, 11, 23), folder / "one"
    )
    (folder / "result").mkdir()
    for name in ("scores", "tiers", "alerts"):
        table = pq.read_table(result.path(name))
        codes = table.column("account_code").to_pylist()
        copies = (
            table.set_column(0, "account_code", pa.array([f"{code}-{number:03d}" for code in codes]))
            for number in range(times)
        )
        pq.write_table(pa.concat_tables(copies), folder / "result" / f"{name}.parquet")
    codes = pq.read_table(folder / "result" / "scores.parquet", columns=["account_code"]).column(0)
    ids = pa.array(range(len(codes)))
    nothing = pa.nulls(len(codes), pa.int64())
    table = pa.table({"account_code": codes, "account_id": ids, "region_id": ids, "lead_id": nothing})
    pq.write_table(table, folder / "ids.parquet")
    return len(codes)


def copy_bare(folder: str) -> Iterator[int]:
    """Copy rows that are written already into the bare table of scores."""
    from zhike.cli.django_app import django_ready

    with django_ready():
        from zhike.insights import cycle_results as results
        from zhike.insights import sql_scores as sql
        from zhike_analytics.engines.results import ResultFiles, write_score_rows

        place = Path(folder)
        result = place / "result"
        files = ResultFiles(
            result / "scores.parquet", result / "tiers.parquet", result / "alerts.parquet", place / "ids.parquet"
        )
        results.drop(CYCLE)
        columns, rows = write_score_rows(files, place / "rows.csv", place / "work")
        yield 0
        results.copy_rows(sql.SCORES, CYCLE, columns, place / "rows.csv")
        yield rows
        results.drop(CYCLE)


def load(folder: str, accounts: int) -> Iterator[int]:
    """Write rows of scores and alerts, copy and index them, as a cycle does before its swap."""
    from zhike.cli.django_app import django_ready

    with django_ready():
        from zhike.insights import cycle_results as results

        place = Path(folder)
        (place / "work").mkdir(exist_ok=True)
        yield 0
        results.load(CYCLE, place / "result", place / "ids.parquet", place / "work", lambda share, stage: None)
        yield accounts
        results.drop(CYCLE)


@benchmark("publishing")
def results_into_their_tables(settings: Settings) -> Iterator[Figure]:
    """Measure how many accounts a second go into the bare table, and through the whole loading."""
    from zhike.core.postgres import BundledPostgres
    from zhike.core.postgres.places import socket_folder, state_root

    folder = settings.folder / "publishing"
    folder.mkdir()
    accounts = write_results(folder, QUICK_TIMES if settings.quick else TIMES, settings.seed)
    home = settings.folder / "publishing-home"
    environment = {"ZHIKE_HOME": str(home), "ZHIKE_ENV": "dev", "DATABASE_URL": ""}
    os.environ.update(environment)
    bare: list[Run] = []
    whole: list[Run] = []
    try:
        with BundledPostgres(home):
            for _ in range(settings.repeats):
                bare.append(run("benchmarks.publishing:copy_bare", environment, folder=str(folder)))
                whole.append(run("benchmarks.publishing:load", environment, folder=str(folder), accounts=accounts))
    finally:
        shutil.rmtree(state_root(home), ignore_errors=True)
        shutil.rmtree(socket_folder(home), ignore_errors=True)
    rates = [one.value / one.seconds for one in bare]
    yield Figure(
        f"scores of {accounts:,} accounts into the bare table",
        median(rates),
        unit="rows/s",
        least=100_000,
        detail={"rows_per_second": [round(rate) for rate in rates]},
    )
    yield Figure(
        "scores and alerts written, copied and indexed",
        median([one.value / one.seconds for one in whole]),
        unit="rows/s",
        detail={"seconds": [round(one.seconds, 2) for one in whole], "peak_megabytes": whole[0].peak_bytes >> 20},
    )

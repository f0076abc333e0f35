"""Import of monthly usage from CSV, validation included, against DuckDB's bare copy of the same file to Parquet."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb

from benchmarks.child import Run, run
from benchmarks.figures import Figure, Settings, benchmark, median

LARGE, SMALL = 5_000_000, 1_000_000
QUICK_LARGE, QUICK_SMALL = 500_000, 100_000
MONTHS = 24
SERVICES = ("voice_local", "voice_domestic", "message", "data", "iot")


def write_usage(target: Path, rows: int, seed: int) -> Path:
    """Write about `rows` rows of ``usage_month`` and, beside them, the accounts that they name; return the accounts."""
    accounts = rows // MONTHS // len(SERVICES)
    known = target.with_suffix(".accounts.parquet")
    services = ", ".join(f"'{service}'" for service in SERVICES)

    def dice(number: int, sides: int) -> str:
        return f"(hash(i, {seed + number}) % {sides})"

    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT format('G{{:08d}}', i) AS code FROM range({accounts}) t(i)) TO '{known}' (FORMAT parquet)"
        )
        connection.execute(
            f"COPY (SELECT format('G{{:08d}}', (i // {len(SERVICES)}) % {accounts}) AS account_code,"
            f" strftime(DATE '2024-11-01' + to_months((i // {accounts * len(SERVICES)})::INTEGER), '%Y%m') AS period,"
            f" [{services}][1 + i % {len(SERVICES)}] AS service, 'out' AS direction,"
            f" {dice(1, 5000)} AS events, {dice(2, 100)} AS missed, {dice(3, 300_000)} AS seconds,"
            f" round({dice(4, 10_000_000)} / 1000, 3) AS megabytes, {dice(5, 31)} AS active_days"
            f" FROM range({accounts * len(SERVICES) * MONTHS}) t(i)) TO '{target}' (HEADER)"
        )
    return known


def copy_with_engine(file: str, folder: str) -> Iterator[int]:
    """Copy the file to Parquet with DuckDB as it comes: the yardstick."""
    target = Path(folder) / "yardstick.parquet"
    connection = duckdb.connect()
    connection.execute("SET threads = 2")
    yield 0
    connection.execute(f"COPY (FROM read_csv('{file}')) TO '{target}' (FORMAT parquet)")
    yield target.stat().st_size
    target.unlink()


def import_file(file: str, known: str, folder: str) -> Iterator[int]:
    """Take the file in and swap its months into an empty lake."""
    from zhike_analytics.engines.intake import IntakeRequest, intake
    from zhike_analytics.lake.store import Lake

    workdir = Path(tempfile.mkdtemp(dir=folder))
    request = IntakeRequest(
        files=[Path(file)], workdir=workdir / "work", today=date(2026, 11, 22), table="usage_month",
        references={"accounts.account_code": Path(known)},
    )  # fmt: skip
    yield 0
    found = intake(request)
    manifest = Lake(workdir / "lake").commit("usage_month", found.tables[0].accepted, source="benchmark")
    assert found.refused_rows == 0
    yield manifest.rows
    shutil.rmtree(workdir)


@benchmark("import")
def import_of_usage(settings: Settings) -> Iterator[Figure]:
    """Measure both, in turn, and compare the memory of a large file with that of a small one."""
    large, small = (QUICK_LARGE, QUICK_SMALL) if settings.quick else (LARGE, SMALL)
    files = {rows: settings.folder / f"usage_{rows}.csv" for rows in (large, small)}
    known = {rows: write_usage(file, rows, settings.seed) for rows, file in files.items()}
    folder = str(settings.folder)
    bare: list[Run] = []
    ours: dict[int, list[Run]] = {large: [], small: []}
    for number in range(settings.repeats):
        bare.append(run("benchmarks.imports:copy_with_engine", file=str(files[large]), folder=folder))
        for rows in (large, small) if number < 2 else (large,):
            ours[rows].append(
                run("benchmarks.imports:import_file", file=str(files[rows]), known=str(known[rows]), folder=folder)
            )
    pairs = list(zip(ours[large], bare, strict=True))
    yield Figure(
        f"import of {large:,} usage rows : DuckDB's copy to Parquet",
        median([mine.seconds / yardstick.seconds for mine, yardstick in pairs]),
        most=6.0,
        detail={
            "seconds": [round(one.seconds, 2) for one in ours[large]],
            "yardstick_seconds": [round(one.seconds, 2) for one in bare],
            "rows_per_second": round(median([one.value / one.seconds for one in ours[large]])),
            "processor_time_ratio": round(
                median([mine.processor_seconds / yardstick.processor_seconds for mine, yardstick in pairs]), 2
            ),
        },
    )
    peaks = {rows: max(one.peak_bytes for one in found) for rows, found in ours.items()}
    yield Figure(
        f"peak memory, {large:,} rows : {small:,} rows",
        peaks[large] / peaks[small],
        most=1.5,
        detail={f"{rows}_rows_megabytes": peak >> 20 for rows, peak in peaks.items()},
    )

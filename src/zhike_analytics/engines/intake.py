"""Takes files in: scan, stage, map, check; leaves good rows as Parquet and the rest as a rejects file."""

from __future__ import annotations

import csv
import fnmatch
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from zhike_analytics.contracts.columns import ColumnType, Table, TableKind
from zhike_analytics.contracts.issues import IntakeError, Reject
from zhike_analytics.contracts.mapping import Mapping as TableMapping
from zhike_analytics.contracts.registry import table as table_named
from zhike_analytics.engines.duck import MEMORY_LIMIT, name, paths, rows, session
from zhike_analytics.engines.mapped import run_output
from zhike_analytics.engines.scan import FileScan, scan
from zhike_analytics.engines.sources import Staged, stage
from zhike_analytics.engines.validate import check

SAMPLE = 200
DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class IntakeRequest:
    """What to take in.

    Parameters
    ----------
    table
        Name of the table; with a mapping it may be empty (all outputs) or one of its outputs.
    files
        The given files; a mapping's sources find theirs among them by name or glob.
    references
        Known codes, see :func:`zhike_analytics.engines.validate.check`.
    workdir
        Folder for everything written; the caller removes it.
    today
        The day of import: what lies after it is refused where a column forbids the future.
    strict
        Refuse everything when a single row is refused.
    """

    files: Sequence[Path]
    workdir: Path
    today: date
    table: str = ""
    mapping: TableMapping | None = None
    references: Mapping[str, Path] = field(default_factory=dict)
    strict: bool = False
    memory_limit: str = MEMORY_LIMIT
    progress: Progress | None = None


@dataclass(frozen=True)
class TableResult:
    """What the files hold for one table.

    Attributes
    ----------
    accepted
        Parquet of good rows in lake names and types, with ``_line`` and ``_file``.
    present
        Columns that the files hold: others must be left as they are.
    months
        For tables of the lake: per month the rows and the sums of money and quantities.
    """

    table: str
    accepted: Path
    read: int
    accepted_rows: int
    refused_rows: int
    duplicates: int
    present: tuple[str, ...]
    ignored: tuple[str, ...]
    months: tuple[dict[str, Any], ...]


@dataclass(frozen=True)
class IntakeResult:
    """What taking in gave: one result per table, the first rejects, and the file with all of them."""

    tables: tuple[TableResult, ...]
    files: tuple[FileScan, ...]
    sample: tuple[Reject, ...]
    rejects: Path | None

    @property
    def refused_rows(self) -> int:
        """Rows refused in all tables."""
        return sum(one.refused_rows for one in self.tables)


def intake(request: IntakeRequest) -> IntakeResult:
    """Take files in and say what they hold; nothing is loaded anywhere.

    Raises
    ------
    IntakeError
        When a file cannot be read as a table at all, when the disk is full, or (strict) when a row is refused.
    """
    say = request.progress or (lambda fraction, stage_name: None)
    request.workdir.mkdir(parents=True, exist_ok=True)
    scans = []
    for number, file in enumerate(request.files):
        say(0.15 * number / len(request.files), f"scan {file.name}")
        scans.append(scan(Path(file)))
    with session(request.workdir, memory_limit=request.memory_limit) as connection:
        pieces = _staged(connection, request, scans, say)
        results, rejects = [], []
        for number, (table, staged, dropped) in enumerate(pieces):
            say(0.4 + 0.5 * number / len(pieces), f"check {table.name}")
            checked, faults = check(
                connection, table, staged, request.workdir, references=request.references, today=request.today
            )
            results.append(
                TableResult(
                    table=table.name,
                    accepted=checked.accepted,
                    read=checked.read + dropped,
                    accepted_rows=checked.accepted_rows,
                    refused_rows=checked.refused_rows,
                    duplicates=checked.duplicates + dropped,
                    present=checked.present,
                    ignored=checked.ignored,
                    months=_months(connection, table, checked.accepted),
                )
            )
            rejects.append(faults)
        say(0.95, "rejects")
        sample, path = _write_rejects(
            (fault for faults in rejects for fault in faults), request.workdir / "rejects.csv"
        )
    say(1.0, "done")
    result = IntakeResult(tuple(results), tuple(scans), tuple(sample), path)
    if request.strict and result.refused_rows:
        raise StrictRefusal(result)
    return result


class StrictRefusal(IntakeError):
    """Rows were refused and the caller wanted all or nothing; `result` holds the rejects."""

    def __init__(self, result: IntakeResult) -> None:
        super().__init__("refused_rows", count=result.refused_rows)
        self.result = result


def _staged(
    connection: duckdb.DuckDBPyConnection, request: IntakeRequest, scans: Sequence[FileScan], say: Progress
) -> list[tuple[Table, list[Staged], int]]:
    """Return per table its staged rows and how many exact duplicates a mapping dropped."""
    if request.mapping is None:
        staged = []
        for number, scanned in enumerate(scans):
            say(0.15 + 0.25 * number / len(scans), f"read {scanned.path.name}")
            staged.append(stage(connection, scanned, request.workdir / f"staged_{number}.parquet"))
        return [(table_named(request.table), staged, 0)]
    sources: dict[str, list[Staged]] = {}
    for alias, source in request.mapping.sources.items():
        chosen = [one for one in scans if fnmatch.fnmatch(one.path.name, source.file)]
        if not chosen and len(scans) == len(request.mapping.sources) == 1:
            chosen = list(scans)
        if not chosen:
            raise IntakeError("missing_file", file=source.file)
        say(0.15, f"read {alias}")
        sources[alias] = [
            stage(
                connection, one, request.workdir / f"{alias}_{number}.parquet",
                sheet=source.sheet, delimiter=source.delimiter,
            )
            for number, one in enumerate(chosen)
        ]  # fmt: skip
    pieces: dict[str, tuple[Table, list[Staged], int]] = {}  # several outputs may fill one table
    for number, output in enumerate(request.mapping.outputs):
        if request.table and output.table != request.table:
            continue
        say(0.3, f"map {output.table}")
        target = request.workdir / f"mapped_{number}.parquet"
        staged_output, dropped = run_output(connection, request.mapping, output, sources, target)
        table, earlier, dropped_so_far = pieces.get(output.table, (table_named(output.table), [], 0))
        pieces[output.table] = (table, [*earlier, staged_output], dropped_so_far + dropped)
    if not pieces:
        raise IntakeError("mapping", where="outputs", detail=f"no output for table {request.table}")
    return list(pieces.values())


def _months(connection: duckdb.DuckDBPyConnection, table: Table, accepted: Path) -> tuple[dict[str, Any], ...]:
    """Return per month the rows and the sums that a person would compare with the source system."""
    if table.kind not in {TableKind.MONTHLY, TableKind.EVENT}:
        return ()
    sums = [
        column
        for column in table.columns
        if column.type is ColumnType.MONEY or (column.type in {ColumnType.INTEGER, ColumnType.DECIMAL} and column.unit)
    ]
    parts = "".join(f", sum({name(column.lake_name)})" for column in sums)
    found = rows(
        connection,
        f"SELECT {month_sql(table)} AS period, count(*){parts} FROM read_parquet({paths([accepted])})"
        " GROUP BY period ORDER BY period",
    )
    return tuple(
        {
            "period": int(row[0]),
            "rows": int(row[1]),
            "sums": {
                column.lake_name: float(value) if column.type is ColumnType.DECIMAL else int(value)
                for column, value in zip(sums, row[2:], strict=True)
                if value is not None
            },
        }
        for row in found
    )


def month_sql(table: Table) -> str:
    """Return SQL of the month partition of a row: the Asia/Shanghai month, or 0 for reference tables."""
    if table.kind is TableKind.REFERENCE:
        return "0"
    moment = name(table.column(table.moment).lake_name)
    if table.kind is TableKind.MONTHLY:
        return moment
    return f"(year({moment}) * 100 + month({moment}))::INTEGER"


def _write_rejects(faults: Iterable[Reject], target: Path) -> tuple[list[Reject], Path | None]:
    """Write all rejects as CSV that opens in Excel and starts no formula; return the first ones and the file."""
    sample: list[Reject] = []
    with target.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["文件 file", "行 line", "列 column", "值 value", "原因", "reason", "code"])
        for fault in faults:
            if len(sample) < SAMPLE:
                sample.append(fault)
            row = [fault.file, str(fault.line), fault.column, fault.value, fault.zh, fault.en, fault.code]
            writer.writerow([f"'{cell}" if cell.startswith(DANGEROUS) else cell for cell in row])
    if not sample:
        target.unlink()
        return [], None
    return sample, target

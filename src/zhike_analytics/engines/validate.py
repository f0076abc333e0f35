"""Checks staged rows against a table's declaration: good rows typed, others kept aside with reasons. Set-wise."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from zhike_analytics.contracts.columns import ColumnType, Table
from zhike_analytics.contracts.issues import IntakeError, Reject, reason
from zhike_analytics.engines import checks
from zhike_analytics.engines.duck import STAGE, name, paths, single, text
from zhike_analytics.engines.sources import LINE, Staged

FILE = "_file"
FAULTY = "_faulty"  # false in all accepted rows


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking one table gave."""

    accepted: Path
    read: int
    accepted_rows: int
    refused_rows: int
    duplicates: int
    present: tuple[str, ...]
    ignored: tuple[str, ...]


def _plain(word: str) -> str:
    return "".join(unicodedata.normalize("NFKC", word).lower().replace("_", "").replace("-", "").split())


def match_header(table: Table, header: Sequence[str], file: str) -> tuple[dict[str, str], set[str], list[str]]:
    """Return which header serves which column, which money is in fen, and which headers serve none.

    Headers may be the column's name, its Chinese or its English name, or its name in the lake.

    Raises
    ------
    IntakeError
        ``doubled_column``, ``missing_column`` or ``no_columns``.
    """
    known: dict[str, tuple[str, bool]] = {}
    for column in table.columns:
        for word in (column.name, column.zh, column.en):
            known[_plain(word)] = (column.name, False)
        if column.type is ColumnType.MONEY:
            known[_plain(column.lake_name)] = (column.name, True)
    found: dict[str, str] = {}
    fen: set[str] = set()
    ignored: list[str] = []
    for word in header:
        target = known.get(_plain(word))
        if target is None:
            ignored.append(word)
            continue
        if target[0] in found:
            raise IntakeError("doubled_column", file=file, column=word)
        found[target[0]] = word
        if target[1]:
            fen.add(target[0])
    if not found:
        raise IntakeError("no_columns", file=file, columns="、".join(one.zh for one in table.columns if one.required))
    for column in table.columns:
        if column.required and column.name not in found:
            raise IntakeError("missing_column", file=file, column=f"{column.zh} {column.name}")
    return found, fen, ignored


def check(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    staged: Sequence[Staged],
    workdir: Path,
    *,
    references: Mapping[str, Path],
    today: date,
) -> tuple[Checked, Iterator[Reject]]:
    """Check rows of one table, possibly from several files.

    Parameters
    ----------
    references
        Known codes per ``"accounts.account_code"``: Parquet with one text column ``code``. Codes that the same files
        bring count as known for references of a table to itself. A reference without an entry is not checked.

    Returns
    -------
    Checked and the rejects (one per fault, lazily read from disk).
    """
    ignored: list[str] = []
    present: set[str] = set()
    views = []
    for number, one in enumerate(staged):
        found, fen, extra = match_header(table, one.header, one.file)
        ignored += [word for word in extra if not word.startswith("column_")]
        present |= set(found)
        views.append(_raw_rows(connection, table, one, number, found, fen))
    connection.execute(f"CREATE OR REPLACE TEMP VIEW raw_rows AS {' UNION ALL '.join(views)}")
    joins = _references(connection, table, references, present)
    _judge(connection, table, joins, today)
    accepted, refused = _write_judged(connection, table, workdir)
    faults = workdir / f"{table.name}.faults.parquet"
    if refused:
        _write_faults(connection, table, joins, today, workdir, faults)
    good = _rows_in(accepted)
    duplicates, conflicts = _settle_keys(connection, table, accepted, workdir)
    broken = [fault for one in staged for fault in one.broken]
    broken_rows = sum(one.broken_rows for one in staged)
    result = Checked(
        accepted=accepted,
        read=good + refused + broken_rows,
        accepted_rows=good - duplicates - conflicts,
        refused_rows=refused + conflicts + broken_rows,
        duplicates=duplicates,
        present=tuple(column.name for column in table.columns if column.name in present),
        ignored=tuple(dict.fromkeys(ignored)),
    )
    files = [one.file for one in staged]
    return result, _rejects(table, broken, faults if refused else None, workdir, files, conflicts > 0)


def _raw_rows(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    staged: Staged,
    number: int,
    found: Mapping[str, str],
    fen: Collection[str],
) -> str:
    """Return SQL of one file's rows as cleaned text under our names; wholly empty rows are none."""
    blank = _with_blanks(connection, staged, list(found.values()))
    parts = []
    for column in table.columns:
        if column.name not in found:
            parts.append(f"NULL::VARCHAR AS {name(column.name)}")
            continue
        header = found[column.name]
        source = checks.clean(name(header)) if header in blank else name(header)
        if column.name in fen:
            source = f"(try_cast({source} AS DECIMAL(18, 0)) / 100)::DECIMAL(18, 2)::VARCHAR"
        parts.append(f"{source} AS {name(column.name)}")
    return (
        f"SELECT {', '.join(parts)}, {LINE}, {number} AS {FILE} FROM {staged.origin}"
        f" WHERE coalesce({', '.join(name(word) for word in found.values())}) IS NOT NULL"
    )


def _with_blanks(connection: duckdb.DuckDBPyConnection, staged: Staged, headers: Sequence[str]) -> set[str]:
    """Return the columns that may have a blank at either end of a text: to trim the others would cost more than this.

    A text with characters beyond ASCII is taken to have one.
    """
    tests = ", ".join(f"bool_or({checks.may_have_blanks(name(one))})" for one in headers)
    found = connection.execute(f"SELECT {tests} FROM read_parquet({paths([staged.path])})").fetchone()
    assert found is not None
    return {header for header, blank in zip(headers, found, strict=True) if blank}


def _rows_in(path: Path) -> int:
    return int(pq.ParquetFile(path).metadata.num_rows)


def _write_judged(connection: duckdb.DuckDBPyConnection, table: Table, workdir: Path) -> tuple[Path, int]:
    """Write the good rows typed; return their file and how many rows were refused.

    All rows are typed and judged in one pass: a filter on the judgement would have the engine judge twice.
    """
    lake = ", ".join(
        f"v_{column.name}::{checks.lake_type(column)} AS {name(column.lake_name)}" for column in table.columns
    )
    judged, accepted = (workdir / f"{table.name}.{stage}.parquet" for stage in ("judged", "accepted"))
    connection.execute(f"COPY (SELECT {lake}, {LINE}, {FILE}, {FAULTY} FROM judged) TO {text(str(judged))} {STAGE}")
    origin = f"read_parquet({paths([judged])})"
    refused = int(single(connection, f"SELECT count(*) FROM {origin} WHERE {FAULTY}"))
    if not refused:
        judged.replace(accepted)
        return accepted, 0
    connection.execute(f"CREATE OR REPLACE TEMP TABLE flagged AS SELECT {FILE}, {LINE} FROM {origin} WHERE {FAULTY}")
    connection.execute(f"COPY (FROM {origin} WHERE NOT {FAULTY}) TO {text(str(accepted))} {STAGE}")
    judged.unlink()
    return accepted, refused


def _references(
    connection: duckdb.DuckDBPyConnection, table: Table, references: Mapping[str, Path], present: set[str]
) -> dict[str, str]:
    """Find the codes that exist nowhere; return per column that holds any the table of them."""
    joins = {}
    for position, column in enumerate(table.columns):
        if not column.references or column.name not in present or column.references not in references:
            continue
        known = f"SELECT code FROM read_parquet({paths([references[column.references]])})"
        other, _, key = column.references.partition(".")
        if other == table.name:
            known += f" UNION SELECT {name(key)} FROM raw_rows"
        unknown = f"unknown_{position}"
        connection.execute(
            f"CREATE OR REPLACE TEMP TABLE {unknown} AS SELECT code FROM"
            f" (SELECT DISTINCT {name(column.name)} AS code FROM raw_rows) g"
            f" WHERE code IS NOT NULL AND NOT EXISTS (SELECT 1 FROM ({known}) k WHERE k.code = g.code)"
        )
        if single(connection, f"SELECT count(*) FROM {unknown}"):
            joins[column.name] = unknown
    return joins


def _judge(connection: duckdb.DuckDBPyConnection, table: Table, joins: Mapping[str, str], today: date) -> str:
    """Make the view `judged` (typed values v_*, fault codes f_*, faulty or not); return the query of all faults.

    Values are typed before anything is joined: the engine then works on each distinct text once, not on each row.
    """
    values = [f"{checks.typed(column, name(column.name))} AS v_{column.name}" for column in table.columns]
    joined = "".join(f" LEFT JOIN {unknown} ON {unknown}.code = t.{name(column)}" for column, unknown in joins.items())
    seen = "".join(f", {unknown}.code IS NOT NULL AS u_{column}" for column, unknown in joins.items())
    faults = {
        column.name: checks.fault(
            column, name(column.name), f"v_{column.name}", today=today,
            unknown=f"u_{column.name}" if column.name in joins else None,
        )
        for column in table.columns
    }  # fmt: skip
    existing = {column: sql for column, sql in faults.items() if sql}
    named = ", ".join(f"{sql} AS f_{column}" for column, sql in existing.items())
    any_fault = f"coalesce({', '.join(f'f_{column}' for column in existing)}) IS NOT NULL"
    connection.execute(
        "CREATE OR REPLACE TEMP VIEW judged AS"
        f" SELECT *, {any_fault} AS {FAULTY} FROM (SELECT *, {named} FROM ("
        f"SELECT t.*{seen} FROM (SELECT *, {', '.join(values)} FROM raw_rows) t{joined}))"
    )
    return " UNION ALL ".join(
        f"SELECT {FILE} AS file, {LINE} AS line, {position} AS position, {text(column)} AS column_name,"
        f" left(coalesce({name(column)}, ''), 200) AS value, f_{column} AS code"
        f" FROM judged WHERE f_{column} IS NOT NULL"
        for position, column in enumerate(existing)
    )


def _write_faults(
    connection: duckdb.DuckDBPyConnection,
    table: Table,
    joins: Mapping[str, str],
    today: date,
    workdir: Path,
    target: Path,
) -> None:
    """Judge the refused rows once more, on their own, and write every fault of theirs in the order of the files."""
    refused = workdir / f"{table.name}.refused.parquet"
    connection.execute(
        f"COPY (SELECT r.* FROM raw_rows r SEMI JOIN flagged f ON f.{FILE} = r.{FILE} AND f.{LINE} = r.{LINE})"
        f" TO {text(str(refused))} {STAGE}"
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW raw_rows AS SELECT * FROM read_parquet({paths([refused])})")
    query = _judge(connection, table, joins, today)
    connection.execute(
        f"COPY (SELECT file, line, column_name, value, code FROM ({query}) ORDER BY file, line, position)"
        f" TO {text(str(target))} {STAGE}"
    )


def _settle_keys(connection: duckdb.DuckDBPyConnection, table: Table, accepted: Path, workdir: Path) -> tuple[int, int]:
    """Collapse exact duplicates and refuse rows that share a key but differ; return how many rows of each."""
    origin = f"read_parquet({paths([accepted])})"
    key = ", ".join(name(table.column(one).lake_name) for one in table.key)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE suspects AS SELECT h FROM (SELECT hash({key}) AS h FROM {origin})"
        " GROUP BY h HAVING count(*) > 1"
    )
    if not single(connection, "SELECT count(*) FROM suspects"):
        return 0, 0
    content = ", ".join(name(column.lake_name) for column in table.columns)
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE settled AS SELECT *, count(*) OVER (PARTITION BY {key}) AS of_key,"
        f" row_number() OVER (PARTITION BY {content} ORDER BY {FILE}, {LINE}) AS copy,"
        f" count(*) OVER (PARTITION BY {content}) AS copies,"
        f" first({LINE}) OVER (PARTITION BY {key} ORDER BY {FILE}, {LINE}) AS first_line,"
        f" last({LINE}) OVER (PARTITION BY {key} ORDER BY {FILE}, {LINE}"
        " ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS last_line"
        f" FROM {origin} SEMI JOIN suspects ON suspects.h = hash({key})"
    )
    duplicates = int(single(connection, "SELECT count(*) FROM settled WHERE copy > 1 AND copies = of_key"))
    conflicts = int(single(connection, "SELECT count(*) FROM settled WHERE copies < of_key"))
    if not duplicates and not conflicts:
        return 0, 0
    shown = " || '|' || ".join(f"coalesce({name(table.column(one).lake_name)}::VARCHAR, '')" for one in table.key)
    connection.execute(
        f"COPY (SELECT {FILE} AS file, {LINE} AS line, left({shown}, 200) AS value,"
        f" CASE WHEN {LINE} = first_line THEN last_line ELSE first_line END AS other"
        " FROM settled WHERE copies < of_key ORDER BY file, line)"
        f" TO {text(str(workdir / f'{table.name}.conflicts.parquet'))} {STAGE}"
    )
    cleaned = workdir / f"{table.name}.settled.parquet"
    connection.execute(
        f"COPY (SELECT * FROM {origin} ANTI JOIN suspects ON suspects.h = hash({key})"
        f" UNION ALL SELECT * EXCLUDE (of_key, copy, copies, first_line, last_line) FROM settled"
        " WHERE copy = 1 AND copies = of_key)"
        f" TO {text(str(cleaned))} {STAGE}"
    )
    cleaned.replace(accepted)
    return duplicates, conflicts


def _rejects(
    table: Table, broken: Sequence[Reject], faults: Path | None, workdir: Path, files: Sequence[str], conflicts: bool
) -> Iterator[Reject]:
    """Yield rejects file by file; read in batches so that memory stays flat."""
    yield from broken
    for path, coded in ((faults, True), (workdir / f"{table.name}.conflicts.parquet" if conflicts else None, False)):
        if path is None:
            continue
        with duckdb.connect(":memory:") as reader:
            cursor = reader.execute(f"SELECT * FROM read_parquet({paths([path])})")
            while batch := cursor.fetchmany(10_000):
                for row in batch:
                    yield _coded(table, files, row) if coded else _conflict(table, files, row)


def _coded(table: Table, files: Sequence[str], row: tuple[Any, ...]) -> Reject:
    file, line, column_name, value, code = row
    column = table.column(column_name)
    choices = "、".join(f"{key}({names[0]})" for key, names in column.choices.items())
    zh, en = reason(
        code,
        {
            "choices": choices, "minimum": f"{column.minimum or 0:g}", "maximum": f"{column.maximum or 0:g}",
            "pattern": column.pattern, "max_length": column.max_length, "references": column.references,
        },
    )  # fmt: skip
    return Reject(files[file], int(line), column_name, value, code, zh, en)


def _conflict(table: Table, files: Sequence[str], row: tuple[Any, ...]) -> Reject:
    file, line, value, other = row
    zh, en = reason("conflict", {"other": other})
    return Reject(files[file], int(line), "+".join(table.key), value, "conflict", zh, en)

"""Checks staged rows against a table's declaration: good rows typed, others kept aside with reasons. Set-wise."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import duckdb

from zhike_analytics.contracts.columns import ColumnType, Table
from zhike_analytics.contracts.issues import IntakeError, Reject, reason
from zhike_analytics.engines import checks
from zhike_analytics.engines.duck import name, paths, single, text
from zhike_analytics.engines.sources import LINE, Staged

FILE = "_file"


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
    views, ignored = [], []
    present: set[str] = set()
    for number, one in enumerate(staged):
        found, fen, extra = match_header(table, one.header, one.file)
        ignored += [word for word in extra if not word.startswith("column_")]
        present |= set(found)
        parts = []
        for column in table.columns:
            if column.name in found:
                source = checks.clean(name(found[column.name]))
                if column.name in fen:
                    source = f"(try_cast({source} AS DECIMAL(18, 0)) / 100)::DECIMAL(18, 2)::VARCHAR"
                parts.append(f"{source} AS {name(column.name)}")
            else:
                parts.append(f"NULL::VARCHAR AS {name(column.name)}")
        views.append(
            f"SELECT {', '.join(parts)}, {LINE}, {number} AS {FILE} FROM read_parquet({paths([one.path])})"
            f" WHERE coalesce({', '.join(name(word) for word in found.values())}) IS NOT NULL"
        )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW raw_rows AS {' UNION ALL '.join(views)}")
    joins = _references(connection, table, references, present)
    fault_query = _judge(connection, table, joins, today)
    accepted = workdir / f"{table.name}.accepted.parquet"
    lake = ", ".join(
        f"v_{column.name}::{checks.lake_type(column)} AS {name(column.lake_name)}" for column in table.columns
    )
    connection.execute(
        f"COPY (SELECT {lake}, {LINE}, {FILE} FROM judged WHERE NOT faulty)"
        f" TO {text(str(accepted))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
    )
    read = int(single(connection, "SELECT count(*) FROM raw_rows"))
    good = int(single(connection, f"SELECT count(*) FROM read_parquet({paths([accepted])})"))
    broken = [fault for one in staged for fault in one.broken]
    files = [one.file for one in staged]
    faults = workdir / f"{table.name}.faults.parquet"
    refused = read - good
    if refused:
        _write_faults(connection, fault_query, faults)
    duplicates, conflicts = _settle_keys(connection, table, accepted, workdir)
    result = Checked(
        accepted=accepted,
        read=read + sum(one.broken_rows for one in staged),
        accepted_rows=good - duplicates - conflicts,
        refused_rows=refused + conflicts + sum(one.broken_rows for one in staged),
        duplicates=duplicates,
        present=tuple(column.name for column in table.columns if column.name in present),
        ignored=tuple(dict.fromkeys(ignored)),
    )
    return result, _rejects(table, broken, faults if refused else None, workdir, files, conflicts > 0)


def _references(
    connection: duckdb.DuckDBPyConnection, table: Table, references: Mapping[str, Path], present: set[str]
) -> dict[str, str]:
    """Prepare one table of known codes per referring column; return column name: table name."""
    joins = {}
    for position, column in enumerate(table.columns):
        if not column.references or column.name not in present or column.references not in references:
            continue
        known = f"SELECT code FROM read_parquet({paths([references[column.references]])})"
        other, _, key = column.references.partition(".")
        if other == table.name:
            known += f" UNION SELECT {name(key)} FROM raw_rows"
        joins[column.name] = f"known_{position}"
        connection.execute(f"CREATE OR REPLACE TEMP TABLE known_{position} AS SELECT DISTINCT code FROM ({known})")
    return joins


def _judge(connection: duckdb.DuckDBPyConnection, table: Table, joins: Mapping[str, str], today: date) -> str:
    """Make the view `judged` (typed values v_*, fault codes f_*, faulty or not); return the query of all faults."""
    values = [f"{checks.typed(column, name(column.name))} AS v_{column.name}" for column in table.columns]
    joined = "".join(f" LEFT JOIN {known} ON {known}.code = r.{name(column)}" for column, known in joins.items())
    seen = "".join(
        f", {known}.code IS NULL AND r.{name(column)} IS NOT NULL AS u_{column}" for column, known in joins.items()
    )
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
        f" SELECT *, {any_fault} AS faulty FROM (SELECT *, {named} FROM ("
        f"SELECT r.*, {', '.join(values)}{seen} FROM raw_rows r{joined}))"
    )
    return " UNION ALL ".join(
        f"SELECT {FILE} AS file, {LINE} AS line, {position} AS position, {text(column)} AS column_name,"
        f" left(coalesce({name(column)}, ''), 200) AS value, f_{column} AS code"
        f" FROM refused WHERE f_{column} IS NOT NULL"
        for position, column in enumerate(existing)
    )


def _write_faults(connection: duckdb.DuckDBPyConnection, query: str, target: Path) -> None:
    connection.execute(
        f"COPY (WITH refused AS MATERIALIZED (SELECT * FROM judged WHERE faulty)"
        f" SELECT file, line, column_name, value, code FROM ({query}) ORDER BY file, line, position)"
        f" TO {text(str(target))} (FORMAT parquet)"
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
        f" TO {text(str(workdir / f'{table.name}.conflicts.parquet'))} (FORMAT parquet)"
    )
    cleaned = workdir / f"{table.name}.settled.parquet"
    connection.execute(
        f"COPY (SELECT * FROM {origin} ANTI JOIN suspects ON suspects.h = hash({key})"
        f" UNION ALL SELECT * EXCLUDE (of_key, copy, copies, first_line, last_line) FROM settled"
        " WHERE copy = 1 AND copies = of_key)"
        f" TO {text(str(cleaned))} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)"
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

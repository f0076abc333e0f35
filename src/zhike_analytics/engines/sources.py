"""Brings any file into one shape: Parquet of text columns with the file's line numbers. Refuses to judge values."""

from __future__ import annotations

import csv
import datetime
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
from python_calamine import CalamineError, CalamineWorkbook

from zhike_analytics.contracts.issues import IntakeError, Reject, reason
from zhike_analytics.engines.duck import STAGE, name, paths, rows, single, text
from zhike_analytics.engines.scan import FileScan, as_utf8

LINE = "_line"
COUNTED = "file_row_number"
DELIMITERS = (",", "\t", ";", "|")
BATCH = 50_000
KEPT_REJECTS = 10_000
csv.field_size_limit(1 << 21)


@dataclass(frozen=True, slots=True)
class Staged:
    """A file in one shape: all columns as text, and ``_line`` as 64-bit integer.

    Attributes
    ----------
    first_line
        Line of the first row where every row fills one line: then ``_line`` need not be written, rows are counted.
    """

    file: str
    path: Path
    header: tuple[str, ...]
    rows: int
    broken: tuple[Reject, ...]
    broken_rows: int
    first_line: int | None = None

    @property
    def origin(self) -> str:
        """SQL of the rows with their line."""
        if self.first_line is None:
            return f"read_parquet({paths([self.path])})"
        return (
            f"(SELECT * EXCLUDE ({COUNTED}), {COUNTED} + {self.first_line} AS {LINE}"
            f" FROM read_parquet({paths([self.path])}, {COUNTED} = true))"
        )


def stage(
    connection: duckdb.DuckDBPyConnection, scanned: FileScan, target: Path, *, sheet: str = "", delimiter: str = ""
) -> Staged:
    """Write the file as Parquet of text to `target`.

    Raises
    ------
    IntakeError
        ``doubled_column``, ``merged_header``, ``missing_sheet`` or ``unreadable``.
    """
    if scanned.kind == "csv":
        return _stage_csv(connection, scanned, target, delimiter)
    if scanned.kind == "xlsx":
        return _stage_xlsx(scanned, target, sheet)
    return _stage_parquet(connection, scanned, target)


def _checked_header(names: list[str], file: str) -> tuple[str, ...]:
    """Return the names of the columns; the engine takes names that differ only in case for the same."""
    given = [one.strip().lstrip("\ufeff") for one in names]
    header = [one or f"column_{position}" for position, one in enumerate(given, 1)]
    seen: set[str] = set()
    for one in header:
        if one.lower() in seen:
            raise IntakeError("doubled_column", file=file, column=one)
        if one.lower() in {LINE, COUNTED}:
            raise IntakeError("reserved_column", file=file, column=one)
        seen.add(one.lower())
    return tuple(header)


def _stage_csv(connection: duckdb.DuckDBPyConnection, scanned: FileScan, target: Path, delimiter: str) -> Staged:
    file = scanned.path.name
    plain = as_utf8(scanned, target.with_suffix(".utf8"))
    with plain.open(encoding="utf-8-sig", newline="") as lines:
        first = lines.readline()
        while first and not first.strip():
            first = lines.readline()
    if not first:
        raise IntakeError("empty_file", file=file)
    delimiter = delimiter or max(DELIMITERS, key=first.count)
    with plain.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.reader(lines, delimiter=delimiter)
        header = _checked_header(next(record for record in reader if any(cell.strip() for cell in record)), file)
        header_lines = reader.line_num
    columns = "{" + ", ".join(f"{text(one)}: 'VARCHAR'" for one in header) + "}"
    raw = target.with_suffix(".raw.parquet")
    try:
        connection.execute(
            f"COPY (SELECT * FROM read_csv({text(str(plain))}, header = false, skip = {header_lines},"
            f" auto_detect = false, delim = {text(delimiter)},"
            f" quote = '\"', escape = '\"', all_varchar = true, columns = {columns},"
            f" strict_mode = true, null_padding = false, max_line_size = {4 << 20}, store_rejects = true,"
            f" rejects_limit = {KEPT_REJECTS}))"
            f" TO {text(str(raw))} {STAGE}"
        )
    except duckdb.InvalidInputException as fault:
        raise IntakeError("unreadable", file=file, detail=str(fault).splitlines()[0]) from fault
    count = int(single(connection, f"SELECT count(*) FROM read_parquet({paths([raw])})"))
    broken = _broken(connection, file)
    connection.execute("DELETE FROM reject_errors")
    broken_rows = len({one.line for one in broken})
    if not broken and count + header_lines == scanned.lines:
        _forget(plain, scanned)
        return Staged(file, raw, header, count, broken, broken_rows, first_line=header_lines + 1)
    numbers = target.with_suffix(".lines.parquet")
    _write_line_numbers(plain, delimiter, len(header), numbers)
    names = ", ".join(f"r.{name(one)}" for one in header)  # a column may itself be called `line`
    connection.execute(
        f"COPY (SELECT {names}, l.line::BIGINT AS {LINE} FROM read_parquet({paths([raw])}, {COUNTED} = true) r"
        f" LEFT JOIN read_parquet({paths([numbers])}) l ON l.position = r.{COUNTED} ORDER BY {LINE})"
        f" TO {text(str(target))} {STAGE}"
    )
    raw.unlink()
    _forget(plain, scanned)
    return Staged(file, target, header, count, broken, broken_rows)


def _forget(plain: Path, scanned: FileScan) -> None:
    if plain != scanned.path:
        plain.unlink()


def _broken(connection: duckdb.DuckDBPyConnection, file: str) -> tuple[Reject, ...]:
    """Return the lines that are no rows: too many or too few columns, quotes that do not close."""
    found = []
    for line, kind, content, message in rows(
        connection, "SELECT line, error_type::VARCHAR, csv_line, error_message FROM reject_errors ORDER BY line"
    ):
        code = {"MISSING COLUMNS": "columns", "TOO MANY COLUMNS": "columns", "UNQUOTED VALUE": "quotes"}.get(
            kind, "line"
        )
        zh, en = reason(code, {"detail": (message or "").splitlines()[0][:200] if message else kind})
        found.append(Reject(file, int(line), "", (content or "")[:200], code, zh, en))
    return tuple(found)


def _write_line_numbers(plain: Path, delimiter: str, width: int, target: Path) -> None:
    """Write the line on which each well-formed row begins; the slow way, for files with line breaks inside quotes."""
    with (
        plain.open(encoding="utf-8-sig", newline="") as lines,
        pq.ParquetWriter(target, pa.schema([("position", pa.int64()), ("line", pa.int64())])) as writer,
    ):
        reader = csv.reader(lines, delimiter=delimiter)
        starts: list[int] = []
        before, seen_header = 0, False
        for record in reader:
            start, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in record) and len(record) <= 1:
                continue
            if not seen_header:
                seen_header = True
            elif len(record) == width:
                starts.append(start)
        for offset in range(0, len(starts), BATCH):
            part = starts[offset : offset + BATCH]
            writer.write_table(pa.table({"position": range(offset, offset + len(part)), "line": part}))


def _cell(value: object) -> str | None:
    """Return a spreadsheet's cell as the text a person would have typed."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime.datetime) and value.time() == datetime.time():
        return value.date().isoformat()
    return str(value)


def _stage_xlsx(scanned: FileScan, target: Path, sheet: str) -> Staged:
    file = scanned.path.name
    try:
        book = CalamineWorkbook.from_path(str(scanned.path))
        if sheet and sheet not in book.sheet_names:
            raise IntakeError("missing_sheet", file=file, sheet=sheet, sheets=", ".join(book.sheet_names))
        page = book.get_sheet_by_name(sheet or book.sheet_names[0])
        top = page.start[0] if page.start else 0
        for (first_row, first_column), (last_row, last_column) in page.merged_cell_ranges or []:
            if first_row <= top <= last_row and last_column > first_column:
                cells = f"{_letters(first_column)}{first_row + 1}:{_letters(last_column)}{last_row + 1}"
                raise IntakeError("merged_header", file=file, cells=cells)
        records = page.iter_rows()
        leading = next(records, None)
        skipped = 0
        while leading is not None and not any(_cell(value) for value in leading):
            leading, skipped = next(records, None), skipped + 1
    except (CalamineError, OSError, ValueError) as fault:
        raise IntakeError("unreadable", file=file, detail=str(fault)) from fault
    if leading is None:
        raise IntakeError("empty_file", file=file)
    header = _checked_header([_cell(value) or "" for value in leading], file)
    schema = pa.schema([*[(one, pa.string()) for one in header], (LINE, pa.int64())])
    count, line = 0, skipped + 1  # iter_rows begins at row 1 of the sheet, empty rows included
    with pq.ParquetWriter(target, schema) as writer:
        for batch in _batched(records, BATCH):
            lines: list[int] = []
            kept: list[list[str | None]] = []
            for record in batch:
                line += 1
                row: list[str | None] = [_cell(value) for value in record]
                if any(row):
                    lines.append(line)
                    kept.append((row + [None] * len(header))[: len(header)])
            count += len(kept)
            table = {one: [row[position] for row in kept] for position, one in enumerate(header)}
            writer.write_table(pa.table({**table, LINE: lines}, schema=schema))
    return Staged(file, target, header, count, (), 0)


def _batched(records: Iterator[Any], size: int) -> Iterator[list[Any]]:
    while batch := list(itertools.islice(records, size)):
        yield batch


def _letters(column: int) -> str:
    """Return a column's letters.

    >>> _letters(0), _letters(27)
    ('A', 'AB')
    """
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _stage_parquet(connection: duckdb.DuckDBPyConnection, scanned: FileScan, target: Path) -> Staged:
    file = scanned.path.name
    origin = f"read_parquet({paths([scanned.path])}, file_row_number = true)"
    try:
        described = rows(connection, f"DESCRIBE SELECT * EXCLUDE (file_row_number) FROM {origin}")
    except duckdb.Error as fault:
        raise IntakeError("unreadable", file=file, detail=str(fault).splitlines()[0]) from fault
    header = _checked_header([str(one[0]) for one in described], file)
    parts = [f"{name(str(one[0]))}::VARCHAR AS {name(new)}" for one, new in zip(described, header, strict=True)]
    connection.execute(
        f"COPY (SELECT {', '.join(parts)}, file_row_number + 1 AS {LINE} FROM {origin}) TO {text(str(target))} {STAGE}"
    )
    count = int(single(connection, f"SELECT count(*) FROM read_parquet({paths([target])})"))
    return Staged(file, target, header, count, (), 0)

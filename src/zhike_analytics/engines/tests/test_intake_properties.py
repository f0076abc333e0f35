"""Whatever stands in a file, taking it in accepts and refuses what a second, independent check does, line by line."""

from __future__ import annotations

import csv
import io
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from zhike_analytics.contracts import TABLES, Column, ColumnType, Table
from zhike_analytics.engines.intake import IntakeRequest, IntakeResult, intake
from zhike_analytics.engines.tests.second_opinion import Verdict, judge

TODAY = date(2026, 11, 22)
KNOWN = {"G1", "G2", "客户三"}
TRIED = ("bills", "usage_month", "payments", "complaints", "visits", "orders", "network_resources", "accounts")
LETTERS = "ab01 ,;|\"'\n\t中文客户　=-.%"
ODD = (
    "NaN",
    "inf",
    "1.2.3",
    "--1",
    "12x",
    "0x10",
    "１２",
    "infinity",
    "epoch",
    "26-11-22",
    "null",
    "-",
    "=cmd|' /C calc'!A0",
)
GOOD = {
    ColumnType.INTEGER: ("1", "0", "185", "1,234", "7.0", "+3", "1000000000000", "12345678901234567"),
    ColumnType.DECIMAL: ("1", "0.5", "120.382600", "1,024.25", "-3", "999999999999", "1000000000000", ".5", "5."),
    ColumnType.MONEY: ("100", "19600.00", "-3.5", "1,109.43", "0.005", "109.43000000000001", "1000000000000", "7.1"),
    ColumnType.DATE: ("2026-11-22", "2026/1/2", "20261122", "2026年3月4日", "1/2/2026", "2026-02-30", "2027-01-01",
                      "2026.5.6"),
    ColumnType.MONTH: ("202611", "2026-10", "2026年9月", "202613", "202612", "2026/08", "199001"),
    ColumnType.DATETIME: ("2026-11-22 18:44", "2026-10-31 23:30:00", "2026-11-22T23:59:59Z",
                          "2026-11-22 23:59:59+08:00",
                          "2026-11-23 00:00:00", "2026-11-01", "2026-11-22 25:00"),
    ColumnType.BOOLEAN: ("是", "否", "true", "NO", "1", "有", "maybe"),
}  # fmt: skip
SOME_TEXT = st.text(alphabet=LETTERS, max_size=6)


def cells_of(column: Column) -> st.SearchStrategy[str]:
    """Return texts for a column: mostly such as fit, some that do not, some with blanks around."""
    if column.references == "accounts.account_code":
        fitting = st.sampled_from(["G1", "G2", "客户三", "G1", "G9"])
    elif column.type is ColumnType.ENUM:
        words = [word for code, names in column.choices.items() for word in (code, *names, code.upper())]
        fitting = st.sampled_from(words)
    elif column.type in {ColumnType.CODE, ColumnType.TEXT}:
        short = st.sampled_from(["B1", "B2", "专线", 'x"y', "a,b", "91370200MA3C8F5X2B"])
        fitting = st.one_of(short, short, SOME_TEXT, st.just("长" * (column.max_length + 1)))
    else:
        fitting = st.sampled_from(GOOD[column.type])
    edges = st.sampled_from(["", "", "", "", " ", "\u3000", "\t", "\u00a0"])
    padded = st.builds(lambda before, text, after: before + text + after, edges, fitting, edges)
    return st.one_of(fitting, fitting, padded, st.just(""), st.sampled_from(ODD), SOME_TEXT)


@st.composite
def contents(draw: st.DrawFn) -> tuple[Table, list[str], list[list[str]]]:
    """Draw a table, the columns that its file holds, and rows; sometimes rows are repeated, with a cell changed."""
    table = TABLES[draw(st.sampled_from(TRIED))]
    optional = [column for column in table.columns if not column.required]
    left_out = draw(st.sets(st.sampled_from([column.name for column in optional])))
    columns = draw(st.permutations([column for column in table.columns if column.name not in left_out]))
    row = st.tuples(*(cells_of(column) for column in columns)).map(list)
    rows = draw(st.lists(row, max_size=6))
    for again in draw(st.lists(st.integers(0, 5), max_size=3)):
        if again < len(rows):
            copy = list(rows[again])
            if draw(st.booleans()):
                place = draw(st.integers(0, len(columns) - 1))
                copy[place] = draw(cells_of(columns[place]))
            rows.append(copy)
    return table, [column.name for column in columns], rows


def take_in(folder: Path, table: Table, file: Path) -> IntakeResult:
    """Take the file in with the known accounts."""
    known = folder / "known.parquet"
    pq.write_table(pa.table({"code": sorted(KNOWN)}), known)
    references = {} if table.name == "accounts" else {"accounts.account_code": known}
    return intake(
        IntakeRequest(files=[file], workdir=folder / "work", today=TODAY, table=table.name, references=references)
    )


def agree(table: Table, found: IntakeResult, expected: Verdict) -> None:
    """Assert that both checks say the same, and that the file of rejects holds all of it."""
    one = found.tables[0]
    names = [column.lake_name for column in table.columns]
    rows = {
        row["_line"]: {name: _plain(row[name]) for name in names} for row in pq.read_table(one.accepted).to_pylist()
    }
    assert rows == {
        line: {name: _plain(value) for name, value in row.items()} for line, row in expected.accepted.items()
    }
    refused = sorted((row.line, row.column, row.code) for row in found.sample)
    assert refused == sorted(expected.rejects)
    assert (one.duplicates, one.accepted_rows) == (expected.duplicates, len(expected.accepted))
    assert one.refused_rows == len({line for line, *_ in expected.rejects})
    assert one.read == one.accepted_rows + one.refused_rows + one.duplicates
    if expected.rejects:
        assert found.rejects is not None
        with found.rejects.open(encoding="utf-8-sig", newline="") as file:
            written = [(int(row[1]), row[2], row[6]) for row in list(csv.reader(file))[1:]]
        assert sorted(written) == sorted(expected.rejects)


def _plain(value: Any) -> Any:
    return value.astimezone(UTC) if isinstance(value, datetime) else value


def as_csv(
    header: list[str], rows: list[list[str]], delimiter: str, ending: str, *, last: bool
) -> tuple[str, list[tuple[int, list[str]]]]:
    """Return the text of a CSV and the line on which each of its rows begins."""
    text, placed = "", []
    for cells in [header, *rows]:
        line = 1 + text.count("\n")
        buffer = io.StringIO(newline="")
        csv.writer(buffer, delimiter=delimiter, lineterminator=ending).writerow(cells)
        text += buffer.getvalue()
        placed.append((line, cells))
    return text if last else text.removesuffix(ending), placed[1:]


@settings(max_examples=120, deadline=None)
@given(
    content=contents(),
    delimiter=st.sampled_from(",\t;|"),
    ending=st.sampled_from(["\n", "\r\n"]),
    last=st.booleans(),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    names=st.sampled_from(["name", "zh", "en"]),
)
def test_csv_is_judged_as_the_second_check_judges_it(
    content: tuple[Table, list[str], list[list[str]]],
    delimiter: str, ending: str, last: bool, encoding: str, names: str,
) -> None:  # fmt: skip
    table, header, rows = content
    shown = [getattr(table.column(one), "zh" if encoding == "gb18030" else names) for one in header]
    text, placed = as_csv(shown, rows, delimiter, ending, last=last)
    if "\u00a0" in text and encoding == "gb18030":
        text = text.replace("\u00a0", " ")
        placed = [(line, [cell.replace("\u00a0", " ") for cell in cells]) for line, cells in placed]
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / "given.csv"
        file.write_bytes(text.encode(encoding))
        agree(table, take_in(folder, table, file), judge(table, header, placed, _known(table), TODAY))


def _known(table: Table) -> set[str] | None:
    """Return the accounts to look up; whose parent an account names is settled when the archive is loaded."""
    return None if table.name == "accounts" else KNOWN


@settings(max_examples=60, deadline=None)
@given(content=contents(), blank_lines=st.lists(st.booleans(), min_size=12, max_size=12), top=st.integers(0, 2))
def test_workbook_is_judged_as_the_second_check_judges_it(
    content: tuple[Table, list[str], list[list[str]]], blank_lines: list[bool], top: int
) -> None:
    table, header, rows = content
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        file = folder / "given.xlsx"
        placed = []
        with xlsxwriter.Workbook(str(file), {"strings_to_formulas": False, "strings_to_urls": False}) as book:
            sheet = book.add_worksheet()
            for column, name in enumerate(header):
                sheet.write_string(top, column, name)
            at = top
            for cells, blank in zip(rows, blank_lines, strict=False):
                at += 1 + blank
                placed.append((at + 1, cells))
                for column, cell in enumerate(cells):
                    if cell.isascii() and cell.isdigit() and not cell.startswith("0") and len(cell) < 16:
                        sheet.write_number(at, column, int(cell))
                    elif cell:
                        sheet.write_string(at, column, cell)
        agree(table, take_in(folder, table, file), judge(table, header, placed, _known(table), TODAY))


@pytest.mark.parametrize("header", ["_line", "FILE_ROW_NUMBER"])
def test_a_column_named_like_one_of_ours_is_refused_by_name(tmp_path: Path, header: str) -> None:
    from zhike_analytics.contracts.issues import IntakeError

    file = tmp_path / "a.csv"
    file.write_text(f"account_code,period,bill_code,line,item,amount,{header}\n", encoding="utf-8")
    with pytest.raises(IntakeError, match=header):
        take_in(tmp_path, TABLES["bills"], file)

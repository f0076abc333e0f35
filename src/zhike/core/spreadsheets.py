"""Workbooks of what a page shows. Owns the form of cells; refuses formulas, whatever a customer's name begins with.

A text such as ``=cmd|…`` is written as text: Excel shows it and runs nothing.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import IO, Any, cast

import xlsxwriter
from django.http import FileResponse, HttpResponse
from django.utils import timezone
from django.utils.encoding import force_str

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_000_000  # a sheet holds 1,048,576
LONGEST_TEXT = 32_767


@dataclass(frozen=True)
class Head:
    """One column of a workbook: its title and how wide it stands (in characters)."""

    title: Any
    width: int = 14


def workbook(sheet: Any, heads: Sequence[Head], rows: Iterable[Sequence[Any]], note: Any = "") -> IO[bytes]:
    """Return a workbook of one sheet, opened at its beginning; memory stays flat however many rows there are.

    Cells may be text, whole numbers, decimals, dates, moments (written in the zone that people see) or ``None``.
    `note` stands in a line of its own below the last row.
    """
    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it when it has been sent
    with xlsxwriter.Workbook(file, {"constant_memory": True, "default_date_format": "yyyy-mm-dd"}) as book:
        page = book.add_worksheet(_sheet_name(sheet))
        bold = book.add_format({"bold": True, "bottom": 1})
        formats = {
            "moment": book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
            "day": book.add_format({"num_format": "yyyy-mm-dd"}),
        }
        page.freeze_panes(1, 0)
        for place, head in enumerate(heads):
            page.set_column(place, place, head.width)
            page.write_string(0, place, force_str(head.title), bold)
        line = 0
        for row in islice(rows, MOST_ROWS):
            line += 1
            for place, value in enumerate(row):
                _write(page, line, place, value, formats)
        if note:
            page.write_string(line + 2, 0, force_str(note))
    file.seek(0)
    return file


def workbook_response(name: str, file: IO[bytes]) -> HttpResponse:
    """Return the answer by which a browser saves a workbook as `name`."""
    answer: Any = FileResponse(file, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    return cast(HttpResponse, answer)  # views declare HttpResponse; Django's streams are their sibling


def _write(page: Any, line: int, place: int, value: Any, formats: dict[str, Any]) -> None:
    match value:
        case None | "":
            return
        case bool():
            page.write_boolean(line, place, value)
        case int() if -(10**15) < value < 10**15:  # Excel keeps fifteen digits; longer numbers are names of something
            page.write_number(line, place, value)
        case Decimal() | float() if -(10**15) < value < 10**15:  # NaN is not between
            page.write_number(line, place, float(value))
        case datetime():
            moment = timezone.localtime(value).replace(tzinfo=None) if timezone.is_aware(value) else value
            page.write_datetime(line, place, moment, formats["moment"])
        case date():
            page.write_datetime(line, place, value, formats["day"])
        case _:
            page.write_string(line, place, force_str(value)[:LONGEST_TEXT])


def _sheet_name(title: Any) -> str:
    return "".join(letter for letter in force_str(title) if letter not in "[]:*?/\\'")[:31] or "Zhike"

"""The empty XLSX file of a table, ready to be filled: headers, allowed values, an explanation. Refuses any rows.

Knows no Django: the command line writes it without a database.
"""

from __future__ import annotations

import io
from pathlib import Path

import xlsxwriter
from xlsxwriter.workbook import Workbook

from zhike_analytics.contracts import Column, ColumnType, Table

TYPE_NAMES: dict[ColumnType, tuple[str, str]] = {
    ColumnType.CODE: ("编码", "code"),
    ColumnType.TEXT: ("文字", "text"),
    ColumnType.INTEGER: ("整数", "whole number"),
    ColumnType.DECIMAL: ("小数", "number"),
    ColumnType.MONEY: ("金额（元）", "amount in yuan"),
    ColumnType.DATE: ("日期", "date"),
    ColumnType.MONTH: ("月份", "month"),
    ColumnType.DATETIME: ("时间", "moment"),
    ColumnType.BOOLEAN: ("是/否", "yes or no"),
    ColumnType.ENUM: ("代码表", "code list"),
}
ROWS_WITH_CHOICES = 10_000
LONGEST_LIST = 255  # characters; Excel's own limit for a list written into the cell rule


def template_bytes(table: Table) -> bytes:
    """Return the workbook as it is sent to a browser."""
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        _fill(book, table)
    return buffer.getvalue()


def write_template(table: Table, path: Path) -> None:
    """Write the workbook to `path`."""
    with xlsxwriter.Workbook(str(path)) as book:
        _fill(book, table)


def limits(column: Column, *, english: bool = False) -> str:
    """Return in words what a value must satisfy.

    >>> limits(Column("n", "数", "N", ColumnType.INTEGER, minimum=0, maximum=5, unit="个"))
    '0 到 5 个'
    """
    if column.choices:
        index = 1 if english else 0
        return " · ".join(f"{code} {names[index]}" for code, names in column.choices.items())
    parts = []
    if column.minimum is not None and column.maximum is not None:
        low, high = f"{column.minimum:,.10g}", f"{column.maximum:,.15g}"
        parts.append(f"{low} to {high}" if english else f"{low} 到 {high}")
        if column.unit:
            parts[-1] += f" {column.unit}"
    elif column.type in {ColumnType.CODE, ColumnType.TEXT}:
        parts.append(f"at most {column.max_length} characters" if english else f"最多 {column.max_length} 字符")
    elif column.unit:
        parts.append(column.unit)
    if column.references:
        parts.append(f"must exist in {column.references}" if english else f"须存在于 {column.references}")
    if not column.future:
        parts.append("not in the future" if english else "不晚于导入日")
    note = column.note_en if english else column.note_zh
    if note:
        parts.append(note)
    return "; ".join(parts) if english else "；".join(parts)


def _fill(book: Workbook, table: Table) -> None:
    head = book.add_format({"bold": True, "bg_color": "#E9EFF8", "border": 1, "border_color": "#C9D3E0"})
    must = book.add_format({"bold": True, "bg_color": "#DCE6F5", "border": 1, "border_color": "#C9D3E0"})
    text = book.add_format({"num_format": "@"})
    rows = book.add_worksheet(table.zh[:31])
    for index, column in enumerate(table.columns):
        rows.set_column(index, index, max(12, 2 * len(column.zh) + 4), text)
        rows.write_string(0, index, column.name, must if column.required else head)
        required = "必填 required\n" if column.required else ""
        rows.write_comment(0, index, f"{column.zh} {column.en}\n{required}{limits(column)}", {"x_scale": 1.6})
        if column.choices and len(",".join(column.choices)) <= LONGEST_LIST:
            rule = {"validate": "list", "source": list(column.choices), "error_type": "warning"}
            rows.data_validation(1, index, ROWS_WITH_CHOICES, index, rule)
    rows.freeze_panes(1, 0)
    _explain(book, table, head)


def _explain(book: Workbook, table: Table, head: object) -> None:
    sheet = book.add_worksheet("说明 About")
    wrap = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.write_string(0, 0, f"{table.zh} {table.en} — {table.about_zh} {table.about_en}")
    titles = ("列 Column", "名称", "Name", "类型 Type", "必填 Required", "取值", "Values", "示例 Example")
    for index, (title, width) in enumerate(zip(titles, (22, 18, 24, 16, 10, 48, 48, 28), strict=True)):
        sheet.set_column(index, index, width, wrap)
        sheet.write_string(2, index, title, head)
    for line, column in enumerate(table.columns, start=3):
        zh, en = TYPE_NAMES[column.type]
        values = (
            column.name, column.zh, column.en, f"{zh} {en}", "是 yes" if column.required else "", limits(column),
            limits(column, english=True), column.example,
        )  # fmt: skip
        for index, value in enumerate(values):
            sheet.write_string(line, index, value)

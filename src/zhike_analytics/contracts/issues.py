"""What can be wrong with a file, in both languages. Owns codes and wording; refuses to look for faults itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

REASONS: dict[str, tuple[str, str]] = {
    "required": ("必填，却是空的", "is required but empty"),
    "type_integer": ("应为整数", "must be a whole number"),
    "type_decimal": ("应为数字，最多 12 位整数与 6 位小数", "must be a number with at most 12 digits and 6 decimals"),
    "type_money": ("应为金额（元），最多两位小数", "must be an amount in yuan with at most two decimals"),
    "type_date": ("应为日期，如 2026-11-22", "must be a date such as 2026-11-22"),
    "type_month": ("应为月份，如 202611", "must be a month such as 202611"),
    "type_datetime": ("应为时间，如 2026-11-22 18:44", "must be a moment such as 2026-11-22 18:44"),
    "type_boolean": ("应为 是 或 否", "must be yes or no"),
    "choice": ("不在代码表内，应为：{choices}", "is not in the code list: {choices}"),
    "minimum": ("小于下限 {minimum}", "is below the minimum {minimum}"),
    "maximum": ("大于上限 {maximum}", "is above the maximum {maximum}"),
    "pattern": ("写法不对，应符合 {pattern}", "does not fit the pattern {pattern}"),
    "length": ("超过 {max_length} 个字符", "is longer than {max_length} characters"),
    "future": ("在导入日之后", "lies after the day of import"),
    "unknown": ("在 {references} 中不存在", "does not exist in {references}"),
    "conflict": (
        "与第 {other} 行主键相同而内容不同，两行都未装入",
        "has the key of line {other} but differs: neither was loaded",
    ),
    "columns": ("这一行的列数与表头不符", "has another number of columns than the header"),
    "quotes": ("引号没有配对", "has an unpaired quotation mark"),
    "line": ("无法读成一行：{detail}", "cannot be read as a row: {detail}"),
    "cycle": ("上级客户绕成了圈", "its parents form a circle"),
}
"""Reason codes of refused rows with their Chinese and English wording; placeholders come from the column."""

FILE_REASONS: dict[str, tuple[str, str]] = {
    "missing_file": ("找不到文件 {file}", "no file {file}"),
    "empty_file": ("文件是空的", "the file is empty"),
    "encoding": (
        "编码认不出来（可用 UTF-8 或 GB18030），第 {offset} 个字节起有误",
        "the encoding is not recognised (UTF-8 or GB18030), wrong from byte {offset}",
    ),
    "nul_bytes": ("文件里有 NUL 字节，不是文本表格", "the file holds NUL bytes: it is no text table"),
    "line_too_long": (
        "第 {line} 行超过 {limit} MB，这不像一张表",
        "line {line} is longer than {limit} MB: this is no table",
    ),
    "doubled_column": ("列“{column}”出现了两次", "column “{column}” appears twice"),
    "reserved_column": (
        "列名“{column}”留给程序自己用，请改个名字",
        "the column name “{column}” is the program's own: rename the column",
    ),
    "missing_column": ("缺少必填列“{column}”", "required column “{column}” is missing"),
    "no_columns": ("没有一列认得出来，表头应为：{columns}", "no column is known; the header should hold: {columns}"),
    "merged_header": ("表头有合并单元格 {cells}，请拆开", "the header has merged cells {cells}: split them"),
    "missing_sheet": ("没有名为“{sheet}”的工作表，有：{sheets}", "no sheet “{sheet}”; there are: {sheets}"),
    "unreadable": ("文件读不出来：{detail}", "the file cannot be read: {detail}"),
    "mapping": ("映射文件 {where}：{detail}", "mapping, {where}: {detail}"),
    "disk_full": ("磁盘已满，没有装入任何内容", "the disk is full; nothing was loaded"),
    "memory": (
        "内存不够（上限 {limit}），没有装入任何内容；请把文件拆小再试",
        "there is not enough memory (limit {limit}); nothing was loaded; split the file and try again",
    ),
    "refused_rows": ("有 {count} 行被拒，按要求全部未装入", "{count} rows were refused; as asked, none was loaded"),
}
"""Codes of faults that refuse a whole file."""


class IntakeError(Exception):
    """A file (or mapping) that cannot be taken in at all.

    Attributes
    ----------
    code
        Key of :data:`FILE_REASONS`.
    zh, en
        The sentence for the person who will read it.
    file
        Name of the file, or empty.
    """

    def __init__(self, code: str, *, file: str = "", **details: Any) -> None:
        self.code, self.file, self.details = code, file, details
        wording = FILE_REASONS[code]
        prefix = f"{file}: " if file and code != "missing_file" else ""
        self.zh = prefix + wording[0].format(file=file, **details)
        self.en = prefix + wording[1].format(file=file, **details)
        super().__init__(f"{self.zh} / {self.en}")


@dataclass(frozen=True, slots=True)
class Reject:
    """One fault of one row: where it stands, what was there, why it was refused."""

    file: str
    line: int
    column: str
    value: str
    code: str
    zh: str
    en: str


def reason(code: str, details: Mapping[str, Any]) -> tuple[str, str]:
    """Return the Chinese and English wording of a reason code.

    >>> reason("minimum", {"minimum": 0})[1]
    'is below the minimum 0'
    """
    zh, en = REASONS[code]
    return zh.format(**details), en.format(**details)

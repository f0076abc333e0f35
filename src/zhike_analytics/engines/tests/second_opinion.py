"""A second, slow check of one table's rows in plain Python, written from the contracts alone. Refuses to share code."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from zhike_analytics.contracts import Column, ColumnType, Table

BLANKS = " \t\r\n\u3000\u00a0"
SHANGHAI = timezone(timedelta(hours=8))
YES = {"是", "true", "yes", "y", "t", "1", "有", "对"}
NO = {"否", "false", "no", "n", "f", "0", "无", "不"}
NUMBER = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)")


@dataclass
class Verdict:
    """Good rows by their line, refused (line, column, code), and how many exact copies were left out."""

    accepted: dict[int, dict[str, Any]] = field(default_factory=dict)
    rejects: list[tuple[int, str, str]] = field(default_factory=list)
    duplicates: int = 0


def judge(
    table: Table, header: list[str], rows: list[tuple[int, list[str]]], known: set[str] | None, today: date
) -> Verdict:
    """Judge rows given with their line; columns not in the header are empty, accounts are looked up among `known`."""
    verdict = Verdict()
    good: list[tuple[int, dict[str, Any]]] = []
    for line, cells in rows:
        if not any(cells):
            continue
        if len(cells) != len(header):
            verdict.rejects.append((line, "", "columns"))
            continue
        texts = dict(zip(header, cells, strict=True))
        values: dict[str, Any] = {}
        faults = []
        for column in table.columns:
            raw = texts.get(column.name, "").strip(BLANKS) or None
            value, code = judge_cell(column, raw, today)
            refers = column.references == "accounts.account_code" and known is not None
            if not code and refers and raw is not None and raw not in known:
                code = "unknown"
            if code:
                faults.append((line, column.name, code))
            values[column.lake_name] = value
        verdict.rejects += faults
        if not faults:
            good.append((line, values))
    _settle(table, good, verdict)
    return verdict


def _settle(table: Table, good: list[tuple[int, dict[str, Any]]], verdict: Verdict) -> None:
    names = [table.column(one).lake_name for one in table.key]
    by_key: dict[tuple[Any, ...], list[tuple[int, dict[str, Any]]]] = {}
    for line, values in good:
        by_key.setdefault(tuple(values[one] for one in names), []).append((line, values))
    for group in by_key.values():
        if all(values == group[0][1] for _, values in group):
            verdict.accepted[group[0][0]] = group[0][1]
            verdict.duplicates += len(group) - 1
        else:
            verdict.rejects += [(line, "+".join(table.key), "conflict") for line, _ in group]


def judge_cell(column: Column, raw: str | None, today: date) -> tuple[Any, str]:
    """Return the value of a trimmed text, and the code of what is wrong with it."""
    if raw is None:
        return None, "required" if column.required else ""
    value = _typed(column, raw)
    if column.type in {ColumnType.CODE, ColumnType.TEXT}:
        if len(raw) > column.max_length:
            return None, "length"
        if column.pattern and not re.fullmatch(column.pattern, raw):
            return None, "pattern"
        return value, ""
    if value is None:
        return None, "choice" if column.type is ColumnType.ENUM else f"type_{column.type}"
    scale = 100 if column.type is ColumnType.MONEY else 1
    if column.minimum is not None and value < Decimal(str(column.minimum)) * scale:
        return None, "minimum"
    if column.maximum is not None and value > Decimal(str(column.maximum)) * scale:
        return None, "maximum"
    if not column.future and _after(column, value, today):
        return None, "future"
    return value, ""


def _after(column: Column, value: Any, today: date) -> bool:
    if column.type is ColumnType.MONTH:
        return bool(value > today.year * 100 + today.month)
    if column.type is ColumnType.DATETIME:
        return bool(value.astimezone(SHANGHAI).date() > today)
    return bool(value > today)


def _number(raw: str) -> Decimal | None:
    """Six decimals are kept: what a spreadsheet adds behind them (109.43000000000001) is noise."""
    plain = raw.replace(",", "")
    if not NUMBER.fullmatch(plain):
        return None
    return Decimal(plain).quantize(Decimal("0.000001"), rounding=ROUND_HALF_UP)


def _typed(column: Column, raw: str) -> Any:
    match column.type:
        case ColumnType.CODE | ColumnType.TEXT:
            return raw
        case ColumnType.INTEGER | ColumnType.MONEY:
            number = _number(raw)
            if number is None:
                return None
            units = number * (100 if column.type is ColumnType.MONEY else 1)
            return int(units) if units == int(units) and abs(units) < 2**63 else None
        case ColumnType.DECIMAL:
            number = _number(raw)
            return number if number is not None and abs(number) < 10**12 else None
        case ColumnType.DATE:
            return _day(raw)
        case ColumnType.MONTH:
            found = re.fullmatch(r"([0-9]{4})(?:[-/年.]([0-9]{1,2})|([0-9]{2}))月?", raw)
            if not found:
                return None
            year, month = int(found[1]), int(found[2] or found[3])
            return year * 100 + month if 1990 <= year <= 2200 and 1 <= month <= 12 else None
        case ColumnType.DATETIME:
            return _moment(raw)
        case ColumnType.BOOLEAN:
            return True if raw.lower() in YES else False if raw.lower() in NO else None
        case ColumnType.ENUM:
            for code, words in column.choices.items():
                if raw.lower() in {word.lower() for word in (code, *words)}:
                    return code
            return None


def _day(raw: str) -> date | None:
    for pattern in (
        r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})", r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})", r"(?P<y>\d{4})年(?P<m>\d{1,2})月(?P<d>\d{1,2})日",
        r"(?P<y>\d{4})\.(?P<m>\d{1,2})\.(?P<d>\d{1,2})", r"(?P<m>\d{1,2})/(?P<d>\d{1,2})/(?P<y>\d{4})",
    ):  # fmt: skip
        if found := re.fullmatch(pattern, raw):
            try:
                day = date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                return None
            return day if 1900 <= day.year <= 2200 else None
    return None


def _moment(raw: str) -> datetime | None:
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?)?", raw)
    if not found or not (day := _day(found[1])):
        return None
    hour, minute, second = (int(found[number] or 0) for number in (2, 3, 4))
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = SHANGHAI
    if found[5] == "Z":
        zone = timezone.utc  # noqa: UP017 beside other offsets
    elif found[5]:
        sign = -1 if found[5][0] == "-" else 1
        zone = timezone(sign * timedelta(hours=int(found[5][1:3]), minutes=int(found[5][4:])))
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone)

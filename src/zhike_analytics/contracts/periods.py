"""Months as the integer YYYYMM, always Asia/Shanghai months. Owns their arithmetic; refuses any other calendar."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


def period_of(moment: date | datetime) -> int:
    """Return the month of a date, or of an aware moment as seen in Asia/Shanghai.

    >>> period_of(date(2026, 11, 22))
    202611
    >>> from datetime import UTC
    >>> period_of(datetime(2026, 10, 31, 17, 0, tzinfo=UTC))
    202611
    """
    if isinstance(moment, datetime):
        if moment.tzinfo is None:
            raise ValueError("a moment needs an offset; a month cannot be told without one")
        moment = moment.astimezone(SHANGHAI)
    return moment.year * 100 + moment.month


def shift(period: int, months: int) -> int:
    """Return the month `months` after `period` (before, when negative).

    >>> shift(202611, 2), shift(202601, -1)
    (202701, 202512)
    """
    check(period)
    years, month = divmod((period // 100) * 12 + period % 100 - 1 + months, 12)
    return years * 100 + month + 1


def between(first: int, last: int) -> list[int]:
    """Return all months from `first` to `last`, both included; empty when `last` is earlier.

    >>> between(202511, 202602)
    [202511, 202512, 202601, 202602]
    """
    months = (last // 100 - first // 100) * 12 + last % 100 - first % 100
    return [shift(first, step) for step in range(months + 1)]


def first_day(period: int) -> date:
    """Return the first day of the month.

    >>> first_day(202611)
    datetime.date(2026, 11, 1)
    """
    check(period)
    return date(period // 100, period % 100, 1)


def check(period: int) -> int:
    """Return `period`; raise ``ValueError`` when it is no month between 1990 and 2200."""
    if not (1990 <= period // 100 <= 2200 and 1 <= period % 100 <= 12):
        raise ValueError(f"{period} is no month written as YYYYMM")
    return period

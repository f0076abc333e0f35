"""What operator is asked for, and its calendar. Owns bounds of time; refuses months outside the calendar's tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from zhike_analytics.contracts import periods
from zhike_analytics.datasets.randomness import Floats, Integers, Stream

EPOCH = date(1970, 1, 1)
SHANGHAI_OFFSET_SECONDS = 8 * 3600
HORIZON = 6
"""Months after the last one in which leaving is simulated too, so that the truth knows who is about to go."""


@dataclass(frozen=True)
class OperatorSpec:
    """An operator to build.

    Parameters
    ----------
    accounts
        Number of accounts, 100 to 2,000,000.
    months
        Months of facts, 13 to 60.
    last_period
        Last complete month (YYYYMM). "Today" is day 23 of the month after it.
    seed
        The same seed gives the same values.
    batch
        Accounts worked on at a time. It bounds memory and never changes a value.
    """

    accounts: int = 5000
    months: int = 24
    last_period: int = 202610
    seed: int = 20261123
    batch: int = 8192

    def __post_init__(self) -> None:
        """Refuse what cannot be built."""
        periods.check(self.last_period)
        if not 100 <= self.accounts <= 2_000_000:
            raise ValueError(f"accounts must lie between 100 and 2000000, not {self.accounts}")
        if not 13 <= self.months <= 60:
            raise ValueError(f"months must lie between 13 and 60, not {self.months}")
        if self.batch < 1:
            raise ValueError("batch must be at least 1")
        if not 2015 <= self.periods[0] // 100 <= self.last_period // 100 <= 2031:
            raise ValueError("the calendar of the Spring Festival reaches from 2015 to 2031")

    @cached_property
    def periods(self) -> list[int]:
        """The complete months, oldest first."""
        return periods.between(periods.shift(self.last_period, 1 - self.months), self.last_period)

    @property
    def current_period(self) -> int:
        """The month that has begun but is not complete; only events have rows in it."""
        return periods.shift(self.last_period, 1)

    @property
    def today(self) -> date:
        """The day on which the demonstration takes place."""
        return periods.first_day(self.current_period).replace(day=23)

    @cached_property
    def month_days(self) -> Integers:
        """First day of each month as days since 1970, from the first month to two after the current one."""
        months = [periods.shift(self.periods[0], step) for step in range(self.months + HORIZON + 3)]
        return np.array([day_number(periods.first_day(month)) for month in months], dtype=np.int64)

    @property
    def today_day(self) -> int:
        """Today as days since 1970. Events happen up to the end of the day before."""
        return day_number(self.today)

    def stream(self, name: str) -> Stream:
        """Return the random stream called `name`."""
        return Stream(self.seed, name)


def day_number(day: date) -> int:
    """Return a date as days since 1970."""
    return (day - EPOCH).days


def moment(days: Integers, seconds: Integers) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    """Return Shanghai days and seconds of the day as UTC moments in microseconds."""
    stamp = (days.astype(np.int64) * 86400 + seconds - SHANGHAI_OFFSET_SECONDS) * 1_000_000
    return stamp.view("datetime64[us]")


def dates(days: Integers, present: np.ndarray[tuple[int], np.dtype[np.bool_]] | None = None) -> object:
    """Return days since 1970 as dates, empty where not `present`."""
    result = days.astype("datetime64[D]")
    if present is not None:
        result[~present] = np.datetime64("NaT")
    return result


def yyyymmdd(days: Integers) -> Integers:
    """Return days since 1970 as whole numbers like 20261123."""
    day = days.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    months = month.astype(np.int64)
    return np.asarray(
        (months // 12 + 1970) * 10000
        + (months % 12 + 1) * 100
        + (day - month.astype("datetime64[D]")).astype(np.int64)
        + 1
    )


def logistic(values: Floats) -> Floats:
    """Return values squeezed into 0 to 1.

    >>> float(logistic(np.array([0.0]))[0])
    0.5
    """
    return np.asarray(1.0 / (1.0 + np.exp(-values)))

"""How much busier or quieter each month is for each kind of business. Owns the calendar's tables; refuses noise."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache

import numpy as np

from zhike_analytics.contracts import periods
from zhike_analytics.datasets.randomness import Floats

# First day of the Chinese year (Hong Kong Observatory, Gregorian-Lunar Calendar Conversion Table).
SPRING_FESTIVAL = {
    2015: date(2015, 2, 19), 2016: date(2016, 2, 8), 2017: date(2017, 1, 28), 2018: date(2018, 2, 16),
    2019: date(2019, 2, 5), 2020: date(2020, 1, 25), 2021: date(2021, 2, 12), 2022: date(2022, 2, 1),
    2023: date(2023, 1, 22), 2024: date(2024, 2, 10), 2025: date(2025, 1, 29), 2026: date(2026, 2, 17),
    2027: date(2027, 2, 6), 2028: date(2028, 1, 26), 2029: date(2029, 2, 13), 2030: date(2030, 2, 3),
    2031: date(2031, 1, 23), 2032: date(2032, 2, 11),
}  # fmt: skip

# Share of normal activity on a day of the Spring Festival, and how many days before and after it are affected.
_FESTIVAL: dict[str, tuple[float, int, int]] = {
    "office": (0.15, 4, 9), "factory": (0.12, 9, 13), "school": (0.05, 16, 14), "retail": (0.85, 1, 4),
    "logistics": (0.25, 4, 10), "hotel": (1.25, 0, 8), "farm": (0.35, 5, 10), "government": (0.15, 1, 8),
    "hospital": (0.70, 1, 7), "finance": (0.25, 1, 8), "utility": (0.95, 1, 7), "construction": (0.08, 14, 17),
}  # fmt: skip
PROFILES = tuple(_FESTIVAL)

# Own defaults (I): January to December, 1 = an ordinary month, before festivals.
_YEAR: dict[str, tuple[float, ...]] = {
    "office": (1.00, 1.00, 1.03, 1.02, 1.00, 1.01, 0.98, 0.97, 1.02, 1.00, 1.03, 1.06),
    "factory": (1.00, 0.98, 1.03, 1.03, 1.01, 1.02, 0.97, 0.96, 1.04, 1.02, 1.05, 1.06),
    "school": (0.72, 0.70, 1.15, 1.10, 1.10, 1.05, 0.42, 0.38, 1.32, 1.14, 1.12, 1.04),
    "retail": (1.18, 1.00, 0.92, 0.94, 1.00, 1.06, 0.95, 0.95, 1.02, 1.06, 1.26, 1.28),
    "logistics": (1.08, 0.95, 0.95, 0.96, 0.98, 1.08, 0.96, 0.97, 1.03, 1.04, 1.28, 1.18),
    "hotel": (0.80, 0.85, 0.88, 0.98, 1.10, 1.02, 1.32, 1.36, 0.98, 1.18, 0.86, 0.88),
    "farm": (0.72, 0.76, 1.05, 1.16, 1.10, 1.14, 0.96, 0.94, 1.16, 1.22, 0.98, 0.82),
    "government": (1.02, 0.96, 1.02, 1.00, 0.98, 1.00, 0.98, 0.97, 1.00, 0.98, 1.04, 1.14),
    "hospital": (1.08, 1.02, 1.03, 0.98, 0.97, 0.97, 0.99, 0.98, 0.96, 0.98, 1.02, 1.10),
    "finance": (1.14, 0.98, 1.07, 0.96, 0.97, 1.07, 0.97, 0.96, 1.06, 0.96, 1.00, 1.16),
    "utility": (1.20, 1.14, 1.02, 0.90, 0.90, 0.96, 1.10, 1.12, 0.92, 0.90, 1.02, 1.14),
    "construction": (0.82, 0.80, 1.04, 1.12, 1.12, 1.08, 0.98, 0.98, 1.08, 1.12, 1.08, 0.92),
}  # fmt: skip


def factors(months: list[int]) -> Floats:
    """Return activity of each profile (rows, in the order of :data:`PROFILES`) in each month (columns).

    >>> table = factors([202601, 202602, 202603])
    >>> factory = table[PROFILES.index("factory")]
    >>> bool(factory[1] < 0.7 * factory[2])
    True
    """
    return np.array([[_factor(profile, month) for month in months] for profile in PROFILES])


@cache
def _factor(profile: str, period: int) -> float:
    """Return activity of one profile in one month: its share of the year times the share of its days at work."""
    quiet, before, after = _FESTIVAL[profile]
    festival = SPRING_FESTIVAL[period // 100]
    first, last = festival - timedelta(days=before), festival + timedelta(days=after)
    day, total, days = periods.first_day(period), 0.0, 0
    while day.month == period % 100:
        total += quiet if first <= day <= last else _weekday(profile, day)
        days += 1
        day += timedelta(days=1)
    ordinary = 5 / 7 * _weekday(profile, date(2026, 3, 2)) + 2 / 7 * _weekday(profile, date(2026, 3, 1))
    return float(_YEAR[profile][period % 100 - 1] * total / days / ordinary)


def _weekday(profile: str, day: date) -> float:
    """Return activity of an ordinary day: offices rest at weekends and in the first days of October."""
    rests = profile in {"office", "school", "government", "finance"}
    if day.month == 10 and day.day <= 7:
        return 1.3 if profile in {"hotel", "retail"} else 0.35 if rests else 0.75
    if day.weekday() >= 5:
        return 0.35 if rests else 1.12 if profile in {"hotel", "retail"} else 0.85
    return 1.0


def working_share(period: int) -> float:
    """Return which share of a month's days is worked in an office, for active days of usage."""
    return min(1.0, _factor("office", period) * 0.73)

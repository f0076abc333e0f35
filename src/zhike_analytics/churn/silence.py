"""How long an account has been silent on a day. Owns days with use alone; refuses to look at the day or after it."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import date

WARNED_DAYS = 14
"""Days of silence from which a daily user is warned of; our default."""


def days_silent(used_on: Sequence[date], day: date) -> int | None:
    """Return the days since the last one with use before `day`; ``None`` without any.

    Plain days order firms better than how unusual the silence is beside a firm's own pauses (docs/adr/0012-churn.md).

    Parameters
    ----------
    used_on
        Days with use, rising; those from `day` on are not looked at.

    >>> days_silent([date(2026, 3, 2), date(2026, 3, 6), date(2026, 3, 9)], date(2026, 3, 9))
    3
    """
    before = bisect_left(used_on, day)
    return (day - used_on[before - 1]).days if before else None

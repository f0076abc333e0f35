"""Instants and calendars that the tests of clocks share."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from zhike.service.clocks import Calendar, Mark, Rule, Timeline

SHANGHAI = "Asia/Shanghai"
HOUR = 3600
DESK = Calendar(
    "desk",
    (*((day, 8 * 60, 12 * 60) for day in range(5)), *((day, 13 * 60, 18 * 60) for day in range(5))),
    holidays={date(2026, 10, day): "国庆节" for day in range(1, 8)},
    working_days={date(2026, 10, 10): 4},
    known_until=2026,
)
"""Two windows a day, National Day off, the Saturday after it worked with Friday's hours."""


def at(text: str, zone: str = SHANGHAI, fold: int = 0) -> int:
    """Return the instant of a local time.

    >>> at("1970-01-01 08:00")
    0
    """
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone), fold=fold).timestamp())


def rule(hours: float, calendar: Calendar = DESK, pauses: str = "customer access") -> Rule:
    """Return a rule of so many hours of service."""
    return Rule(int(hours * HOUR), Timeline.of(calendar), frozenset(pauses.split()))


def log(*marks: tuple[str, str] | tuple[str, str, object]) -> list[Mark]:
    """Return marks written as (local time, what, rule or reason or department or anew)."""
    found = []
    for number, (when, what, *more) in enumerate(marks, start=1):
        extra = more[0] if more else None
        found.append(
            Mark(
                at(when), number, what,  # type: ignore[arg-type]
                rule=extra if isinstance(extra, Rule) else None,
                department=extra if what in {"start", "department"} and isinstance(extra, str) else "",
                reason=extra if what == "pause" and isinstance(extra, str) else "",
                anew=extra is True,
            )
        )  # fmt: skip
    return found

"""Clocks of promises: working calendars, what a clock counted and why, when it is due. Plain values in and out.

Nothing ticks. A clock is worked out from marks (what happened), rules (target, calendar, reasons that pause it) and
the present instant. The room knows no database, no request and no page.
"""

from zhike.service.clocks.calendars import ALWAYS, Calendar, CalendarRefused, Timeline
from zhike.service.clocks.clock import Mark, Notice, Reading, Rule, Segment, read_clock
from zhike.service.clocks.explain import Piece, by_day, pieces, sums

__all__ = [
    "ALWAYS", "Calendar", "CalendarRefused", "Mark", "Notice", "Piece", "Reading", "Rule", "Segment", "Timeline",
    "by_day", "pieces", "read_clock", "sums",
]  # fmt: skip

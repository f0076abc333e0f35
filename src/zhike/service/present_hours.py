"""The hours of service in words: which days have which windows. Refuses to know what is timed."""

from __future__ import annotations

from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.service.clocks import Calendar
from zhike.service.clocks.calendars import DAY_MINUTES, joined

WEEKDAYS = (
    gettext_lazy("周一"), gettext_lazy("周二"), gettext_lazy("周三"), gettext_lazy("周四"), gettext_lazy("周五"),
    gettext_lazy("周六"), gettext_lazy("周日"),
)  # fmt: skip


def hours_words(calendar: Calendar) -> str:
    """Return the hours of a week; days in a row with the same windows stand together."""
    by_day = [_windows(calendar, number) for number in range(7)]
    if all(one == "00:00–24:00" for one in by_day):
        return _("全天候")
    found, number = [], 0
    for text, group in groupby(by_day):
        last = number + len(list(group)) - 1
        if text:
            days = str(WEEKDAYS[number]) if last == number else f"{WEEKDAYS[number]}–{WEEKDAYS[last]}"
            found.append(f"{days} {text}")
        number = last + 1
    return _("，").join(found)


def _windows(calendar: Calendar, number: int) -> str:
    windows = joined((begin, end) for day, begin, end in calendar.weekly if day == number)
    return " ".join(f"{_clock(begin)}–{_clock(end)}" for begin, end in windows)


def _clock(minute: int) -> str:
    shown = minute - DAY_MINUTES if minute > DAY_MINUTES else minute  # a window over midnight ends on the next day
    return f"{shown // 60:02d}:{shown % 60:02d}"

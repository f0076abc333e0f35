"""How stretches of time are written for people: to the minute, never rounded up. Refuses markup."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

MINUTE, HOUR, DAY = 60, 3600, 86_400


def hm(seconds: int) -> str:
    """Return hours and minutes as a clock shows them; what is not a whole minute is left out.

    >>> hm(22 * 3600 + 8 * 60 + 59), hm(110 * 3600), hm(-100 * 60)
    ('22:08', '110:00', '−1:40')
    """
    minutes = abs(seconds) // MINUTE
    return f"{'−' if seconds < 0 and minutes else ''}{minutes // 60}:{minutes % 60:02d}"


def spell(seconds: int, *, days: bool = False) -> str:
    """Return a stretch in words; `days` where every hour of the day counts."""
    minutes = abs(seconds) // MINUTE
    if days and minutes >= 2 * 24 * 60:
        if not minutes % 1440 // 60:
            return _("{days} 天").format(days=minutes // 1440)
        return _("{days} 天 {hours} 小时").format(days=minutes // 1440, hours=minutes % 1440 // 60)
    if minutes >= 60 and not minutes % 60:
        return _("{hours} 小时").format(hours=minutes // 60)
    if minutes >= 60:
        return _("{hours} 小时 {minutes} 分").format(hours=minutes // 60, minutes=minutes % 60)
    return _("{minutes} 分钟").format(minutes=minutes)


def shares(parts: Iterable[int]) -> list[int]:
    """Return whole minutes for each of several stretches so that they add up to the minutes of their sum.

    >>> shares([90, 90, 60])
    [1, 2, 1]
    """
    found, total = [], 0
    for one in parts:
        found.append((total + one) // MINUTE - total // MINUTE)
        total += one
    return found


def instant(seconds: int) -> datetime:
    """Return what a clock calls an instant as a moment of the page's zone."""
    return datetime.fromtimestamp(seconds, timezone.get_current_timezone())


def pixels(text: str) -> float:
    """Return about how wide a text is in the small type of strips; Chinese characters are square.

    >>> pixels("夜"), pixels("12:00") < 40
    (12.0, True)
    """
    return sum(12.0 if sign > "\u2e7f" else 6.8 for sign in text)

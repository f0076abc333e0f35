"""How numbers, money, dates and changes are written for people, in both languages. Owns wording; refuses markup."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

NOTHING = "–"
MINUS = "−"
Number = Decimal | int | float

FEN_PER_YUAN = 100
FEN_PER_WAN = 1_000_000
# From how many fen on a unit is used, how many fen it holds, how it is called.
SCALES_ZH = ((10_000_000_000, 10_000_000_000, "亿元"), (1_000_000, 1_000_000, "万元"))
SCALES_EN = ((100_000_000, 100_000_000, "M CNY"), (1_000_000, 100_000, "k CNY"))


def as_decimal(value: object) -> Decimal | None:
    """Return the value as an exact decimal, or ``None`` when it is no finite number."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def rounded(value: Decimal, places: int) -> Decimal:
    """Round half up, as bills do; a value that rounds to nothing loses its minus.

    >>> rounded(Decimal("2.345"), 2), rounded(Decimal("-0.004"), 2)
    (Decimal('2.35'), Decimal('0.00'))
    """
    result = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return abs(result) if result == 0 else result


def number(value: object, places: int = 0) -> str:
    """Return a number with thousands separators and a real minus sign; a dash where there is none.

    >>> number(86414), number("-1234.5", 1), number(None)
    ('86,414', '−1,234.5', '–')
    """
    exact = as_decimal(value)
    if exact is None:
        return NOTHING
    return f"{rounded(exact, places):,}".replace("-", MINUS)


def percent(ratio: object, places: int = 0) -> str:
    """Return a ratio as a percentage.

    >>> percent(0.342, 1), percent(Decimal("-0.05")), percent(None)
    ('34.2%', '−5%', '–')
    """
    exact = as_decimal(ratio)
    return NOTHING if exact is None else f"{number(exact * 100, places)}%"


def signed(value: object, places: int = 0, unit: str = "") -> str:
    """Return a change with its sign; no change has none.

    >>> signed(7.7, 1, "%"), signed(-5), signed(0.04, 1), signed(None)
    ('+7.7%', '−5', '0.0', '–')
    """
    exact = as_decimal(value)
    if exact is None:
        return NOTHING
    text = number(exact, places)
    return f"+{text}{unit}" if rounded(exact, places) > 0 else f"{text}{unit}"


def signed_percent(ratio: object, places: int = 1) -> str:
    """Return a change given as a ratio.

    >>> signed_percent(0.077), signed_percent(-0.033)
    ('+7.7%', '−3.3%')
    """
    exact = as_decimal(ratio)
    return NOTHING if exact is None else signed(exact * 100, places, "%")


def tone(value: object, good: str = "up") -> str:
    """Return the class of a change: kept or better is green, sliding is amber, the rest has no colour.

    >>> tone(3), tone(-3), tone(3, good="down"), tone(3, good="none"), tone(0), tone(None)
    ('is-good', 'is-warn', 'is-warn', '', '', '')
    """
    exact = as_decimal(value)
    if not exact or good not in {"up", "down"}:
        return ""
    return "is-good" if (exact > 0) == (good == "up") else "is-warn"


def yuan(fen: object, places: int = 2) -> str:
    """Return whole fen as yuan, without unit.

    >>> yuan(8641400), yuan(8641400, 0), yuan(None)
    ('86,414.00', '86,414', '–')
    """
    exact = as_decimal(fen)
    return NOTHING if exact is None else number(exact / FEN_PER_YUAN, places)


def wan(fen: object, places: int = 2) -> str:
    """Return whole fen as ten thousands of yuan, without unit.

    >>> wan(8641400), wan(-128600000, 1)
    ('8.64', '−128.6')
    """
    exact = as_decimal(fen)
    return NOTHING if exact is None else number(exact / FEN_PER_WAN, places)


def money_parts(fen: object, places: int | None = None) -> tuple[str, str]:
    """Return amount and unit, in the unit of the reader's language that keeps the figure short.

    Chinese counts in 元, 万元 (10⁴) and 亿元 (10⁸), English in CNY, k CNY and M CNY: take both from one call.
    """
    exact = as_decimal(fen)
    if exact is None:
        return NOTHING, ""
    for least, divisor, unit in SCALES_EN if (get_language() or "").startswith("en") else SCALES_ZH:
        if abs(exact) >= least:
            return number(exact / divisor, 2 if places is None else places), unit
    unit = "CNY" if (get_language() or "").startswith("en") else "元"
    whole = exact % FEN_PER_YUAN == 0
    return number(exact / FEN_PER_YUAN, (0 if whole else 2) if places is None else places), unit


def chart_scale() -> tuple[int, str]:
    """Return how many fen one step of a chart of money holds, and its unit, in the reader's language."""
    return (100_000, "k CNY") if (get_language() or "").startswith("en") else (FEN_PER_WAN, "万元")


def money(fen: object, places: int | None = None) -> str:
    """Return whole fen as an amount with its unit."""
    amount, unit = money_parts(fen, places)
    return f"{amount} {unit}" if unit else amount


def local(moment: dt.datetime) -> dt.datetime:
    """Return a moment in the zone that people see (a naive one is taken as already there)."""
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def day(value: dt.date | dt.datetime | None) -> str:
    """Return a date in full.

    >>> day(dt.date(2026, 11, 22)), day(None)
    ('2026-11-22', '–')
    """
    if value is None:
        return NOTHING
    return (local(value) if isinstance(value, dt.datetime) else value).strftime("%Y-%m-%d")


def short_day(value: dt.date | dt.datetime | None, today: dt.date | None = None) -> str:
    """Return month and day within the present year, the full date otherwise.

    >>> short_day(dt.date(2026, 11, 22), dt.date(2026, 1, 1)), short_day(dt.date(2025, 11, 22), dt.date(2026, 1, 1))
    ('11-22', '2025-11-22')
    """
    written = day(value)
    present = (today or timezone.localdate()).year
    return written[5:] if value is not None and written.startswith(f"{present:04d}-") else written


def month(period: object) -> str:
    """Return a month kept as YYYYMM as people read it.

    >>> month(202610), month(None)
    ('2026-10', '–')
    """
    return f"{period // 100}-{period % 100:02d}" if isinstance(period, int) else NOTHING


def moment(value: dt.datetime | None) -> str:
    """Return date and time to the minute."""
    return NOTHING if value is None else local(value).strftime("%Y-%m-%d %H:%M")


def short_moment(value: dt.datetime | None, today: dt.date | None = None) -> str:
    """Return the time to the minute, with the date as short as :func:`short_day` makes it."""
    if value is None:
        return NOTHING
    return f"{short_day(value, today)} {local(value):%H:%M}"


def days_left(days: int) -> str:
    """Return in words how many days are left."""
    return _("今天") if days == 0 else ngettext("%(days)d 天", "%(days)d 天", days) % {"days": days}


def spark_points(values: Sequence[Number | None], width: float = 64, height: float = 20) -> list[tuple[float, float]]:
    """Return the points of a trend line: lowest value at the foot, highest at the head, a level one in the middle.

    Months without a value are left out; fewer than two values draw nothing.

    >>> spark_points([1, 3, 2])
    [(0.0, 18.0), (32.0, 2.0), (64.0, 10.0)]
    >>> spark_points([5]), spark_points([4, None, 4])
    ([], [(0.0, 10.0), (64.0, 10.0)])
    """
    known = [(place, float(value)) for place, value in enumerate(values) if value is not None]
    if len(known) < 2:
        return []
    low, high = min(value for place, value in known), max(value for place, value in known)
    step = width / (len(values) - 1)
    spread, margin = high - low, 2.0
    return [
        (
            round(place * step, 1),
            round(height / 2 if spread == 0 else height - margin - (value - low) / spread * (height - 2 * margin), 1),
        )
        for place, value in known
    ]

"""Tags that write codes of the field in the reader's language. Refuses queries."""

from __future__ import annotations

from django import template

from zhike.core import formatting
from zhike.customers.words import choice_name
from zhike_analytics.contracts import codes

register = template.Library()


@register.simple_tag
def operator(code: str) -> str:
    """Return a competitor's name."""
    return choice_name(codes.OPERATOR, code)


@register.simple_tag
def confidence(code: str) -> str:
    """Return how sure somebody is of what they heard."""
    return choice_name(codes.CONFIDENCE, code)


@register.simple_tag
def money_of(fen: object) -> tuple[str, str]:
    """Return an amount and its unit, in the unit that keeps the figure short."""
    return formatting.money_parts(fen)


@register.filter
def points(hundredths: object, places: int = 0) -> str:
    """Return a score kept in hundredths as points.

    >>> points(8150, 1), points(None)
    ('81.5', '–')
    """
    return formatting.NOTHING if hundredths is None else formatting.number(int(str(hundredths)) / 100, places)


@register.filter
def permille(value: object) -> str:
    """Return thousandths as a percentage.

    >>> permille(412)
    '41%'
    """
    return formatting.NOTHING if value is None else formatting.percent(int(str(value)) / 1000)

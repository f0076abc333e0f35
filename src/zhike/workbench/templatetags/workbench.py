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

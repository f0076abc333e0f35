"""Tags and filters that write values as :mod:`zhike.core.formatting` says, with their markup. Refuses queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.contrib.messages.storage.base import Message
from django.forms import BoundField
from django.http import QueryDict
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from zhike.core import formatting, masking
from zhike.core.toasts import undo_address

register = template.Library()

for _name in (
    "number",
    "percent",
    "signed_percent",
    "yuan",
    "wan",
    "money",
    "day",
    "short_day",
    "month",
    "moment",
    "short_moment",
):
    register.filter(_name, getattr(formatting, _name))
register.filter("signed", lambda value, places=0: formatting.signed(value, int(places)))
register.filter("tone", lambda value, good="up": formatting.tone(value, good))
register.filter("masked_phone", lambda value: masking.mask_phone(value or ""))
register.filter("masked_email", lambda value: masking.mask_email(value or ""))
register.filter("masked_name", lambda value: masking.mask_name(value or ""))

# Tiers are shown dark from A1 down to B1 and light below: weight, not colour, says how high.
HIGH_TIERS = frozenset({"A1", "A2", "A3", "B1"})


@register.simple_tag
def icon(name: str, label: str = "", size: int = 16) -> SafeString:
    """Draw one icon of the sprite; without a label it is decoration and hidden from screen readers."""
    address = f"{static('zhike/icons.svg')}#i-{name}"
    if label:
        return format_html(
            '<svg class="zk-i" width="{2}" height="{2}" role="img" aria-label="{1}"><use href="{0}"/></svg>',
            address,
            label,
            size,
        )
    return format_html(
        '<svg class="zk-i" width="{1}" height="{1}" aria-hidden="true"><use href="{0}"/></svg>', address, size
    )


@register.simple_tag
def tier(code: str, label: str = "") -> SafeString:
    """Draw the badge of a tier: code and name."""
    if not code:
        return format_html('<span class="zk-muted">{}</span>', formatting.NOTHING)
    low = "" if code in HIGH_TIERS else " low"
    name = format_html("<i>{}</i>", label) if label else ""
    return format_html('<span class="zk-tier{}"><b>{}</b>{}</span>', low, code, name)


@register.simple_tag
def sparkline(values: Sequence[Any] | None, width: int = 64, height: int = 20) -> SafeString:
    """Draw a trend line; it repeats a figure that stands beside it, so it is hidden from screen readers."""
    points = formatting.spark_points(values or [], width, height)
    if not points:
        return SafeString("")
    line = " ".join(f"{x},{y}" for x, y in points)
    return format_html(
        '<svg class="sp" width="{}" height="{}" aria-hidden="true"><polyline points="{}"/>'
        '<circle cx="{}" cy="{}" r="2.5"/></svg>',
        width,
        height,
        line,
        *points[-1],
    )


@register.simple_tag
def change(value: object, unit: str = "", places: int = 0, good: str = "up") -> SafeString:
    """Write a change with sign and, where one direction is better, its colour (``good``: up, down or none)."""
    return format_html(
        '<b class="fw nw {}">{}</b>', formatting.tone(value, good), formatting.signed(value, places, unit)
    )


@register.simple_tag
def share(ratio: object, rival: object = None, width: int = 120) -> SafeString:
    """Draw a share of one as a bar; with `rival`, theirs beside ours."""
    ours = formatting.as_decimal(ratio)
    if ours is None:
        return format_html('<span class="zk-muted">{}</span>', formatting.NOTHING)
    theirs = formatting.as_decimal(rival)
    parts = [("zk-bar", ours)] + ([("zk-bar o", theirs)] if theirs is not None else [])
    bars = format_html_join(
        "",
        '<span class="{}" style="width:{}%"></span>',
        ((name, formatting.rounded(min(max(part, Decimal(0)), Decimal(1)) * 100, 1)) for name, part in parts),
    )
    return format_html('<span class="zk-track zk-inline" style="width:{}px">{}</span>', width, bars)


def _time(written: str, value: dt.date | dt.datetime | None) -> SafeString:
    if value is None:
        return format_html('<span class="zk-muted">{}</span>', written)
    full = formatting.local(value) if isinstance(value, dt.datetime) else value
    title = formatting.moment(value) if isinstance(value, dt.datetime) else formatting.day(value)
    return format_html('<time class="nw" datetime="{}" title="{}">{}</time>', full.isoformat(), title, written)


@register.simple_tag
def on_day(value: dt.date | dt.datetime | None, short: bool = False) -> SafeString:
    """Write a date as ``<time>`` that never breaks across lines; `short` leaves out the present year."""
    return _time(formatting.short_day(value) if short else formatting.day(value), value)


@register.simple_tag
def at_moment(value: dt.datetime | None, short: bool = True) -> SafeString:
    """Write date and time to the minute as ``<time>``."""
    return _time(formatting.short_moment(value) if short else formatting.moment(value), value)


@register.simple_tag
def at_event(value: dt.datetime) -> SafeString:
    """Write when something happened as narrow as a timeline needs it: minutes are of interest within this year only."""
    recent = formatting.local(value).year == timezone.localdate().year
    return _time(formatting.short_moment(value) if recent else formatting.day(value), value)


@register.simple_tag
def until(value: dt.date | None, today: dt.date | None = None, soon: int = 90, now: int = 0) -> SafeString:
    """Write an end date; amber with the days left when it is within `soon` days, red within `now` days."""
    if value is None:
        return _time(formatting.NOTHING, None)
    left = (value - (today or timezone.localdate())).days
    if left < 0 or left > soon:
        return _time(formatting.day(value), value)
    kind = "hand" if left <= now else "warn"
    days = formatting.days_left(left)
    return format_html(
        '<b class="fw is-{0}">{1}</b> <span class="zk-tag {0} noph">{2}</span>',
        kind,
        _time(formatting.day(value), value),
        days,
    )


@register.simple_tag(takes_context=True)
def query(context: template.Context, **changes: object) -> str:
    """Return the address of this very view with some parameters changed (``None`` drops one); paging starts anew.

    Use inside ``href``: ``<a href="{% query sort='name' %}">``.
    """
    request = context.get("request")
    parameters = request.GET.copy() if request is not None else QueryDict(mutable=True)
    if "cursor" not in changes:
        parameters.pop("cursor", None)
    for name, value in changes.items():
        parameters.pop(name, None)
        if value is None or value == "":
            continue
        parameters.setlist(name, [str(part) for part in value] if isinstance(value, list | tuple) else [str(value)])
    return "?" + parameters.urlencode()


@register.simple_tag
def undo_of(message: Message) -> str:
    """Return the address that undoes what a message tells of, or nothing."""
    return undo_address(message)


@register.filter
def query_string(parameters: dict[str, object]) -> str:
    """Return a mapping as an address's parameters."""
    return urlencode(parameters, doseq=True)


@register.filter
def control(field: BoundField, description: str = "") -> SafeString:
    """Draw a form's control with the house's class, tied to its help and its errors."""
    widget = field.field.widget
    kind = getattr(widget, "input_type", "")
    classes = "form-check-input" if kind in {"checkbox", "radio"} else "form-control"
    attributes: dict[str, str | bool] = {"class": f"{classes} {widget.attrs.get('class', '')}".strip()}
    if description:
        attributes["aria-describedby"] = description
    if field.errors:
        attributes["aria-invalid"] = "true"
    return field.as_widget(attrs=attributes)


@register.filter
def is_check(field: BoundField) -> bool:
    """Return whether the control is one tick box, whose label stands behind it."""
    return getattr(field.field.widget, "input_type", "") == "checkbox"

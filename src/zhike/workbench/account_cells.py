"""Draws the cells of the accounts list: in Python, since two hundred cells are most of a page's time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString

from zhike.core import formatting
from zhike.core.templatetags import zhike as tags
from zhike.insights.words import ALERT_LEVEL
from zhike.workbench.account_columns import ALERT_CODES, Column
from zhike.workbench.names import choice_name
from zhike_analytics.contracts import codes

NOTHING = SafeString('<span class="zk-muted">–</span>')
RIGHT = {"yuan", "percent", "change", "number", "owed", "points"}


def _share(value: float) -> SafeString:
    return format_html('{} <span class="zk-num4">{}</span>', tags.share(value, width=44), formatting.percent(value))


def _change(value: float) -> SafeString:
    tone = SafeString(' class="is-warn"') if value < 0 else ""
    return format_html("<span{}>{}</span>", tone, formatting.signed_percent(value))


def _alert(count: int, level: str) -> SafeString:
    kind = "hand" if level == "red" else "warn"
    return format_html('<span class="zk-tag {}">{} {}</span>', kind, choice_name(ALERT_LEVEL, level), count)


def _owed(value: int) -> SafeString:
    return format_html('<span class="is-warn fw">{}</span>', formatting.yuan(value, 0)) if value else NOTHING


_DRAWN: dict[str, Callable[[Any], Any]] = {
    "yuan": lambda value: formatting.yuan(value, 0),
    "owed": _owed,
    "percent": lambda value: formatting.percent(value, 1),
    "change": _change,
    "share": _share,
    "score": lambda value: f"{value}%",
    "until": tags.until,
    "day": tags.on_day,
    "number": formatting.number,
    "points": lambda value: formatting.number(value / 100),
    "text": str,
}


def cells(row: Any, found: Any, columns: list[Column], *, lead_address: str) -> SafeString:
    """Return the cells of one account; `lead_address` narrows the list to a manager when their id is put behind it."""
    return SafeString("".join(_cell(row, found, column, lead_address) for column in columns))


def _cell(row: Any, found: Any, column: Column, lead_address: str) -> SafeString:
    value = column.value(row, found)
    if column.kind == "tier":
        drawn: Any = tags.tier(value, choice_name(codes.SERVICE_LEVEL, row.service_level))
    elif value is None or value == "":
        drawn = NOTHING
    elif column.kind == "alert":
        drawn = _alert(value, ALERT_CODES[row.alert_level])
    elif column.kind == "lead":
        drawn = format_html('<a class="zk-2" href="{}{}">{}</a>', lead_address, row.lead_id, value)
    else:
        drawn = _DRAWN[column.kind](value)
    classes = f"nw{' r' if column.kind in RIGHT else ''}{' keep' if column.phone else ''}"
    return format_html('<td class="{}" data-label="{}">{}</td>', classes, column.label, drawn)

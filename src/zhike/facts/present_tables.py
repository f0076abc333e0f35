"""What the pages of the tables say: columns, months, concentration as a picture. Refuses to read anything itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from zhike.core.formatting import percent
from zhike.facts.stock import Concentration, MonthStock, Stock
from zhike.facts.workbook import TYPE_NAMES, limits
from zhike_analytics.contracts import TABLES, Table

SHOWN_MONTHS = 24
TOP = 0.1


def _names(table: Table) -> tuple[str, str]:
    return (table.en, table.about_en) if get_language() == "en" else (table.zh, table.about_zh)


def schema_context(table: Table) -> dict[str, Any]:
    """Return what a file of the table must hold, in the page's language."""
    english = get_language() == "en"
    name, about = _names(table)
    return {
        "key": table.name,
        "name": name,
        "about": about,
        "unique": [_column_name(table, one) for one in table.key],
        "columns": [
            {
                "name": column.name,
                "label": column.en if english else column.zh,
                "type": TYPE_NAMES[column.type][1 if english else 0],
                "required": column.required,
                "personal": column.personal,
                "values": limits(column, english=english),
                "example": column.example,
            }
            for column in table.columns
        ],
    }


def _column_name(table: Table, name: str) -> str:
    column = table.column(name)
    return column.en if get_language() == "en" else column.zh


def tables_context(stock: Mapping[str, Stock]) -> list[dict[str, Any]]:
    """Return the tables in two groups, archive and facts, with what is there of each."""
    groups = [
        {"title": _("档案：一户一物一行"), "lake": False, "rows": []},
        {"title": _("事实：按月存放"), "lake": True, "rows": []},
    ]
    for table in TABLES.values():
        held = stock.get(table.name) or Stock(table.name, 0)
        name, about = _names(table)
        months = [month.period for month in held.months if month.period]
        groups[1 if table.in_lake else 0]["rows"].append(  # type: ignore[attr-defined]
            {
                "key": table.name,
                "name": name,
                "about": about,
                "held": held,
                "first": _month(min(months)) if months else "",
                "last": _month(max(months)) if months else "",
                "months": len(months),
            }
        )
    return groups


def table_context(table: Table, held: Stock, concentration: Concentration | None) -> dict[str, Any]:
    """Return months and concentration of one table."""
    months = sorted((month for month in held.months if month.period), key=lambda month: month.period)
    return {
        "held": held,
        "lake": table.in_lake,
        "months": [
            {"period": _month(month.period), "rows": month.rows, "version": month.version, "at": month.at}
            for month in reversed(months)
        ],
        "chart": _month_chart(months[-SHOWN_MONTHS:]) if len(months) > 1 else None,
        "concentration": _concentration(table, concentration) if concentration else None,
    }


def _month_chart(months: Sequence[MonthStock]) -> dict[str, Any]:
    return {
        "unit": _("行"),
        "categories": [_month(month.period) for month in months],
        "series": [{"name": _("行数"), "tone": "c1", "values": [month.rows for month in months]}],
    }


def _concentration(table: Table, found: Concentration) -> dict[str, Any]:
    column = _column_name(table, found.column)
    share = percent(found.top)
    return {
        "finding": _("前 10%% 的客户占%(column)s的 %(share)s") % {"column": column, "share": share},
        "column": column,
        "chart": {
            "x": _("客户占比"),
            "y": _("%(column)s占比") % {"column": column},
            "equal": _("户户一样"),
            "curve": [list(point) for point in found.curve],
            "mark": {"x": TOP, "y": found.top, "text": _("前 10%% 占 %(share)s") % {"share": share}},
        },
        "rows": [{"accounts": x, "sum": y} for x, y in found.curve if x],
    }


def _month(period: int) -> str:
    return f"{period // 100}-{period % 100:02d}"

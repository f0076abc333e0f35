"""Pages of the tables: what each must hold, what is there per month, how concentrated use is. Refuses rules."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zhike.core.web import StaffRequest, page
from zhike.facts import queries
from zhike.facts.present_tables import schema_context, table_context, tables_context
from zhike.facts.workbook import template_bytes
from zhike_analytics.contracts import TABLES, Table

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@page("imports.view")
def tables(request: StaffRequest) -> HttpResponse:
    """Show what is in the lake and the archive, table by table."""
    stock = queries.stock(request.actor)
    return render(
        request, "facts/tables.html", {"groups": tables_context(stock), "can_run": request.actor.may("imports.run")}
    )


@require_GET
@page("imports.view")
def table(request: StaffRequest, name: str) -> HttpResponse:
    """Show one table: its months, how concentrated it is, and the columns a file must hold."""
    one = _table(name)
    context = {
        "table": schema_context(one),
        "stock": table_context(
            one, queries.stock_of(request.actor, name), queries.concentration_of(request.actor, name)
        ),
        "can_run": request.actor.may("imports.run"),
    }
    return render(request, "facts/table.html", context)


@require_GET
@page("imports.view")
def template(request: StaffRequest, name: str) -> HttpResponse:
    """Send the table's empty workbook."""
    answer = HttpResponse(template_bytes(_table(name)), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _table(name: str) -> Table:
    if name not in TABLES:
        raise Http404
    return TABLES[name]

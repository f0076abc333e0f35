"""The portfolio: where income and loyalty lie, who moved, which alerts stand. Parse, call, render; refuses rules."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from zhike.core.web import StaffRequest, page
from zhike.insights.queries import current
from zhike.insights.queries_head import rules_of
from zhike.insights.queries_portfolio import Portfolio, portfolio
from zhike.workbench import present_portfolio as present


@require_GET
@page("accounts.view")
def overview(request: StaffRequest) -> HttpResponse:
    """Show how the accounts in a person's reach are spread."""
    held = portfolio(request.actor, current())
    if held is None or not held.total.accounts:
        return render(request, "workbench/portfolio.html", {"held": None})
    order = request.GET.get("sort", present.DEFAULT_SORT)
    may_margin = request.actor.may("margin.view")
    if order.removeprefix("-") not in present.REGION_SORTS or (order.endswith("margin") and not may_margin):
        order = present.DEFAULT_SORT
    steps, bands, split = present.pyramid(held), present.bands(held), _split(held)
    context = {
        "held": held,
        "total": held.total,
        "red": held.of("alert", present.RED),
        "may_margin": may_margin,
        "moved": {way: sum(getattr(step, way) for step in steps) for way in ("up", "down")},
        "red_address": present.accounts_address(alert="red"),
        "quadrants": present.quadrants(held),
        "unknown": present.unknown_cell(held),
        "matrix": present.matrix(held, split),
        "split": split,
        "steps": steps,
        "widest": max(*(step.accounts_share for step in steps), *(step.income_share for step in steps), 0.01),
        "pyramid_answer": present.pyramid_answer(steps),
        "bands": bands,
        "band_chart": present.band_chart(bands),
        "band_answer": present.band_answer(bands),
        "rules": present.rules(held),
        "regions": present.region_rows(held, order),
        "sort": order,
        "moves": present.move_rows(held),
    }
    return render(request, "workbench/portfolio.html", context)


def _split(held: Portfolio) -> tuple[float, float] | None:
    """Return from which loyalty and value on the rules of the cycle call an account high."""
    if held.cycle is None:
        return None
    found = [getattr(rules_of(held.cycle, family), "high", None) for family in ("loyalty", "value")]
    return None if None in found else (found[0], found[1])  # type: ignore[return-value]

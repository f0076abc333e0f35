"""Pages of cycle runs: list, one with its progress, starting and calling off. Parses, calls, renders; refuses rules."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core.live import live_part
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.insights import actions, queries_scores
from zhike.workbench.cycles_present import brief, whole

RUN = queries_scores.START


@require_GET
@page("cycles.view")
def cycles(request: StaffRequest) -> HttpResponse:
    """List runs, newest first."""
    rows = [brief(one) for one in queries_scores.cycles(request.actor)]
    context = {
        "rows": rows,
        "moving": next((row for row in rows if row["moving"]), None),
        "can_run": request.actor.may(RUN),
    }
    return render(request, "workbench/cycles.html", context)


@require_GET
@page("cycles.view")
def one(request: StaffRequest, cycle_id: int) -> HttpResponse:
    """Show a run: how far it is, or what it found beside the one before."""
    return render(request, "workbench/cycle.html", _context(request, cycle_id))


@require_GET
@page("cycles.view")
def state(request: StaffRequest, cycle_id: int) -> HttpResponse:
    """Answer the polled part of a run's page, 204 while nothing has changed."""
    context = {**_context(request, cycle_id), "polled": True}
    told = context["cycle"]
    return live_part(request, "workbench/cycle_state.html", context, version=told["version"], over=not told["moving"])


@require_POST
@page("cycles.run")
def start(request: StaffRequest) -> HttpResponse:
    """Have the worker run a cycle as of today."""
    try:
        begun = actions.ask_for_cycle(request.actor)
    except actions.CycleUnderWay:
        toast(request, _("已有一个周期在运行，等它完成再开始。"))
        return redirect("cycles:list")
    toast(request, _("周期已开始，可以离开这一页。"))
    return redirect("cycles:one", cycle_id=begun.pk)


@require_POST
@page("cycles.run")
def cancel(request: StaffRequest, cycle_id: int) -> HttpResponse:
    """Call a waiting or running cycle off."""
    _found(request, cycle_id)
    called_off = actions.cancel_cycle(request.actor, cycle_id)
    toast(request, _("已取消，原有结果未变。") if called_off else _("这个周期已经结束。"))
    return redirect("cycles:one", cycle_id=cycle_id)


def _found(request: StaffRequest, cycle_id: int) -> Any:
    found = queries_scores.cycle_of(request.actor, cycle_id)
    if found is None:
        raise Http404
    return found


def _context(request: StaffRequest, cycle_id: int) -> dict[str, Any]:
    found = _found(request, cycle_id)
    moved = queries_scores.moved_in(request.actor, found) if found.published_at else []
    return {"cycle": whole(found, moved), "can_run": request.actor.may(RUN)}

"""The page of one request, and what is said and owned on it. Parses, calls, renders; refuses rules and models."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_cotton.utils import render_component

from zhike.core.looks import ReasonMissing
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.service import actions_steps, present, queries, queries_caller
from zhike.service.refusals import Overtaken, Refused

SAYINGS = {"note": actions_steps.note, "reply": actions_steps.reply, "hear": actions_steps.hear}
LONGEST = 4000


@require_GET
@page("requests.view")
def one(request: StaffRequest, number: str) -> HttpResponse:
    """Show a request: stage, people, log."""
    return render(request, "service/request.html", _context(request, number))


@require_POST
@page("requests.take")
def own(request: StaffRequest, number: str) -> HttpResponse:
    """Become its first-responsibility owner."""
    found = _found(request, number)
    try:
        actions_steps.own(request.actor, number=found.number)
    except Refused as refusal:
        toast(request, refusal.words)
    except Overtaken:
        toast(request, _("别人先办了一步，请看最新情况。"))
    else:
        toast(request, _("已认领 {number}").format(number=found.number))
    return redirect("service:request", number=found.number)


@require_POST
@page("requests.handle")
def say(request: StaffRequest, number: str) -> HttpResponse:
    """Write down a word to colleagues, to the customer or of the customer; what was typed is kept when refused."""
    found = _found(request, number)
    how = request.POST.get("how", "note")
    words = request.POST.get("words", "").replace("\0", "").strip()[:LONGEST]
    try:
        SAYINGS.get(how, actions_steps.note)(request.actor, number=found.number, words=words)
    except Refused as refusal:
        context = {**_context(request, number), "error": refusal.words, "typed": words, "how": how}
        return render(request, "service/request.html", context, status=422)
    toast(request, _("已记下。"))
    return redirect("service:request", number=found.number)


@require_POST
@page("personal.show")
def show(request: StaffRequest, number: str, field: str) -> HttpResponse:
    """Show one value of the caller after a reason was given; the look is written down first."""
    found = _found(request, number)
    if field not in queries_caller.FIELDS:
        raise Http404
    try:
        value = queries_caller.show_caller(
            request.actor, number=found.number, field=field, reason=request.POST.get("reason", "")
        )
    except ReasonMissing:
        masked = getattr(queries_caller.masked_caller(found), field.removeprefix("caller_"))
        body = render_component(
            request, "masked", value=masked, url=reverse("service:show", args=[found.number, field]),
            label=_("来电人"), error=_("请写明原因，至少四个字"),
        )  # fmt: skip
        return HttpResponse(body, status=422)
    return HttpResponse(render_component(request, "masked", value=value))


def _found(request: StaffRequest, number: str) -> Any:
    found = queries.request_of(request.actor, number)
    if found is None:
        raise Http404
    return found


def _context(request: StaffRequest, number: str) -> dict[str, Any]:
    actor, found = request.actor, _found(request, number)
    only = request.GET.get("log", "")
    only = only if only in {"customer", "internal"} else ""
    events = queries.events_of(actor, found)
    return {
        "one": found,
        "stages": present.stages(found),
        "caller": queries_caller.masked_caller(found),
        "people": present.people(found, queries.parts_of(actor, found)),
        "legs": queries.legs_of(actor, found),
        "alike": queries.alike(actor, found),
        "only": only,
        "lines": present.lines(events, only),
        "may_say": actor.may("requests.handle") and found.is_open,
        "may_own": actor.may("requests.take") and found.is_open and found.owner_id is None,
        "may_account": actor.may("accounts.view"),
        "may_show": actor.may("personal.show"),
        "how": "note",
    }

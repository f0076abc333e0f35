"""The page of one request, its files, and what is said and owned on it. Parses, calls, renders; refuses rules."""

from __future__ import annotations

from typing import Any, cast

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_cotton.utils import render_component

from zhike.core.looks import ReasonMissing
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.customers.queries import team_of
from zhike.service import (
    actions_steps,
    present_clocks,
    present_log,
    present_request,
    present_words,
    queries,
    queries_caller,
)
from zhike.service.files import Upload, path_of
from zhike.service.queries_clocks import clocks_of
from zhike.service.refusals import Overtaken, Refused
from zhike.service.rules import red_lines_kept, rules_kept
from zhike.service.standing import fold
from zhike.service.views_steps import steps_of

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
    via = request.POST.get("via", "")
    via = via if via in present_words.REASONS["via"] else ""
    files = [Upload(one.name or "", one.chunks()) for one in request.FILES.getlist("files")]
    try:
        SAYINGS.get(how, actions_steps.note)(
            request.actor, number=found.number, words=words, via=via, attachments=files
        )
    except Refused as refusal:
        context = {**_context(request, number), "error": refusal.words, "typed": words, "how": how, "via": via}
        return render(request, "service/request.html", context, status=422)
    toast(request, _("已记下。"))
    return redirect("service:request", number=found.number)


@require_GET
@page("requests.view")
def file(request: StaffRequest, number: str, pk: int) -> HttpResponse:
    """Hand out a file of a request, to be kept and not shown: what customers send is never opened in our pages."""
    kept = queries.attachment_of(request.actor, _found(request, number), pk)
    if kept is None:
        raise Http404
    try:
        content = path_of(kept.sha256).open("rb")
    except FileNotFoundError as missing:
        raise Http404 from missing
    return cast(HttpResponse, FileResponse(content, as_attachment=True, filename=kept.name, content_type=kept.kind))


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
    clocks = clocks_of(actor, found, events=events)
    parts = queries.parts_of(actor, found)
    may_account = actor.may("accounts.view")
    team = team_of(actor, found.account) if found.account is not None and may_account else []
    people = {one.by_id: one.by_name for one in events if one.by_id} | {one.staff_id: one.staff.name for one in parts}
    shown = present_clocks.chosen(clocks, request.GET.get("clock", ""))
    files = queries.attachments_of(actor, found)
    lines = present_log.lines(
        events, only, people=people, departments=clocks.departments, files={one.name: one.pk for one in files}
    )
    whole = bool(request.GET.get("all"))
    legs = present_request.legs(clocks, people, events)
    return {
        "one": found,
        "assurance": present_words.assurance_words(found.assurance_level),
        "category": present_words.category_path(found.category),
        "badges": present_request.badges(found, clocks, rules_kept().marks.repeat_days, red_lines_kept()),
        "stages": present_request.stages(found, clocks, events),
        "steps": steps_of(actor, found, fold(one.as_fact() for one in events), now=clocks.now),
        "clock": present_clocks.panel(clocks, shown),
        "tabs": present_clocks.tabs(clocks, shown),
        "caller": queries_caller.masked_caller(found),
        "people": present_request.people(found, parts, team, clocks),
        "legs": legs,
        "natural": present_request.natural(clocks),
        "coming": present_request.coming(found, clocks, events),
        "files": files,
        "children": queries.children_of(actor, found) if found.special else None,
        "alike": [] if found.special else queries.alike(actor, found),
        "only": only,
        "lines": lines if whole else lines[: present_log.SHOWN_FIRST],
        "older": 0 if whole else max(len(lines) - present_log.SHOWN_FIRST, 0),
        "may_say": actor.may("requests.handle") and found.is_open,
        "may_account": may_account,
        "may_show": actor.may("personal.show"),
        "sayings": present_log.SAYINGS.items(),
        "vias": present_words.choices("via", None),
        "how": "note",
    }

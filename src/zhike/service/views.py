"""The inbox of requests: queues, search, taking the next one. Parses, calls, renders; refuses rules and models."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core.live import live_part
from zhike.core.paging import PAGE_SIZES, CursorInvalid
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.service import actions_queue, present, queries
from zhike.service.refusals import Refused


@require_GET
@page("requests.view")
def inbox(request: StaffRequest) -> HttpResponse:
    """Show one page of a queue."""
    return render(request, "service/inbox.html", _context(request))


@require_GET
@page("requests.view")
def rows(request: StaffRequest) -> HttpResponse:
    """Answer the polled list of the inbox, 204 while it looks the same."""
    context = _context(request)
    return live_part(request, "service/inbox_list.html", context, version=context["version"])


@require_POST
@page("requests.take")
def own_next(request: StaffRequest) -> HttpResponse:
    """Become the owner of the most urgent request that nobody owns, and open it."""
    try:
        taken = actions_queue.own_next(request.actor)
    except Refused as refusal:
        toast(request, refusal.words)
        return redirect("service:inbox")
    if taken is None:
        toast(request, _("没有等待认领的请求。"))
        return redirect("service:inbox")
    toast(request, _("已认领 {number}").format(number=taken.number))
    return redirect("service:request", number=taken.number)


def _context(request: StaffRequest) -> dict[str, Any]:
    actor, given, now = request.actor, request.GET, timezone.now()
    wanted = present.asked(given)
    sort = "recent" if wanted.queue == "closed" else "due"
    size = int(given["size"]) if given.get("size", "") in {str(one) for one in PAGE_SIZES} else PAGE_SIZES[0]
    damaged = False
    try:
        found = queries.inbox_page(actor, wanted, sort=sort, size=size, cursor=given.get("cursor", ""), now=now)
    except CursorInvalid:
        found, damaged = queries.inbox_page(actor, wanted, sort=sort, size=size, now=now), True
    counts = queries.queue_counts(actor, now=now)
    shown = [present.row(one, now) for one in found.rows]
    return {
        "wanted": wanted,
        "page": found,
        "rows": shown,
        "size": size,
        "damaged": damaged,
        "tabs": present.tabs(given, wanted, counts),
        "chips": present.chips(given, wanted),
        "choices": present.choices(wanted),
        "hidden": [(name, one) for name in ("kind", "stage", "channel", "tier") for one in given.getlist(name)],
        "narrowed": bool(wanted.text or wanted.kinds or wanted.stages or wanted.channels or wanted.tiers),
        "can_take": actor.may("requests.take"),
        "version": present.version(shown, counts),
    }

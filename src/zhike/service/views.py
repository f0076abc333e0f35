"""The inbox of requests: queues, search, what is new, its workbook, taking the next one. Refuses rules and models."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core.exports import record_export
from zhike.core.live import live_part
from zhike.core.paging import PAGE_SIZES, CursorInvalid, Page
from zhike.core.spreadsheets import Head, workbook, workbook_response
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.service import actions_queue, present, queries_inbox
from zhike.service.present_words import category_words
from zhike.service.queries_inbox import InboxFilter
from zhike.service.refusals import Refused
from zhike.service.rules import policy_now

EXPORT_LIMIT = 50_000


@require_GET
@page("requests.view")
def inbox(request: StaffRequest) -> HttpResponse:
    """Show one page of a queue."""
    actor, given, now = request.actor, request.GET, timezone.now()
    categories = policy_now().in_use()
    wanted = present.asked(given, [one.code for one in categories])
    found, damaged = _found(request, wanted, now=now)
    counts = queries_inbox.queue_counts(actor, now=now)
    shown = [present.row(one, now) for one in found.rows]
    regions, departments = queries_inbox.regions_to_choose(actor), queries_inbox.departments_to_choose(actor)
    names = {
        "region": next((name for pk, name, _depth in regions if pk == wanted.region_id), ""),
        "department": next((name for pk, name in departments if pk == wanted.department_id), ""),
    }
    context = {
        "wanted": wanted,
        "page": found,
        "rows": shown,
        "size": _size(request),
        "sort": present.sort_of(given, wanted),
        "sorts": present.SORTS.items(),
        "damaged": damaged,
        "tabs": present.tabs(given, wanted, counts),
        "chips": present.chips(given, wanted, names),
        "choices": present.choices(wanted),
        "categories": [(one.code, category_words(one.code), bool(one.parent)) for one in categories],
        "regions": [(pk, "\u3000" * depth + name) for pk, name, depth in regions],
        "departments": departments,
        "hidden": [(name, one) for name in present.CONDITIONS for one in given.getlist(name)],
        "narrowed": present.narrows(wanted),
        "can_take": actor.may("requests.take"),
        "can_handle": actor.may("requests.handle"),
        "can_supervise": actor.may("requests.supervise"),
        "can_export": actor.may("accounts.export"),
        "page_keys": [("a", _("认领这一张"))] if actor.may("requests.take") else [],
        "version": present.version(shown, counts),
        "shown": present.shown_now(shown),
        "asking": _asking(request),
    }
    return render(request, "service/inbox.html", context)


@require_GET
@page("requests.view")
def rows(request: StaffRequest) -> HttpResponse:
    """Answer what is new in a list, 204 while it looks the same: rows never move under somebody's hand."""
    actor, given, now = request.actor, request.GET, timezone.now()
    wanted = present.asked(given, given.getlist("category"))
    found, _damaged = _found(request, wanted, now=now)
    counts = queries_inbox.queue_counts(actor, now=now)
    fresh = [present.row(one, now) for one in found.rows]
    shown = given.get("shown")
    context = {
        "tabs": present.tabs(given, wanted, counts),
        "news": "" if shown is None else present.news(shown, fresh),
        "shown": shown or "",
        "asking": _asking(request),
    }
    return live_part(request, "service/inbox_live.html", context, version=present.version(fresh, counts))


@require_GET
@page("accounts.export")
def export(request: StaffRequest) -> HttpResponse:
    """Return the list as a workbook: the same requests in the same order, with the columns of the page."""
    now, given = timezone.now(), request.GET
    wanted = present.asked(given, [one.code for one in policy_now().in_use()])
    sort = present.sort_of(given, wanted)
    found = queries_inbox.for_export(request.actor, wanted, sort=sort, limit=EXPORT_LIMIT, now=now)
    record_export(request.actor, "requests", rows=len(found), asked=asdict(wanted) | {"sort": sort})
    heads = [
        Head(_("单号"), 20), Head(_("内容"), 44), Head(_("客户"), 30), Head(_("等级"), 6), Head(_("类型"), 8),
        Head(_("类别"), 16), Head(_("环节"), 10), Head(_("部门"), 16), Head(_("处理人"), 10), Head(_("首问负责"), 10),
        Head(_("到期"), 20), Head(_("剩余"), 16), Head(_("挂起"), 12), Head(_("受理时间"), 20),
    ]  # fmt: skip
    lines = (_line(one) for one in (present.row(one, now) for one in found))
    note = _("只含前 {count} 张").format(count=f"{EXPORT_LIMIT:,}") if len(found) == EXPORT_LIMIT else ""
    return workbook_response("requests", workbook(_("受理箱"), heads, lines, note=note))


def _line(row: dict[str, Any]) -> list[Any]:
    one = row["request"]
    return [
        one.number, one.title, one.account.name if one.account else "", one.tier, row["kind"], row["category"],
        row["stage"], one.department.name if one.department else "", one.handler.name if one.handler else "",
        one.owner.name if one.owner else "", row["due"], row["left"], row["paused"], one.taken_at,
    ]  # fmt: skip


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


def _size(request: StaffRequest) -> int:
    given = request.GET.get("size", "")
    return int(given) if given in {str(one) for one in PAGE_SIZES} else PAGE_SIZES[0]


def _asking(request: StaffRequest) -> str:
    """Return what the address asks for, without what the page says of itself."""
    asking = request.GET.copy()
    asking.pop("shown", None)
    return asking.urlencode()


def _found(request: StaffRequest, wanted: InboxFilter, *, now: Any) -> tuple[Page[Any], bool]:
    sort, size = present.sort_of(request.GET, wanted), _size(request)
    try:
        cursor = request.GET.get("cursor", "")
        return queries_inbox.inbox_page(request.actor, wanted, sort=sort, size=size, cursor=cursor, now=now), False
    except CursorInvalid:
        return queries_inbox.inbox_page(request.actor, wanted, sort=sort, size=size, now=now), True

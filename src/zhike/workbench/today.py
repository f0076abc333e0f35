"""Today: what a person should do now, worth first, and what they decide. Parse, call, render; refuses rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core.actor import ScopeKind, require
from zhike.core.exports import record_export
from zhike.core.menu import MENU
from zhike.core.paging import CursorInvalid
from zhike.core.spreadsheets import Head, workbook, workbook_response
from zhike.core.toasts import toast, toast_now
from zhike.core.web import StaffRequest, page, return_address
from zhike.customers.queries import account_by_code
from zhike.insights.queries import current
from zhike.insights.queries_today import billed_months, standing
from zhike.workbench import today_lines, today_list
from zhike.worklist import actions, queries
from zhike.worklist.words import title_of
from zhike_analytics.contracts import codes

EXPORT_LIMIT = 20_000


def first_page(request: StaffRequest) -> HttpResponse:
    """Show the worklist to whoever has one; send all others to the first page of their own menu."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    if request.actor and request.actor.may(queries.VIEW):
        return listing(request)
    pages = MENU.entries_for(request.actor) if request.actor else []
    if pages and pages[0].url:
        return redirect(pages[0].url)
    raise Http404


@require_GET
@page(queries.VIEW)
def listing(request: StaffRequest) -> HttpResponse:
    """Show one page of items, how the person's accounts stand, and their day."""
    actor, today = request.actor, timezone.localdate()
    asked, damaged = today_list.read(request.GET, actor), False
    wanted = asked.wanted
    given: dict[str, Any] = {"today": today, "sort": asked.sort, "size": asked.size}
    try:
        found = queries.work_page(actor, wanted, cursor=asked.cursor, **given)
    except CursorInvalid:
        found, damaged = queries.work_page(actor, wanted, **given), True
    published, now = current(), timezone.localtime()
    by_day = asked.sort == "due" and wanted.state == "open"
    context = _counted(request, request.GET, asked, today) | _choices(request, today)
    context |= {
        "page": found,
        "asked": asked,
        "rows": today_lines.lines(found.rows, actor, today=today, by_day=by_day),
        "size": asked.size,
        "now": _moment(now),
        "tiers": list(codes.TIER),
        "owners": queries.assignees(actor),
        "manager": actor.scope is ScopeKind.STAFF,
        "query": request.GET.urlencode(),
        "damaged": damaged,
        "first": not asked.cursor,
        "can_export": actor.may("accounts.export"),
        "published": published,
        "standing": standing(actor, published, owner=wanted.owner, today=today),
        "months": billed_months(actor, published, owner=wanted.owner),
        "day": today_lines.day_lines(queries.day_of(actor, owner=wanted.owner, today=today), today=today),
    }
    return render(request, "workbench/today.html", context)


@require_GET
@page(queries.VIEW)
def account_next(request: StaffRequest, code: str) -> HttpResponse:
    """Show what waits at one account, as a part of its page; nothing where nothing does."""
    actor, today = request.actor, timezone.localdate()
    account = account_by_code(actor, code)
    if account is None:
        raise Http404
    items = queries.items_of_account(actor, account, today=today)
    context = _choices(request, today) | {
        "account": account,
        "rows": today_lines.lines(items, actor, today=today),
        "state": "open",
    }
    return render(request, "workbench/account_next.html", context)


def _choices(request: StaffRequest, today: date) -> dict[str, Any]:
    """Return what the lines offer to choose from; written here once, not again in each line."""
    return {
        "tomorrow": f"{today + timedelta(days=1):%Y-%m-%d}",
        "latest": f"{today + timedelta(days=actions.LONGEST_DELAY_DAYS):%Y-%m-%d}",
        "quick": quick_days(today),
        "reasons": format_html_join("", '<option value="{}">{}</option>', reasons().items()),
        "can_act": request.actor.may(queries.ACT),
    }


def _moment(now: datetime) -> str:
    day = date_format(now, _("n 月 j 日"))
    return f"{day} {today_lines.weekday(now.date())} {now:%H:%M}"


def _counted(request: StaffRequest, asked_for: QueryDict, asked: today_list.Asked, today: date) -> dict[str, Any]:
    counts = queries.counts(request.actor, asked.wanted, today=today)
    postponed, done = queries.beside(request.actor, asked.wanted, today=today)
    chips = today_list.chips(asked_for, asked.wanted, counts)
    return {
        "chips": chips, "total": chips[0]["count"] or "0", "postponed": postponed, "done": done,
        "state": asked.wanted.state,
        "level": today_list.level_names().get(asked.wanted.level, ""),
        "without_level": today_list.address(asked_for, level=""),
        "states": [
            (key, label, today_list.address(asked_for, state=key, kind=""))
            for key, label in (
                ("postponed", _("已延后 {n}").format(n=postponed)), ("done", _("今日已办 {n}").format(n=done)),
                ("dismissed", _("不处理的")),
            )
        ],
    }  # fmt: skip


def quick_days(today: date) -> list[tuple[str, str]]:
    """Return the days to which an item is put off with one press: tomorrow, next Monday, in two weeks."""
    monday = today + timedelta(days=7 - today.weekday())
    days = [(today + timedelta(days=1), _("明天")), (monday, _("下周一")), (today + timedelta(days=14), _("两周后"))]
    return [(day.isoformat(), label) for day, label in dict(days).items()]


def reasons() -> dict[str, str]:
    """Return why people do nothing about an item; the last one asks for words."""
    return {
        "not_wanted": _("客户明确不需要"), "wrong": _("信息有误"), "handled": _("已另行处理"),
        "not_worth": _("不值得做"), "other": _("其他"),
    }  # fmt: skip


@require_GET
@page(queries.VIEW)
def export(request: StaffRequest) -> HttpResponse:
    """Return the list as a workbook: the same items in the same order, all pages of them."""
    actor, today = request.actor, timezone.localdate()
    require(actor, "accounts.export")
    asked = today_list.read(request.GET, actor)
    items = queries.work_for_export(actor, asked.wanted, today=today, sort=asked.sort, limit=EXPORT_LIMIT)
    record_export(actor, "worklist", rows=len(items), asked=asdict(asked.wanted) | {"sort": asked.sort})
    titles = today_lines.head_words()
    heads = [Head(titles[key], width) for key, width in today_lines.HEADS]
    rows = (today_lines.sheet_row(line) for line in today_lines.lines(items, actor, today=today))
    note = _("只含前 {count} 件").format(count=f"{EXPORT_LIMIT:,}") if len(items) == EXPORT_LIMIT else ""
    return workbook_response("today", workbook(_("待办"), heads, rows, note=note))


# -- what people decide ----------------------------------------------------------------------------------------------


@require_POST
@page(queries.ACT)
def finish(request: StaffRequest, item_id: int) -> HttpResponse:
    """Mark an item done."""
    return _decide(request, _("已办结"), lambda: actions.finish(request.actor, item_id=item_id))


@require_POST
@page(queries.ACT)
def postpone(request: StaffRequest, item_id: int) -> HttpResponse:
    """Put an item off to the day that was pressed or typed."""
    _must_exist(request, item_id)
    written = request.POST.get("quick") or request.POST.get("until", "")
    try:
        until = date.fromisoformat(written[:10])
    except ValueError:
        return _refused(request, _("请选延后到哪一天"))
    said = _("已延后到 {day}").format(day=f"{until:%m-%d}")
    return _decide(request, said, lambda: actions.postpone(request.actor, item_id=item_id, until=until))


@require_POST
@page(queries.ACT)
def dismiss(request: StaffRequest, item_id: int) -> HttpResponse:
    """Do nothing about an item, for a reason."""
    _must_exist(request, item_id)
    code, note = request.POST.get("reason", ""), request.POST.get("note", "").replace("\0", "").strip()
    listed = reasons()
    said = "" if code == "other" else listed.get(code, "")
    reason = _("{reason}：{note}").format(reason=said, note=note) if said and note else said or note
    return _decide(request, _("不再处理"), lambda: actions.dismiss(request.actor, item_id=item_id, reason=reason))


@require_POST
@page(queries.ACT)
def reopen(request: StaffRequest, item_id: int) -> HttpResponse:
    """Take an item up again."""
    return _decide(request, _("已恢复为待办"), lambda: actions.reopen(request.actor, item_id=item_id), undo=False)


def _must_exist(request: StaffRequest, item_id: int) -> None:
    """Answer 404 for what is not the actor's to see, before anything that was typed is judged."""
    if queries.item_of(request.actor, item_id) is None:
        raise Http404


def _decide(request: StaffRequest, said: str, act: Callable[[], Any], *, undo: bool = True) -> HttpResponse:
    try:
        item = act()
    except ObjectDoesNotExist as missing:
        raise Http404 from missing
    except actions.Refused as refusal:
        return _refused(request, refused_words(refusal.code))
    except actions.AlreadyDecided as late:
        return _refused(request, decided_words(late.item), gone=True)
    text = f"{said}：{item.account.name} · {title_of(item.rule, item.evidence)}"
    back = f"/today/{item.pk}/reopen/" if undo else ""
    return _answer(request, text, back, gone=True)


def refused_words(code: str) -> str:
    """Return why a step was refused."""
    return {
        "past": _("延后的日子要在今天以后"),
        "far": _("最多延后一年"),
        "no_reason": _("请说明为什么不处理"),
    }[code]


def decided_words(item: Any) -> str:
    """Return who was quicker, and what they decided."""
    if item.decided_by is None:
        return _("这件事已经自行消除")
    return _("{name} 已处理：{state}").format(name=item.decided_by.name, state=item.get_state_display())


def _refused(request: StaffRequest, text: str, *, gone: bool = False) -> HttpResponse:
    return _answer(request, text, "", gone=gone)


def _answer(request: StaffRequest, text: str, undo: str, *, gone: bool) -> HttpResponse:
    """Say what was done: HTMX takes the line away and renews the counts, a plain form goes back to its list."""
    if not request.headers.get("HX-Request"):
        toast(request, text, undo)
        return redirect(return_address(request))
    if not gone:
        return toast_now(HttpResponse(headers={"HX-Reswap": "none"}), text)
    here = urlsplit(request.headers.get("HX-Current-URL", ""))
    if here.path != "/":  # the part of an account's page has no counts
        return toast_now(HttpResponse(), text, undo)
    shown = QueryDict(here.query)
    asked = today_list.read(shown, request.actor)
    context = _counted(request, shown, asked, timezone.localdate()) | {"oob": True}
    return toast_now(render(request, "workbench/today_counts.html", context), text, undo)

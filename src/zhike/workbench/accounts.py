"""The accounts list, its columns and views, and its workbook: parse, call, render. Refuses rules and models."""

from __future__ import annotations

from dataclasses import asdict

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core.exports import record_export
from zhike.core.paging import CursorInvalid
from zhike.core.preferences import prefer, preference, preferences
from zhike.core.spreadsheets import Head, workbook, workbook_response
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, is_our_address, page
from zhike.insights import queries
from zhike.insights.queries import Found
from zhike.workbench import account_columns, account_list
from zhike.workbench.account_cells import cells

EXPORT_LIMIT = 100_000
COLUMNS_KEY, VIEWS_KEY = "accounts.columns", "accounts.views"
MOST_VIEWS = 12


def _found(request: StaffRequest, asked: account_list.Asked, *, cursor: str) -> Found:
    return queries.accounts_page(
        request.actor, asked.wanted, today=timezone.localdate(), sort=asked.sort, descending=asked.descending,
        size=asked.size, cursor=cursor,
    )  # fmt: skip


def _asked(request: StaffRequest) -> account_list.Asked:
    """Return what the address asks for; keys without an index sort short lists only."""
    asked = account_list.read(request.GET, may_margin=request.actor.may("margin.view"))
    if asked.sort in queries.SHORT_SORTS and not queries.is_short(
        request.actor, asked.wanted, today=timezone.localdate()
    ):
        return account_list.Asked(asked.wanted, "billed", True, asked.size, "")
    return asked


@require_GET
@page("accounts.view")
def listing(request: StaffRequest) -> HttpResponse:
    """Show one page of accounts."""
    actor, asked, damaged = request.actor, _asked(request), False
    try:
        found = _found(request, asked, cursor=asked.cursor)
    except CursorInvalid:
        found, damaged = _found(request, asked, cursor=""), True
    kept = preferences(actor, COLUMNS_KEY, VIEWS_KEY)
    columns = account_columns.chosen(actor, kept.get(COLUMNS_KEY))
    saved = kept.get(VIEWS_KEY) or []
    regions = queries.regions_of(actor, found.publication)
    wanted = asked.wanted
    names = {
        "region": next((one.name for one in regions if one.pk == wanted.region), ""),
        "lead": found.leads.get(wanted.lead or 0, ""),
    }
    billed = [row.billed for row in found.page.rows if row.billed is not None]
    lead_address = account_list.without(request.GET, "lead") + "&lead="
    tabs = account_list.tabs(request.GET, saved)
    context = {
        "page": found.page,
        "publication": found.publication,
        "size": asked.size,
        "sort": asked.order,
        "columns": columns,
        "column_choice": account_columns.choice(actor, columns),
        "column_count": len(columns) + 1,
        "rows": [(row, cells(row, found, columns, lead_address=lead_address)) for row in found.page.rows],
        "count": _count_text(found),
        "billed_sum": sum(billed) if billed else None,
        "q": wanted.text,
        "region": wanted.region,
        "regions": regions,
        "choices": account_list.choices(wanted),
        "numbers": {key: request.GET.get(key, "") for key in (*account_list.NUMBERS, *account_list.FLAGS)},
        "chips": account_list.chips(request.GET, wanted, names),
        "hidden": [(name, value) for name in account_list.CONDITIONS for value in request.GET.getlist(name) if value],
        "tabs": tabs,
        "can_save": len(saved) < MOST_VIEWS and not any(tab["here"] for tab in tabs),
        "kept": account_list.kept(request.GET),
        "damaged": damaged,
        "unsorted": asked.order != request.GET.get("sort", asked.order),
        "can_export": actor.may("accounts.export"),
        "can_create": actor.may("accounts.create"),
        "can_assign": actor.may("accounts.assign"),
        "narrowed": wanted.narrows,
    }
    return render(request, "workbench/accounts.html", context)


def _count_text(found: Found) -> str:
    if found.count is None:
        return _("{count} 户以上").format(count=len(found.page.rows))
    if found.count >= queries.COUNT_STOPS_AT:
        return _("{count} 户以上").format(count=f"{queries.COUNT_STOPS_AT - 1:,}")
    return _("{count} 户").format(count=f"{found.count:,}")


@require_GET
@page("accounts.export")
def export(request: StaffRequest) -> HttpResponse:
    """Return the list as a workbook: the same rows, order and columns as the page; texts never start a formula."""
    asked = _asked(request)
    found = queries.accounts_for_export(
        request.actor, asked.wanted, today=timezone.localdate(), sort=asked.sort, descending=asked.descending,
        limit=EXPORT_LIMIT,
    )  # fmt: skip
    columns = account_columns.chosen(request.actor, preference(request.actor, COLUMNS_KEY))
    rows = found.page.rows
    record_export(request.actor, "accounts", rows=len(rows), asked=asdict(asked.wanted) | {"sort": asked.order})
    heads = [Head(_("客户"), 32), *(Head(account_columns.sheet_title(one), one.width) for one in columns)]
    lines = ([row.name, *(account_columns.sheet_value(one, row, found) for one in columns)] for row in rows)
    note = _("只含前 {count} 户").format(count=f"{EXPORT_LIMIT:,}") if len(rows) == EXPORT_LIMIT else ""
    return workbook_response("accounts", workbook(_("客户"), heads, lines, note=note))


@require_POST
@page("accounts.view")
def columns(request: StaffRequest) -> HttpResponse:
    """Keep which columns a person wants, and in which order."""
    keys = [key for key in request.POST.getlist("column") if key in account_columns.BY_KEY]
    prefer(request.actor, COLUMNS_KEY, None if request.POST.get("reset") or not keys else list(dict.fromkeys(keys)))
    return redirect(_back(request))


@require_POST
@page("accounts.view")
def views(request: StaffRequest) -> HttpResponse:
    """Keep the present conditions as a view of the person's own, or forget one."""
    saved = list(preference(request.actor, VIEWS_KEY) or [])
    forget = request.POST.get("forget", "")
    if forget.isascii() and forget.isdigit() and int(forget) < len(saved):
        gone = saved.pop(int(forget))
        prefer(request.actor, VIEWS_KEY, saved)
        toast(request, _("已删除视图“{name}”").format(name=gone["name"]))
        return redirect("workbench:accounts")
    name = request.POST.get("name", "").replace("\0", "").strip()[:20]
    query = account_list.kept(QueryDict(request.POST.get("query", "")[:2000]))
    if not name:
        toast(request, _("请给视图起个名字"))
    elif len(saved) >= MOST_VIEWS:
        toast(request, _("最多保存 {count} 个视图，请先删一个").format(count=MOST_VIEWS))
    else:
        saved = [view for view in saved if view["name"] != name]
        prefer(request.actor, VIEWS_KEY, [*saved, {"name": name, "query": query}])
        toast(request, _("已存为视图“{name}”").format(name=name))
    return redirect(f"{reverse('workbench:accounts')}?{query}")


def _back(request: StaffRequest) -> str:
    address = request.POST.get("next", "")
    return address if is_our_address(request, address) else reverse("workbench:accounts")

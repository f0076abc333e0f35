"""The accounts list and its workbook: parse what the address says, call, render. Refuses rules and models."""

from __future__ import annotations

import io
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

import xlsxwriter
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core.exports import record_export
from zhike.core.menu import MENU
from zhike.core.paging import PAGE_SIZES, CursorInvalid
from zhike.core.web import StaffRequest, page
from zhike.customers import queries
from zhike.customers.queries import CHOICES, SORTS, AccountFilter
from zhike.workbench.names import choice_name
from zhike_analytics.contracts import codes

EXPORT_LIMIT = 100_000
VIEWS = ("all", "ending", "no_decider")


def first_page(request: StaffRequest) -> HttpResponse:
    """Send a person to the first page of their own menu."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    pages = MENU.entries_for(request.actor) if request.actor else []
    if pages and pages[0].url:
        return redirect(pages[0].url)
    raise Http404


def _wanted(request: StaffRequest) -> tuple[AccountFilter, str, bool, str]:
    """Return filter, sort key, direction and saved view of an address; what makes no sense is left out."""
    asked = request.GET
    view = asked.get("view", "all")
    view = view if view in VIEWS else "all"
    region = asked.get("region", "")
    chosen = {
        name: tuple(value for value in asked.getlist(name) if value in choices) for name, choices in CHOICES.items()
    }
    wanted = AccountFilter(
        text=asked.get("q", "")[:100],
        chosen={name: values for name, values in chosen.items() if values},
        region=int(region) if region.isascii() and region.isdigit() and len(region) < 10 else None,
        contract_ends_before=date.today() + timedelta(days=90) if view == "ending" else None,
        decider_unknown=view == "no_decider",
    )
    sort = asked.get("sort", "name")
    key = sort.removeprefix("-")
    return (wanted, key, sort.startswith("-"), view) if key in SORTS else (wanted, "name", False, view)


def _without(request: StaffRequest, name: str) -> str:
    """Return the address without one condition; paging starts anew."""
    parameters = request.GET.copy()
    for key in (name, "cursor"):
        parameters.pop(key, None)
    return "?" + parameters.urlencode()


def _row(account: Any) -> dict[str, Any]:
    lead = account.lead_rows[0] if account.lead_rows else None
    return {
        "account": account,
        "tier": account.tier,
        "level": choice_name(codes.SERVICE_LEVEL, account.service_level),
        "lifecycle": choice_name(codes.LIFECYCLE, account.lifecycle),
        "manager": lead.staff.name if lead else "",
        "ends_on": account.running_contracts[0].ends_on if account.running_contracts else None,
    }


@require_GET
@page("accounts.view")
def listing(request: StaffRequest) -> HttpResponse:
    """Show one page of accounts."""
    wanted, sort, descending, view = _wanted(request)
    asked = request.GET.get("size", "")
    size = int(asked) if asked.isascii() and asked.isdigit() and int(asked) in PAGE_SIZES else PAGE_SIZES[0]
    cursor, damaged = request.GET.get("cursor", ""), False
    try:
        found = queries.accounts_page(request.actor, wanted, sort=sort, descending=descending, size=size, cursor=cursor)
    except CursorInvalid:
        found, damaged = (
            queries.accounts_page(request.actor, wanted, sort=sort, descending=descending, size=size),
            True,
        )
    count = queries.accounts_count(request.actor, wanted)
    names = {"tier": _("等级"), "ownership": _("单位性质"), "size": _("规模"), "lifecycle": _("在网状态")}
    context = {
        "page": found,
        "size": size,
        "sort": f"-{sort}" if descending else sort,
        "view": view,
        "views": [("all", _("全部")), ("ending", _("90 天内到期")), ("no_decider", _("拍板人没有联系"))],
        "rows": [_row(account) for account in found.rows],
        "count": f"{queries.COUNT_STOPS_AT - 1}+" if count >= queries.COUNT_STOPS_AT else str(count),
        "q": wanted.text,
        "region": wanted.region,
        "regions": queries.regions_of(request.actor),
        "choices": [
            (
                name,
                names[name],
                [(code, choice_name(values, code), code in wanted.chosen.get(name, ())) for code in values],
            )
            for name, values in CHOICES.items()
        ],
        "chips": [
            (names[name], " ".join(choice_name(CHOICES[name], code) for code in values), _without(request, name))
            for name, values in wanted.chosen.items()
        ],
        "damaged": damaged,
        "can_export": request.actor.may("accounts.export"),
        "narrowed": bool(wanted.text or wanted.chosen or wanted.region or view != "all"),
    }
    return render(request, "workbench/accounts.html", context)


@require_GET
@page("accounts.export")
def export(request: StaffRequest) -> HttpResponse:
    """Return the list as a workbook: the same rows, order and columns; texts never start a formula."""
    wanted, sort, descending, _view = _wanted(request)
    rows = queries.accounts_for_export(request.actor, wanted, sort=sort, descending=descending, limit=EXPORT_LIMIT)
    record_export(request.actor, "accounts", rows=len(rows), asked=asdict(wanted) | {"sort": sort})
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(
        buffer, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    ) as book:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        head = [
            _("编码"),
            _("客户"),
            _("行业"),
            _("等级"),
            _("服务等级"),
            _("在网状态"),
            _("区域"),
            _("客户经理"),
            _("合同到期"),
        ]
        sheet.write_row(0, 0, head, book.add_format({"bold": True}))
        for number, account in enumerate(rows, start=1):
            row = _row(account)
            texts = [
                account.code, account.name, account.industry, account.tier, row["level"], row["lifecycle"],
                account.region.name, row["manager"],
            ]  # fmt: skip
            for column, text in enumerate(texts):
                sheet.write_string(number, column, text)
            if row["ends_on"]:
                sheet.write_datetime(number, len(texts), row["ends_on"], day)
    answer = HttpResponse(
        buffer.getvalue(), content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )
    answer["Content-Disposition"] = 'attachment; filename="accounts.xlsx"'
    return answer

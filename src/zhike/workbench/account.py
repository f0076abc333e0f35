"""Account 360: one account seen from all rooms. Parse, call, render; refuses rules and models."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from zhike.core.masking import mask_phone
from zhike.core.paging import CursorInvalid
from zhike.core.web import StaffRequest, page
from zhike.customers import queries, queries_group, queries_history, queries_team
from zhike.customers.analysis import completeness
from zhike.customers.words import MASKS, choice_name
from zhike.facts import figures
from zhike.insights.queries import current, latest_figures
from zhike.insights.queries_head import head_of
from zhike.workbench import present_why
from zhike.workbench.present import bill_chart, event_lines, group_total, named_lines, people_chart, site_chart
from zhike.workbench.present_archive import archive_fields, told_entries
from zhike.workbench.present_head import alert_words, score_figures
from zhike_analytics.contracts import codes, periods

GROUP_ROWS = 300  # shown of a group; the roll-up counts all of it
TABS = ("people", "archive", "sites", "group", "members", "team", "timeline")


def _account(request: StaffRequest, code: str) -> Any:
    account = queries.account_by_code(request.actor, code)
    if account is None:
        raise Http404
    return account


def _head(request: StaffRequest, account: Any, tab: str) -> dict[str, Any]:
    facts = [
        choice_name(codes.OWNERSHIP, account.ownership),
        account.industry,
        choice_name(codes.SIZE, account.size),
        account.region.name,
    ]
    closed = account.lifecycle == "left"
    return {
        "account": account,
        "closed": closed,
        "left_because": queries_history.why_closed(request.actor, account) if closed else None,
        "can_erase": request.actor.may("personal.erase"),
        "can_create": request.actor.may("accounts.create"),
        "tab": tab,
        "team": queries.team_of(request.actor, account),
        "facts": list(dict.fromkeys(fact for fact in facts if fact)),
        "level": choice_name(codes.SERVICE_LEVEL, account.service_level),
        "assurance": choice_name(codes.ASSURANCE_LEVEL, account.assurance_level),
        "lifecycle": choice_name(codes.LIFECYCLE, account.lifecycle),
        "can_edit": request.actor.may("accounts.edit"),
        "tabs": [
            ("people", _("谁说了算")),
            ("sites", _("场所")),
            ("group", _("集团")),
            ("members", _("成员")),
            ("team", _("团队")),
            ("timeline", _("经过")),
            ("archive", _("档案")),
        ],
    }


@require_GET
@page("accounts.view")
def overview(request: StaffRequest, code: str) -> HttpResponse:
    """Show what one must know of an account on one page."""
    account = _account(request, code)
    actor = request.actor
    context = _head(request, account, "")
    contacts = queries.contacts_of(actor, account)
    holdings = queries.holdings_of(actor, account)
    head = head_of(actor, account, today=timezone.localdate())
    months = head.months
    timeline = figures.timeline_of(actor, account, size=8)
    ours = sum(one.ours_fen for one in holdings)
    theirs = sum(one.theirs_fen for one in holdings)
    items, percent = completeness(account)
    latest = months[-1] if months else None
    context |= {
        "months": months,
        "latest": latest,
        "billed_points": [one.billed_fen for one in months],
        "margin": latest.margin_fen / latest.billed_fen
        if latest and latest.margin_fen is not None and latest.billed_fen > 0
        else None,
        "share": ours / (ours + theirs) if ours + theirs else None,
        "rival_share": theirs / (ours + theirs) if ours + theirs else None,
        "theirs_fen": theirs,
        "ends_on": head.ends_on,
        "contracts": head.contracts,
        "now": head.now,
        "scores": score_figures(head, account.code),
        "moved": present_why.moved_because(head.now["moved_because"]) if head.now else "",
        "alerts": alert_words(head, account.code),
        "percent": percent,
        "items": items,
        "classes": [(choice_name(codes.BUSINESS_CLASS, one.key), one) for one in holdings],
        "has_holdings": any(one.ours or one.theirs for one in holdings),
        "operators": codes.OPERATOR,
        "people": people_chart(contacts, context["team"]),
        "contacts": contacts,
        "bills": bill_chart(months),
        "timeline": event_lines(timeline.rows),
        "more_events": timeline.following is not None,
    }
    return render(request, "workbench/account.html", context)


@require_GET
@page("accounts.view")
def month(request: StaffRequest, code: str, period: int) -> HttpResponse:
    """Show the bill lines (and costs) that a month's figures were added up from."""
    account = _account(request, code)
    try:
        periods.check(period)
    except ValueError as fault:
        raise Http404 from fault
    actor = request.actor
    lines = figures.bill_lines(actor, account, period)
    costs = figures.cost_lines(actor, account, period) if actor.may("margin.view") else []
    payments = figures.payments_for(actor, account, period)
    context = _head(request, account, "bills") | {
        "payments": [(choice_name(codes.PAYMENT_METHOD, one["method"] or ""), one) for one in payments],
        "paid": sum(one["amount_fen"] for one in payments),
        "period": period,
        "lines": named_lines(lines),
        "total": sum(line["amount_fen"] for line in lines),
        "costs": [one | {"kind": choice_name(codes.COST_KIND, one["kind"])} for one in named_lines(costs)],
        "cost_total": sum(line["amount_fen"] for line in costs),
    }
    return render(request, "workbench/account_month.html", context)


@require_GET
@page("accounts.view")
def tab(request: StaffRequest, code: str, tab: str) -> HttpResponse:
    """Show one of the account's further pages."""
    if tab not in TABS:
        raise Http404
    account = _account(request, code)
    context = _head(request, account, tab) | _TAB_CONTEXT[tab](request, account)
    return render(request, f"workbench/account_{tab}.html", context)


def _people(request: StaffRequest, account: Any) -> dict[str, Any]:
    contacts = queries.contacts_of(request.actor, account)
    names = {one.code: one.name for one in contacts}
    rows = [
        {
            "contact": one,
            "boss": names.get(one.reports_to_code, ""),
            "role": choice_name(codes.DECISION_ROLE, one.decision_role),
            "channels": [
                (field, label, MASKS[field](getattr(one, field)))
                for field, label in (
                    ("mobile", _("手机")),
                    ("phone", _("座机")),
                    ("email", _("邮箱")),
                    ("wechat", _("微信")),
                    ("birthday", _("生日")),
                )
                if getattr(one, field)
            ],
        }
        for one in contacts
    ]
    return {"rows": rows, "can_show": request.actor.may("personal.show")}


def _archive(request: StaffRequest, account: Any) -> dict[str, Any]:
    actor = request.actor
    items, percent = completeness(account)
    try:
        changes = queries_history.changes_page(actor, account, size=20, cursor=request.GET.get("cursor", ""))
    except CursorInvalid as damage:
        raise Http404 from damage
    return {
        "items": items,
        "percent": percent,
        "fields": archive_fields(account, queries_history.field_changes(actor, account)),
        "page": changes,
        "changes": told_entries(changes.rows),
        "contracts": queries.contracts_of(actor, account),
        "associations": [
            (one, choice_name(codes.ASSOCIATION_ROLE, one.member_role))
            for one in queries.associations_of(actor, account)
        ],
        "suppliers": queries.suppliers_of(actor, account),
    }


def _sites(request: StaffRequest, account: Any) -> dict[str, Any]:
    sites = queries.sites_of(request.actor, account)
    return {"sites": sites, "chart": site_chart(sites)}


def _group(request: StaffRequest, account: Any) -> dict[str, Any]:
    members = queries_group.group_of(request.actor, account)
    published = current()
    figures = latest_figures(request.actor, published, [one.account_id for one in members if one.in_scope])
    return {
        "members": [(one, figures.get(one.account_id)) for one in members[:GROUP_ROWS]],
        "more": max(len(members) - GROUP_ROWS, 0),
        "period": published.last_period if published else None,
        "total": group_total(members, figures),
    }


def _members(request: StaffRequest, account: Any) -> dict[str, Any]:
    try:
        found = queries.member_lines_of(request.actor, account, size=50, cursor=request.GET.get("cursor", ""))
    except CursorInvalid as damage:
        raise Http404 from damage
    counts = queries.member_line_counts(request.actor, account)
    rows = [(mask_phone(one.number), one, choice_name(codes.LINE_STATUS, one.status)) for one in found.rows]
    return {"page": found, "rows": rows, "group": counts.get("group", 0), "person": counts.get("person", 0)}


def _team(request: StaffRequest, account: Any) -> dict[str, Any]:
    team = queries.team_of(request.actor, account)
    labels = [("lead", _("首席客户经理")), ("backup", _("后备客户经理")), ("service", _("服务支撑"))]
    return {
        "places": [
            {"key": key, "label": label, "rows": [row for row in team if row.duty == key]} for key, label in labels
        ],
        "past": queries_team.history_of_team(request.actor, account),
        "can_assign": request.actor.may("accounts.assign"),
    }


def _timeline(request: StaffRequest, account: Any) -> dict[str, Any]:
    kind = request.GET.get("kind", "")
    kind = kind if kind in {"complaints", "visits", "orders"} else ""
    try:
        found = figures.timeline_of(request.actor, account, kind=kind, size=50, cursor=request.GET.get("cursor", ""))
    except CursorInvalid as damage:
        raise Http404 from damage
    kinds = [
        ("", _("全部")),
        ("complaints", _("投诉")),
        ("visits", _("走访")),
        ("orders", _("订单")),
    ]
    return {"page": found, "events": event_lines(found.rows), "kind": kind, "kinds": kinds}


_TAB_CONTEXT = {
    "people": _people,
    "archive": _archive,
    "sites": _sites,
    "group": _group,
    "members": _members,
    "team": _team,
    "timeline": _timeline,
}

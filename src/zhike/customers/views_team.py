"""Pages that assign, release and hand over. Parse, call, render; refuse rules and models."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.customers import actions_team, queries, queries_team
from zhike.customers.forms_team import AssignForm, HandOverForm

MOST_AT_ONCE = 100
DUTIES = dict(actions_team.Duty.choices)
REFUSALS = {
    "not_led": gettext_lazy("只能选您带的人。"),
    "other_team": gettext_lazy("这一位属于别的班组，请区域主管来调整。"),
    "already": gettext_lazy("这个人已经在这个位置上。"),
    "lead_stays": gettext_lazy("首席客户经理只能换人，不能空缺。"),
    "same": gettext_lazy("不能转交给本人。"),
}


@require_http_methods(["GET", "POST"])
@page("accounts.assign")
def assign(request: StaffRequest, code: str, duty: str) -> HttpResponse:
    """Choose who takes a place in the account's team, with what that means for who stood there."""
    account = queries.account_by_code(request.actor, code)
    if account is None or duty not in DUTIES:
        raise Http404
    team = queries.team_of(request.actor, account)
    former = next((row for row in team if row.duty == "lead"), None) if duty == "lead" else None
    form = AssignForm(request.POST or None, people=queries_team.assignable(request.actor, duty))
    if former is None:
        del form.fields["keep_former"]
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            actions_team.assign(
                request.actor, code=code, duty=duty, staff_id=said["staff"], reason=said["reason"],
                keep_former=said.get("keep_former", False),
            )  # fmt: skip
        except actions_team.Refused as refusal:
            form.add_error("staff", REFUSALS[refusal.code])
        else:
            toast(request, _("已分派"))
            return redirect("workbench:account_tab", code, "team")
    context = {"account": account, "duty": duty, "title": DUTIES[duty], "former": former, "form": form}
    return render(request, "customers/assign.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "POST"])
@page("accounts.assign")
def assign_many(request: StaffRequest) -> HttpResponse:
    """Choose the lead manager of the accounts that were ticked in a list."""
    asked = request.POST if request.method == "POST" else request.GET
    ids = [int(one) for one in asked.getlist("ids")[:MOST_AT_ONCE] if one.isascii() and one.isdigit() and len(one) < 19]
    accounts = queries_team.picked(request.actor, ids)
    if not accounts:
        toast(request, _("没有选中客户"))
        return redirect("workbench:accounts")
    form = AssignForm(request.POST or None, people=queries_team.assignable(request.actor))
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            moved = actions_team.assign_many(
                request.actor, codes=[one.code for one in accounts], staff_id=said["staff"], reason=said["reason"],
                keep_former=said["keep_former"],
            )  # fmt: skip
        except actions_team.Refused as refusal:
            form.add_error("staff", REFUSALS[refusal.code])
        else:
            toast(request, ngettext("已转交 %(n)d 户", "已转交 %(n)d 户", moved) % {"n": moved})
            return redirect("workbench:accounts")
    context = {"accounts": accounts, "form": form}
    return render(request, "customers/assign_many.html", context, status=422 if form.errors else 200)


@require_POST
@page("accounts.assign")
def release(request: StaffRequest, code: str, membership_id: int) -> HttpResponse:
    """Let a back-up or a supporter leave the team."""
    account = queries.account_by_code(request.actor, code)
    if account is None or all(row.pk != membership_id for row in queries.team_of(request.actor, account)):
        raise Http404
    try:
        row = actions_team.release(request.actor, code=code, membership_id=membership_id)
    except actions_team.Refused as refusal:
        messages.error(request, str(REFUSALS[refusal.code]))
    else:
        toast(request, _("%(name)s 已退出客户团队") % {"name": row.staff.name})
    return redirect("workbench:account_tab", code, "team")


@require_http_methods(["GET", "POST"])
@page("accounts.handover")
def hand_over(request: StaffRequest, staff_id: int) -> HttpResponse:
    """Give all accounts of a person to a successor."""
    portfolio = queries_team.portfolio_of(request.actor, staff_id) if staff_id < 2**63 else None
    if portfolio is None:
        raise Http404
    people = [one for one in queries_team.assignable(request.actor) if one.pk != staff_id]
    form = HandOverForm(request.POST or None, people=people)
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            moved = actions_team.hand_over(request.actor, from_id=staff_id, to_id=said["staff"], reason=said["reason"])
        except actions_team.Refused as refusal:
            form.add_error("staff", REFUSALS[refusal.code])
        else:
            toast(request, ngettext("已转交 %(n)d 户", "已转交 %(n)d 户", moved) % {"n": moved})
            return redirect("people:person", staff_id)
    counts: list[tuple[Any, int]] = [(DUTIES[duty], n) for duty, n in sorted(portfolio.counts.items())]
    context = {"portfolio": portfolio, "counts": counts, "form": form}
    return render(request, "customers/handover.html", context, status=422 if form.errors else 200)

"""Opening an account by hand, closing and reopening it. Parse, call, render; refuse rules and models."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.customers import actions, actions_accounts, queries, queries_history, queries_identity, queries_team
from zhike.customers.forms import OpenForm, ReasonForm


@require_http_methods(["GET", "POST"])
@page("accounts.create")
def create(request: StaffRequest) -> HttpResponse:
    """Open an account; one that looks like it is shown first, and what was typed is kept."""
    actor = request.actor
    regions = queries_identity.regions_to_open_in(actor)
    leads = queries_team.assignable(actor)
    form = OpenForm(
        request.POST or None, regions=regions, leads=leads, lead_needed=not actor.region_ids,
        initial={"lead": actor.staff_id, "parent_code": request.GET.get("parent", "")[:40].replace("\0", "")},
    )  # fmt: skip
    twins: Any = None
    if request.method == "POST" and form.is_valid():
        said = dict(form.cleaned_data)
        try:
            account = actions_accounts.create_account(
                actor,
                region_id=said.pop("region"),
                lead_id=said.pop("lead", None),
                parent_code=said.pop("parent_code"),
                confirmed=said.pop("confirmed").strip(),
                values=said,
            )
        except actions_accounts.Doubtful as doubt:
            twins = doubt.twins
        except actions_accounts.NotYours as refusal:
            form.add_error(str(refusal) if str(refusal) in form.fields else None, _("这里没有您可以选的这一项。"))
        else:
            toast(request, _("已新建 %(name)s") % {"name": account.name})
            return redirect("workbench:account", account.code)
    context = {"form": form, "regions": regions, "twins": twins}
    wrong = request.method == "POST" and (form.errors or twins)
    return render(request, "customers/open.html", context, status=422 if wrong else 200)


@require_http_methods(["GET", "POST"])
@page("accounts.edit")
def lifecycle(request: StaffRequest, code: str, step: str) -> HttpResponse:
    """Say what closing or reopening means, ask why, and do it."""
    account = queries.account_by_code(request.actor, code)
    closed = account is not None and account.lifecycle == actions_accounts.CLOSED
    if account is None or step not in {"close", "reopen"} or closed != (step == "reopen"):
        raise Http404
    form = ReasonForm(request.POST or None, initial={"seen_at": account.updated_at.isoformat()})
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        turn = actions_accounts.close_account if step == "close" else actions_accounts.reopen_account
        try:
            if form.cleaned_data["seen_at"] is None:
                raise actions.Stale
            turn(request.actor, code=code, reason=form.cleaned_data["reason"], seen_at=form.cleaned_data["seen_at"])
        except actions.Stale:
            form = ReasonForm({"reason": form.cleaned_data["reason"], "seen_at": account.updated_at.isoformat()})
            form.is_valid()
            form.add_error(None, _("这个客户刚被别人改过，请看过再决定。"))
            status = 409
        else:
            toast(request, _("已标记离网") if step == "close" else _("已恢复在网"))
            return redirect("workbench:account", code)
    context = {
        "account": account,
        "form": form,
        "step": step,
        "left_because": queries_history.why_closed(request.actor, account) if closed else None,
        "held": sum(len(one.ours) for one in queries.holdings_of(request.actor, account)),
    }
    return render(request, "customers/lifecycle.html", context, status=status)

"""Single steps in the archive: editing an account, showing a masked value. Parse, call, render."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_cotton.utils import render_component

from zhike.core.looks import ReasonMissing
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.customers import actions, conflicts, queries, queries_rows
from zhike.customers.forms import AccountForm
from zhike.customers.words import MASKS


@require_http_methods(["GET", "POST"])
@page("accounts.edit")
def edit(request: StaffRequest, code: str) -> HttpResponse:
    """Change what is known of an account; typed text is kept when something is wrong."""
    account = queries.account_by_code(request.actor, code)
    if account is None:
        raise Http404
    entry = queries_rows.last_entry(request.actor, "customers_account", account.pk)
    account = queries.account_by_code(request.actor, code) or account  # as of that entry or later
    form = AccountForm(request.POST or None, initial=AccountForm.start(account, entry), account=account)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        seen_at = form.cleaned_data["seen_at"]
        try:
            if seen_at is None:
                raise actions.Stale
            actions.change_account(request.actor, code=code, changes=form.values(), seen_at=seen_at)
        except actions.Stale:
            seen = form.cleaned_data["seen_entry"]
            entries = queries_rows.changes_since(
                request.actor, account, "customers_account", account.pk, entry if seen is None else seen
            )
            newest = queries.account_by_code(request.actor, code)
            form = AccountForm(conflicts.settled(AccountForm, newest, request.POST, entries), account=newest)
            form.is_valid()
            form.add_error(None, conflicts.told(entries))
            status = 409
        else:
            toast(request, _("已保存"))
            return redirect("workbench:account_tab", code, "archive")
    return render(request, "customers/edit.html", {"account": account, "form": form}, status=status)


@require_POST
@page("personal.show")
def show_personal(request: StaffRequest, code: str, contact_id: int, field: str) -> HttpResponse:
    """Show one personal value after a reason was given; the look is written down first."""
    account = queries.account_by_code(request.actor, code)
    contact = queries.contact_of(request.actor, account, contact_id) if account else None
    if contact is None or field not in MASKS:
        raise Http404
    url = reverse("customers:show_personal", args=[code, contact_id, field])
    try:
        value = actions.show_personal(
            request.actor, contact=contact, field=field, reason=request.POST.get("reason", "")
        )
    except ReasonMissing:
        masked = MASKS[field](getattr(contact, field))
        body = render_component(
            request, "masked", value=masked, url=url, label=_("联系方式"), error=_("请写明原因，至少四个字")
        )
        return HttpResponse(body, status=422)
    return HttpResponse(render_component(request, "masked", value=value))

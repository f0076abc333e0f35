"""Pages that add, change and remove an account's rows. Parse, call, render; refuse rules and models."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.customers import actions_rows, conflicts, forms_rows, queries, queries_rows
from zhike.customers.actions import Stale
from zhike.customers.kinds import KINDS, RowKind

FORMS: dict[str, type[forms_rows.RowForm]] = {
    "contacts": forms_rows.ContactForm,
    "sites": forms_rows.SiteForm,
    "rivals": forms_rows.RivalForm,
    "contracts": forms_rows.ContractForm,
}


@require_http_methods(["GET", "POST"])
@page("accounts.edit")
def add(request: StaffRequest, code: str, kind: str) -> HttpResponse:
    """Add a row; typed text is kept when something is wrong."""
    account, declared = _account(request, code), _kind(kind)
    form = _form(request, declared, account, None, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            actions_rows.add_row(request.actor, kind=declared, code=code, values=form.values())
        except actions_rows.Erased as refusal:
            form.refuse_erased(refusal.column)  # type: ignore[attr-defined]
        except actions_rows.CodeTaken:
            form.add_error("code" if "code" in form.fields else None, _("这个编号已经有了。"))
        else:
            toast(request, _("已保存"))
            return _back(code, declared)
    return _shown(request, account, declared, None, form)


@require_http_methods(["GET", "POST"])
@page("accounts.edit")
def change(request: StaffRequest, code: str, kind: str, row_id: int) -> HttpResponse:
    """Change a row; when somebody else saved first, say who changed what and keep what was typed."""
    account, declared = _account(request, code), _kind(kind)
    table = declared.model._meta.db_table
    entry = queries_rows.last_entry(request.actor, table, row_id) if row_id < 2**63 else 0
    row = _row(request, declared, account, row_id)
    if getattr(row, "erased_at", None):
        raise Http404
    form = _form(request, declared, account, row, request.POST if request.method == "POST" else None, entry)
    status = 0
    if request.method == "POST" and form.is_valid():
        seen_at = form.cleaned_data["seen_at"]
        try:
            if seen_at is None:
                raise Stale
            actions_rows.change_row(
                request.actor, kind=declared, code=code, row_id=row_id, changes=form.values(), seen_at=seen_at
            )
        except actions_rows.Erased as refusal:
            form.refuse_erased(refusal.column)  # type: ignore[attr-defined]
        except Stale:
            seen = form.cleaned_data["seen_entry"]
            entries = queries_rows.changes_since(request.actor, account, table, row_id, entry if seen is None else seen)
            row = _row(request, declared, account, row_id)
            typed = conflicts.settled(FORMS[kind], row, request.POST, entries)
            form = _form(request, declared, account, row, typed)
            form.is_valid()
            form.add_error(None, conflicts.told(entries))
            status = 409
        else:
            toast(request, _("已保存"))
            return _back(code, declared)
    return _shown(request, account, declared, row, form, status)


@require_http_methods(["GET", "POST"])
@page("accounts.edit")
def remove(request: StaffRequest, code: str, kind: str, row_id: int) -> HttpResponse:
    """Ask once, saying what will happen; then take the row out."""
    account, declared = _account(request, code), _kind(kind)
    row = _row(request, declared, account, row_id)
    stale = False
    if request.method == "POST":
        seen_at = _moment(request.POST.get("seen_at", ""))
        try:
            if seen_at is None:
                raise Stale
            actions_rows.remove_row(request.actor, kind=declared, code=code, row_id=row_id, seen_at=seen_at)
        except Stale:
            stale, row = True, _row(request, declared, account, row_id)
        else:
            toast(request, _("已移除"))
            return _back(code, declared)
    context = _frame(account, declared) | {
        "row": row,
        "stale": stale,
        "seen_at": row.updated_at.isoformat(),
        "naming": queries_rows.subscriptions_naming(request.actor, account, **{declared.noun: row.code})
        if declared.noun in {"contract", "site"}
        else 0,
    }
    return render(request, "customers/row_remove.html", context, status=409 if stale else 200)


def _account(request: StaffRequest, code: str) -> Any:
    account = queries.account_by_code(request.actor, code)
    if account is None:
        raise Http404
    return account


def _kind(key: str) -> RowKind:
    if key not in KINDS:
        raise Http404
    return KINDS[key]


def _row(request: StaffRequest, kind: RowKind, account: Any, row_id: int) -> Any:
    row = queries_rows.row_of(request.actor, kind, account, row_id) if row_id < 2**63 else None
    if row is None:
        raise Http404
    return row


def _form(
    request: StaffRequest, kind: RowKind, account: Any, row: Any, typed: Any, entry: int = 0
) -> forms_rows.RowForm:
    more: dict[str, Any] = {}
    if kind.key == "contacts":
        keep = row.tie_staff_id if row else None
        more = {
            "people": queries.contacts_of(request.actor, account),
            "ours": queries_rows.tie_candidates(request.actor, account, keep=keep),
            "row": row,
        }
    if kind.own_code:
        more = {"new": row is None}
    form = FORMS[kind.key]
    return form(typed, initial=form.start(row, entry) if row else {}, **more)


def _frame(account: Any, kind: RowKind) -> dict[str, Any]:
    return {"account": account, "kind": kind}


def _shown(request: StaffRequest, account: Any, kind: RowKind, row: Any, form: Any, status: int = 0) -> HttpResponse:
    context = _frame(account, kind) | {"form": form, "row": row, "title": kind.change if row else kind.add}
    context["can_erase"] = request.actor.may("personal.erase")
    return render(request, "customers/row_form.html", context, status=status or (422 if form.errors else 200))


def _back(code: str, kind: RowKind) -> HttpResponse:
    return redirect("workbench:account_tab", code, kind.tab) if kind.tab else redirect("workbench:account", code)


def _moment(text: str) -> Any:
    """Return a moment with its zone, or nothing for anything else."""
    try:
        moment = parse_datetime(text)
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None

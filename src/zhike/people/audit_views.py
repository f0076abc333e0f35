"""Pages of the auditor: changes, looks, sign-ins, long work. Refuses to change anything, and all personal values."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from zhike.core.audit_queries import (
    ACCOUNT_CODES,
    AuditFilter,
    change_entries,
    look_entries,
    newest_page,
    run_entries,
)
from zhike.core.paging import CursorInvalid, Page
from zhike.core.web import page
from zhike.people.audit_words import Names, action_words, audited_tables, column_label, table_words, told_change
from zhike.people.queries import security_events
from zhike.people.security_words import EVENT_KINDS, METHODS
from zhike.people.views import page_size

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 30)


class AuditFilterForm(forms.Form):
    """What the auditor asks for; anything that does not hold counts as not asked."""

    person = forms.CharField(label=_("谁"), max_length=60, required=False)
    account = forms.CharField(label=_("客户编号"), max_length=40, required=False)
    action = forms.CharField(label=_("动作"), max_length=60, required=False)
    table = forms.ChoiceField(label=_("什么"), required=False)
    since = forms.DateField(label=_("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, keep: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [("", _("全部")), *audited_tables()]  # type: ignore[attr-defined]
        for name in set(self.fields) - set(keep):
            del self.fields[name]

    def wanted(self) -> AuditFilter:
        """Return the filter."""
        self.is_valid()
        said = {name: value for name, value in self.cleaned_data.items() if value}
        for name in ("since", "until"):
            if name in said and not EARLIEST <= said[name] <= LATEST:
                del said[name]
        return AuditFilter(**said)


@page("audit.view")
@require_GET
def changes(request: Any) -> HttpResponse:
    """Who changed what, from what to what."""
    form = AuditFilterForm(request.GET, keep=("person", "account", "action", "table", "since", "until"))
    found = _page(request, change_entries(request.actor, form.wanted()), "id")
    names = Names(found.rows)
    rows = [told_change(entry, names) for entry in found.rows]
    return _render(request, "changes", form, found, rows, _codes(found))


@page("audit.view")
@require_GET
def looks(request: Any) -> HttpResponse:
    """Who looked at whose personal data, and why."""
    form = AuditFilterForm(request.GET, keep=("person", "account", "since", "until"))
    found = _page(request, look_entries(request.actor, form.wanted()), "id")
    rows = [
        (entry, table_words(entry.subject_table), column_label(entry.subject_table, entry.field))
        for entry in found.rows
    ]
    return _render(request, "looks", form, found, rows, _codes(found))


@page("audit.view")
@require_GET
def sign_ins(request: Any) -> HttpResponse:
    """Who signed in, who failed, who was locked out."""
    form = AuditFilterForm(request.GET, keep=("person", "since", "until"))
    kind = request.GET.get("kind", "")
    kind = kind if kind in EVENT_KINDS else ""
    found = _page(request, security_events(request.actor, form.wanted(), kind), "id")
    rows = [(entry, EVENT_KINDS[entry.kind], METHODS.get(entry.method, entry.method)) for entry in found.rows]
    return _render(request, "sign_ins", form, found, rows, {}, kinds=EVENT_KINDS, kind=kind)


@page("audit.view")
@require_GET
def work(request: Any) -> HttpResponse:
    """What was imported, exported or computed, by whom."""
    form = AuditFilterForm(request.GET, keep=("person", "action", "since", "until"))
    found = _page(request, run_entries(request.actor, form.wanted()), "created_at")
    rows = [(entry, action_words(entry.kind)) for entry in found.rows]
    return _render(request, "work", form, found, rows, {})


def _page(request: Any, rows: QuerySet[Any], key: str) -> Page[Any]:
    size = page_size(request)
    try:
        return newest_page(rows, key, size=size, cursor=request.GET.get("cursor", ""))
    except CursorInvalid:
        return newest_page(rows, key, size=size)


def _codes(found: Page[Any]) -> dict[int, str]:
    return ACCOUNT_CODES.codes({entry.account_id for entry in found.rows if entry.account_id is not None})


def _render(
    request: Any, tab: str, form: AuditFilterForm, found: Page[Any], rows: list[Any], codes: dict[int, str], **more: Any
) -> HttpResponse:
    context = {
        "tab": tab,
        "form": form,
        "page": found,
        "rows": rows,
        "codes": codes,
        "size": page_size(request),
        "asked": bool(set(request.GET) & (set(form.fields) | {"kind"})) and any(request.GET.dict().values()),
    }
    return render(request, f"people/audit_{tab}.html", context | more)

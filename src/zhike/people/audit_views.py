"""Pages of the auditor: the four books, each as a page and as a workbook. Refuses to change anything."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from zhike.core.audit_queries import ACTION_WORDS, AuditFilter, newest_page
from zhike.core.exports import record_export
from zhike.core.paging import CursorInvalid
from zhike.core.spreadsheets import workbook, workbook_response
from zhike.core.web import page
from zhike.people.audit_books import BOOKS, EVENT_KINDS
from zhike.people.audit_words import audited_tables
from zhike.people.views import page_size

EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 30)
MOST_ROWS = 20_000


class AuditFilterForm(forms.Form):
    """What the auditor asks for; anything that does not hold counts as not asked."""

    person = forms.CharField(label=_("谁"), max_length=60, required=False)
    account = forms.CharField(label=_("客户编号"), max_length=40, required=False)
    action = forms.ChoiceField(label=_("动作"), required=False)
    table = forms.ChoiceField(label=_("对象"), required=False)
    kind = forms.ChoiceField(label=_("事"), required=False)
    since = forms.DateField(label=_("从"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("到"), required=False, widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, keep: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: dict[str, list[tuple[str, Any]]] = {
            "action": sorted((key, str(words)) for key, words in ACTION_WORDS.items()),
            "table": audited_tables(),
            "kind": list(EVENT_KINDS.items()),
        }
        for name, known in choices.items():
            self.fields[name].choices = [("", _("全部")), *known]  # type: ignore[attr-defined]
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
def read(request: Any, book: str) -> HttpResponse:
    """One of the books, newest first."""
    one = BOOKS[book]
    form, size = AuditFilterForm(request.GET, keep=one.fields), page_size(request)
    wanted = form.wanted()
    rows = one.rows(request.actor, wanted)
    try:
        found = newest_page(rows, one.keys, size=size, cursor=request.GET.get("cursor", ""))
    except CursorInvalid:
        found = newest_page(rows, one.keys, size=size)
    context = {
        "tab": book,
        "form": form,
        "page": found,
        "rows": one.told(found.rows),
        "size": size,
        "asked": any(asdict(wanted).values()),
    }
    return render(request, f"people/audit_{book}.html", context)


@page("audit.view")
@require_GET
def export(request: Any, book: str) -> HttpResponse:
    """One of the books as a workbook, found as on its page; taking it away is itself written down."""
    one = BOOKS.get(book)
    if one is None:
        raise Http404
    wanted = AuditFilterForm(request.GET, keep=one.fields).wanted()
    rows = one.rows(request.actor, wanted).order_by(*(f"-{key}" for key in one.keys))
    told = one.told(list(rows[:MOST_ROWS]))
    record_export(request.actor, f"audit.{book}", rows=len(told), asked=asdict(wanted))
    note = gettext("只含最新 %(rows)d 条，更早的请用日期筛选。") % {"rows": MOST_ROWS} if len(told) == MOST_ROWS else ""
    file = workbook(one.title, one.heads, (one.cells(row) for row in told), note)
    return workbook_response(f"zhike-audit-{book}-{timezone.localdate():%Y%m%d}", file)

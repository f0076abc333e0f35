"""The page that erases a person's data: says what will happen, asks why and whether it is meant. Refuses rules."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.customers import actions_erasure, queries, queries_erasure
from zhike.people.audit_words import column_label

TABS = {"contacts": "people", "lines": "members"}


class EraseForm(forms.Form):
    """Why, and whether it is meant."""

    reason = forms.CharField(
        label=gettext_lazy("原因"), min_length=4, max_length=300,
        help_text=gettext_lazy("如：本人来函要求，函号 2026-118。不要写姓名和号码，这一句会留下。"),
    )  # fmt: skip
    sure = forms.BooleanField(label=gettext_lazy("我已核实是本人要求，知道删除后不能恢复"))


@require_http_methods(["GET", "POST"])
@page("personal.erase")
def erase(request: StaffRequest, code: str, kind: str, row_id: int) -> HttpResponse:
    """Erase a contact's or a member's personal data."""
    account = queries.account_by_code(request.actor, code)
    subject: Any = None
    if account is not None and row_id < 2**63:
        subject = queries_erasure.subject_of(request.actor, account, kind, row_id)
    if account is None or subject is None:
        raise Http404
    form = EraseForm(request.POST or None)
    status = 422 if form.errors else 200
    if request.method == "POST" and form.is_valid():
        try:
            rows = actions_erasure.erase_person(
                request.actor, code=code, kind=kind, row_id=row_id, reason=form.cleaned_data["reason"]
            )
        except actions_erasure.Busy:
            form.add_error(None, _("正在导入联系人或成员号码，请等导入结束再删除。"))
            status = 409
        else:
            toast(request, ngettext("已删除 %(n)d 处个人信息", "已删除 %(n)d 处个人信息", rows) % {"n": rows})
            return redirect("workbench:account_tab", code, TABS[kind])
    context = {
        "account": account,
        "subject": subject,
        "form": form,
        "back": TABS[kind],
        "fields": [column_label(subject.table, name) for name in queries_erasure.COLUMNS[kind] if subject.values[name]],
        "others": len(queries_erasure.same_person(subject)),
        "texts": [
            column_label("customers_account", name) for name in queries_erasure.texts_naming(account, subject.name)
        ],
    }
    return render(request, "customers/erase.html", context, status=status)

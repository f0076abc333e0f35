"""Taking a request in from a page: whose it is stands beside the form while it is filled. Refuses rules and rows."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.customers.queries_recognition import Clues
from zhike.service import codes
from zhike.service.actions import take_in
from zhike.service.files import Upload
from zhike.service.forms_intake import IntakeForm
from zhike.service.present_clocks import NAMES
from zhike.service.present_time import instant
from zhike.service.present_words import assurance_words
from zhike.service.queries_intake import NOBODY, Known, known_of
from zhike.service.refusals import Refused
from zhike.service.rules import rules_now

LONGEST_CODE = 60


@require_http_methods(["GET", "POST"])
@page("requests.take")
def new(request: StaffRequest) -> HttpResponse:
    """Show the form, or take the request in; what was typed is kept when it is refused."""
    form = IntakeForm(request.POST or None, initial=_first(request))
    form.prepare(rules_now())
    if request.method != "POST" or not form.is_valid():
        return _shown(request, form, status=422 if request.method == "POST" else 200)
    given, code = form.cleaned_data, _code(request)
    if _seen(request, form).missing:  # changed between looking and pressing
        return _shown(request, form, error=_("选定的客户与填写的线索不符，请再确认。"), status=422)
    try:
        taken = take_in(
            request.actor,
            channel=given["channel"],
            kind=given["kind"],
            text=given["text"],
            external_id=f"page:{given['key']}",
            caller=form.caller(),
            account_code="" if code == NOBODY else code,
            clues=Clues() if code == NOBODY else form.clues(),
            category=given["category"],
            priority=given["priority"],
            attachments=[Upload(one.name or "", one.chunks()) for one in request.FILES.getlist("files")],
        )
    except Refused as refusal:
        return _shown(request, form, error=refusal.words, status=422)
    again = _("这张工单已受理过：{number}") if taken.again else _("已受理 {number}")
    toast(request, again.format(number=taken.request.number))
    return redirect("service:request", number=taken.request.number)


@require_POST
@page("requests.take")
def known(request: StaffRequest) -> HttpResponse:
    """Show whose it may be by what is typed so far. What tells a person comes in the body, never in an address."""
    return render(request, "service/new_known.html", _known(request, IntakeForm(request.POST)))


def _first(request: StaffRequest) -> dict[str, Any]:
    """Return what the form begins with; an account's page leads here with its code."""
    code = request.GET.get("account", "").replace("\0", "")[:LONGEST_CODE]
    return {"key": uuid.uuid4(), "channel": "hotline", "kind": "consult", "priority": "normal", "number": code}


def _code(request: StaffRequest) -> str:
    return request.POST.get("account_code", "").replace("\0", "").strip()[:LONGEST_CODE]


def _seen(request: StaffRequest, form: IntakeForm) -> Known:
    kind, priority = form.told("kind"), form.told("priority")
    return known_of(
        request.actor,
        form.clues(),
        account_code=_code(request),
        kind=kind if kind in codes.KINDS else "consult",
        priority=priority if priority in codes.PRIORITIES else "normal",
        now=timezone.now(),
    )


def _known(request: StaffRequest, form: IntakeForm) -> dict[str, Any]:
    found = _seen(request, form)
    return {
        "known": found,
        "asked": any(vars(form.clues()).values()),
        "candidates": [
            {"one": one, "how": codes.RECOGNISED_BY.get(one.how, ""), "assurance": assurance_words(one.assurance_level)}
            for one in found.candidates
        ],
        "promised": [
            (label, instant(found.promised[name].due_at or 0))
            for name, label in NAMES.items()
            if name in found.promised and found.promised[name].due_at is not None
        ],
    }


def _shown(request: StaffRequest, form: IntakeForm, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "error": error, **_known(request, form)}
    return render(request, "service/new.html", context, status=status)

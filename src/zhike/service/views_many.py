"""One step for many chosen requests: what it asks for, then what came of each. Refuses rules and models."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.service import actions_chosen, present_log, queries_inbox
from zhike.service.actions_chosen import HANDLE, MOST, PERMISSIONS, SUPERVISE, TAKE, Outcome
from zhike.service.forms_many import FORMS

PICK = re.compile(r"(TS-\d{8}-\d{1,9})\.(\d{1,9})")


def picked(values: list[str]) -> list[tuple[str, int]]:
    """Return the requests that boxes name, with the version that the page showed.

    >>> picked(["TS-20261118-0237.4", "?", "TS-20261118-0237.5"])
    [('TS-20261118-0237', 4)]
    """
    found: dict[str, int] = {}
    for value in values[: MOST * 2]:
        if match := PICK.fullmatch(value):
            found.setdefault(match[1], int(match[2]))
    return list(found.items())[:MOST]


def _family(permission: str) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "POST"])
    @page(permission)
    def view(request: StaffRequest, step: str) -> HttpResponse:
        if PERMISSIONS.get(step) != permission:
            raise Http404
        return _act(request, step) if request.method == "POST" else _ask(request, step)

    return view


take, handle, supervise = (_family(one) for one in (TAKE, HANDLE, SUPERVISE))


def _ask(request: StaffRequest, step: str) -> HttpResponse:
    """Show what a step for many asks for."""
    chosen = picked(request.GET.getlist("ids"))
    found = queries_inbox.chosen(request.actor, [number for number, _seen in chosen])
    if not found:
        toast(request, _("先勾选要办的工单。"))
        return redirect(_back(request.GET.get("back", "")))
    form = FORMS[step](request.actor, found)
    return _shown(request, step, form, chosen, found, back=request.GET.get("back", ""))


def _act(request: StaffRequest, step: str) -> HttpResponse:
    """Take the step for each and tell what came of it; a single one is told in a notice."""
    single = request.POST.get("single", "")
    chosen = picked([single] if single else request.POST.getlist("ids"))
    found = queries_inbox.chosen(request.actor, [number for number, _seen in chosen])
    back = request.POST.get("back", "")
    if not found:
        toast(request, _("先勾选要办的工单。"))
        return redirect(_back(back))
    form = FORMS[step](request.actor, found, data=request.POST)
    if not form.is_valid():
        return _shown(request, step, form, chosen, found, back=back, status=422)
    target = form.cleaned_data.get("into", "")
    outcomes = actions_chosen.do_all(
        request.actor, step, [one for one in chosen if one[0] != target], form.cleaned_data
    )  # fmt: skip
    if len(outcomes) == 1:
        toast(request, f"{outcomes[0].number} {_told(outcomes[0])['words']}")
        return redirect(_back(back))
    titles = {one.number: one.title for one in found}
    done = sum(one.done for one in outcomes)
    context = {
        "step": FORMS[step].label, "back": _back(back), "done": done, "failed": len(outcomes) - done,
        "outcomes": sorted(
            ({"title": titles.get(one.number, "")} | _told(one) for one in outcomes), key=lambda one: one["done"]
        ),
    }  # fmt: skip
    return render(request, "service/inbox_outcome.html", context)


def _told(one: Outcome) -> dict[str, Any]:
    """Return an outcome in words: done, refused and why, or who came first with what."""
    if one.first:
        last = one.first[-1]
        words = _("没有办：{who} 先办了“{what}”").format(
            who=last.by_name or _("系统"), what=present_log.named(last.kind)
        )
        return {"number": one.number, "done": False, "words": words, "at": last.at}
    words = _("已办") if one.done else _("没有办：{why}").format(why=one.words)
    return {"number": one.number, "done": one.done, "words": words, "at": None}


def _shown(
    request: StaffRequest, step: str, form: Any, chosen: Any, found: Any, *, back: str, status: int = 200
) -> HttpResponse:
    seen = dict(chosen)
    context = {
        "form": form, "label": form.label, "hint": form.hint, "back": back, "back_address": _back(back),
        "chosen": [(one, f"{one.number}.{seen[one.number]}") for one in found],
    }  # fmt: skip
    return render(request, "service/inbox_many.html", context, status=status)


def _back(query: str) -> str:
    """Return the inbox as the person left it."""
    address = f"{reverse('service:inbox')}?{query}" if query else reverse("service:inbox")
    return address if "\n" not in address and "\r" not in address else reverse("service:inbox")

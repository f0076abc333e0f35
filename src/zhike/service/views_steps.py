"""Taking a step on a request: its form, and what became of it. Who comes second is told who came first.

Refuses rules: what may be taken is asked of the judges (`steps_offered`), what is done is an action.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.core.actor import Actor
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.service import present_log, queries
from zhike.service.actions_writing import who_is
from zhike.service.refusals import Overtaken, Refused
from zhike.service.rules import rules_kept, rules_now
from zhike.service.standing import Standing, fold
from zhike.service.steps_offered import offered, why_not
from zhike.service.views_steps_list import (
    BUTTONS,
    CALL_BACK,
    DIALOGS,
    FIRST,
    HAND_OVER,
    HANDLE,
    NEXT,
    SUPERVISE,
    TAKE,
    WATCHING,
    Dialog,
)

FAMILIES = {TAKE: "take", HANDLE: "handle", CALL_BACK: "call_back", SUPERVISE: "supervise"}


def address(dialog: Dialog, number: str, seen: int | None = None) -> str:
    """Return where a step's form stands; `seen` is the version that its page shows."""
    found = reverse(f"service:{FAMILIES[dialog.permission]}", args=[number, dialog.key])
    return found if seen is None else f"{found}?seen={seen}"


def steps_of(actor: Actor, request: Any, standing: Standing, *, now: datetime) -> dict[str, Any]:
    """Return the steps that the judges and the actor's permissions allow: the first as buttons, the rest behind."""
    if not any(actor.may(one) for one in FAMILIES):
        return {}
    may = offered(standing, who_is(actor), rules_kept(), now=now)
    may = {key for key in may if actor.may(DIALOGS[key].permission)}
    watches = () if standing.has_part(actor.staff_id) else WATCHING  # who has no part came to see that it is done
    order = [key for key in dict.fromkeys([*watches, *FIRST[standing.stage], *NEXT, *DIALOGS]) if key in may]
    shown = [
        {
            "key": key, "label": _label(DIALOGS[key], standing.stage), "icon": DIALOGS[key].icon,
            "address": address(DIALOGS[key], request.number, standing.version),
        }
        for key in order
    ]  # fmt: skip
    return {"first": shown[:BUTTONS], "more": shown[BUTTONS:]}


def _label(dialog: Dialog, stage: str) -> Any:
    """Return what a step is called: offering what a department has already is handing it over."""
    return HAND_OVER if dialog.key == "offer" and stage == "handle" else dialog.label


def _family(permission: str) -> Callable[..., HttpResponse]:
    @require_http_methods(["GET", "POST"])
    @page(permission)
    def view(request: StaffRequest, number: str, step: str) -> HttpResponse:
        dialog = DIALOGS.get(step)
        found = queries.request_of(request.actor, number)
        if dialog is None or dialog.permission != permission or found is None:
            raise Http404
        return _take(request, found, dialog) if request.method == "POST" else _ask(request, found, dialog)

    return view


take, handle, call_back, supervise = (_family(one) for one in (TAKE, HANDLE, CALL_BACK, SUPERVISE))


def _ask(request: StaffRequest, found: Any, dialog: Dialog) -> HttpResponse:
    """Show what a step asks for, or why it cannot be taken any more."""
    seen = _seen(request.GET.get("seen", ""), found)
    form = dialog.form(initial={"seen": seen})
    rules = rules_now()
    form.prepare(request.actor, found, rules)
    events = queries.events_of(request.actor, found)
    standing = fold(one.as_fact() for one in events)
    refusal = why_not(dialog.key, standing, who_is(request.actor), rules, now=timezone.now())
    words = refusal.words if refusal is not None else ""
    since = _since(events, seen) if words else []
    return _shown(request, found, dialog, form, words=words, since=since, closed=bool(words))


def _take(request: StaffRequest, found: Any, dialog: Dialog) -> HttpResponse:
    """Take a step; what was typed is kept when it is refused."""
    form = dialog.form(request.POST)
    form.prepare(request.actor, found, rules_now())
    if not form.is_valid():
        return _shown(request, found, dialog, form, status=422)
    seen = form.cleaned_data["seen"]
    try:
        dialog.act(request.actor, found.number, form.cleaned_data, seen)
    except Overtaken as late:
        words = _("您打开之后，有人先办了一步。请看清再决定，您填的内容还在：")
        form.data = request.POST.dict() | {"seen": str(late.facts[-1].sequence)}
        return _shown(request, found, dialog, form, words=words, since=_told(late.facts), status=422)
    except Refused as refusal:
        since = _since(queries.events_of(request.actor, found), seen if seen is not None else found.version)
        return _shown(request, found, dialog, form, words=refusal.words, since=since, status=422)
    except ObjectDoesNotExist as gone:
        raise Http404 from gone
    toast(request, _("{step}：已办").format(step=_label(dialog, found.stage)))
    target = reverse("service:request", args=[found.number])
    if queries.request_of(request.actor, found.number) is None:  # the step took it out of the actor's reach
        target = reverse("service:inbox")
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return redirect(target)


def _seen(given: str, found: Any) -> int:
    return int(given) if given.isascii() and given.isdigit() and len(given) < 10 else found.version


def _since(events: Sequence[Any], seen: int) -> list[dict[str, Any]]:
    return _told([one.as_fact() for one in events if one.sequence > seen])


def _told(facts: Sequence[Any]) -> list[dict[str, Any]]:
    """Return who came first, in words."""
    return [
        {"who": one.by_name or _("系统"), "what": present_log.named(one.kind), "at": one.at, "words": one.words}
        for one in facts
    ]


def _shown(
    request: StaffRequest, found: Any, dialog: Dialog, form: Any, *, words: str = "",
    since: Sequence[dict[str, Any]] = (), closed: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    beside = request.headers.get("HX-Request")
    template = "service/request_step_form.html" if beside else "service/request_step.html"
    context = {
        "one": found, "step": dialog, "label": _label(dialog, found.stage), "form": form, "error": words,
        "since": since, "closed": closed, "action": address(dialog, found.number), "beside": beside,
    }  # fmt: skip
    return render(request, template, context, status=status)

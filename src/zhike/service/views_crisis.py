"""Special events: the list of them, one with its children, linking, one message to all, one answer. Refuses rules."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from zhike.core.paging import CursorInvalid
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.service import actions_crisis, actions_many, codes, present, queries, queries_crisis, queries_inbox
from zhike.service.present_words import category_words
from zhike.service.queries_crisis import MOST_FOUND, Children, EventFilter
from zhike.service.refusals import Overtaken, Refused
from zhike.service.rules import policy_now

SIZE, SHOWN_FOUND, LONGEST = 20, 20, 1000
BEFORE = timedelta(hours=2)


@require_GET
@page("requests.view")
def events(request: StaffRequest) -> HttpResponse:
    """Show the special events and outages that are open."""
    now = timezone.now()
    try:
        found = queries_crisis.events_open(request.actor, size=SIZE, cursor=request.GET.get("cursor", ""))
    except CursorInvalid:
        found = queries_crisis.events_open(request.actor, size=SIZE)
    counts = queries_crisis.children_counts(request.actor, found.rows, now=now)
    rows = [{"one": one, "children": counts.get(one.pk, Children())} for one in found.rows]
    return render(request, "service/crises.html", {"rows": rows, "page": found})


@require_GET
@page("requests.view")
def event(request: StaffRequest, number: str) -> HttpResponse:
    """Show an event: how its children stand, what they were told, what else may belong to it."""
    return _shown(request, _parent(request, number))


@require_POST
@page("requests.supervise")
def link(request: StaffRequest, number: str) -> HttpResponse:
    """Link everything that fits the conditions."""
    parent = _parent(request, number)
    wanted = _wanted(request.POST, parent)
    found = queries_crisis.may_belong(request.actor, parent, wanted)
    done = actions_crisis.link_all(request.actor, parent=parent.number, numbers=[one.number for one in found])
    toast(request, _done(_("已关联 {done} 张"), done))
    return redirect("service:crisis", number=parent.number)


@require_POST
@page("requests.supervise")
def tell(request: StaffRequest, number: str) -> HttpResponse:
    """Tell all customers of an event the same, or answer them; what was typed is kept when refused."""
    parent = _parent(request, number)
    words = request.POST.get("words", "").replace("\0", "").strip()[:LONGEST]
    try:
        if request.POST.get("how") == "answer":
            done = actions_crisis.answer_all(request.actor, parent=parent.number, words=words)
            toast(request, _done(_("已答复 {done} 张"), done))
        else:
            told = actions_many.tell_all(request.actor, number=parent.number, words=words)
            toast(request, _("已告知 {count} 位客户，记在每张子单上").format(count=len(told)))
    except Refused as refusal:
        return _shown(request, parent, error=refusal.words, typed=words, status=422)
    except Overtaken:
        return _shown(request, parent, error=_("别人先办了一步，请看最新情况。"), typed=words, status=422)
    except ObjectDoesNotExist as gone:
        raise Http404 from gone
    return redirect("service:crisis", number=parent.number)


def _done(words: str, done: actions_crisis.Done) -> str:
    told = words.format(done=done.done)
    if done.refused:
        told += _("，{count} 张不能办").format(count=done.refused)
    return told + (_("，其余 {count} 张在后台接着办").format(count=done.later) if done.later else "")


def _parent(request: StaffRequest, number: str) -> Any:
    found = queries.request_of(request.actor, number)
    if found is None or not found.special:
        raise Http404
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
        if found is None or not 2000 < found.year < 2200:
            return None
        return found if timezone.is_aware(found) else timezone.make_aware(found)
    except ValueError:
        return None


def _wanted(given: Any, parent: Any) -> EventFilter:
    """Return the conditions asked for; those of the event itself where nothing was asked."""
    if "since" not in given:
        return EventFilter(
            (parent.kind,), parent.category, parent.product_area, parent.region_id, since=parent.taken_at - BEFORE
        )
    region = given.get("region", "")
    return EventFilter(
        tuple(one for one in dict.fromkeys(given.getlist("kind")) if one in codes.KINDS),
        given.get("category", "").replace("\0", "")[:40], given.get("product", "").replace("\0", "").strip()[:40],
        int(region) if region.isascii() and region.isdigit() and len(region) < 19 else None,
        given.get("q", "").replace("\0", "").strip()[:60], _moment(given["since"]), _moment(given.get("until", "")),
    )  # fmt: skip


def _shown(request: StaffRequest, parent: Any, *, error: str = "", typed: str = "", status: int = 200) -> HttpResponse:
    actor, now = request.actor, timezone.now()
    may = actor.may("requests.supervise")
    try:
        children = queries_crisis.children_page(actor, parent, size=SIZE, cursor=request.GET.get("cursor", ""))
    except CursorInvalid:
        children = queries_crisis.children_page(actor, parent, size=SIZE)
    counts = queries_crisis.children_counts(actor, [parent], now=now).get(parent.pk, Children())
    messages = queries_crisis.messages_of(actor, parent)
    wanted = _wanted(request.GET, parent)
    found = queries_crisis.may_belong(actor, parent, wanted) if may and parent.is_open else []
    answer = next((one.words for one in messages if one.kind == "answered"), "")
    context = {
        "one": parent,
        "counts": counts,
        "rows": [present.row(one, now) for one in children.rows],
        "page": children,
        "told_all": messages,
        "wanted": wanted,
        "since": timezone.localtime(wanted.since).strftime("%Y-%m-%dT%H:%M") if wanted.since else "",
        "until": timezone.localtime(wanted.until).strftime("%Y-%m-%dT%H:%M") if wanted.until else "",
        "kinds": [(code, text, code in wanted.kinds) for code, text in codes.KINDS.items()],
        "categories": [(one.code, category_words(one.code), bool(one.parent)) for one in policy_now().in_use()],
        "regions": [(pk, "\u3000" * depth + name) for pk, name, depth in queries_inbox.regions_to_choose(actor)],
        "found": found[:SHOWN_FOUND],
        "found_count": f"{MOST_FOUND}+" if len(found) == MOST_FOUND else str(len(found)),
        "may": may,
        "error": error,
        "typed": typed,
        "answer": typed or answer,
        "offer_answers": bool(answer) and counts.waiting > 0,
    }
    return render(request, "service/crisis.html", context, status=status)

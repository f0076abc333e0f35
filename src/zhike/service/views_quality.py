"""Quality: samples that wait and what was found, drawing, scoring, the workbook. Refuses rules and models."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core.exports import record_export
from zhike.core.paging import CursorInvalid
from zhike.core.spreadsheets import Head, workbook, workbook_response
from zhike.core.toasts import toast
from zhike.core.web import StaffRequest, page
from zhike.service import actions_quality, queries_inbox, queries_quality
from zhike.service.present_words import category_words
from zhike.service.refusals import Refused
from zhike.service.rules import policy_now

SIZE, EXPORT_LIMIT, BACK = 20, 20_000, timedelta(days=90)
MARKS = {
    actions_quality.FULL: gettext_lazy("做到"),
    actions_quality.PARTLY: gettext_lazy("部分做到"),
    actions_quality.MISSED: gettext_lazy("没做到"),
}


@require_GET
@page("requests.view")
def samples(request: StaffRequest) -> HttpResponse:
    """Show samples that wait or were scored, and what was found by department."""
    actor, today = request.actor, timezone.localdate()
    scored, department = request.GET.get("show") == "scored", _department(request)
    cursor = request.GET.get("cursor", "")
    try:
        found = queries_quality.samples_page(
            actor, scored=scored, department_id=department, size=SIZE, cursor=cursor
        )  # fmt: skip
    except CursorInvalid:
        found = queries_quality.samples_page(actor, scored=scored, department_id=department, size=SIZE)
    names, own = queries_quality.departments_of(found.rows), queries_quality.own_work(actor, found.rows)
    labels, sampling = _labels(), policy_now().sampling
    context = {
        "scored": scored,
        "page": found,
        "rows": [_row(one, names, labels) | {"own": one.request_id in own} for one in found.rows],
        "departments": queries_inbox.departments_to_choose(actor),
        "department": department,
        "by_department": queries_quality.by_department(actor, since=timezone.now() - BACK),
        "sampling_share": f"{sampling.share * 100:g}%",
        "sampling_key_share": f"{sampling.key_share * 100:g}%",
        "may": actor.may("requests.quality"),
        "since": today - timedelta(days=30),
        "until": today,
    }
    return render(request, "service/quality.html", context)


@require_POST
@page("requests.quality")
def draw(request: StaffRequest) -> HttpResponse:
    """Draw samples of some days."""
    since, until = _day(request.POST.get("since", "")), _day(request.POST.get("until", ""))
    try:
        if since is None or until is None:
            raise Refused("unknown_value")
        seed = request.POST.get("seed", "").replace("\0", "")[:40]
        count = actions_quality.draw(request.actor, since=since, until=until, seed=seed)
    except Refused:
        toast(request, _("请填起止日期，先后不颠倒，不超过一年。"))
    else:
        toast(request, _("新抽 {count} 张").format(count=count) if count else _("这些天没有新的可抽。"))
    return redirect("service:quality")


@require_http_methods(["GET", "POST"])
@page("requests.quality")
def score(request: StaffRequest, number: str) -> HttpResponse:
    """Show the form of one sample, and take it; what was ticked is kept when refused."""
    sample = queries_quality.sample_called(request.actor, number)
    if sample is None:
        raise Http404
    error, status = "", 200
    form = policy_now().quality_form
    marks = {item.code: request.POST.get(item.code, "") for item in form}
    words = request.POST.get("words", "").replace("\0", "").strip()[:500]
    if request.method == "POST":
        try:
            actions_quality.score(request.actor, number=sample.request.number, marks=marks, words=words)
        except Refused as refusal:
            error, status = _("每一项都要评。") if refusal.code == "unknown_value" else refusal.words, 422
        except ObjectDoesNotExist as gone:
            raise Http404 from gone
        else:
            toast(request, _("已评分，需改进之处已写进工单经过。"))
            return redirect("service:quality")
    english = get_language() == "en"
    context = {
        "sample": sample,
        "one": sample.request,
        "department": queries_quality.departments_of([sample]).get(sample.request_id, ""),
        "category": category_words(sample.request.category),
        "own": bool(queries_quality.own_work(request.actor, [sample])),
        "items": [
            {
                "code": item.code, "label": item.label.en if english else item.label.zh, "points": item.points,
                "marks": [(code, text, marks[item.code] == code) for code, text in MARKS.items()],
            }
            for item in form
        ],
        "faults": [_labels().get(code, code) for code in sample.faults],
        "words": words,
        "error": error,
    }  # fmt: skip
    return render(request, "service/quality_score.html", context, status=status)


@require_GET
@page("requests.quality")
def export(request: StaffRequest) -> HttpResponse:
    """Return the samples shown as a workbook."""
    scored, department = request.GET.get("show") == "scored", _department(request)
    found = queries_quality.samples_page(
        request.actor, scored=scored, department_id=department, size=EXPORT_LIMIT
    ).rows  # fmt: skip
    record_export(request.actor, "quality", rows=len(found), asked={"scored": scored, "department": department})
    names, labels = queries_quality.departments_of(found), _labels()
    heads = [
        Head(_("单号"), 20), Head(_("内容"), 40), Head(_("部门"), 16), Head(_("抽取时间"), 20), Head(_("得分"), 8),
        Head(_("需改进"), 40), Head(_("评语"), 40), Head(_("质检员"), 10), Head(_("评分时间"), 20),
    ]  # fmt: skip
    lines = (
        [
            one.request.number, one.request.title, names.get(one.request_id, ""), one.drawn_at, one.score,
            _("；").join(labels.get(code, code) for code in one.faults), one.words, one.scored_by_name, one.scored_at,
        ]
        for one in found
    )  # fmt: skip
    return workbook_response("quality", workbook(_("质检"), heads, lines))


def _row(one: Any, names: dict[int, str], labels: dict[str, str]) -> dict[str, Any]:
    return {
        "sample": one, "one": one.request, "department": names.get(one.request_id, ""),
        "faults": [labels.get(code, code) for code in one.faults],
    }  # fmt: skip


def _labels() -> dict[str, str]:
    english = get_language() == "en"
    return {item.code: item.label.en if english else item.label.zh for item in policy_now().quality_form}


def _department(request: StaffRequest) -> int | None:
    given = request.GET.get("department", "")
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


def _day(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found is not None and 2000 < found.year < 2200 else None

"""Pages of rules: what holds, its history, drafts and their way to being published. Refuses rules of its own."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from zhike.core import policies_drafts
from zhike.core.live import live_part
from zhike.core.policies import Family, PolicyRefused, families, family_called, policy_book
from zhike.core.toasts import toast
from zhike.core.web import page
from zhike.insights.preview import ask_for_preview, can_preview
from zhike.insights.queries_preview import moves_of
from zhike.workbench import policies_words as words
from zhike.workbench.policies_forms import Difference, Sheet, Typed, differences, read
from zhike.workbench.policies_present import day_words, draft_line, history, presented, version_line
from zhike.workbench.policies_preview import move_line, preview_state
from zhike.workbench.policies_sheets import for_reader, sheet_of, unknown_accounts

NOTE_LENGTH = 300
EARLIEST, LATEST = date(2000, 1, 1), date(2099, 12, 31)


@page(policies_drafts.VIEW)
@require_GET
def listing(request: Any) -> HttpResponse:
    """All families: what each decides, which version holds, what waits."""
    book = policy_book()
    drafts = policies_drafts.open_drafts(request.actor)
    rows = []
    for family in sorted(families(), key=lambda one: _order(one.name)):
        lines = history(book.rows(family))
        rows.append(
            {
                **_frame(family),
                "now": next((line for line in lines if line["holds"]), None),
                "following": next((one for one in lines[::-1] if one["future"] and not one["replaced"]), None),
                "drafts": [draft_line(one) for one in drafts if one.family == family.name],
            }
        )  # fmt: skip
    waiting = [draft_line(one) for one in drafts if _waits(request, one)]
    return render(request, "workbench/policies/list.html", {"rows": rows, "waiting": waiting})


@page(policies_drafts.VIEW)
@require_GET
def family_page(request: Any, family: str) -> HttpResponse:
    """One family: the rules that hold today, history, drafts."""
    one = _family(family)
    rows = policy_book().rows(one)
    lines = history(rows)
    now = next((line for line in lines if line["holds"]), None)
    body = next((row.body for row in rows if now and row.pk == now["pk"]), None) or _seed(one)
    context = _frame(one) | {
        "blocks": _shown(request, one, body), "now": now, "lines": lines,
        "drafts": [draft_line(draft) for draft in policies_drafts.open_drafts(request.actor, one)],
        "may_write": request.actor.may(policies_drafts.WRITE),
    }  # fmt: skip
    return render(request, "workbench/policies/family.html", context)


@page(policies_drafts.VIEW)
@require_GET
def version_page(request: Any, family: str, version_id: int) -> HttpResponse:
    """One version as it stood, with what it changed of the one before."""
    one = _family(family)
    rows = policy_book().rows(one)
    row = next((row for row in rows if row.pk == version_id), None)
    if row is None:
        raise Http404
    lines = history(rows)
    before = next((other for other in reversed(rows) if other.recorded_at < row.recorded_at
                   and other.valid_from <= row.valid_from), None)  # fmt: skip
    context = _frame(one) | {
        "blocks": _shown(request, one, row.body), "line": next(line for line in lines if line["pk"] == row.pk),
        "before": version_line(before) if before else None,
        "changes": _changes(request, one, before.body, row.body) if before else None,
    }  # fmt: skip
    return render(request, "workbench/policies/version.html", context)


@page(policies_drafts.VIEW)
@require_GET
def compare(request: Any, family: str) -> HttpResponse:
    """What differs between any two versions of a family."""
    one = _family(family)
    rows = policy_book().rows(one)
    known = {str(row.pk): row for row in rows}
    left, right = (known.get(request.GET.get(name, "")) for name in ("from", "to"))
    context = _frame(one) | {
        "lines": history(rows), "left": left and version_line(left), "right": right and version_line(right),
        "changes": _changes(request, one, left.body, right.body) if left and right else None,
    }  # fmt: skip
    return render(request, "workbench/policies/compare.html", context)


@page(policies_drafts.WRITE)
@require_http_methods(["GET", "POST"])
def new_draft(request: Any, family: str) -> HttpResponse:
    """Begin a draft on the rules that hold."""
    one = _family(family)
    base = policies_drafts.holding(one, timezone.localdate())
    body = base.body.model_dump(mode="json") if base else _seed(one)
    return _form(request, one, body, None)


@page(policies_drafts.WRITE)
@require_http_methods(["GET", "POST"])
def edit_draft(request: Any, draft_id: int) -> HttpResponse:
    """Change one's own draft."""
    draft = policies_drafts.draft_of(request.actor, draft_id)
    if draft is None or not policies_drafts.is_author(request.actor, draft) or draft.state not in policies_drafts.OPEN:
        raise Http404
    return _form(request, policies_drafts.family_of(draft), draft.body, draft)


@page(policies_drafts.VIEW)
@require_GET
def draft_page(request: Any, draft_id: int) -> HttpResponse:
    """One draft: what it changes, from when, what became of it, what one may do."""
    draft = policies_drafts.draft_of(request.actor, draft_id)
    if draft is None:
        raise Http404
    return render(request, "workbench/policies/draft.html", _draft_context(request, draft))


@page(policies_drafts.VIEW)
@require_http_methods(["GET", "POST"])
def preview(request: Any, draft_id: int) -> HttpResponse:
    """Who would move by a draft: POST finds out, GET is the part of the page that tells."""
    draft = policies_drafts.draft_of(request.actor, draft_id)
    if draft is None:
        raise Http404
    if request.method == "POST":
        try:
            ask_for_preview(request.actor, draft)
        except PolicyRefused as refused:
            return _refused(request, draft, refused)
        return redirect(reverse("policies:draft", args=[draft.pk]) + "#preview")
    told = _preview(request, draft)
    return live_part(
        request, "workbench/policies/preview.html", {"draft": draft_line(draft), "preview": told},
        version=told.get("version", ""), over=not told.get("moving"),
    )  # fmt: skip


STEPS = {
    "propose": policies_drafts.propose,
    "withdraw": policies_drafts.withdraw,
    "take-over": policies_drafts.take_over_changes,
    "publish": policies_drafts.publish_draft,
}
SAID = {
    "propose": gettext_lazy("已提交，等另一位同事批准。"),
    "withdraw": gettext_lazy("已撤回。"),
    "take-over": gettext_lazy("已并入新版本的改动，请看过再提交。"),
    "publish": gettext_lazy("已发布，下一个周期按新规则计算。"),
}


@page(policies_drafts.VIEW)
@require_POST
def step(request: Any, draft_id: int, verb: str) -> HttpResponse:
    """Take a draft one step further: propose, send back, withdraw, take over, publish."""
    draft = policies_drafts.draft_of(request.actor, draft_id)
    if draft is None:
        raise Http404
    edition = request.POST.get("edition", "")
    held: dict[str, Any] = {"edition": int(edition) if edition.isascii() and edition.isdigit() else 0}
    try:
        if verb == "send-back":
            remark = request.POST.get("remark", "").replace("\x00", "")[:NOTE_LENGTH]
            policies_drafts.send_back(request.actor, draft.pk, remark=remark, **held)
            said = _("已退回 %(name)s。") % {"name": draft.author}
        elif verb in STEPS:
            STEPS[verb](request.actor, draft.pk, **held)
            said = str(SAID[verb])
        else:
            raise Http404
    except PolicyRefused as refused:
        return _refused(request, draft, refused)
    toast(request, said)
    return redirect("policies:family", draft.family) if verb == "publish" else redirect("policies:draft", draft.pk)


# -- the form ------------------------------------------------------------------------------------------------------


def _form(request: Any, family: Family[Any], body: Any, draft: Any) -> HttpResponse:
    sheet = sheet_of(family, body)
    typed: Typed | None = None
    valid_from = draft.valid_from if draft else timezone.localdate()
    facts: dict[str, Any] = {
        "valid_from": valid_from.isoformat(), "note": draft.note if draft else "",
        "edition": draft.edition if draft else 0,
    }  # fmt: skip
    wrong: dict[str, str] = {}
    if request.method == "POST":
        facts = {name: request.POST.get(name, "").replace("\x00", "")[:NOTE_LENGTH] for name in facts}
        day = _day(facts["valid_from"])
        if day is None:
            wrong["valid_from"] = _("请填日期，如 2026-12-01")
        typed = read(sheet, request.POST, family.schema)
        if typed.body is not None:
            typed.errors |= unknown_accounts(request.actor, family, typed.body.model_dump(mode="json"))
        if typed.body is not None and not typed.errors and day is not None:
            try:
                saved = _save(request, family, draft, typed, day, facts)
            except PolicyRefused as refused:
                field = "valid_from" if refused.code in {"past", "gap"} else "note" if refused.code == "reason" else ""
                text = words.refusal(refused, family)
                if field:
                    wrong[field] = text
                else:
                    typed.whole.append(text)
            else:
                toast(request, _("已存为草稿。"))
                return redirect("policies:draft", saved.pk)
    context = _frame(family) | {
        "blocks": presented(sheet, typed), "facts": facts, "wrong": wrong, "whole": typed.whole if typed else [],
        "any_wrong": bool(wrong or (typed and (typed.errors or typed.whole))), "draft": draft,
        "rows": policy_book().rows(family),
    }  # fmt: skip
    return render(request, "workbench/policies/form.html", context, status=422 if context["any_wrong"] else 200)


def _save(request: Any, family: Family[Any], draft: Any, typed: Typed, day: date, facts: dict[str, Any]) -> Any:
    assert typed.body is not None
    if draft is None:
        return policies_drafts.start_draft(
            request.actor, family, body=typed.body, valid_from=day, note=facts["note"].strip()
        )
    edition = int(facts["edition"]) if facts["edition"].isascii() and facts["edition"].isdigit() else 0
    return policies_drafts.change_draft(
        request.actor, draft.pk, edition=edition, body=typed.body, valid_from=day, note=facts["note"].strip()
    )


def _day(text: str) -> date | None:
    try:
        day = parse_date(text.strip())
    except ValueError:
        return None
    return day if day is not None and EARLIEST <= day <= LATEST else None


# -- what pages share ----------------------------------------------------------------------------------------------


def _refused(request: Any, draft: Any, refused: PolicyRefused) -> HttpResponse:
    """Answer with the draft as it stands now and why the step was not taken."""
    now = policies_drafts.draft_of(request.actor, draft.pk)
    if now is None:
        raise Http404
    context = _draft_context(request, now) | {"refused": words.refusal(refused, policies_drafts.family_of(now))}
    return render(request, "workbench/policies/draft.html", context, status=422)


def _draft_context(request: Any, draft: Any) -> dict[str, Any]:
    family = policies_drafts.family_of(draft)
    book, actor = policy_book(), request.actor
    day = policies_drafts.day_of(draft)
    moved = policies_drafts.moved_on(draft) if draft.state in policies_drafts.OPEN else None
    base = draft.base.body if draft.base else None
    mine = policies_drafts.is_author(actor, draft)
    return _frame(family) | {
        "draft": draft_line(draft), "mine": mine, "day": day,
        "late": draft.state in policies_drafts.OPEN and day != draft.valid_from,
        "day_words": day_words(family, day, book.rows(family)),
        "base": version_line(draft.base) if draft.base else None,
        "changes": _changes(request, family, base, draft.body) if base else None,
        "blocks": _shown(request, family, draft.body),
        "moved": words.cited(family.name, moved.valid_from, moved.revision) if moved else "",
        "theirs": _changes(request, family, base, moved.body.model_dump(mode="json")) if moved and base else None,
        "open": draft.state in policies_drafts.OPEN,
        "may_publish": policies_drafts.may_publish(actor, draft) and not moved,
        "may_send_back": actor.may(policies_drafts.PUBLISH) and draft.state == "proposed" and not mine,
        "may_write": mine and actor.may(policies_drafts.WRITE) and draft.state in policies_drafts.OPEN,
        "version": version_line(draft.version) if draft.version else None,
        "preview": _preview(request, draft) if can_preview(draft.family) else None,
    }  # fmt: skip


def _preview(request: Any, draft: Any) -> dict[str, Any]:
    told = preview_state(draft)
    decides = request.actor.may(policies_drafts.WRITE) or request.actor.may(policies_drafts.PUBLISH)
    if "moves" in told:
        told["lines"] = [move_line(one) for one in moves_of(request.actor, draft.preview_id)]
    return told | {"may_ask": decides and draft.state in policies_drafts.OPEN}


def _frame(family: Family[Any]) -> dict[str, Any]:
    return {
        "family": family.name, "name": words.name_of(family.name), "decides": words.DECIDES.get(family.name, ""),
        "second_person": family.second_person,
    }  # fmt: skip


def _shown(request: Any, family: Family[Any], body: Any) -> list[dict[str, Any]]:
    shown = presented(_reader_sheet(request, family, body))
    return [block for block in shown if not block.get("fresh")]


def _changes(request: Any, family: Family[Any], before: Any, after: Any) -> list[Difference]:
    return differences(*(_reader_sheet(request, family, body) for body in (before, after)))


def _reader_sheet(request: Any, family: Family[Any], body: Any) -> Sheet:
    return sheet_of(family, for_reader(request.actor, family, body))


def _family(name: str) -> Family[Any]:
    found = family_called(name)
    if found is None:
        raise Http404
    return found


def _seed(family: Family[Any]) -> Any:
    """Return the rules by which an installation without any version is judged."""
    return family.seed_versions()[-1][1].model_dump(mode="json")


def _order(name: str) -> int:
    return words.ORDER.index(name) if name in words.ORDER else len(words.ORDER)


def _waits(request: Any, draft: Any) -> bool:
    """Return whether a draft of somebody else waits for the reader."""
    return not policies_drafts.is_author(request.actor, draft) and policies_drafts.may_publish(request.actor, draft)

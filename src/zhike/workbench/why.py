"""Why a score or tier of an account is what it is: a side panel, or a page of its own without JavaScript.

Parse, call, render; refuses rules and models.
"""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_GET

from zhike.core import formatting
from zhike.core.actor import Actor
from zhike.core.web import StaffRequest, page
from zhike.customers import queries
from zhike.customers.words import choice_name
from zhike.insights import queries_head
from zhike.insights.queries_scores import SCORES, scores_of, tier_history_of, trend_of
from zhike.insights.words import MOVED
from zhike.workbench import present_why
from zhike.workbench.present_head import first_percent
from zhike_analytics.contracts import codes


@require_GET
@page("accounts.view")
def why(request: StaffRequest, code: str, score: str) -> HttpResponse:
    """Tell what a score is made of, from which figures, by which rules, and what could not be known."""
    if score not in (*SCORES, "tier"):
        raise Http404
    account = queries.account_by_code(request.actor, code)
    if account is None:
        raise Http404
    found = scores_of(request.actor, account)
    if found is None:
        raise Http404
    family = queries_head.FAMILY_OF[score]
    rules = queries_head.rules_of(found.cycle, family)
    points = list(reversed(trend_of(request.actor, account)))
    context: dict[str, Any] = {
        "account": account,
        "score": score,
        "name": present_why.names()[score],
        "cycle": found.cycle,
        "row": found.row,
        "cited": found.cycle.policies.get(family, {}),
        "policy_address": _policy_address(request.actor, family),
        "rules": rules,
    }
    if score == "tier":
        context |= _tier(request, account, found, rules)
    else:
        context |= _score(request, account, found, rules, score)
        context["earlier"] = [(point.as_of, getattr(point, score)) for point in points]
    template = "workbench/why_panel.html" if request.headers.get("HX-Request") else "workbench/why.html"
    return render(request, template, context)


def _score(request: StaffRequest, account: Any, found: Any, rules: Any, score: str) -> dict[str, Any]:
    one = getattr(found, score)
    features = queries_head.inputs_of(request.actor, account, found.cycle)
    if not request.actor.may("margin.view"):
        features = {name: value for name, value in features.items() if name != "rate_cost_fen"}
    return {
        "one": one,
        "lines": present_why.lines(score, one.parts, one.base, features, rules, account.code),
        "unknown": present_why.unknown_lines(score, one.unknown, rules, account.code),
        "groups": present_why.group_weights(rules) if score == "value" else [],
        "has_inputs": bool(features),
        "total": formatting.number((one.total or 0) / 100, 1),
        "base": formatting.number(one.base / 100),
        "change": round((one.change or 0) / 100, 1),
        "good": "down" if score == "lock_in" else "up",
        "top": first_percent(one.top_permille),
        "win_back": formatting.percent((found.row.win_back_permille or 0) / 1000),
    }


def _tier(request: StaffRequest, account: Any, found: Any, rules: Any) -> dict[str, Any]:
    history = tier_history_of(request.actor, account)
    now = history[0] if history and history[0].valid_to is None else None
    reason = now.reason if now is not None and now.reason == "hand" else found.row.tier_reason
    return {
        "level": choice_name(codes.SERVICE_LEVEL, account.service_level),
        "assurance": choice_name(codes.ASSURANCE_LEVEL, account.assurance_level),
        "reason": present_why.tier_reason(reason),
        "steps": [
            (tier, choice_name(codes.SERVICE_LEVEL, tier.service_level), tier.code == account.tier)
            for tier in (rules.tiers if rules is not None else [])
        ],
        "history": [
            (move, choice_name(MOVED, move.moved), present_why.moved_because(move.because), move.reason)
            for move in history
        ],
    }


def _policy_address(actor: Actor, family: str) -> str:
    """Return where the rules of a family are read, for whoever may read them there."""
    if not actor.may("policies.view"):
        return ""
    try:
        return reverse("policies:family", kwargs={"family": family})
    except NoReverseMatch:
        return ""

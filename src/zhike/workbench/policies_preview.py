"""What a draft of rules would change, as templates read it. Refuses to compute or read anything."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from zhike.core.models import PolicyDraft, RunState
from zhike.workbench.policies_words import pair
from zhike_analytics.contracts import codes
from zhike_analytics.contracts.policies_decisions import RULES

NONE = "none"
LEVELS = {"red": gettext_lazy("红"), "yellow": gettext_lazy("黄")}
REASONS = {
    "score": gettext_lazy("按分数"),
    "bill": gettext_lazy("按月出账"),
    "strategic": gettext_lazy("在战略名单上"),
    "held": gettext_lazy("在缓冲带内，保持原级"),
    "unknown": gettext_lazy("所知太少，不定级"),
}
QUADRANTS = {
    "keep": gettext_lazy("保有"),
    "win": gettext_lazy("策反"),
    "deepen": gettext_lazy("深耕"),
    "nurture": gettext_lazy("培育"),
}
HUNDREDTHS = 100


def preview_state(draft: PolicyDraft) -> dict[str, Any]:
    """Return how far a draft's preview is, and what it found."""
    run = draft.preview
    if run is None:
        return {"state": ""}
    told: dict[str, Any] = {
        "state": run.state, "moving": run.state in (RunState.QUEUED, RunState.RUNNING),
        "share": run.progress_permille / 1000, "stale": draft.previewed_edition != draft.edition,
        "error": run.error_en if get_language() == "en" else run.error_zh,
        "version": f"{run.pk}-{run.state}-{run.progress_permille}-{draft.edition}",
    }  # fmt: skip
    return told | _found(run.result) if run.state == RunState.DONE else told


def _found(result: dict[str, Any]) -> dict[str, Any]:
    order = [*codes.TIER, NONE]
    cells = {(was, becomes): (many, fen) for was, becomes, many, fen in result["tiers"]}
    present = [code for code in order if any(code in pair_of for pair_of in cells)]
    rows = [
        {
            "tier": tier_name(was),
            "cells": [
                {
                    "many": cells.get((was, becomes), (0, 0))[0],
                    "same": was == becomes,
                    "up": order.index(becomes) < order.index(was),
                }
                for becomes in present
            ],
            "before": sum(many for (left, _right), (many, _fen) in cells.items() if left == was),
        }
        for was in present
    ]
    moved = {key: cell for key, cell in cells.items() if key[0] != key[1]}
    ways = {"up": [0, 0], "down": [0, 0]}
    for (was, becomes), (many, fen) in moved.items():
        way = ways["up" if order.index(becomes) < order.index(was) else "down"]
        way[0] += many
        way[1] += fen
    alerts = [
        {"rule": rule_name(name), "before": before, "after": after, "change": after - before}
        for name, (before, after) in sorted(result["alerts"].items(), key=_by_rule)
    ]
    return {
        "as_of": result["as_of"], "accounts": result["accounts"], "moves": result["moves"],
        "tiers": rows, "heads": [tier_name(code) for code in present],
        "totals": [sum(many for (_left, right), (many, _fen) in cells.items() if right == code) for code in present],
        "up": ways["up"], "down": ways["down"],
        "alerts": [one for one in alerts if one["change"]],
        "alerts_before": sum(one["before"] for one in alerts), "alerts_after": sum(one["after"] for one in alerts),
        "quadrants": [
            {"name": QUADRANTS[name], "before": before, "after": after, "change": after - before}
            for name, (before, after) in result["quadrants"].items()
            if name in QUADRANTS and before != after
        ],
    }  # fmt: skip


def move_line(move: Any) -> dict[str, Any]:
    """Return one account that would move: from where to where, why, with how much money."""
    facts = move.facts
    before, after = facts["value_before"], facts["value_after"]
    return {
        "code": move.account.code, "name": move.account.name, "region": move.account.region.name,
        "tier_before": facts["tier_before"], "tier_after": facts["tier_after"],
        "moved": facts["tier_before"] != facts["tier_after"],
        "reason": REASONS.get(facts["reason"], ""), "bill_fen": facts["bill_mean3_fen"],
        "value_before": before / HUNDREDTHS if before is not None else None,
        "value_after": after / HUNDREDTHS if after is not None else None, "scored": before != after,
        "more": rule_names(facts["alerts_more"]), "less": rule_names(facts["alerts_less"]),
    }  # fmt: skip


def tier_name(code: str) -> str:
    """Return a tier; accounts without one are said to have none."""
    return _("未定级") if code == NONE else code


def rule_name(name: str) -> str:
    """Return an alert's rule with its level: 账单下降（红）."""
    rule, _dot, level = name.partition(".")
    words = pair((RULES[rule].zh, RULES[rule].en)) if rule in RULES else rule
    return _("%(rule)s（%(level)s）") % {"rule": words, "level": LEVELS.get(level, level)}


def rule_names(names: str) -> Sequence[str]:
    """Return several such rules."""
    return [rule_name(name) for name in names.split(",") if name]


def _by_rule(entry: tuple[str, Any]) -> tuple[int, str]:
    rule, _dot, level = entry[0].partition(".")
    return (list(RULES).index(rule) if rule in RULES else len(RULES), level)

"""The figures and alerts at the head of an account, in words. Plain values in and out; refuses to compute any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from zhike.customers.words import choice_name
from zhike.insights.queries_head import AlertLine, Head
from zhike.insights.words import ALERT_LEVEL, ALERT_RULE
from zhike.workbench import present_why
from zhike.worklist.words import title_of, why_of

FEWEST_POINTS = 2  # of a trend
EVIDENCE = {
    "bill_fall": ("", "#bill"), "declining": ("", "#bill"), "usage_fall": ("", "#bill"), "silent": ("", "#bill"),
    "overdue": ("", "#bill"), "removal": ("", "#use"), "competitor_seen": ("", "#use"),
    "promise_late": ("timeline", "?kind=orders"),
    "complaints": ("timeline", "?kind=complaints"), "escalated": ("timeline", "?kind=complaints"),
    "contract_end": ("archive", ""), "manager_changed": ("team", ""), "contact_changed": ("people", ""),
    "satisfaction": ("timeline", "?kind=visits"), "unvisited": ("timeline", "?kind=visits"),
    "members_leaving": ("members", ""),
}  # fmt: skip
"""Where the rows are that an alert rests on: tab of the account, and what narrows or finds them there."""


@dataclass(frozen=True)
class ScoreFigure:
    """One score at the head: its points, its change, its trend; `good` says which way is better."""

    key: str
    label: str
    points: int | None
    change: float | None
    top_permille: int | None
    trend: list[int]
    address: str
    good: str

    @property
    def top(self) -> int | None:
        """Among the first so many per cent."""
        return first_percent(self.top_permille)


def first_percent(permille: int | None) -> int | None:
    """Return among the first how many per cent a place is, never promising more than it is.

    >>> first_percent(31), first_percent(1), first_percent(None)
    (4, 1, None)
    """
    return None if permille is None else max(-(-permille // 10), 1)


def score_figures(head: Head, code: str) -> list[ScoreFigure]:
    """Return the three scores of an account, in the order they are read."""
    now = head.now
    if now is None:
        return []
    names = present_why.names()
    found = []
    for key in ("value", "loyalty", "lock_in"):
        trend = [point[key] for point in head.points if point[key] is not None]
        change = round((now[f"{key}_change"] or 0) / 100, 1) or None
        found.append(
            ScoreFigure(
                key, names[key], now[key], change, now[f"{key}_top_permille"],
                trend if len(trend) >= FEWEST_POINTS else [],
                reverse("workbench:account_why", args=[code, key]), "down" if key == "lock_in" else "up",
            )
        )  # fmt: skip
    return found


@dataclass(frozen=True)
class AlertWords:
    """One alert as people read it."""

    alert: AlertLine
    level: str
    kind: str
    rule: str
    title: str
    why: str
    address: str


def alert_words(head: Head, code: str) -> list[AlertWords]:
    """Return the alerts of an account: red ones first, then by money at stake."""
    return [_alert(one, code) for one in head.alerts]


def _alert(one: AlertLine, code: str) -> AlertWords:
    tab, rest = EVIDENCE.get(one.rule, ("", ""))
    address = reverse("workbench:account_tab", args=[code, tab]) if tab else reverse("workbench:account", args=[code])
    told: Mapping[str, Any] = one.told
    return AlertWords(
        one, choice_name(ALERT_LEVEL, one.level), "hand" if one.level == "red" else "warn",
        choice_name(ALERT_RULE, one.rule), title_of(one.rule, told), why_of(one.rule, told), address + rest,
    )  # fmt: skip

"""Reads what stands of accounts: published figures, the cycle's alerts, what people decided. Refuses to choose steps.

Rows stream through a cursor of the server: a million accounts never stand in memory at once.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import connection

from zhike.insights.models import NEVER, NO_END, UNKNOWN_MONEY, UNKNOWN_PERMILLE
from zhike.playbooks.rules import Thresholds
from zhike.playbooks.suggesting import Decided, Signal, Situation, level_of

CHUNK = 5000
REMEMBERED_DAYS = 400
"""How long what people decided is remembered: longer than any episode that names its year lasts."""

_PLACES = (
    "account_id", "tier", "size", "ownership", "lifecycle", "billed_fen", "theirs_fen", "share_permille",
    "completeness", "decider_unknown", "ends_on", "visited_on", "overdue_fen",
)  # fmt: skip


def _statement(*, only: bool) -> str:
    here = "AND s.account_id = ANY(%(ids)s)" if only else ""
    these = "AND account_id = ANY(%(ids)s)" if only else ""
    return f"""
SELECT {", ".join(f"s.{name}" for name in _PLACES)}, a.alerts
FROM insights_accountsummary s
LEFT JOIN (
    SELECT account_id, jsonb_agg(
        jsonb_build_array(rule, level, measure, threshold, unit, stake_fen, evidence, since) ORDER BY rule
    ) AS alerts
    FROM insights_alert WHERE cycle_id = %(cycle)s {these} GROUP BY account_id
) a ON a.account_id = s.account_id
WHERE s.publication_id = %(publication)s AND s.lifecycle <> 'left' {here}
"""


def situations(
    thresholds: Thresholds, *, publication: int, cycle: int | None, today: date, ids: Sequence[int] | None = None
) -> Iterator[Situation]:
    """Yield what stands of every account of a publication (or of some); call within a transaction."""
    birthdays = _birthdays(thresholds, today, ids)
    values: dict[str, Any] = {"publication": publication, "cycle": cycle or -1, "ids": list(ids or ())}
    with connection.chunked_cursor() as cursor:
        cursor.execute(_statement(only=ids is not None), values)
        while rows := cursor.fetchmany(CHUNK):
            for row in rows:
                yield _situation(row, thresholds, birthdays, judged=cycle is not None, today=today)


def _situation(
    row: Sequence[Any], thresholds: Thresholds, birthdays: frozenset[int], *, judged: bool, today: date
) -> Situation:
    (
        account_id,
        tier,
        size,
        ownership,
        lifecycle,
        billed,
        theirs,
        share,
        known,
        faceless,
        ends,
        visited,
        overdue,
        told,
    ) = row
    bill = None if billed == UNKNOWN_MONEY else billed
    rival = {"rival_fen": theirs or None, "rival_permille": None if share == UNKNOWN_PERMILLE else 1000 - share}
    about = {"ends_on": None if ends == NO_END else ends.isoformat(), **rival}
    found = [
        _alert(one, about, ends)
        for one in json.loads(told or "[]")
        if _still(one, thresholds, ends=ends, visited=visited, overdue=overdue, today=today)
    ]
    if not judged and lifecycle != "prospect":
        found += _unjudged(thresholds, about, ends, visited, overdue, today)
    quarter = f"{today.year}Q{(today.month + 2) // 3}"
    if known < thresholds.incomplete_below:
        found.append(Signal("incomplete", "plain", quarter, evidence={"percent": known}))
    if faceless:
        found.append(Signal("decider_unknown", "plain", quarter, evidence=about))
    if rival["rival_permille"] is not None and rival["rival_permille"] >= 10 * thresholds.rival_share_from:
        found.append(Signal("rival_share", "plain", quarter, evidence=about))
    if account_id in birthdays:
        year, week, _ = today.isocalendar()
        found.append(Signal("birthday", "yellow", f"{year}W{week:02d}", evidence={"days": thresholds.birthday_within}))
    return Situation(
        account_id, tier, size, ownership, lifecycle, bill, theirs, None if share == UNKNOWN_PERMILLE else share, found
    )


def _still(one: Sequence[Any], thresholds: Thresholds, *, ends: date, visited: date, overdue: int, today: date) -> bool:
    """Tell whether an alert still holds: what was renewed, paid or visited after the cycle needs nobody any more."""
    rule, evidence = one[0], one[6]
    if rule == "contract_end":
        return (ends - today).days <= max(thresholds.contract_yellow, evidence.get("contract_ends_in") or 0)
    if rule == "overdue":
        return overdue > 0
    if rule == "unvisited" and visited != NEVER:
        return bool((today - visited).days >= (evidence.get("unvisited_days") or 0))
    return True


def _alert(one: Sequence[Any], about: dict[str, Any], ends: date) -> Signal:
    """Return an alert of the cycle as a signal; one that reddens is another episode, and a contract's is its end."""
    rule, level, measure, threshold, unit, stake, evidence, since = one
    contract = rule == "contract_end" and ends != NO_END
    episode = ends.isoformat() if contract else since
    return Signal(
        rule, level_of(level), f"{episode}/red" if level == "red" else episode, stake,
        {**evidence, **about, "measure": measure, "threshold": threshold, "unit": unit}, ends if contract else None,
    )  # fmt: skip


def _unjudged(
    thresholds: Thresholds, about: dict[str, Any], ends: date, visited: date, overdue: int, today: date
) -> Iterator[Signal]:
    """Yield what the figures show by themselves, until a cycle has judged its rules."""
    left = (ends - today).days
    if left <= thresholds.contract_yellow:
        red = left <= thresholds.contract_red
        yield Signal(
            "contract_end", "red" if red else "yellow", f"{ends.isoformat()}{'/red' if red else ''}", None, about, ends
        )
    if overdue > 0:
        yield Signal("overdue", "yellow", f"{today.year}-{today.month:02d}", overdue, {"overdue_fen": overdue})
    if visited != NEVER and (gone := (today - visited).days) >= thresholds.unvisited_from:
        yield Signal("unvisited", "yellow", visited.isoformat(), None, {"unvisited_days": gone})


def _birthdays(thresholds: Thresholds, today: date, ids: Sequence[int] | None) -> frozenset[int]:
    """Return the accounts where somebody who decides or influences has a birthday soon; whose and when is not told."""
    soon = [f"{today + timedelta(days=plus):%m-%d}" for plus in range(thresholds.birthday_within + 1)]
    here = "AND account_id = ANY(%(ids)s)" if ids is not None else ""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT account_id FROM customers_contact WHERE birthday IS NOT NULL"
            f" AND decision_role IN ('decides', 'influences') AND to_char(birthday, 'MM-DD') = ANY(%(soon)s) {here}",
            {"soon": soon, "ids": list(ids or ())},
        )
        return frozenset(row[0] for row in cursor.fetchall())


def decisions(source: str, *, today: date, ids: Sequence[int] | None = None) -> dict[int, list[Decided]]:
    """Return what people decided about earlier items of a source, by account."""
    here = "AND account_id = ANY(%(ids)s)" if ids is not None else ""
    found: dict[int, list[Decided]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, rule, episode, state, level, (decided_at AT TIME ZONE 'Asia/Shanghai')::date"
            " FROM worklist_workitem WHERE source = %(source)s AND state IN ('done', 'dismissed', 'postponed')"
            f" AND decided_by_id IS NOT NULL AND decided_at >= %(since)s {here}",
            {"source": source, "since": today - timedelta(days=REMEMBERED_DAYS), "ids": list(ids or ())},
        )
        for account_id, *rest in cursor.fetchall():
            found[account_id].append(Decided(*rest))
    return found

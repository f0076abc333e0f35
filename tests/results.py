"""Results of cycles for tests that have no lake: scores, alerts and tiers as a cycle would have left them."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from zhike.customers.models import Account
from zhike.insights import sql_scores
from zhike.insights.models import AccountScore, AccountSummary, AccountTier, Alert, Cycle
from zhike.insights.policies import policies_on

PARTS = {"value": ["income", "employees", "capital"], "loyalty": ["ties", "members"], "lock_in": ["breadth_industry"]}
FIGURES: dict[str, Any] = {
    "customer": True, "value": 7460, "value_confidence": 97, "value_parts": [2500, -40, None],
    "value_unknown": "capital", "value_change": 310, "value_top_permille": 35, "contribution_rate_permille": 1800,
    "loyalty": 4200, "loyalty_confidence": 80, "loyalty_parts": [-800, None], "loyalty_unknown": "members",
    "loyalty_change": -500, "loyalty_top_permille": 600, "lock_in": 3800, "lock_in_confidence": 60,
    "lock_in_parts": [3800], "lock_in_unknown": "", "lock_in_change": 1200, "lock_in_top_permille": 120,
    "win_back_permille": 412, "winnable_fen": 4_120_000, "quadrant": "win", "tier": "A2", "tier_reason": "bill",
    "by_score": "B1", "by_bill": "A2", "previous_tier": "B1", "moved": "up", "moved_because": "income",
    "service_level": "gold", "assurance_level": "AA", "bill_mean3_fen": 3_500_000,
}  # fmt: skip
IN_LISTS = ("value", "loyalty", "lock_in", "quadrant", "moved")


def new_cycle(as_of: date | None = None) -> Cycle:
    """Return a cycle whose results are shown; what was shown before is kept as an old one."""
    day = as_of or timezone.localdate()
    Cycle.objects.filter(state=Cycle.State.CURRENT).update(state=Cycle.State.OLD)
    one = Cycle.objects.create(
        state=Cycle.State.CURRENT, as_of=day, last_period=202610, parts=PARTS, policies=policies_on(day)[1]
    )
    with connection.cursor() as cursor:
        for parent in sql_scores.PARENTS:
            cursor.execute(sql_scores.create_partition(parent, one.pk))
            cursor.execute(sql_scores.attach_partition(parent, one.pk))
    return one


def give_scores(cycle: Cycle, account: Account, **figures: Any) -> AccountScore:
    """Give an account scores in a cycle, and in the list what the list shows of them."""
    told = FIGURES | figures
    row = AccountScore(account_id=account.pk, cycle_id=cycle.pk, region_id=account.region_id, **told)
    row.save(force_insert=True)
    rows = AccountSummary.objects.unscoped(reason="the test plays the cycle").filter(account_id=account.pk)
    rows.update(**{name: -1 if told[name] is None else told[name] for name in IN_LISTS})
    return row


def give_alert(cycle: Cycle, account: Account, rule: str, **told: Any) -> Alert:
    """Give an account an alert in a cycle."""
    row = Alert(
        cycle_id=cycle.pk, account_id=account.pk, region_id=account.region_id, rule=rule,
        **{"level": "red", "measure": 1.0, "threshold": 1.0, "unit": "%", "stake_fen": 1_000_000, "evidence": {},
           "since": cycle.as_of} | told,
    )  # fmt: skip
    row.save(force_insert=True)
    return row


def give_move(cycle: Cycle, account: Account, **told: Any) -> AccountTier:
    """Write a move of an account's tier on the day of a cycle."""
    row = AccountTier(
        account=account, cycle=cycle, valid_from=cycle.as_of,
        **{"tier": "A2", "service_level": "gold", "assurance_level": "AA", "previous_tier": "B1", "moved": "up",
           "reason": "bill", "because": "income"} | told,
    )  # fmt: skip
    row.save()
    return row

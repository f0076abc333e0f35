"""Turns rows of the archive into the plain values that rules ask for. Refuses to read anything itself."""

from __future__ import annotations

from datetime import date
from typing import Any

from zhike.core.policies import NoPolicy, policy_at
from zhike.customers.rules import (
    COMPLETENESS,
    CompletenessFacts,
    CompletenessItem,
    completeness_of,
    completeness_percent,
)


def completeness(account: Any) -> tuple[list[CompletenessItem], int]:
    """Return the six things one must know with what is missing of each, and the weighted percentage.

    `account` is one that :func:`zhike.customers.queries.account_by_code` returned: it says what rows there are.
    """
    facts = CompletenessFacts(
        network_situation=bool(account.network_situation),
        has_site=account.has_site,
        innovation_goals=bool(account.innovation_goals),
        has_subscription=account.has_subscription,
        has_competitor_fact=account.has_competitor_fact,
        decision_process=bool(account.decision_process),
        has_decider=account.has_decider,
        decider_has_tie=account.decider_has_tie,
        latent_needs=bool(account.latent_needs),
        background=bool(account.background),
        industry=bool(account.industry),
        ownership=bool(account.ownership),
        size=bool(account.size),
        employees=account.employees is not None,
        credit_code=bool(account.credit_code),
    )
    try:
        weights = policy_at(COMPLETENESS, date.today()).body
    except NoPolicy:
        weights = COMPLETENESS.seed_versions()[-1][1]
    items = completeness_of(facts, weights)
    return items, completeness_percent(items)

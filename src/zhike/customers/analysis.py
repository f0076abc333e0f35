"""Turns rows of the archive into the plain values that rules ask for. Refuses to read anything itself."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from zhike.core.policies import NoPolicy, policy_at
from zhike.customers.models import Account, Contact
from zhike.customers.queries import ClassHoldings
from zhike.customers.rules import (
    COMPLETENESS,
    CompletenessFacts,
    CompletenessItem,
    completeness_of,
    completeness_percent,
)


def completeness(
    account: Account, contacts: Sequence[Contact], holdings: Sequence[ClassHoldings], *, has_site: bool
) -> tuple[list[CompletenessItem], int]:
    """Return the six things one must know with what is missing of each, and the weighted percentage."""
    deciders = [one for one in contacts if one.decision_role == "decides"]
    facts = CompletenessFacts(
        network_situation=bool(account.network_situation),
        has_site=has_site,
        innovation_goals=bool(account.innovation_goals),
        has_subscription=any(one.ours for one in holdings),
        has_competitor_fact=any(one.theirs for one in holdings),
        decision_process=bool(account.decision_process),
        has_decider=bool(deciders),
        decider_has_tie=any((one.tie_strength or 0) > 0 for one in deciders),
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

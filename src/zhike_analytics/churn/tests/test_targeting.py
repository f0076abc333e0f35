"""Whom care pays for: profit decides, not chance; the unknown is on no list."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from zhike_analytics.churn.targeting import care_list
from zhike_analytics.contracts.churn import ChurnPolicy


def test_the_list_earns_more_than_the_same_number_by_chance_and_holds_nobody_who_costs() -> None:
    draw = np.random.default_rng(2)
    chance, margin = draw.beta(1, 6, 2000), np.exp(draw.normal(12, 1.5, 2000))
    helps, cost, disturbed = draw.uniform(0, 0.5, 2000), np.full(2000, 8e3), np.full(2000, 0.01)
    found = care_list(chance, margin, helps, cost, disturbed, most=100)
    by_chance = np.argsort(-chance)[:100]
    assert found.profit_fen[list(found.care_for)].min() > 0
    assert found.profit_fen[list(found.care_for)].sum() > 2 * found.profit_fen[by_chance].sum()
    assert set(found.do_not_disturb) == set(np.flatnonzero(chance * helps < (1 - chance) * disturbed).tolist())
    assert not set(found.care_for) & set(found.do_not_disturb)


def test_an_account_of_unknown_or_no_margin_is_not_cared_for() -> None:
    one = np.ones(2)
    found = care_list(0.9 * one, np.array([np.nan, -5e9]), 0.3 * one, one, 0 * one, most=5)
    assert (found.care_for, found.do_not_disturb) == ((), ())


def test_a_policy_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValidationError, match="shrinking must not ask for more"):
        ChurnPolicy(leave_lines=0.2, shrink_lines=0.3)
    with pytest.raises(ValidationError, match="silent months must lie within"):
        ChurnPolicy(silent_months=4, horizon_months=3)

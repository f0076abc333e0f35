"""Value of an account: revenue contribution, social standing, ability to pay. Refuses a lucky ratio without weight."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts.policies import ValuePolicy
from zhike_analytics.features.build import FeatureRun
from zhike_analytics.features.columns import Floats, numbers, points_of, ratio
from zhike_analytics.scoring.points import Component, Score, blend, on_curve

BASE = 50.0
FEN = 100.0
USAGE_STANDS_FOR = 0.3
"""How much of the contribution is known from traffic alone, our default."""


@dataclass(frozen=True)
class Value:
    """The score and the rate that went into it, in thousandths of income per cost (NaN unknown)."""

    score: Score
    rate_permille: Floats


def score_value(features: pa.Table, run: FeatureRun, policy: ValuePolicy) -> Value:
    """Return the value of each account of one piece.

    The rate is income ÷ cost to serve over the months of which both are known, drawn towards the peers' rate as if
    each account had, beside its own, a share of its peers' mean cost at their rate (a ratio estimator with a prior):
    the smaller the account, the less its luck counts.
    """
    weights = policy.ahp.weights
    rate = shrunk_rate(features, run, policy)
    income = ratio(numbers(features, "income_12_fen") / FEN, np.maximum(numbers(features, "income_months"), 1.0))
    customer = numbers(features, "customer") > 0
    income = np.where(customer | (income > 0), income, np.nan)  # a prospect earns nothing yet, which tells no value
    points: dict[str, Floats] = {
        "rate": on_curve(policy.curves["rate"], rate),
        "income": on_curve(policy.curves["income"], income),
        "employees": on_curve(policy.curves["employees"], numbers(features, "employees")),
        "size": points_of(features, "size", policy.levels["size"]),
        "scope": points_of(features, "scope", policy.levels["scope"]),
        "group": points_of(features, "group_kind", policy.levels["group"]),
        "association": points_of(features, "association", {**policy.levels["association"], "none": 0.0}),
        "followers": on_curve(policy.curves["followers"], numbers(features, "followers")),
        "ownership": points_of(features, "ownership", policy.levels["ownership"]),
        "revenue": on_curve(policy.curves["revenue"], numbers(features, "annual_revenue_fen") / FEN),
        "capital": on_curve(policy.curves["capital"], numbers(features, "registered_capital_fen") / FEN),
        "credit": points_of(features, "credit_rating", policy.levels["credit"]),
        "punctual": np.clip(100.0 - numbers(features, "pays_late_days") * 100.0 / 30.0, 0.0, 100.0),
    }
    months = len(run.coverage["bills"].get("months", ())) / 12
    components = {
        name: Component(weights[part] * share, points[name], part, months if part == "contribution" else 1.0)
        for part in ("contribution", "standing", "ability")
        for name, share in getattr(policy, part).shares.items()
        if share > 0
    }
    stands_in = np.isnan(points["rate"]) & np.isnan(points["income"])
    traffic = np.where(stands_in & customer, place_among(numbers(features, "usage_volume"), run.volumes), np.nan)
    components["usage"] = Component(weights["contribution"], traffic, "traffic", USAGE_STANDS_FOR, stands_in=True)
    return Value(blend(components, base=BASE), np.rint(1000 * rate))


def shrunk_rate(features: pa.Table, run: FeatureRun, policy: ValuePolicy) -> Floats:
    """Return income ÷ cost, drawn towards the peers' rate; NaN where income, cost or peers are unknown."""
    income, cost = numbers(features, "rate_income_fen"), numbers(features, "rate_cost_fen")
    above, below = run.peers.of(features, "rate_income_fen", "rate_cost_fen")
    whole, count = run.peers.of(features, "rate_cost_fen", "rate_cost_fen.count")
    prior = policy.prior_cost_share * np.maximum(ratio(whole, count), 1.0)
    usual = ratio(above, below)
    known = np.maximum(cost, 0.0)
    return np.where(np.isnan(usual), ratio(income, known), (income + prior * usual) / (known + prior))


def place_among(values: Floats, ordered: Floats) -> Floats:
    """Return the place of values among all, 0 (lowest) to 100; equal values share the lowest place."""
    if ordered.size < 2:
        return np.where(np.isnan(values), np.nan, 50.0)
    place = 100.0 * np.searchsorted(ordered, np.nan_to_num(values), side="left") / (ordered.size - 1)
    return np.where(np.isnan(values), np.nan, np.minimum(place, 100.0))

"""Loyalty in behaviour: use, share of wallet, members, ties, cost of leaving. Refuses to guess the attitude."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts.policies import LoyaltyPolicy
from zhike_analytics.features.build import FeatureRun
from zhike_analytics.features.columns import Floats, numbers, ratio
from zhike_analytics.features.derive import CLASSES
from zhike_analytics.scoring.points import Component, Score, against, blend, on_curve

BASE = 50.0
DAYS_PER_MONTH = 365.25 / 12


def score_loyalty(features: pa.Table, run: FeatureRun, policy: LoyaltyPolicy) -> Score:
    """Return loyalty in behaviour of each account of one piece; unknown for whoever is no customer.

    Breadth (different products) and depth (monthly fees) of each class are set beside the peers' mean; more of either
    never lowers the score. Attitude (satisfaction) is kept apart: it is unknown until surveys are there.
    """
    shares = policy.shares.shares
    customer = numbers(features, "customer") > 0
    components: dict[str, Component] = {}
    for one in CLASSES:
        for kind, column, share in (
            ("breadth", f"breadth_{one}", policy.use.breadth), ("depth", f"fee_{one}_fen", policy.use.depth),
        ):  # fmt: skip
            points = against(numbers(features, column), usual(features, run, column))
            components[f"{kind}_{one}"] = Component(shares["use"] * policy.use.classes[one] * share, points, "use")
    ours, theirs = numbers(features, "fee_fen"), numbers(features, "rival_fee_fen")
    components["wallet"] = Component(shares["wallet"], 100.0 * ratio(ours, ours + theirs), "wallet")
    components["members"] = Component(shares["members"], _members(features, run), "members")
    components["ties"] = Component(shares["ties"], numbers(features, "tie_permille") / 10.0, "ties")
    months = numbers(features, "contract_days_left") / DAYS_PER_MONTH
    leaving = policy.leaving.shares
    components["contract"] = Component(
        shares["leaving"] * leaving["contract"], on_curve(policy.months_left, months), "leaving"
    )
    components["bundle"] = Component(
        shares["leaving"] * leaving["bundle"], numbers(features, "bundle_permille") / 10.0, "leaving"
    )
    return blend(
        {
            name: Component(one.weight, np.where(customer, one.points, np.nan), one.part, one.sure)
            for name, one in components.items()
        },
        base=BASE,
    )


def usual(features: pa.Table, run: FeatureRun, column: str) -> Floats:
    """Return the mean of a measure among the peers of each account."""
    return ratio(*run.peers.of(features, column, f"{column}.count"))


def _members(features: pa.Table, run: FeatureRun) -> Floats:
    """Return points for lines that employees pay themselves, for each employee, beside what is usual among peers."""
    own = ratio(numbers(features, "members_own"), numbers(features, "employees"))
    return against(own, ratio(*run.peers.of(features, "members_own", "employees")))

"""Loyalty in behaviour: use, share of wallet, members, ties, cost of leaving. Refuses to guess the attitude."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts.policies import LoyaltyPolicy
from zhike_analytics.features.build import FeatureRun
from zhike_analytics.features.columns import Floats, known_or, numbers, ratio
from zhike_analytics.features.derive import CLASSES
from zhike_analytics.scoring.points import Component, Score, against, blend, on_curve

BASE = 50.0
PRIOR_LINES, PRIOR_CONTACTS = 10.0, 3.0
"""Lines and contacts of typical peers that stand beside an account's own, our defaults: one friendly contact or line
says little. So many or more of its own are full evidence."""
PRIOR_PRODUCTS, PRIOR_FEES = 0.5, 0.1
"""What is put on both sides before an account's use of a class is set beside its peers', our defaults: half a product,
and a tenth of what peers pay us in all. Having none of what hardly any peer has tells little; having none of what
all have tells much."""
POINTS_PER_GRADE = 20.0
"""A tie is graded 0 to 5."""
DAYS_PER_MONTH = 365.25 / 12


def score_loyalty(features: pa.Table, run: FeatureRun, policy: LoyaltyPolicy, nothing_recorded: float = 0.3) -> Score:
    """Return loyalty in behaviour of each account of one piece; unknown for whoever is no customer.

    Breadth (different products) and depth (monthly fees) of each class are set beside the peers' mean; more of either
    never lowers the score. Attitude (satisfaction) is kept apart: it is unknown until surveys are there.

    Parameters
    ----------
    nothing_recorded
        How sure it is that an account of which no competitor's service is recorded has none (0 to 1).
    """
    shares = policy.shares.shares
    customer = numbers(features, "customer") > 0
    components: dict[str, Component] = {}
    little = PRIOR_FEES * sum((usual(features, run, f"fee_{one}_fen") for one in CLASSES), np.zeros(features.num_rows))
    for one in CLASSES:
        for kind, column, share in (
            ("breadth", f"breadth_{one}", policy.use.breadth), ("depth", f"fee_{one}_fen", policy.use.depth),
        ):  # fmt: skip
            mine, peers = numbers(features, column), usual(features, run, column)
            prior = little if kind == "depth" else PRIOR_PRODUCTS
            # Fees differ so widely among peers that twice the fee is not twice the use: their roots are compared.
            sides = (
                (np.sqrt(mine + prior), np.sqrt(peers + prior)) if kind == "depth" else (mine + prior, peers + prior)
            )
            points = against(*sides)
            components[f"{kind}_{one}"] = Component(shares["use"] * policy.use.classes[one] * share, points, "use")
    ours, theirs = numbers(features, "fee_fen"), numbers(features, "rival_fee_fen")
    seen = np.where(numbers(features, "rivals") > 0, 1.0, nothing_recorded)
    components["wallet"] = Component(shares["wallet"], 100.0 * ratio(ours, ours + theirs), "wallet", seen)
    components["members"] = Component(
        shares["members"], _members(features, run), "members", _seen(features, "members_paid", PRIOR_LINES)
    )
    components["ties"] = Component(
        shares["ties"], _ties(features, run), "ties", _seen(features, "tie_count", PRIOR_CONTACTS)
    )
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
    """Return points for lines that employees pay themselves, for each line the account pays, beside what is usual.

    Numbers that were ported out in the last half year count with the lines that could have stayed. Without any line
    there is nothing to tell from.
    """
    peers = ratio(*run.peers.of(features, "members_own", "members_paid"))
    lines = numbers(features, "members_paid") + numbers(features, "members_left_180")
    own = (numbers(features, "members_own") + PRIOR_LINES * peers) / (lines + PRIOR_LINES)
    return np.where(numbers(features, "members") > 0, against(own, peers), np.nan)


def _ties(features: pa.Table, run: FeatureRun) -> Floats:
    """Return points for the mean grade of the contacts' ties, by how far it lies from what is usual among peers."""
    peers = ratio(*run.peers.of(features, "tie_sum", "tie_count"))
    known = numbers(features, "tie_count")
    grade = (known_or(numbers(features, "tie_sum"), 0.0) + PRIOR_CONTACTS * peers) / (known + PRIOR_CONTACTS)
    return np.where(known > 0, np.clip(BASE + POINTS_PER_GRADE * (grade - peers), 0.0, 100.0), np.nan)


def _seen(features: pa.Table, column: str, enough: float) -> Floats:
    """Return how much of the evidence that would be enough is there, 0 to 1."""
    return np.minimum(known_or(numbers(features, column), 0.0) / enough, 1.0)

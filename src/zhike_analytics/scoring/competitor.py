"""How firmly competitors hold an account and the chance of winning it over. Refuses a chance that grows with it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts import codes
from zhike_analytics.contracts.policies import CompetitorPolicy
from zhike_analytics.features.build import FeatureRun
from zhike_analytics.features.columns import Floats, numbers, ratio
from zhike_analytics.features.derive import CLASSES
from zhike_analytics.scoring.loyalty import usual
from zhike_analytics.scoring.points import HUNDREDTHS, Component, Score, against, blend

DAYS_PER_YEAR = 365.25


@dataclass(frozen=True)
class LockIn:
    """The score, the chance of winning over in thousandths, and a year of competitors' fees times it, in fen."""

    score: Score
    win_back_permille: Floats
    winnable_fen: Floats


def score_lock_in(features: pa.Table, run: FeatureRun, policy: CompetitorPolicy) -> LockIn:
    """Return competitors' hold on each account of one piece, with the chance of winning it over.

    Breadth and depth of competitors' services are set beside what peers use of ours, so that both sides are measured
    with one yardstick. Where nothing is recorded the hold is 0 with little confidence, and there is nothing to win.
    """
    rivals = numbers(features, "rivals")
    sure = _sureness(features, rivals, policy)
    components = {
        f"{kind}_{one}": Component(
            policy.use.classes[one] * share,
            against(numbers(features, f"rival_{column}"), usual(features, run, column)),
            "use",
            sure,
        )
        for one in CLASSES
        for kind, column, share in (
            ("breadth", f"breadth_{one}", policy.use.breadth),
            ("depth", f"fee_{one}_fen", policy.use.depth),
        )
    }
    score = blend(components, base=0.0)
    chance = win_back(score.total, numbers(features, "rival_longest_days"), policy)
    chance = np.where(rivals > 0, chance, np.nan)
    yearly = 12.0 * numbers(features, "rival_fee_fen")
    return LockIn(score, chance, np.rint(yearly * chance / 1000.0))


def win_back(lock_in: Floats, longest_days: Floats, policy: CompetitorPolicy) -> Floats:
    """Return the chance of winning an account over, in whole thousandths; NaN where the hold is unknown.

    Parameters
    ----------
    lock_in
        Hundredths of a point.
    longest_days
        Days left of the competitors' longest contract: one more contract never shortens it.
    """
    odds = (
        policy.easiest
        - policy.per_lock_in * lock_in / (100.0 * HUNDREDTHS)
        - policy.per_year * np.maximum(longest_days, 0.0) / DAYS_PER_YEAR
    )
    return np.asarray(np.rint(1000.0 / (1.0 + np.exp(-odds))))


def _sureness(features: pa.Table, rivals: Floats, policy: CompetitorPolicy) -> Floats:
    """Return how sure what is recorded of competitors is: by the records' confidence and how many are of this year."""
    weighed = sum(
        (policy.sureness[one] * numbers(features, f"rivals_{one}") for one in codes.CONFIDENCE), np.zeros(len(rivals))
    )
    unmarked = rivals - sum((numbers(features, f"rivals_{one}") for one in codes.CONFIDENCE), np.zeros(len(rivals)))
    own = ratio(weighed + policy.sureness["low"] * unmarked, rivals)
    fresh = ratio(numbers(features, "rivals_fresh"), rivals)
    return np.where(rivals > 0, own * (0.5 + 0.5 * fresh), policy.sureness["none"])

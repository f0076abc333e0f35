"""Tiers with a band against flapping, strategic lists, who moved and why. Refuses a tier to whoever is no customer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from zhike_analytics.contracts.policies_decisions import StrategicList, TierPolicy
from zhike_analytics.features.columns import Bools, Floats, is_one_of, numbers
from zhike_analytics.scoring.points import HUNDREDTHS

Places = NDArray[np.int64]
NONE = 99
"""Place of an account without a tier: below all others."""
REASONS = ("score", "bill", "strategic", "held", "unknown", "no_customer")
"""Why an account has its tier: its score or bill reached it, a list gives it, the band kept it; or why it has none."""


@dataclass(frozen=True)
class Tiers:
    """Places of tiers (0 is the highest) and why: one entry per account."""

    place: Places
    by_score: Places
    by_bill: Places
    reason: Sequence[str]


def place_by(values: Floats, thresholds: Sequence[float | None]) -> Places:
    """Return the highest tier whose threshold each value reaches; NONE where unknown or below all."""
    place = np.full(len(values), NONE, dtype=np.int64)
    for number in reversed(range(len(thresholds))):
        threshold = thresholds[number]
        if threshold is not None:
            place = np.where(values >= threshold, number, place)  # NaN reaches nothing
    return place


def assign_tiers(
    score: Floats, bill_fen: Floats, strategic: Places, customer: Bools, previous: Places, policy: TierPolicy
) -> Tiers:
    """Return the tier of each account.

    Parameters
    ----------
    score
        Value in hundredths of a point, NaN unknown.
    bill_fen
        Mean monthly bill of the last three months, NaN unknown.
    strategic
        The tier that a list gives, NONE for others.
    previous
        The tier of the month before, NONE for none.

    An account rises as soon as it reaches a tier by score or bill, and falls only when it is below both by the band:
    inside the band it stays where it was, so that a value that wavers there never moves it. Where neither score nor
    bill is known, the tier of the month before stands.
    """
    scores = [one.score_from * HUNDREDTHS for one in policy.tiers]
    bills = [None if one.bill_from_fen is None else float(one.bill_from_fen) for one in policy.tiers]
    if bills[-1] is None:
        bills[-1] = 0.0  # whose bill alone is known is not without a tier
    by_score, by_bill = place_by(score, scores), place_by(bill_fen, bills)
    reached = np.minimum(by_score, by_bill)
    held = np.minimum(
        place_by(score, [one - policy.score_band * HUNDREDTHS for one in scores]),
        place_by(bill_fen, [None if one is None else one * (1.0 - policy.bill_band) for one in bills]),
    )
    kept = (previous != NONE) & (reached > previous) & (held <= previous)
    nothing_known = np.isnan(score) & np.isnan(bill_fen)
    place = np.where(kept | nothing_known, previous, reached)
    listed = strategic < place
    place = np.where(listed, strategic, place)
    place = np.where(customer, place, NONE)
    reason = np.select(
        [~customer, listed, nothing_known, kept, by_bill < by_score],
        ["no_customer", "strategic", "unknown", "held", "bill"],
        default="score",
    )
    return Tiers(place, by_score, by_bill, reason.tolist())


def strategic_places(features: pa.Table, policy: TierPolicy) -> Places:
    """Return the tier that the strategic lists give each account, NONE for others."""
    names = [one.code for one in policy.tiers]
    place = np.full(features.num_rows, NONE, dtype=np.int64)
    for one in policy.strategic:
        place = np.where(_on(features, one), np.minimum(place, names.index(one.tier)), place)
    return place


def _on(features: pa.Table, one: StrategicList) -> Bools:
    """Return who is on a list: of its ownership and marked in the archive, or named."""
    right = is_one_of(features, "ownership", one.ownership) if one.ownership else np.ones(features.num_rows, bool)
    marked = right & (numbers(features, "strategic") > 0) if one.listed else right
    named = is_one_of(features, "account_code", one.account_codes)
    return np.asarray((marked & (one.listed | bool(one.ownership))) | named)


def places_of(names: pa.ChunkedArray | pa.Array, policy: TierPolicy) -> Places:
    """Return the places of tiers by name, NONE where there is none."""
    found = pc.index_in(names, value_set=pa.array([one.code for one in policy.tiers]))
    return np.asarray(pc.fill_null(found, NONE).to_numpy(zero_copy_only=False)).astype(np.int64)


def named(place: Places, names: Sequence[str]) -> pa.Array:
    """Return what stands at each place, empty for NONE."""
    return pa.array(list(names), pa.string()).take(pa.array(np.where(place == NONE, 0, place), mask=place == NONE))

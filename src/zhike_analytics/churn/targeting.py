"""Whom care pays for and whom to leave alone, by expected incremental profit. Refuses to rank by chance alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike_analytics.churn.measures import Bools, Floats
from zhike_analytics.contracts.churn import ChurnError


@dataclass(frozen=True)
class CareList:
    """What care is expected to bring each account, whom it goes to (most profitable first) and whom not; in fen."""

    profit_fen: Floats
    care_for: tuple[int, ...]
    do_not_disturb: tuple[int, ...]


def care_list(
    chance: Floats, margin_fen: Floats, helps: Floats, cost_fen: Floats, disturbed: Floats, *, most: int
) -> CareList:
    """Return whom to care for: those of whom care is expected to bring more than it costs.

    ``profit = margin · (chance · helps − (1 − chance) · disturbed) − cost``, where `helps` is the share of those
    leaving whom care keeps and `disturbed` the share of those staying whom being approached drives away. Where the
    bracket is below nought, an approach does harm even when it is free: these are not to be disturbed. Accounts of
    which the margin is unknown are on neither list, and none is of value to lose when its margin is not positive.

    Raises
    ------
    ChurnError
        When the columns differ in length.

    >>> found = care_list(np.array([0.5, 0.9, 0.001]), np.array([1e6, 1e4, 1e6]), np.full(3, 0.3), np.full(3, 8e4),
    ...                   np.full(3, 0.01), most=2)
    >>> found.care_for, found.do_not_disturb
    ((0,), (2,))
    """
    if len({len(chance), len(margin_fen), len(helps), len(cost_fen), len(disturbed)}) != 1:
        raise ChurnError("各列行数不同 / the columns differ in length")
    kept = chance * helps - (1.0 - chance) * disturbed
    profit = np.asarray(margin_fen * kept - cost_fen)
    order = np.argsort(np.where(np.isnan(profit), np.inf, -profit), kind="stable")
    chosen: Bools = (profit > 0) & (margin_fen > 0)
    worse: Bools = (kept < 0) & ~np.isnan(margin_fen)
    listed = [int(row) for row in order if chosen[row]][:most]
    return CareList(profit, tuple(listed), tuple(int(row) for row in np.flatnonzero(worse)))

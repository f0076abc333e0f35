"""Measures how well chances told who left: order, lift, calibration, drift. Refuses outcomes of one kind only."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


def auc(score: Floats, left: Bools) -> float:
    """Return the chance that one who left had a higher score than one who stayed; NaN when there is but one kind.

    >>> auc(np.array([0.1, 0.4, 0.4, 0.8]), np.array([False, False, True, True]))
    0.875
    """
    gone = int(left.sum())
    stayed = len(left) - gone
    if not gone or not stayed:
        return float("nan")
    _, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2.0)[place]
    return float((rank[left].sum() - gone * (gone + 1) / 2.0) / (gone * stayed))


def lift(score: Floats, left: Bools, share: float = 0.1) -> float:
    """Return how many times as often the `share` with the highest scores left as all did; NaN when nobody left."""
    if not left.any():
        return float("nan")
    first = np.argsort(-score, kind="stable")[: max(round(len(score) * share), 1)]
    return float(left[first].mean() / left.mean())


def calibration_error(chance: Floats, left: Bools, bins: int = 10) -> float:
    """Return the mean distance of told from found shares over tenths of the accounts by chance (ECE)."""
    order = np.argsort(chance, kind="stable")
    parts = [part for part in np.array_split(order, bins) if len(part)]
    return float(sum(len(part) * abs(chance[part].mean() - left[part].mean()) for part in parts) / len(chance))


def brier(chance: Floats, left: Bools) -> float:
    """Return the mean squared distance of chances from outcomes."""
    return float(np.mean((chance - left) ** 2))


def drift(before: Floats, now: Floats, bins: int = 10) -> float:
    """Return the population stability index of a quantity; 0.1 is slight, 0.25 much. Unknown is a bin of its own.

    >>> drift(np.arange(100.0), np.arange(100.0))
    0.0
    """
    known = before[~np.isnan(before)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1])) if len(known) else np.empty(0)

    def shares(values: Floats) -> Floats:
        place = np.where(np.isnan(values), len(edges) + 1, np.searchsorted(edges, values, side="right"))
        count = np.bincount(place, minlength=len(edges) + 2) + 0.5
        return np.asarray(count / count.sum())

    first, second = shares(before), shares(now)
    return float(np.sum((second - first) * np.log(second / first)))

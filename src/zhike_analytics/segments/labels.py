"""Keeps the numbers of clusters from month to month by the accounts they share. Refuses to give a number twice."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from zhike_analytics.contracts.segments import SegmentError

LEAST_SHARED = 0.2
"""Share (Jaccard) of accounts two clusters must have in common to be one and the same, our default."""
Labels = NDArray[np.int64]


def stable_labels(places: Labels, before: Labels, clusters: int, used: int = 0) -> Labels:
    """Return the label of each of this month's clusters, by place.

    Labels are matched so that clusters share most (Hungarian method on shared accounts); a cluster that shares too
    little with any gets a number that was never used.

    Parameters
    ----------
    places
        Cluster of each account this month, 0 to ``clusters − 1``.
    before
        Label of the same accounts the month before, −1 where it had none.
    used
        The highest label ever given.

    >>> stable_labels(np.array([0, 0, 1, 1, 2, 2]), np.array([2, 2, 1, 1, -1, -1]), 3, used=4).tolist()
    [2, 1, 5]
    """
    if places.shape != before.shape:
        raise SegmentError("两期的客户不对应 / the accounts of both months do not correspond")
    known = before >= 0
    names = np.unique(before[known])
    labels = np.full(clusters, -1, dtype=np.int64)
    if len(names):
        column = np.searchsorted(names, before[known])
        shared = np.zeros((clusters, len(names)))
        np.add.at(shared, (places[known], column), 1.0)
        union = shared.sum(axis=1)[:, None] + shared.sum(axis=0)[None, :] - shared
        likeness = np.where(union > 0, shared / np.maximum(union, 1.0), 0.0)
        for place, name in zip(*linear_sum_assignment(-likeness), strict=True):
            if likeness[place, name] >= LEAST_SHARED:
                labels[place] = names[name]
    fresh = max(used, int(names.max(initial=0)))
    missing = np.flatnonzero(labels < 0)
    labels[missing] = fresh + 1 + np.arange(len(missing))
    return labels


def flows(before: Labels, now: Labels) -> dict[tuple[int, int], int]:
    """Return how many accounts went from which label to which; −1 is none: new, or gone.

    >>> flows(np.array([1, 1, 2, -1]), np.array([1, 2, 2, 1]))
    {(-1, 1): 1, (1, 1): 1, (1, 2): 1, (2, 2): 1}
    """
    pairs, counts = np.unique(np.stack([before, now], axis=1), axis=0, return_counts=True)
    return {(int(one), int(two)): int(number) for (one, two), number in zip(pairs, counts, strict=True)}

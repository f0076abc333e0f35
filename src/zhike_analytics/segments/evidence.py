"""Chooses the number of clusters by evidence that is shown: stability under resampling, silhouette. Refuses hunches.

Stability: each of several random halves of the sample is clustered on its own, the clusterings are extended to all of
the sample, and the adjusted Rand index tells how far they agree (Ben-Hur, Elisseeff & Guyon 2002). Silhouette:
Rousseeuw 1987, on part of the sample. Whoever is stable enough competes by silhouette.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from zhike_analytics.contracts.segments import Evidence, SegmentError
from zhike_analytics.segments.treatment import Singles

CHOICES = tuple(range(3, 11))
"""Numbers that are tried, our default: fewer are no segments, more than ten nobody keeps apart in a meeting."""
HALVES, HALF_ROWS, SILHOUETTE_ROWS = 6, 4_000, 2_000
STABLE_ENOUGH = 0.75
"""Adjusted Rand index from which clusters are found again, our default."""
FEWEST_SHARE = 0.005
KEEPS = 0.02
"""The number of the month before stays while no other is better in silhouette by more than this."""


def fit_centres(points: Singles, clusters: int, seed: int, start: Singles | None = None) -> Singles:
    """Return cluster centres, the same for the same points: one thread, a fixed seed, or the centres to start from."""
    # Sums by several threads differ in the last digits from run to run.
    with threadpool_limits(1):
        kind = {"init": start, "n_init": 1} if start is not None else {"init": "k-means++", "n_init": 4}
        fitted = KMeans(clusters, random_state=seed, max_iter=200, **kind).fit(points)  # type: ignore[arg-type]
    return np.asarray(fitted.cluster_centers_, dtype=np.float32)


def nearest(points: Singles, centres: Singles) -> NDArray[np.int64]:
    """Return the nearest centre of each point."""
    return np.asarray((np.square(centres).sum(axis=1) - 2.0 * points @ centres.T).argmin(axis=1), dtype=np.int64)


def weigh(points: Singles, choices: Sequence[int] = CHOICES, seed: int = 0) -> tuple[Evidence, ...]:
    """Return what speaks for each number of clusters that the points can be divided into.

    Raises
    ------
    SegmentError
        When there are too few different accounts for any choice.
    """
    different = len(np.unique(points, axis=0))
    possible = [one for one in choices if one <= different and 2 * one <= len(points)]
    if not possible:
        raise SegmentError(
            f"只有 {len(points)} 个客户（{different} 种），不足以聚类"
            f" / {len(points)} accounts ({different} kinds) are too few for clusters"
        )
    draw = np.random.default_rng(seed)
    size = min(len(points) // 2, HALF_ROWS)
    halves = []
    for _ in range(HALVES // 2):
        order = draw.permutation(len(points))
        halves += [order[:size], order[size : 2 * size]]
    judged = draw.permutation(len(points))[:SILHOUETTE_ROWS]
    return tuple(_weigh(points, one, halves, judged, seed) for one in possible)


def _weigh(
    points: Singles, clusters: int, halves: list[NDArray[np.int64]], judged: NDArray[np.int64], seed: int
) -> Evidence:
    labels = [nearest(points, fit_centres(points[half], clusters, seed + n)) for n, half in enumerate(halves)]
    agreement = [float(adjusted_rand_score(one, two)) for one, two in pairwise(labels)]
    whole = nearest(points, fit_centres(points, clusters, seed))
    shares = np.bincount(whole, minlength=clusters) / len(points)
    seen = whole[judged]
    sound = 1 < len(np.unique(seen)) < len(seen)
    silhouette = float(silhouette_score(points[judged], seen)) if sound else -1.0
    return Evidence(clusters, round(float(np.mean(agreement)), 4), round(silhouette, 4), round(float(shares.min()), 4))


def choose(evidence: Sequence[Evidence], before: int | None = None) -> Evidence:
    """Return the number that is stable enough and best in silhouette; the most stable where none is.

    Ties go to the smaller number. The number of the month before stays while nothing is clearly better, so that the
    clusters do not change for chance's sake.
    """
    large = [one for one in evidence if one.smallest >= FEWEST_SHARE] or list(evidence)
    stable = [one for one in large if one.stability >= STABLE_ENOUGH]
    if not stable:
        return max(large, key=lambda one: (one.stability, -one.clusters))
    best = max(stable, key=lambda one: (one.silhouette, -one.clusters))
    kept = next((one for one in stable if one.clusters == before), None)
    return kept if kept is not None and kept.silhouette >= best.silhouette - KEEPS else best

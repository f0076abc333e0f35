"""What peers use and an account lacks: support, lift and a ranking, judged on what was taken up. Refuses offers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhike_analytics.contracts.segments import Opportunity
from zhike_analytics.segments.attributes import used_families

Labels = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
TINY = 1e-6
LEAST_SUPPORT, LEAST_LIFT = 0.1, 1.2
"""Below these a family is not what peers use but what some use, our defaults."""
SMOOTHING, TRADE_SMOOTHING = 20.0, 400.0
"""Accounts with the habits of all that are added to each cluster and trade, so that a few do not decide."""


@dataclass(frozen=True)
class Adoption:
    """Which share of each cluster uses which family, and how much likelier accounts of a trade use it.

    Attributes
    ----------
    support
        Cluster × family: share that uses it. The last row is all accounts.
    trades
        Trade → logarithm of how many times as often its accounts use each family; one that is not known is 0.
    """

    families: tuple[str, ...]
    labels: tuple[int, ...]
    support: Floats
    lacking: NDArray[np.int64]
    trades: Mapping[str, Floats]

    @classmethod
    def of(cls, accounts: pa.Table, clusters: Labels, labels: Sequence[int]) -> Self:
        """Return the adoption of accounts of which clusters are known."""
        names, used = used_families(accounts)
        matrix = used.astype(np.float64)
        overall = matrix.mean(axis=0) if len(matrix) else np.zeros(len(names))
        rows, lacking = [], []
        for label in labels:
            here = matrix[clusters == label]
            rows.append((here.sum(axis=0) + SMOOTHING * overall) / (len(here) + SMOOTHING))
            lacking.append(len(here) - here.sum(axis=0))
        trades, of_trade = {}, _trades(accounts)
        for trade in sorted(set(of_trade.tolist()) - {""}):
            here = matrix[of_trade == trade]
            share = (here.sum(axis=0) + TRADE_SMOOTHING * overall) / (len(here) + TRADE_SMOOTHING)
            trades[trade] = np.log(share + TINY) - np.log(overall + TINY)
        return cls(
            tuple(names), tuple(labels), np.array([*rows, overall]).reshape(len(rows) + 1, len(names)),
            np.array(lacking, dtype=np.int64).reshape(len(rows), len(names)), trades,
        )  # fmt: skip

    def opportunities(self, label: int, most: int = 8) -> tuple[Opportunity, ...]:
        """Return what a cluster uses clearly more than all do, by what is to be gained: most used first."""
        row = self.labels.index(label)
        support, overall = self.support[row], self.support[-1]
        lift = np.divide(support, overall, out=np.zeros_like(support), where=overall > 0)
        wanted = np.flatnonzero((support >= LEAST_SUPPORT) & (lift >= LEAST_LIFT) & (self.lacking[row] > 0))
        order = sorted(wanted.tolist(), key=lambda one: (-support[one], self.families[one]))[:most]
        return tuple(
            Opportunity(
                self.families[one], round(float(support[one]), 4), round(float(lift[one]), 3),
                int(self.lacking[row][one]),
            )
            for one in order
        )  # fmt: skip

    def scores(self, accounts: pa.Table, clusters: Labels) -> Floats:
        """Return accounts × families: how well each fits, by the use of the cluster and of the trade.

        Families that an account uses are −∞.
        """
        _, used = used_families(accounts)
        place = np.searchsorted(np.array(self.labels), clusters)
        score = np.log(self.support[place] + TINY)
        words, number = np.unique(_trades(accounts), return_inverse=True)
        none = np.zeros(len(self.families))
        score += np.array([self.trades.get(one, none) for one in words.tolist()]).reshape(len(words), -1)[number]
        score[used] = -np.inf
        return np.asarray(score)

    def suggest(self, accounts: pa.Table, clusters: Labels, most: int = 3) -> list[list[Opportunity]]:
        """Return for each account the families it lacks that fit it best, with support and lift among its peers."""
        score = self.scores(accounts, clusters)
        rows = np.searchsorted(np.array(self.labels), clusters)
        order = np.argsort(-score, axis=1, kind="stable")[:, :most]
        overall = np.maximum(self.support[-1], 1e-9)
        return [
            [
                Opportunity(
                    self.families[one], round(float(self.support[row, one]), 4),
                    round(float(self.support[row, one] / overall[one]), 3), int(self.lacking[row, one]),
                )
                for one in best
                if np.isfinite(score[number, one])
            ]
            for number, (row, best) in enumerate(zip(rows.tolist(), order.tolist(), strict=True))
        ]  # fmt: skip


@dataclass(frozen=True)
class Judged:
    """How well suggestions foretold what was taken up in the months after.

    ``recall`` is the share of what was taken up that stood among the first three; ``rank`` the mean reciprocal rank.
    """

    taken_up: int
    recall: float
    rank: float


def judge(score: Floats, taken_up: Bools, most: int = 3) -> Judged:
    """Return how well a ranking foretold; families in use must be −∞ in it."""
    order = np.argsort(np.argsort(-score, axis=1, kind="stable"), axis=1)
    places = order[taken_up & np.isfinite(score)]
    if not len(places):
        return Judged(0, float("nan"), float("nan"))
    return Judged(len(places), float((places < most).mean()), float((1.0 / (1 + places)).mean()))


def most_popular(used: Bools, support: Floats) -> Floats:
    """Return the ranking to beat: what most use, whoever they are."""
    score = np.broadcast_to(np.log(support + TINY), used.shape).copy()
    score[used] = -np.inf
    return np.asarray(score)


def _trades(accounts: pa.Table) -> NDArray[np.str_]:
    """Return the trade of each account, empty where unknown."""
    if "industry" not in accounts.column_names:
        return np.full(accounts.num_rows, "")
    return np.array([one or "" for one in accounts.column("industry").to_pylist()], dtype=np.str_)

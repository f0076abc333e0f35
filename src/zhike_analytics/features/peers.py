"""What is usual among peers of one industry and headcount: sums of whole numbers, in any order. Refuses medians."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike_analytics.features.columns import Floats, known_or, numbers
from zhike_analytics.features.derive import CLASSES

Texts = np.ndarray[Any, np.dtype[np.str_]]
ALL = "all"
SUMS = (
    "rate_income_fen", "rate_cost_fen", "members_own", "members_paid", "tie_sum", "tie_count",
    *(f"breadth_{one}" for one in CLASSES), *(f"fee_{one}_fen" for one in CLASSES),
)  # fmt: skip

RATES = (("rate_income_fen", "rate_cost_fen"), ("members_own", "members_paid"), ("tie_sum", "tie_count"))
"""Whoever lacks one of the two is left out of both sums."""


@dataclass
class Peers:
    """Sums over the customers of each industry and size, of each size, and of all."""

    fewest: int
    sums: dict[str, dict[str, float]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(float)))

    def add(self, features: pa.Table) -> None:
        """Count the customers of one piece in."""
        mine = features.filter(features.column("customer"))
        industry = _texts(mine, "industry")
        size = _texts(mine, "peer_size")
        values = {name: numbers(mine, name) for name in SUMS}
        for first, second in RATES:
            both = ~np.isnan(values[first]) & ~np.isnan(values[second])
            values[first], values[second] = (np.where(both, values[one], np.nan) for one in (first, second))
        values |= {f"{name}.count": (~np.isnan(one)).astype(np.float64) for name, one in values.items()}
        for keys in (_narrow(industry, size), np.char.add("size ", size), np.full(len(size), ALL)):
            names, place = np.unique(keys, return_inverse=True)
            for name, one in values.items():
                # Whole numbers below 2**53: the order of adding does not matter.
                totals = np.bincount(place, known_or(one, 0.0), minlength=len(names))
                for key, total in zip(names.tolist(), totals.tolist(), strict=True):
                    self.sums[key][name] += total

    def of(self, features: pa.Table, above: str, below: str) -> tuple[Floats, Floats]:
        """Return for each account the sums of two measures over its peers, in the narrowest group that is large enough.

        `below` may be ``<measure>.count``, to ask for a mean. NaN where nothing is known of anyone.
        """
        industry, size = _texts(features, "industry"), _texts(features, "peer_size")
        names, place = np.unique(_narrow(industry, size), return_inverse=True)
        found = np.array([self._sums(name, above, below) for name in names.tolist()]).reshape(-1, 2)
        return found[place, 0], found[place, 1]

    def _sums(self, key: str, above: str, below: str) -> tuple[float, float]:
        for one in (key, "size " + key.rpartition("|")[2], ALL):
            sums = self.sums.get(one)
            if sums and sums[f"{above}.count"] >= (self.fewest if one != ALL else 1):
                return sums[above], sums[below]
        return np.nan, np.nan


def _narrow(industry: Texts, size: Texts) -> Texts:
    return np.char.add(np.char.add(np.char.add("trade ", industry), "|"), size)


def _texts(table: pa.Table, name: str) -> Texts:
    """Return a text column, empty text where unknown."""
    column = pc.fill_null(table.column(name).combine_chunks().cast(pa.string()), "")
    return np.asarray(column.to_numpy(zero_copy_only=False)).astype(np.str_)

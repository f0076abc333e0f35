"""Random numbers addressed by position. Owns the generator; refuses any state, so nothing depends on batches or order.

A number is a hash of (seed, name of the stream, index): the same account draws the same numbers whether it is built
alone or among a million. The mixing is the finaliser of SplitMix64 (Steele, Lea, Flood 2014).
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LANE = 0xD1B54A32D192ED03
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_MASK = (1 << 64) - 1


def cells(rows: Integers, columns: int, stride: int = 1024) -> Integers:
    """Return the index of every (row, column) as a matrix; `columns` must be at most `stride`.

    >>> cells(np.array([0, 2]), 3, stride=10).tolist()
    [[0, 1, 2], [20, 21, 22]]
    """
    if columns > stride:
        raise ValueError(f"{columns} columns do not fit a stride of {stride}")
    return np.asarray(rows[:, None] * stride + np.arange(columns, dtype=np.int64)[None, :])


class Stream:
    """Numbers of one purpose, e.g. ``Stream(7, "bills.credit")``; `lane` tells draws of the same index apart.

    >>> stream = Stream(7, "example")
    >>> whole = stream.uniform(np.arange(4))
    >>> bool((stream.uniform(np.array([2, 3])) == whole[2:]).all())
    True
    """

    def __init__(self, seed: int, name: str) -> None:
        """Derive the key of the stream from `seed` and `name`."""
        self.key = int.from_bytes(blake2b(f"{seed}/{name}".encode(), digest_size=8).digest(), "little")

    def bits(self, index: ArrayLike, lane: int = 0) -> NDArray[np.uint64]:
        """Return 64 random bits for each index."""
        key = np.uint64((self.key ^ ((lane + 1) * _LANE)) & _MASK)
        state = np.array(index, dtype=np.int64).view(np.uint64)
        state *= _GOLDEN
        state += key
        state ^= state >> np.uint64(30)
        state *= _FIRST
        state ^= state >> np.uint64(27)
        state *= _SECOND
        state ^= state >> np.uint64(31)
        return state

    def uniform(self, index: ArrayLike, lane: int = 0) -> Floats:
        """Return numbers in [0, 1)."""
        return np.asarray((self.bits(index, lane) >> np.uint64(11)) * 2.0**-53)

    def normal(self, index: ArrayLike, lane: int = 0) -> Floats:
        """Return standard normal numbers (Box and Muller 1958)."""
        radius = np.sqrt(-2.0 * np.log(1.0 - self.uniform(index, 2 * lane + 1000)))
        return np.asarray(radius * np.cos(2.0 * np.pi * self.uniform(index, 2 * lane + 1001)))

    def noise(self, index: ArrayLike, lane: int = 0) -> Floats:
        """Return nearly normal numbers of mean 0 and deviation 1: four 16-bit parts of one hash, summed."""
        bits = self.bits(index, lane)
        low = np.uint64(0xFFFF)
        total = (bits & low).astype(np.float64)
        for shift in (16, 32, 48):
            total += ((bits >> np.uint64(shift)) & low).astype(np.float64)
        return np.asarray((total - 131070.0) * (3.0**0.5 / 65535.0))

    def integers(self, index: ArrayLike, low: ArrayLike, high: ArrayLike, lane: int = 0) -> Integers:
        """Return whole numbers from `low` to below `high`."""
        bottom = np.asarray(low, dtype=np.int64)
        width = np.asarray(high, dtype=np.int64) - bottom
        return np.asarray(bottom + np.floor(self.uniform(index, lane) * width).astype(np.int64))

    def chance(self, index: ArrayLike, probability: ArrayLike, lane: int = 0) -> NDArray[np.bool_]:
        """Return whether each thing happens."""
        return np.asarray(self.uniform(index, lane) < probability)  # type: ignore[operator]

    def choice(self, index: ArrayLike, weights: ArrayLike, lane: int = 0) -> Integers:
        """Return positions drawn by `weights`, the same for all."""
        cumulative = np.cumsum(np.asarray(weights, dtype=np.float64))
        draws = self.uniform(index, lane) * cumulative[-1]
        return np.asarray(np.minimum(np.searchsorted(cumulative, draws, side="right"), len(cumulative) - 1))

    def choice_by(self, index: ArrayLike, weights: Floats, lane: int = 0) -> Integers:
        """Return positions drawn by one row of `weights` for each index."""
        cumulative = np.cumsum(weights, axis=1)
        draws = self.uniform(index, lane) * cumulative[:, -1]
        return np.asarray(np.minimum((draws[:, None] >= cumulative).sum(axis=1), weights.shape[1] - 1))

    def poisson(self, index: ArrayLike, rate: ArrayLike, lane: int = 0, limit: int = 12) -> Integers:
        """Return counts with small mean `rate`, at most `limit` (inverse of the distribution)."""
        mean = np.asarray(rate, dtype=np.float64)
        draws = self.uniform(index, lane)
        term = np.exp(-mean)
        reached = np.array(np.broadcast_to(term, draws.shape))
        term = reached.copy()
        counts = np.zeros(draws.shape, dtype=np.int64)
        for step in range(1, limit + 1):
            above = draws >= reached
            if not above.any():
                break
            counts += above
            term = term * mean / step
            reached += term
        return counts

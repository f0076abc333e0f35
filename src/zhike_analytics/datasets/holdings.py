"""What each account holds of ours over time: from when to when, at what price. Refuses amounts of single months."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike_analytics.datasets import mix
from zhike_analytics.datasets.history import NEVER, History, activity
from zhike_analytics.datasets.population import Bools, Population
from zhike_analytics.datasets.randomness import Floats, Integers

OPEN = 1 << 30
"""Last month of a holding that goes on."""
LATE_SHARE = 0.32  # of the further products, those taken up after the account joined


@dataclass(frozen=True)
class Holdings:
    """The holdings of a chunk of accounts, account after account."""

    population: Population
    history: History
    rows: Integers  # positions of the chunk's accounts in the population
    activity: Floats  # account of the chunk × month: 1 = normal use
    row: Integers  # of each holding: position within `rows`
    family: Integers
    product: Integers
    quantity: Integers
    unit_price: Integers  # fen
    ordinal: Integers  # of each holding within its account, from 0
    first: Integers  # month number in which it begins; below 0 before the first month
    last: Integers  # last month in which it is used; OPEN when it goes on
    lost: Bools  # whether a competitor has taken it while the account stayed

    @property
    def account(self) -> Integers:
        """Position of each holding's account in the population."""
        return np.asarray(self.rows[self.row])

    @property
    def index(self) -> Integers:
        """Number by which a holding draws its random numbers."""
        return np.asarray(self.account * 64 + self.family)

    @property
    def fee(self) -> Integers:
        """Monthly fee in fen."""
        return np.asarray(self.quantity * self.unit_price)

    @property
    def used(self) -> np.ndarray[tuple[int, int], np.dtype[np.bool_]]:
        """Whether each holding is used in each month, holding × month."""
        month = np.arange(self.population.spec.months)[None, :]
        return np.asarray((self.first[:, None] <= month) & (month <= self.last[:, None]))


def build(population: Population, history: History, rows: Integers) -> Holdings:
    """Return the holdings of `rows`."""
    used = mix.build(population, rows)
    stream = population.spec.stream("holdings")
    account = rows[used.row]
    starts = np.flatnonzero(np.concatenate(([True], used.row[1:] != used.row[:-1]))) if len(used.row) else used.row
    ordinal = np.arange(len(used.row)) - np.repeat(starts, np.diff(np.append(starts, len(used.row))))
    index = account * 64 + used.family
    joined, months = population.joined[account], population.spec.months
    span = np.maximum(months - joined, 1)
    late = (ordinal > 0) & stream.chance(index, LATE_SHARE)
    first = np.where(late, joined + np.floor(stream.uniform(index, 1) * span).astype(np.int64), joined)
    left = history.left[account]
    # Whoever has left had everything before; nobody takes up a product while going.
    first = np.where((first >= left - 4) & (joined < left - 4), joined, first)
    first = np.minimum(first, left)
    last = np.where(left != NEVER, left, OPEN)
    taken = _taken(used, history, account, first, months)
    return Holdings(
        population=population, history=history, rows=rows, activity=activity(history, rows, months), row=used.row,
        family=used.family, product=used.product, quantity=used.quantity, unit_price=used.unit_price, ordinal=ordinal,
        first=first, last=np.where(taken, history.shrunk[account] - 1, last), lost=taken,
    )  # fmt: skip


def _taken(used: mix.Mix, history: History, account: Integers, first: Integers, months: int) -> Bools:
    """Return which holding of each shrinking account a competitor takes: the largest."""
    if not len(used.row):
        return np.zeros(0, dtype=bool)
    order = np.lexsort((used.family, -used.fee, used.row))
    largest = np.zeros(len(used.row), dtype=bool)
    largest[order[np.concatenate(([True], used.row[order][1:] != used.row[order][:-1]))]] = True
    shrunk = history.shrunk[account]
    return np.asarray(largest & (shrunk < history.left[account]) & (shrunk <= months) & (first < shrunk))

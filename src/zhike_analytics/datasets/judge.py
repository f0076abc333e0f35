"""Compares results with the operator's hidden truth: rank correlation, precision and lead time. Refuses to make any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from zhike_analytics.contracts import periods

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Warned:
    """How well a set of warnings told who leaves within the months that the truth knows ahead.

    Attributes
    ----------
    warned, leaving, caught
        Customers warned of, customers who will leave, and those who are both.
    lift
        How many times more often who was warned of leaves than customers on the whole.
    lead_months
        Median months from the month of the warning to that of leaving, of those caught; NaN when there are none.
    """

    customers: int
    warned: int
    leaving: int
    caught: int
    lead_months: float

    @property
    def precision(self) -> float:
        """Share of those warned of who leave."""
        return self.caught / self.warned if self.warned else float("nan")

    @property
    def recall(self) -> float:
        """Share of those leaving who were warned of."""
        return self.caught / self.leaving if self.leaving else float("nan")

    @property
    def lift(self) -> float:
        """Precision beside the share of all customers who leave."""
        return self.precision / (self.leaving / self.customers) if self.leaving else float("nan")


def spearman(left: Floats, right: Floats) -> float:
    """Return the rank correlation of two quantities where both are known; ties share their mean rank.

    >>> spearman(np.array([1.0, 2.0, 3.0, np.nan]), np.array([10.0, 20.0, 15.0, 0.0]))
    0.5
    >>> spearman(np.array([1.0, 1.0]), np.array([1.0, 2.0]))
    nan
    """
    known = ~np.isnan(left) & ~np.isnan(right)
    if known.sum() < 2:
        return float("nan")
    first, second = _ranks(left[known]), _ranks(right[known])
    spread = first.std() * second.std()
    if not spread:
        return float("nan")
    return float(round(np.mean((first - first.mean()) * (second - second.mean())) / spread, 12))


def correlation(scores: Path, operator: Path, name: str, *, least_confidence: int = 0) -> float:
    """Return Spearman of a score of customers (``value``, ``loyalty``) with the hidden quantity of the same name.

    ``least_confidence`` (percent) leaves out accounts of whose score less is known.
    """
    found, hidden = _side_by_side(scores, operator)
    counted = _customers(found) & (_numbers(found, f"{name}_confidence") >= least_confidence)
    return spearman(_numbers(found, name)[counted], _numbers(hidden, name)[counted])


def mean_confidence(scores: Path, name: str) -> float:
    """Return how much of a score of customers is known on average, in percent."""
    found = pq.read_table(scores, columns=["customer", f"{name}_confidence"], partitioning=None)
    return float(_numbers(found, f"{name}_confidence")[_customers(found)].mean())


def warnings_judged(
    results: Path,
    operator: Path,
    present: int,
    *,
    levels: Sequence[str] = ("red",),
    rules: Sequence[str] = (),
    least_rules: int = 1,
) -> Warned:
    """Return how well the alerts of a cycle (some levels, some rules or all) tell who will leave.

    Parameters
    ----------
    results
        Folder with ``scores.parquet`` and ``alerts.parquet``.
    present
        The month of the cycle's day (YYYYMM); leaving in it counts as 0 months ahead.
    least_rules
        Only accounts of which at least so many rules warn at once.
    """
    found, hidden = _side_by_side(results / "scores.parquet", operator)
    customer = _customers(found)
    codes = pa.array(sorted(_warned_of(results / "alerts.parquet", levels, rules, least_rules)), pa.string())
    warned = customer & pc.is_in(found.column("account_code"), value_set=codes).to_numpy(zero_copy_only=False)
    leaving = _numbers(hidden, "leaving_period")
    goes = customer & ~np.isnan(leaving)
    ahead = _months_after(leaving[warned & goes], present)
    lead = float(np.median(ahead)) if ahead.size else float("nan")
    return Warned(int(customer.sum()), int(warned.sum()), int(goes.sum()), ahead.size, lead)


def lead_of(
    cycles: Mapping[int, Path], operator: Path, *, levels: Sequence[str] = ("red",), rules: Sequence[str] = ()
) -> tuple[float, float]:
    """Return of those who left after the first of some monthly cycles which share was warned of, and how early.

    Parameters
    ----------
    cycles
        Month of the cycle's day → folder with ``alerts.parquet``, without gaps.

    Returns
    -------
    Share of leavers warned of at least a month before, and the median of the months from the first warning of an
    unbroken row of warnings to leaving, over those.
    """
    hidden = pq.read_table(operator / "truth" / "accounts.parquet", partitioning=None)
    months = sorted(cycles)
    codes, left = hidden.column("account_code").to_pylist(), _numbers(hidden, "left_period")
    warned = {month: _warned_of(cycles[month] / "alerts.parquet", levels, rules) for month in months}
    leads, leavers = [], 0
    for code, last in zip(codes, left.tolist(), strict=True):
        before = [month for month in months if month < last]
        if not before or last > periods.shift(months[-1], 1):
            continue
        leavers += 1
        row = 0
        while row < len(before) and code in warned[before[-1 - row]]:
            row += 1
        if row:
            leads.append(float(_months_after(np.array([last]), before[-row])[0]))
    return len(leads) / max(leavers, 1), float(np.median(leads)) if leads else float("nan")


def rewound(operator: Path, month: int, target: Path) -> Path:
    """Write the operator's tables into a new folder as the archive was when `month` began, and return it.

    Only who was still there is put back; facts need nothing, since a cycle of a day reads none after it. Subscriptions,
    contracts and lines stay as they are today: rules that read them cannot be judged on such a folder.
    """
    target.mkdir(parents=True)
    for path in operator.iterdir():
        if path.name != "accounts.parquet":
            (target / path.name).symlink_to(path.resolve())
    accounts = pq.read_table(operator / "accounts.parquet", partitioning=None)
    hidden = pq.read_table(operator / "truth" / "accounts.parquet", partitioning=None)
    place = pc.index_in(accounts.column("account_code"), value_set=hidden.column("account_code").combine_chunks())
    still = pc.fill_null(pc.greater_equal(hidden.column("left_period").take(place), month), False)
    lifecycle = pc.if_else(still, "active", accounts.column("lifecycle"))
    number = accounts.column_names.index("lifecycle")
    pq.write_table(accounts.set_column(number, "lifecycle", lifecycle), target / "accounts.parquet")
    return target


def _warned_of(alerts: Path, levels: Sequence[str], rules: Sequence[str], least_rules: int = 1) -> set[str]:
    """Return the codes of accounts with so many such alerts."""
    raised = pq.read_table(alerts, columns=["account_code", "rule", "level"], partitioning=None)
    wanted = pc.is_in(raised.column("level"), value_set=pa.array(list(levels)))
    if rules:
        wanted = pc.and_(wanted, pc.is_in(raised.column("rule"), value_set=pa.array(list(rules))))
    count = Counter(raised.filter(wanted).column("account_code").to_pylist())
    return {code for code, rules_at_once in count.items() if rules_at_once >= least_rules}


def _months_after(periods_: Floats, present: int) -> Floats:
    """Return how many months lie between `present` and later months, all YYYYMM."""
    return np.asarray((periods_ // 100 - present // 100) * 12 + periods_ % 100 - present % 100)


def _customers(found: pa.Table) -> NDArray[np.bool_]:
    return np.asarray(found.column("customer").to_numpy(), dtype=bool)


def _side_by_side(scores: Path, operator: Path) -> tuple[pa.Table, pa.Table]:
    """Return scores and truth of the same accounts in the same order."""
    found = pq.read_table(scores, partitioning=None)
    hidden = pq.read_table(operator / "truth" / "accounts.parquet", partitioning=None)
    place = pc.index_in(found.column("account_code"), value_set=hidden.column("account_code").combine_chunks())
    return found, hidden.take(place)


def _numbers(table: pa.Table, name: str) -> Floats:
    column: Any = table.column(name).cast(pa.float64()).to_numpy()
    return np.asarray(column, dtype=np.float64)


def _ranks(values: Floats) -> Floats:
    """Return mean ranks."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2.0)[place], dtype=np.float64)

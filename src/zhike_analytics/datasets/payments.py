"""What accounts pay, when and how. Owns lateness and arrears; refuses the bills themselves (see charges)."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets.charges import Lines, due_days
from zhike_analytics.datasets.history import CAUSES
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.population import account_codes, account_numbers
from zhike_analytics.datasets.randomness import Floats, Integers
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.spec import moment, yyyymmdd
from zhike_analytics.datasets.text import digits, laid_out, repeated

METHODS = ("transfer", "debit", "online", "cash", "cheque")
_METHOD_SHARES = np.array(  # by tier, our default
    [
        [0.62, 0.30, 0.04, 0.00, 0.04], [0.58, 0.32, 0.07, 0.00, 0.03], [0.48, 0.36, 0.13, 0.01, 0.02],
        [0.36, 0.38, 0.23, 0.02, 0.01], [0.18, 0.32, 0.44, 0.06, 0.00], [0.05, 0.18, 0.65, 0.12, 0.00],
    ]
)  # fmt: skip
_LATE, _NEVER = -0.75, -2.35  # of morale and luck together, which deviate by about 1.2


def write_payments(held: Holdings, lines: Lines, writers: Writers) -> None:
    """Write the payments of all bills that were paid before today; some late bills are paid in two parts."""
    population = held.population
    spec, stream = population.spec, population.spec.stream("payments")
    total = lines.totals(len(held.rows))
    row, month = np.nonzero(total > 0)
    account, amount = held.rows[row], total[row, month]
    index = account * 64 + month
    mood = population.payment_morale[account] + 0.65 * stream.noise(index)
    late = mood < _LATE
    after_due = _days_late(mood, stream.uniform(index, 1))
    habit = stream.integers(account, 1, 12, 2)
    day = due_days(spec)[month] + np.where(late, after_due, -np.minimum(habit + stream.integers(index, 0, 3, 3), 13))
    parts = late & (mood < _LATE - 0.5) & stream.chance(index, 0.25, 4)
    first = np.where(parts, amount * 6 // 10, amount)
    paid = (mood > _NEVER) & ~_left_unpaid(held, row, month, mood)
    order = np.argsort(np.concatenate((np.arange(len(row)), np.flatnonzero(parts))), kind="stable")
    take = np.concatenate((np.arange(len(row)), np.flatnonzero(parts)))[order]
    second = (np.arange(len(order)) >= 0) & (
        np.concatenate((np.zeros(len(row), bool), np.ones(parts.sum(), bool)))[order]
    )
    days = day[take] + 21 * second
    kept = paid[take] & (days < spec.today_day)
    take, second, days = take[kept], second[kept], days[kept]
    value = np.where(second, amount[take] - first[take], first[take])
    seconds = 9 * 3600 + np.floor(stream.uniform(index[take], 5) * 9 * 3600).astype(np.int64)
    periods = np.array(spec.periods, dtype=np.int64)
    method = stream.choice_by(held.rows, _METHOD_SHARES[population.tier[held.rows]], 6)
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(held.rows), row[take]),
        "payment_code": laid_out(
            "P", digits(periods, 6)[month[take]], "-", digits(account_numbers(held.rows), 8)[row[take]], "-",
            digits(1 + second.astype(np.int64), 1),
        ),
        "paid_at": moment(days, seconds),
        "amount_fen": value,
        "method": repeated(pa.array(METHODS), method[row[take]]),
        "bill_period": periods[month[take]],
    }  # fmt: skip
    writers.write("payments", columns, yyyymmdd(days) // 100)


def _days_late(mood: Floats, luck: Floats) -> Integers:
    """Return how many days after the due day a late payer pays: the worse the mood, the later."""
    depth = np.clip(_LATE - mood, 0.0, 2.0)
    return np.asarray(np.floor(2 + 26 * depth**1.2 + 14 * luck).astype(np.int64))


def _left_unpaid(
    held: Holdings, row: Integers, month: Integers, mood: Floats
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which bills those who leave never pay: the last ones, when they close down or pay badly anyway."""
    account = held.rows[row]
    close = held.history.left[account] - month <= 1
    closing = held.history.cause[account] == CAUSES.index("closure")
    return np.asarray(close & (closing | (mood < _LATE)))

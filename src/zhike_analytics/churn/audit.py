"""What a model did once its horizon was over: the figures of its card. Refuses to judge what has not come to pass."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.churn.columns import Encoding
from zhike_analytics.churn.measures import Bools, Floats, auc, brier, calibration_error, drift, lift

FIRST = 0.1
"""Share of accounts with the highest chances that is taken as warned of."""
MUCH_DRIFT = 0.25


def judge(chance: Floats, left: Bools, lead_days: Floats, codes: list[str], most_named: int = 20) -> dict[str, Any]:
    """Return order, lift, calibration, lead time in weeks and what was missed; ``None`` where nobody or all left.

    `lead_days` are the days from the day of the chance to the first line that went, NaN where none went.
    """
    rows, gone = len(left), int(left.sum())
    warned = np.zeros(rows, dtype=bool)
    warned[np.argsort(-chance, kind="stable")[: max(round(rows * FIRST), 1)]] = True
    missed = np.flatnonzero(left & ~warned)
    missed = missed[np.argsort(chance[missed], kind="stable")]
    weeks = lead_days[left & warned] / 7.0
    weeks = weeks[~np.isnan(weeks)]
    both = 0 < gone < rows
    return {
        "accounts": rows,
        "leavers": gone,
        "auc": _round(auc(chance, left)) if both else None,
        "lift_of_the_first_tenth": _round(lift(chance, left, FIRST)) if both else None,
        "calibration_error": _round(calibration_error(chance, left)) if rows else None,
        "brier": _round(brier(chance, left)) if rows else None,
        "caught": int((left & warned).sum()),
        "missed": len(missed),
        "missed_most_surprising": [codes[row] for row in missed[:most_named]],
        "lead_weeks_median": _round(float(np.median(weeks))) if len(weeks) else None,
        "calibration": _curve(chance, left),
    }


def drifts(encoding: Encoding, before: pa.Table, now: pa.Table) -> dict[str, float]:
    """Return the population stability index of each column that is read, the most drifted first."""
    first, second = encoding.matrix(before), encoding.matrix(now)
    found = {
        one.name: round(drift(first[:, number], second[:, number]), 4) for number, one in enumerate(encoding.signals)
    }
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _curve(chance: Floats, left: Bools) -> list[dict[str, float]]:
    """Return told and found shares of tenths of the accounts by chance."""
    order = np.argsort(chance, kind="stable")
    return [
        {"accounts": len(part), "told": _round(chance[part].mean()), "found": _round(left[part].mean())}
        for part in np.array_split(order, 10)
        if len(part)
    ]


def _round(value: float) -> float:
    return round(float(value), 4)

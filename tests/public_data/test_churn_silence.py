"""Silence on real calls, replayed week by week: warned by what was known on the day, judged by the weeks after."""

from __future__ import annotations

import csv
import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from zhike_analytics.churn.measures import auc
from zhike_analytics.churn.silence import WARNED_DAYS, days_silent

DATA = Path(os.environ.get("ZHIKE_PUBLIC_DATA") or Path(__file__).parents[2].parent / "shared" / "data")

pytestmark = [
    pytest.mark.public_data,
    pytest.mark.skipif(not DATA.is_dir(), reason=f"no public tables at {DATA}: set ZHIKE_PUBLIC_DATA"),
]
AHEAD = timedelta(weeks=4)


@pytest.fixture(scope="module")
def days_of() -> dict[str, list[date]]:
    """Return the days with calls of each firm."""
    with (DATA / "b2b_telephony" / "telecom_dataset_us.csv").open(encoding="utf-8") as file:
        found: dict[str, set[date]] = {}
        for row in csv.DictReader(file):
            found.setdefault(row["user_id"], set()).add(date.fromisoformat(row["date"][:10]))
    return {firm: sorted(days) for firm, days in sorted(found.items())}


def replay(days_of: dict[str, list[date]]) -> tuple[np.ndarray, np.ndarray]:
    """Return over all Mondays for how many days each firm was silent, and whether it did not call in four weeks."""
    last = max(days[-1] for days in days_of.values())
    monday, score, gone = date(2019, 9, 30), [], []
    while monday + AHEAD <= last:
        for days in days_of.values():
            known = [day for day in days if day < monday]
            if len(known) < 5 or (monday - known[-1]).days > 28:
                continue
            score.append(days_silent(known, monday))
            gone.append(not any(monday <= day < monday + AHEAD for day in days))
        monday += timedelta(weeks=1)
    return np.array(score, dtype=np.float64), np.array(gone)


def test_silence_foretells_that_a_firm_calls_no_more(days_of: dict[str, list[date]]) -> None:
    score, gone = replay(days_of)
    warned = score >= WARNED_DAYS
    assert (len(gone), int(gone.sum())) == (850, 53)
    assert auc(score, gone) >= 0.85
    assert gone[warned].mean() >= 5 * gone.mean()


def test_what_is_told_on_a_day_does_not_depend_on_later_days(days_of: dict[str, list[date]]) -> None:
    monday = date(2019, 10, 28)
    for days in days_of.values():
        assert days_silent([day for day in days if day < monday], monday) == days_silent(days, monday)

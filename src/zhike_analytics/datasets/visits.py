"""Visits to accounts by the cadence of their tier, and what was said. Refuses visits after an account has left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets.agreements import leaving_day
from zhike_analytics.datasets.contacts import contact_codes, known
from zhike_analytics.datasets.descriptions import RIVALS, choose, gap_names, gaps, patterns
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.population import account_codes, account_numbers
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.spec import moment, yyyymmdd
from zhike_analytics.datasets.staffing import Staffing, position_codes, predecessor_codes
from zhike_analytics.datasets.text import compose, digits, join, laid_out, numbers, pick, repeated, where

CADENCE_DAYS = np.array([15.0, 30.0, 60.0, 90.0, 180.0, 720.0])
"""Days between visits by tier, domain §2."""
_MOODS = ("routine", "renewal", "sore", "cooling", "prospect", "call")


def _days(held: Holdings) -> tuple[Integers, Integers]:
    """Return account (within the chunk) and day of every visit, backwards from today."""
    population, rows, spec = held.population, held.rows, held.population.spec
    stream = spec.stream("visits")
    # Careful managers keep the cadence, others fall behind.
    step = CADENCE_DAYS[population.tier[rows]] * (1.55 - 0.7 * population.diligence[rows])
    span = spec.today_day - spec.month_days[0]
    count = np.ceil(span / step).astype(np.int64)
    row = np.repeat(np.arange(len(rows)), count)
    number = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    index = rows[row] * 256 + number
    back = (number + stream.uniform(rows)[row] + 0.35 * stream.noise(index, 1)) * step[row]
    day = spec.today_day - 1 - np.floor(np.maximum(back, 0)).astype(np.int64)
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    day = day - np.maximum(weekday - 4, 0)
    until = np.where(held.history.left[rows] < spec.months, leaving_day(held, rows), spec.today_day)
    since = np.where(population.prospect[rows], spec.month_days[0], population.since_day[rows])
    kept = (day >= spec.month_days[0]) & (day >= since[row]) & (day < until[row])
    row, day = row[kept], day[kept]
    order = np.lexsort((day, row))
    row, day = row[order], day[order]
    once = np.concatenate(([True], (row[1:] != row[:-1]) | (day[1:] != day[:-1])))[: len(row)]
    return row[once], day[once]


def write_visits(held: Holdings, staffing: Staffing, writers: Writers) -> None:
    """Write the visits of the chunk's accounts."""
    population, history, rows = held.population, held.history, held.rows
    spec, stream = population.spec, population.spec.stream("visits")
    row, day = _days(held)
    served = staffing.manager[rows[row]] >= 0
    row, day = row[served], day[served]
    account = rows[row]
    index = account * 1024 + (day - spec.month_days[0])
    month = np.minimum(np.searchsorted(spec.month_days, day, side="right") - 1, spec.months)
    tier = population.tier[account]
    complained = history.complaints[account, month].sum(axis=1) > 0
    leaving = (history.left[account] - month >= 0) & (history.left[account] - month <= 4)
    ending = (history.contract_phase[account] - month) % history.contract_term[account] <= 2
    mood = np.where(ending & stream.chance(index, 0.7), 1, 0)
    mood = np.where(complained & stream.chance(index, 0.8, 1), 2, mood)
    mood = np.where(leaving & stream.chance(index, 0.6, 2), 3, mood)
    mood = np.where(population.prospect[account], 4, mood)
    missing = gaps(held)
    fields = {
        "gap": gap_names(missing[row]),
        "rival": pick(RIVALS, stream.choice(account, [0.45, 0.32, 0.2, 0.03], 3)),
        "budget": numbers(stream.integers(account, 9, 13, 4)),
    }
    kind = np.where(tier >= 5, stream.choice(index, [0.12, 0.88], 5), stream.choice(index, [0.72, 0.28], 6))
    kind = np.where((tier <= 1) & stream.chance(index, 0.10, 7), 2, kind)
    kind = np.where((tier <= 3) & (kind == 0) & stream.chance(index, 0.12, 8), 3, kind)
    mood = np.where((mood == 0) & (kind == 1), 5, mood)
    pleased = 8.4 + 0.9 * population.loyalty[account] + 0.4 * population.care_response[account]
    pleased = pleased - 0.5 * population.irritability[account]
    pleased = pleased - 1.2 * complained - 1.6 * leaving + 0.9 * stream.noise(index, 9)
    changed = staffing.changed_month[staffing.manager[account]]
    earlier = (changed >= 0) & (month < changed)
    position = pa.array(staffing.manager[account])
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(rows), row),
        "visit_code": laid_out("V", digits(yyyymmdd(day), 8), "-", digits(account_numbers(account), 8)),
        "visited_at": moment(day, 9 * 3600 + stream.integers(index, 0, 17, 10) * 1800),
        "kind": pick(("onsite", "phone", "executive", "joint"), kind),
        "staff_code": where(
            earlier, predecessor_codes(staffing).take(position), position_codes(staffing).take(position)
        ),
        "contact_codes": _met(held, row, index),
        "summary": compose(patterns("visits")[0], choose("visits", mood, _MOODS, stream.uniform(index, 11)), fields),
        "satisfaction": pa.array(
            np.clip(np.rint(pleased), 1, 10).astype(np.int64),
            mask=stream.chance(index, np.where(kind == 1, 0.5, 0.12), 12),
        ),
    }
    writers.write("visits", columns)


def _met(held: Holdings, row: Integers, index: Integers) -> pa.Array:
    """Return whom the visitor met: somebody below the one who decides, sometimes the latter too."""
    stream = held.population.spec.stream("visits.met")
    count = known(held.population, held.rows)[row]
    one = np.where(count > 1, 1 + np.floor(stream.uniform(index) * (count - 1)).astype(np.int64), 0)
    top = (count > 1) & stream.chance(index, 0.25, 1)
    person = contact_codes(one)
    return where(top, join("P001;", person), person)

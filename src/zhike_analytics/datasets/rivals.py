"""What accounts use of competitors, as far as we know it. Owns who holds what share; refuses our own holdings."""

from __future__ import annotations

from typing import Any

import numpy as np

from zhike_analytics.datasets import mix
from zhike_analytics.datasets.agreements import month_start
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.population import account_codes, level
from zhike_analytics.datasets.randomness import Floats, Integers
from zhike_analytics.datasets.schema import Writers, decimals
from zhike_analytics.datasets.seeds_reader import cities, seed
from zhike_analytics.datasets.spec import dates
from zhike_analytics.datasets.text import digits, laid_out, pick

OPERATORS = ("mobile", "telecom", "unicom", "broadnet", "other")
_SHARES = np.array(  # by business class, our default
    [[0.44, 0.30, 0.20, 0.06, 0.00], [0.42, 0.28, 0.20, 0.02, 0.08], [0.26, 0.40, 0.20, 0.01, 0.13]]
)
_SLOTS = 8
_WIDTH = np.array([3.6, 2.8, 2.0, 1.3, 0.65, 0.34])  # holdings of competitors by tier


def write_holdings(held: Holdings, writers: Writers) -> None:
    """Write competitors' holdings: those always there, and those won from us."""
    population, rows = held.population, held.rows
    base = mix.families()
    spec, stream = population.spec, population.spec.stream("rivals")
    pull = level(population.attraction[rows])
    rate = (0.25 + 1.5 * pull) * _WIDTH[population.tier[rows]] * (0.5 + 0.7 * population.diligence[rows])
    # A loyal account asks us first when it needs something new: others hold less, and less of each (below).
    rate *= np.exp(-0.7 * population.loyalty[rows])
    count = np.minimum(stream.poisson(rows, np.where(population.prospect[rows], 1.6, rate), limit=_SLOTS), _SLOTS)
    count = np.where(population.prospect[rows], np.maximum(count, 1), count)
    row = np.repeat(np.arange(len(rows)), count)
    slot = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
    family = _families(held, row, slot)
    size, quantity = _quantities(held, row, family)
    price = base.prices[family, size]
    product = np.array([[*of, *of[-1:] * 9][: base.prices.shape[1]] for of in base.products])[family, size]
    since = spec.today_day - 4 - np.floor(360 * stream.uniform(rows[row] * 16 + slot, 1) ** 1.4).astype(np.int64)
    won = np.flatnonzero(held.lost)
    all_rows = np.concatenate((row, held.row[won]))
    order = np.argsort(all_rows, kind="stable")
    row = all_rows[order]
    family = np.concatenate((family, held.family[won]))[order]
    quantity = np.concatenate((quantity, held.quantity[won]))[order]
    product = np.concatenate((product, held.product[won]))[order]
    price = np.concatenate((price, 0.82 * held.unit_price[won]))[order]
    taken = month_start(spec, np.minimum(held.last[won] + 1, spec.months)) + 10
    seen = np.concatenate((since, np.minimum(taken, spec.today_day - 1)))[order]
    lost = np.concatenate((np.zeros(len(since), dtype=bool), np.ones(len(won), dtype=bool)))[order]
    starts = np.searchsorted(row, np.arange(len(rows)))
    number = np.arange(len(row)) - starts[row]
    index = rows[row] * 16 + number
    discount = 1.05 - 0.16 * level(population.price_sensitivity[rows[row]]) + 0.08 * stream.noise(index, 2)
    fee = np.rint(quantity * price * np.clip(discount, 0.55, 1.3) / 100).astype(np.int64) * 100
    estimated = ~lost & stream.chance(index, 0.6, 3)
    ahead = 20 + np.floor(700 * stream.uniform(index, 4)).astype(np.int64)
    ahead = np.where(lost, np.maximum(seen + 365 - spec.today_day, 30), ahead)
    fresh = spec.today_day - seen < 90
    sure = np.where(lost | (fresh & ~estimated), 0, np.where(stream.chance(index, 0.6, 5), 1, 2))
    sources = seed("sentences")["sources"]
    columns: dict[str, Any] = {
        "account_code": account_codes(rows[row]),
        "holding_code": laid_out("Y", digits(number + 1, 3)),
        "business_class": pick(mix.CLASSES, base.class_number[family]),
        "operator": pick(OPERATORS, _operators(held, row, family, index)),
        "product": pick([one.name for one in mix.catalogue()], product),
        "quantity": decimals(quantity),
        "unit": pick([one.unit for one in mix.catalogue()], product),
        "monthly_fee_fen": np.maximum(fee, 100),
        "fee_estimated": estimated,
        "ends_on": dates(spec.today_day + ahead, lost | stream.chance(index, 0.85, 6)),
        "source": pick(sources, stream.integers(index, 0, len(sources), 7)),
        "seen_on": dates(seen),
        "confidence": pick(("high", "medium", "low"), sure),
    }
    writers.write("competitor_holdings", columns)


def _families(held: Holdings, row: Integers, slot: Integers) -> Integers:
    """Return which family each holding is of: rather what the account lacks with us, never the same twice."""
    population = held.population
    base, stream = mix.families(), population.spec.stream("rivals.families")
    weights = mix.likelihood(population, held.rows) * np.sqrt(base.share)
    weights[held.row, held.family] *= 0.25
    luck = stream.uniform(held.rows[:, None] * 64 + np.arange(weights.shape[1])[None, :])
    # Sampling without replacement by the largest keys (Efraimidis and Spirakis 2006).
    keys = np.log(np.maximum(luck, 1e-12)) / np.maximum(weights, 1e-9)
    best = np.argpartition(-keys, _SLOTS, axis=1)[:, :_SLOTS]
    ranked = np.take_along_axis(best, np.argsort(-np.take_along_axis(keys, best, 1), axis=1, kind="stable"), 1)
    return np.asarray(ranked[row, slot])


def _quantities(held: Holdings, row: Integers, family: Integers) -> tuple[Integers, Integers]:
    """Return which size and how many the account uses: what its spending pays and its employees and sites bear."""
    population, base = held.population, mix.families()
    account = held.rows[row]
    bound = (
        base.per_employee[family] * population.employees[account] + base.per_site[family] * population.sites[account]
    )
    luck = 0.25 + 0.75 * population.spec.stream("rivals.quantities").uniform(account * 64 + family)
    money = 0.22 * population.spend[account] * luck * np.exp(-0.45 * population.loyalty[account])
    size = np.maximum((base.prices[family] <= money[:, None] / 1.5).sum(axis=1) - 1, 0)
    most: Floats = np.minimum(np.maximum(bound, 1.0), np.maximum(money / base.prices[family, size], 1.0))
    return np.asarray(size), np.rint(most).astype(np.int64)


def _operators(held: Holdings, row: Integers, family: Integers, index: Integers) -> Integers:
    """Return whose each holding is: mostly the account's other operator, which differs from city to city."""
    population = held.population
    stream = population.spec.stream("rivals.operators")
    account = held.rows[row]
    tilt = np.exp(0.35 * stream.normal(np.arange(len(cities()) * len(OPERATORS)).reshape(len(cities()), -1)))
    shares = _SHARES[mix.families().class_number[family]] * tilt[population.city[account]]
    own = stream.choice_by(account, shares, 1)
    other = stream.choice_by(index, shares, 2)
    return np.where(stream.chance(index, 0.7, 3), own, other)

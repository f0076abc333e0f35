"""Orders to install, change, move and remove. Owns promises and when they were kept; refuses what is billed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from zhike_analytics.datasets import mix
from zhike_analytics.datasets.agreements import ended, leaving_day, month_start
from zhike_analytics.datasets.archive import site_codes
from zhike_analytics.datasets.descriptions import gaps
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.planted import planted
from zhike_analytics.datasets.population import account_codes, account_numbers
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers, decimals
from zhike_analytics.datasets.seeds_reader import cities
from zhike_analytics.datasets.spec import dates, moment, yyyymmdd
from zhike_analytics.datasets.text import digits, laid_out, pick, repeated

INSTALL, MOVE, CHANGE, REMOVE = 0, 1, 2, 3
KINDS = ("install", "move", "change", "remove")
_PROMISED_DAYS = np.array([7, 10, 14, 18, 21, 21])  # to open, by tier: domain §2, resources mostly ready


@dataclass(frozen=True)
class _Asked:
    """Orders before it is known how they went."""

    row: Integers
    product: Integers
    quantity: Integers
    kind: Integers
    day: Integers
    index: Integers


def write_orders(held: Holdings, writers: Writers) -> None:
    """Write the orders of the chunk's accounts."""
    population, rows = held.population, held.rows
    spec, stream = population.spec, population.spec.stream("orders")
    asked = _ordered(held)
    row, kind, day, index = asked.row, asked.kind, asked.day, asked.index
    account = rows[row]
    number = np.arange(len(row)) - np.searchsorted(row, np.arange(len(rows)))[row]
    promise = np.where(kind == INSTALL, _PROMISED_DAYS[population.tier[account]], np.where(kind == MOVE, 7, 3))
    slow = next(one for one in planted(spec) if one.code == "slow_installation")
    city = [one.code for one in cities()].index(slow.region_code)
    month = np.searchsorted(spec.month_days, day, side="right") - 1
    hit = (population.city[account] == city) & (month >= slow.since) & (kind <= MOVE)
    taken = promise * (0.35 + 0.6 * stream.uniform(index, 1)) + np.where(stream.chance(index, 0.08, 2), 9.0, 0.0)
    taken = np.where(hit, promise * (1.1 + 1.2 * stream.uniform(index, 3)), taken)
    done_day = day + np.maximum(np.rint(taken), 1).astype(np.int64)
    cancelled = (kind == INSTALL) & (asked.quantity < 0)
    waiting = ~cancelled & (done_day >= spec.today_day)
    finished = moment(done_day, stream.integers(index, 9 * 3600, 18 * 3600, 4)).copy()
    finished[cancelled | waiting] = np.datetime64("NaT")
    site = np.floor(stream.uniform(index, 5) * population.sites[account]).astype(np.int64)
    columns: dict[str, Any] = {
        "account_code": repeated(account_codes(rows), row),
        "order_code": laid_out(
            "D", digits(yyyymmdd(day), 8), "-", digits(account_numbers(account), 8), digits(number % 100, 2)
        ),
        "ordered_at": moment(day, stream.integers(index, 9 * 3600, 18 * 3600, 6)),
        "kind": pick(KINDS, kind),
        "product_code": pick([one.code for one in mix.catalogue()], asked.product),
        "site_code": site_codes(site),
        "quantity": decimals(np.abs(asked.quantity)),
        "status": pick(("done", "open", "cancelled"), np.where(cancelled, 2, np.where(waiting, 1, 0))),
        "promised_on": dates(day + promise),
        "completed_at": finished,
    }
    writers.write("orders", columns)


def _ordered(held: Holdings) -> _Asked:
    """Return what was ordered within the months shown, in the order of accounts and days."""
    population, rows = held.population, held.rows
    spec, stream, account = population.spec, population.spec.stream("orders.kinds"), held.account
    begin = spec.month_days[0]
    size = population.tier[account]
    installed = held.first >= 0
    install_day = month_start(spec, held.first) - 3 - stream.integers(held.index, 0, 25)
    over = ended(held)
    removal = (
        np.where(held.lost, month_start(spec, np.minimum(held.last, spec.months)) + 12, leaving_day(held, account)) - 4
    )
    changed = ~over & stream.chance(held.index, np.where(size <= 3, 0.16, 0.08), 1)
    moved = ~over & stream.chance(held.index, 0.025, 2)
    last = spec.today_day - 1
    wide = last - np.maximum(population.since_day[account] + 1, begin)
    some_day = last - np.floor(stream.uniform(held.index, 3) * np.maximum(wide, 1)).astype(np.int64)
    parts = [
        (held.row, held.product, held.quantity, INSTALL, install_day, installed),
        (held.row, held.product, held.quantity, REMOVE, removal, over),
        (held.row, held.product, np.maximum(held.quantity // 4, 1), CHANGE, some_day, changed),
        (held.row, held.product, np.ones_like(held.quantity), MOVE, some_day + 1, moved),
        _wanted(held),
    ]
    row = np.concatenate([part[0][part[5]] for part in parts])
    product = np.concatenate([part[1][part[5]] for part in parts])
    quantity = np.concatenate([part[2][part[5]] for part in parts])
    kind = np.concatenate([np.full(int(part[5].sum()), part[3]) for part in parts])
    day = np.concatenate([part[4][part[5]] for part in parts])
    kept = (day >= begin) & (day < spec.today_day)
    row, product, quantity, kind, day = row[kept], product[kept], quantity[kept], kind[kept], day[kept]
    order = np.lexsort((product, kind, day, row))
    row, product, quantity, kind, day = row[order], product[order], quantity[order], kind[order], day[order]
    index = (rows[row] * 64 + product % 64) * 8 + kind
    return _Asked(row, product, quantity, kind, day, index)


def _wanted(held: Holdings) -> tuple[Integers, Integers, Integers, int, Integers, Any]:
    """Return orders of products an account lacks: some open now, some that were cancelled (negative quantity)."""
    population, rows = held.population, held.rows
    spec, stream = population.spec, population.spec.stream("orders.wanted")
    family = gaps(held)
    product = np.array([of[0] for of in mix.families().products])[family]
    fresh = stream.chance(rows, np.array([0.10, 0.07, 0.05, 0.03, 0.015, 0.006])[population.tier[rows]])
    dropped = stream.chance(rows, np.array([0.08, 0.06, 0.04, 0.03, 0.015, 0.005])[population.tier[rows]], 1)
    here = (held.history.left[rows] > spec.months) & ~population.prospect[rows]
    ago = np.where(fresh, 1 + np.floor(stream.uniform(rows, 2) * 9), 30 + np.floor(stream.uniform(rows, 2) * 500))
    day = spec.today_day - ago.astype(np.int64)
    shown = here & (fresh | dropped) & (day > population.since_day[rows])
    return np.arange(len(rows)), product, np.where(fresh, 1, -1), INSTALL, day, shown

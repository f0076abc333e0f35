"""Who serves whom: managers by workload, teams, leads, desks, predecessors. Refuses their names (see roster)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets.population import Bools, Population
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.seeds_reader import cities, districts
from zhike_analytics.datasets.text import digits, laid_out

# Accounts a manager can carry, domain §2 (I); D accounts belong to telephone managers, 600 each.
_CAPACITY = np.array([10.0, 20.0, 40.0, 60.0, 120.0, 600.0])
TEAM_SIZE = 10
KEY, LOCAL, PHONE = 0, 1, 2


@dataclass(frozen=True)
class Staffing:
    """Managers as arrays, and for every account its managers; −1 is nobody."""

    pool: Integers  # of each manager
    team: Integers  # of each manager
    predecessor: Bools  # whether somebody else had the position before
    changed_month: Integers  # when the predecessor left; −1 without
    manager: Integers  # of each account
    backup: Integers
    team_pool: Integers  # of each team
    team_ordinal: Integers  # of each team within its pool, from 0

    @property
    def managers(self) -> int:
        """Number of managers' positions."""
        return len(self.pool)


def pool_kind(pool: Integers) -> Integers:
    """Return whether a pool serves key accounts, a district or by telephone."""
    count = len(cities())
    return np.where(pool < count, KEY, np.where(pool < count + len(districts()), LOCAL, PHONE))


def pool_place(pool: int) -> tuple[str, str, str, str, str]:
    """Return region code, region name, parent's code, initials and short name of a pool's region."""
    count = len(cities())
    if count <= pool < count + len(districts()):
        district = districts()[pool - count]
        return district.code, district.name, cities()[district.city].code, district.initials, district.short
    city = cities()[pool if pool < count else pool - count - len(districts())]
    return city.code, city.name, city.code[:2], city.initials, city.short


def build(population: Population) -> Staffing:
    """Staff the operator for `population`."""
    stream = population.spec.stream("staffing")
    rows = np.arange(len(population), dtype=np.int64)
    count_cities, count_districts = len(cities()), len(districts())
    pool = np.where(
        population.tier <= 1,
        population.city,
        np.where(
            population.tier <= 4, count_cities + population.district, count_cities + count_districts + population.city
        ),
    )
    pools = 2 * count_cities + count_districts
    load = 1.0 / _CAPACITY[population.tier]
    total = np.bincount(pool, load, pools)
    heads = np.maximum(np.ceil(total * 0.95).astype(np.int64), 2)
    first = np.concatenate(([0], np.cumsum(heads)))
    # Within a pool accounts go to the managers one after another, in a scattered order.
    order = np.lexsort((stream.uniform(rows), pool))
    cumulative = np.cumsum(load[order])
    before = np.concatenate(([0.0], np.cumsum(total)))[pool[order]]
    share = (cumulative - load[order] / 2 - before) / total[pool[order]]
    slot = np.clip((share * heads[pool[order]]).astype(np.int64), 0, heads[pool[order]] - 1)
    manager = np.empty(len(rows), dtype=np.int64)
    manager[order] = first[pool[order]] + slot
    backup = first[pool] + (manager - first[pool] + 1) % heads[pool]
    has_backup = (population.tier <= 3) | ((population.tier == 4) & stream.chance(rows, 0.5, 1))
    unassigned = stream.chance(rows, np.where(population.prospect, 0.12, 0.012), 2) & (population.tier >= 2)
    position_pool = np.repeat(np.arange(pools), heads)
    ordinal = np.arange(first[-1]) - first[position_pool]
    teams = -(-heads // TEAM_SIZE)
    first_team = np.concatenate(([0], np.cumsum(teams)))
    positions = np.arange(first[-1], dtype=np.int64)
    predecessor = stream.chance(positions, 0.17, 3) & (pool_kind(position_pool) != PHONE)
    changed = stream.integers(positions, 2, population.spec.months, 4)
    return Staffing(
        pool=position_pool,
        team=first_team[position_pool] + ordinal * teams[position_pool] // heads[position_pool],
        predecessor=predecessor,
        changed_month=np.where(predecessor, changed, -1),
        manager=np.where(unassigned, -1, manager),
        backup=np.where(has_backup & ~unassigned, backup, -1),
        team_pool=np.repeat(np.arange(pools), teams),
        team_ordinal=np.arange(first_team[-1]) - first_team[np.repeat(np.arange(pools), teams)],
    )


def position_codes(staffing: Staffing) -> pa.Array:
    """Return the staff code of whoever holds each manager's position now."""
    return laid_out("M", digits(np.arange(1, staffing.managers + 1), 5))


def predecessor_codes(staffing: Staffing) -> pa.Array:
    """Return the staff code of whoever held each manager's position before, used only where there was somebody."""
    return laid_out("M", digits(np.arange(1, staffing.managers + 1) + 90_000, 5))


def team_codes(staffing: Staffing) -> list[str]:
    """Return the codes of the teams: initials of the place, and a number where there are several of one kind."""
    kinds = pool_kind(staffing.team_pool)
    return [
        f"{pool_place(int(pool))[3]}-{('K', '', 'P')[kind]}{ordinal + 1}"
        for pool, kind, ordinal in zip(staffing.team_pool, kinds, staffing.team_ordinal, strict=True)
    ]


def team_names(staffing: Staffing) -> list[str]:
    """Return the names of the teams."""
    kinds = pool_kind(staffing.team_pool)
    numbers = "一二三四五六七八九十"
    counts = np.bincount(staffing.team_pool)
    result = []
    for pool, kind, ordinal in zip(staffing.team_pool, kinds, staffing.team_ordinal, strict=True):
        several = counts[pool] > 1
        number = numbers[ordinal] if ordinal < len(numbers) else str(ordinal + 1)
        word = ("大客户", "政企", "商客电话")[kind]
        result.append(f"{pool_place(int(pool))[4]}{word}{number if several else ''}班")
    return result

"""The archive's rows of accounts and their sites. Owns how they look on paper; refuses people and money."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets import descriptions
from zhike_analytics.datasets.contacts import person_index
from zhike_analytics.datasets.history import NEVER
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.names import Names, people
from zhike_analytics.datasets.population import GROUP_KINDS, TIERS, Population, account_codes, account_numbers
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers, decimals
from zhike_analytics.datasets.seeds_reader import cities, districts, kinds, seed
from zhike_analytics.datasets.spec import dates
from zhike_analytics.datasets.staffing import Staffing, position_codes
from zhike_analytics.datasets.text import compose, digits, join, laid_out, numbers, pick, where

LEVELS = ("diamond", "gold", "silver", "bronze", "standard", "standard")
ASSURANCE = ("AAA", "AA", "A", "A", "normal", "normal")
_WEIGHTS = np.array([1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28])  # GB 32100-2015
_DIGITS = "0123456789ABCDEFGHJKLMNPQRTUWXY"


def credit_codes(account: Integers, district: Integers, kind: Integers) -> pa.Array:
    """Return unified social credit codes with their check characters (GB 32100-2015, GB 11714-1997)."""
    body = digits(account + 70_000_000, 8)
    rest = 11 - ((body - 48).astype(np.int64) * np.array([3, 7, 9, 10, 5, 8, 4, 2])).sum(axis=1) % 11
    ninth = np.where(rest == 10, ord("X"), np.where(rest == 11, 48, 48 + rest)).astype(np.uint8)
    regions = np.array([list(one.code.encode()) for one in districts()], dtype=np.uint8)[district]
    # Registered as enterprise (91), trader (92), public institution (12), association (51) or body of state (11).
    register = np.array([list(_register(number)) for number in range(len(kinds()))], dtype=np.uint8)[kind]
    first = np.concatenate([register, regions, body, ninth[:, None]], axis=1)
    value = np.zeros(256, dtype=np.int64)
    value[[ord(one) for one in _DIGITS]] = np.arange(len(_DIGITS))
    check = (31 - (value[first] * _WEIGHTS).sum(axis=1) % 31) % 31
    letters = np.array([ord(one) for one in _DIGITS], dtype=np.uint8)[check]
    return laid_out(first, letters[:, None])


def _register(kind: int) -> bytes:
    one = kinds()[kind]
    if one.individual:
        return b"92"
    return {"enterprise": b"91", "association": b"51", "institution": b"12"}.get(one.ownership, b"11")


def lifecycle(held: Holdings) -> Integers:
    """Return 0 prospect, 1 active, 2 silent, 3 left for each account of the chunk."""
    population, history, rows = held.population, held.history, held.rows
    months = population.spec.months
    silent = (history.dormant_from[rows] != NEVER) & (history.dormant_from[rows] <= months - 2)
    silent |= held.activity[:, -1] == 0
    left = history.left[rows] < months
    return np.where(population.prospect[rows], 0, np.where(left, 3, np.where(silent, 2, 1)))


def addresses(population: Population, index: Integers, district: Integers) -> pa.Array:
    """Return addresses in the given districts."""
    stream = population.spec.stream("addresses")
    roads = seed("geography")["roads"]
    return join(
        pick([one.name for one in districts()], district), pick(roads, stream.integers(index, 0, len(roads))), " ",
        numbers(1 + np.floor(380 * stream.uniform(index, 1) ** 1.6).astype(np.int64)), " 号",
    )  # fmt: skip


@cache
def _scopes() -> tuple[str, ...]:
    return ("local", "provincial", "national", "multinational")


def write_accounts(held: Holdings, names: Names, staffing: Staffing, writers: Writers) -> None:
    """Write the accounts of the chunk."""
    population, rows = held.population, held.rows
    stream = population.spec.stream("archive")
    kind, tier, employees = population.kind[rows], population.tier[rows], population.employees[rows]
    group_kind = population.group_kind[rows]
    enterprise = np.array([one.ownership == "enterprise" for one in kinds()])[kind]
    individual = np.array([one.individual for one in kinds()])[kind]
    revenue = np.array([one.revenue for one in kinds()])[kind] * employees * np.exp(0.4 * stream.noise(rows, 1))
    capital = np.where(individual, 5, 50 * np.maximum(employees, 2) ** 0.8 * np.exp(0.5 * stream.noise(rows, 2)))
    duplicate = population.duplicate_of[rows]
    # A second entry carries the same credit code as the first, or none.
    without_code = (stream.chance(rows, 0.05, 3) & (tier == 5)) | ((duplicate >= 0) & stream.chance(rows, 0.55, 4))
    registered = np.where(duplicate >= 0, duplicate, rows)
    mood = population.payment_morale[rows] + 0.5 * stream.noise(rows, 5)
    credit = np.where(mood > 0.4, 0, np.where(mood > -0.6, 1, np.where(mood > -1.6, 2, 3)))
    scope = (group_kind != 2) * 1 + ((tier <= 1) & (group_kind == 0)) * 1 + stream.chance(rows, 0.03, 6) * (tier <= 2)
    persons, _, _ = people(population.spec.stream("contacts"), person_index(rows, np.zeros(len(rows), dtype=np.int64)))
    named = where(enterprise & stream.chance(rows, 0.35 + 0.6 * population.diligence[rows], 7), persons)
    parent = population.parent[rows]
    manager = position_codes(staffing)
    columns: dict[str, Any] = {
        "account_code": account_codes(rows),
        "name": names.full.take(pa.array(rows)),
        "short_name": names.short.take(pa.array(rows)),
        "credit_code": where(~without_code, credit_codes(account_numbers(registered), population.district[rows], kind)),
        "parent_code": where(parent >= 0, account_codes(np.maximum(parent, 0))),
        "group_kind": pick(GROUP_KINDS, group_kind),
        "industry": pick([one.industry for one in kinds()], kind),
        "industry_section": pick([one.section for one in kinds()], kind),
        "ownership": pick([one.ownership for one in kinds()], kind),
        "size": pick(("small", "medium", "large", "huge"), np.searchsorted((50, 300, 2000), employees, side="right")),
        "scope": pick(_scopes(), np.minimum(scope, 3)),
        "lifecycle": pick(("prospect", "active", "silent", "left"), lifecycle(held)),
        "tier": pick(TIERS, tier),
        "service_level": pick(LEVELS, tier),
        "assurance_level": pick(ASSURANCE, tier),
        "credit_rating": where(~population.prospect[rows], pick("ABCD", credit)),
        "region_code": pick([one.code for one in districts()], population.district[rows]),
        "region_name": pick([one.name for one in districts()], population.district[rows]),
        "manager_code": where(
            staffing.manager[rows] >= 0, manager.take(pa.array(np.maximum(staffing.manager[rows], 0)))
        ),
        "backup_code": where(staffing.backup[rows] >= 0, manager.take(pa.array(np.maximum(staffing.backup[rows], 0)))),
        "employees": employees,
        "annual_revenue_fen": pa.array(
            np.rint(revenue / 10_000).astype(np.int64) * 1_000_000, mask=(revenue <= 0) | ~stream.chance(rows, 0.8, 8)
        ),
        "registered_capital_fen": pa.array(np.rint(capital).astype(np.int64) * 1_000_000, mask=~enterprise),
        "legal_representative": named,
        "address": addresses(population, np.where(duplicate >= 0, duplicate, rows) * 16, population.district[rows]),
        "since": dates(population.since_day[rows].copy(), ~population.prospect[rows]),
        "strategic": population.strategic[rows],
        **descriptions.six_things(held),
    }
    writers.write("accounts", columns)


def site_index(population: Population, rows: Integers) -> tuple[Integers, Integers]:
    """Return for every site of `rows` the position of its account within `rows`, and its number from 0."""
    count = population.sites[rows]
    row = np.repeat(np.arange(len(rows)), count)
    return row, np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)


def site_codes(number: Integers) -> pa.Array:
    """Return codes of sites from their numbers."""
    return laid_out("S", digits(number + 1, 3))


def site_names(population: Population, account: Integers, number: Integers) -> pa.Array:
    """Return the names of sites: the main one by its kind, others by district and kind."""
    words = seed("sentences")["sites"]
    flat = [word for one in kinds() for word in words[one.profile]]
    kind = population.kind[account]
    which = np.where(number == 0, 0, 1 + (number - 1) % 3)
    shorts = [one.short for one in districts()]
    place = pick(shorts, _site_district(population, account, number))
    word = pick(flat, kind * 4 + which)
    round_ = pick(["", "二", "三"], np.where(number == 0, 0, (number - 1) // 6))
    return compose(
        ["{word}", "{place}{round}{word}"],
        (number > 0).astype(np.int64),
        {"word": word, "place": place, "round": round_},
    )


def _site_district(population: Population, account: Integers, number: Integers) -> Integers:
    """Return where a site lies: the main one with the account, others in the districts of its city in turn."""
    home = population.district[account]
    city = np.array([one.city for one in districts()])[home]
    first = np.array([one.districts[0] for one in cities()])[city]
    count = np.array([len(one.districts) for one in cities()])[city]
    return np.asarray(first + (home - first + number) % count)


def write_sites(held: Holdings, writers: Writers) -> None:
    """Write the sites of the chunk's accounts."""
    population, rows = held.population, held.rows
    stream = population.spec.stream("sites")
    row, number = site_index(population, rows)
    account = rows[row]
    index = account * 16 + number
    district = _site_district(population, account, number)
    count = population.sites[account]
    main = np.where(count > 1, 0.5, 1.0)
    share = np.where(number == 0, main, (1 - main) / np.maximum(count - 1, 1))
    east = np.array([one.longitude for one in districts()])[district] + 0.03 * stream.noise(index)
    north = np.array([one.latitude for one in districts()])[district] + 0.025 * stream.noise(index, 1)
    rural = np.array([one.rural for one in districts()])[district]
    columns: dict[str, Any] = {
        "account_code": account_codes(account),
        "site_code": site_codes(number),
        "name": site_names(population, account, number),
        "address": addresses(population, index, district),
        "longitude": decimals(np.rint(east * 1e6), 6),
        "latitude": decimals(np.rint(north * 1e6), 6),
        "employees": np.maximum(np.rint(population.employees[account] * share).astype(np.int64), 1),
        "covered": stream.chance(index, np.where(rural, 0.72, 0.9), 2) | (number == 0) & ~population.prospect[account],
    }
    writers.write("sites", columns)

"""Who the accounts are: kinds, places, groups, size and hidden traits. Refuses texts, and what happens in time.

All accounts are drawn at once as plain arrays (about 200 bytes an account); what grows with months is made in batches.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets.randomness import Floats, Integers, Stream
from zhike_analytics.datasets.seeds_reader import cities, districts, kind_number, kinds, seed, styles
from zhike_analytics.datasets.spec import OperatorSpec, logistic
from zhike_analytics.datasets.text import digits, laid_out

TIERS = ("A1", "A2", "B1", "B2", "C", "D")
# Shares and monthly bills of the tiers: domain §2 (I). The last knot is the largest account.
_QUANTILES = (0.0, 0.40, 0.70, 0.85, 0.95, 0.99, 0.999, 1.0)
_SPEND_YUAN = (60.0, 500.0, 3_000.0, 10_000.0, 30_000.0, 100_000.0, 380_000.0, 700_000.0)
_TIER_KNOTS = np.array((0.40, 0.70, 0.85, 0.95, 0.99))
HEAD, BRANCH, SINGLE = 0, 1, 2
GROUP_KINDS = ("headquarters", "branch", "single")
_GROUP_SHARE = 0.026
_DUPLICATE_SHARE = 0.006

Bools = np.ndarray[Any, np.dtype[np.bool_]]


@dataclass(frozen=True)
class Population:
    """One array element an account. Traits are standard normal unless said; money is fen."""

    spec: OperatorSpec
    parent: Integers  # position of the headquarters, −1 without
    group_kind: Integers
    branch_ordinal: Integers
    kind: Integers
    kind_ordinal: Integers  # counts the singles of a kind, for names that must differ
    district: Integers
    entity: Integers  # position of the head of the group, or of itself: what shares a brand
    duplicate_of: Integers  # position of the account that this one is, entered a second time; −1 without
    style: Integers  # hidden way of working, which drives what is used
    rank: Floats  # 0 … 1, by value
    tier: Integers
    strategic: Bools
    spend: Floats  # typical monthly bill in fen
    employees: Integers
    sites: Integers
    prospect: Bools
    joined: Integers  # month number in which the account joined; below 0 when before the first month
    since_day: Integers
    loyalty: Floats
    price_sensitivity: Floats
    payment_morale: Floats
    care_response: Floats
    irritability: Floats
    attraction: Floats
    proneness: Floats
    diligence: Floats  # how complete our own knowledge is, 0 … 1
    growth: Floats  # yearly, 0.1 = 10 %

    def __len__(self) -> int:
        """Return the number of accounts."""
        return len(self.kind)

    @property
    def city(self) -> Integers:
        """Position of each account's city."""
        return np.array([one.city for one in districts()])[self.district]

    @property
    def true_value(self) -> Floats:
        """Hidden value, 0 to 100."""
        return np.asarray(100 * self.rank**1.3)


def account_numbers(rows: Integers) -> Integers:
    """Return the number within an account's code; codes keep the order of the rows."""
    return np.asarray(rows + 12001)


def account_codes(rows: Integers) -> pa.Array:
    """Return the codes of accounts.

    >>> account_codes(np.array([0])).to_pylist()
    ['G9000012001']
    """
    return laid_out("G90", digits(account_numbers(rows), 8))


def build(spec: OperatorSpec) -> Population:
    """Draw the population of `spec`."""
    entity, parent, group_kind, branch_ordinal = _groups(spec)
    stream = spec.stream("population")
    rows = np.arange(spec.accounts, dtype=np.int64)
    kind = _kinds(stream, entity, group_kind)
    district = _districts(stream, rows, entity, kind, branch_ordinal)
    duplicate_of = _duplicates(stream, rows, kind, group_kind)
    original = np.where(duplicate_of >= 0, duplicate_of, rows)
    kind, district, entity = kind[original], district[original], entity[original]
    kind_ordinal = _ordinals(kind, group_kind)
    score = np.array([one.score for one in kinds()])[kind] + _government_score(kind, kind_ordinal, group_kind)
    head_bonus = np.array([1.35, -0.15, 0.0])[group_kind]
    score = score + head_bonus + 1.0 * stream.normal(rows, 10) - 1.2 * (duplicate_of >= 0)
    order = np.argsort(score, kind="stable")
    rank = np.empty(spec.accounts)
    rank[order] = (np.arange(spec.accounts) + 0.5) / spec.accounts
    tier = 5 - np.searchsorted(_TIER_KNOTS, rank, side="right")
    potential = np.exp(np.interp(rank, _QUANTILES, np.log(_SPEND_YUAN))) * 100
    public = np.isin(kind, [kind_number("government"), kind_number("military")])
    strategic = (public & (rank > 0.985)) | (rank > 0.998)
    employees = _employees(stream, rows, kind, potential)
    sites = _sites(stream, rows, kind, tier, employees)
    prospect = stream.chance(rows, 0.06, 20) & (group_kind != HEAD) & (duplicate_of < 0)
    traits = _traits(stream, rows, entity, kind, district, rank)
    joined, since_day = _joining(spec, stream, rows, tier, prospect, traits["loyalty"])
    # Two firms of one size spend alike on telecommunications; the loyal one spends more of it with us.
    spend = potential * np.exp(0.36 * traits["loyalty"] + 0.12 * stream.normal(rows, 61))
    return Population(
        spec=spec, parent=parent, group_kind=group_kind, branch_ordinal=branch_ordinal, kind=kind,
        kind_ordinal=kind_ordinal, district=district, entity=entity, duplicate_of=duplicate_of,
        style=stream.choice(entity, [one.weight for one in styles()], 6), rank=rank, tier=tier, strategic=strategic,
        spend=spend, employees=employees, sites=sites, prospect=prospect, joined=joined, since_day=since_day, **traits,
    )  # fmt: skip


def _groups(spec: OperatorSpec) -> tuple[Integers, Integers, Integers, Integers]:
    """Return head, parent, place in group and ordinal of each account; a group stands in a row after its head."""
    stream = spec.stream("groups")
    number = np.arange(spec.accounts, dtype=np.int64)
    grouped = stream.chance(number, _GROUP_SHARE)
    branches = np.minimum(40, 2 + np.floor(2.2 * (1.0 / (1.0 - stream.uniform(number, 1)) ** 0.75 - 1))).astype(
        np.int64
    )
    sizes = np.where(grouped, 1 + branches, 1)
    starts = np.concatenate(([0], np.cumsum(sizes)))
    count = int(np.searchsorted(starts, spec.accounts, side="left"))
    starts = starts[:count]
    entity = np.repeat(starts, np.diff(np.append(starts, spec.accounts)))
    ordinal = number - entity
    members = np.bincount(entity, minlength=spec.accounts)[entity]
    alone = members < 3  # a group cut off by the last account is no group
    group_kind = np.where(alone, SINGLE, np.where(ordinal == 0, HEAD, BRANCH))
    entity = np.where(alone, number, entity)
    parent = np.where(group_kind == BRANCH, entity, -1)
    return entity, parent, group_kind, np.where(alone, 0, ordinal)


def _kinds(stream: Stream, entity: Integers, group_kind: Integers) -> Integers:
    """Return the kind of each account: that of its group."""
    alone = stream.choice(entity, [one.weight for one in kinds()], 1)
    grouped = stream.choice(entity, [one.group_weight for one in kinds()], 2)
    return np.where(group_kind == SINGLE, alone, grouped)


def _districts(stream: Stream, rows: Integers, entity: Integers, kind: Integers, branch_ordinal: Integers) -> Integers:
    """Return where each account is: kinds gather in their cities, branches of a group stand in different districts."""
    weights = np.array([[one.weight * kind_.cities.get(one.code, 1.0) for one in cities()] for kind_ in kinds()])
    city = np.asarray(stream.choice_by(entity, weights[kind], 3))
    within = np.zeros((len(cities()), len(districts())))
    for number, one in enumerate(districts()):
        within[one.city, number] = one.weight
    home = stream.choice_by(entity, within[city], 4)
    count = len(districts())
    strides = np.array([step for step in range(1, count) if np.gcd(step, count) == 1])
    step = strides[stream.choice(entity, [4.0] + [1.0] * (len(strides) - 1), 5)]
    return np.asarray((home + branch_ordinal * step) % count)


def _duplicates(stream: Stream, rows: Integers, kind: Integers, group_kind: Integers) -> Integers:
    """Return of which earlier account a few accounts are second entries: an enterprise a few rows before."""
    original = rows - 1 - stream.integers(rows, 0, 40, 8)
    enterprise = np.array([one.ownership == "enterprise" and not one.individual for one in kinds()])[kind]
    single = enterprise & (group_kind == SINGLE)
    chosen = stream.chance(rows, _DUPLICATE_SHARE, 7) & (group_kind == SINGLE) & (original >= 0)
    chosen &= single[original] & ~chosen[original]
    return np.where(chosen, original, -1)


def _ordinals(kind: Integers, group_kind: Integers) -> Integers:
    """Return for each account how many accounts of its kind and place in a group came before it."""
    key = kind * 3 + group_kind
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(ordered)))
    result = np.empty(len(key), dtype=np.int64)
    result[order] = np.arange(len(key)) - np.repeat(starts, lengths)
    return result


def government_place(kind_ordinal: Integers) -> tuple[Integers, Integers, Bools]:
    """Return region (cities first, then districts), office and whether it is a town's office, for single bodies.

    Ordinals run through all pairs in a scattered order, so that no two bodies share a name until all are used.
    """
    data = seed("kinds")["government"]
    regions = len(cities()) + len(districts())
    pairs = regions * len(data["local"])
    scattered = (kind_ordinal * 787) % pairs
    town = kind_ordinal >= pairs
    return scattered % regions, np.asarray(scattered // regions), town


def _government_score(kind: Integers, kind_ordinal: Integers, group_kind: Integers) -> Floats:
    """Return how much more a government body weighs by its office and level."""
    data = seed("kinds")["government"]
    region, office, town = government_place(kind_ordinal)
    local = np.array([weight for _, weight in data["local"]])[office] + np.where(region < len(cities()), 0.7, -0.3)
    vertical = np.array([weight for _, _, weight in data["vertical"]])[kind_ordinal % len(data["vertical"])]
    score = np.where(group_kind == SINGLE, np.where(town, -1.0, local), vertical)
    return np.where(kind == kind_number("government"), score, 0.0)


def _employees(stream: Stream, rows: Integers, kind: Integers, spend: Floats) -> Integers:
    """Return head counts: they grow a little slower than spend, with a wide spread."""
    small = np.array([one.individual for one in kinds()])[kind]
    public = np.isin(kind, [kind_number(code) for code in ("government", "military", "institution", "association")])
    typical = 7.0 * (spend / 20_000) ** 0.82 * np.where(small, 0.6, np.where(public, 0.4, 1.0))
    return np.maximum(1, np.rint(typical * np.exp(0.55 * stream.normal(rows, 30)))).astype(np.int64)


def _sites(stream: Stream, rows: Integers, kind: Integers, tier: Integers, employees: Integers) -> Integers:
    """Return numbers of sites, 1 to 8."""
    mean = np.array([3.6, 2.4, 1.3, 0.6, 0.2, 0.03])[tier] * np.where(employees > 15, 1.0, 0.3)
    chain = np.array(["chain" in one.tags for one in kinds()])[kind]
    return np.minimum(8, 1 + stream.poisson(rows, mean * np.where(chain, 1.4, 1.0), 31))


def _joining(
    spec: OperatorSpec, stream: Stream, rows: Integers, tier: Integers, prospect: Bools, loyalty: Floats
) -> tuple[Integers, Integers]:
    """Return month and day of joining. As many join in the months shown as leave, larger ones less often.

    Of those who joined long ago mostly the loyal ones are still here.
    """
    yearly = np.array([0.02, 0.02, 0.04, 0.045, 0.085, 0.15])[tier] * np.exp(-0.25 * loyalty)
    fresh = stream.chance(rows, yearly * spec.months / 12, 40)
    new_month = stream.integers(rows, 0, spec.months, 41)
    mean_years = np.array([9.0, 8.0, 6.5, 5.5, 4.5, 3.5])[tier] * np.exp(0.30 * loyalty)
    before = np.minimum(22 * 365.0, -np.log(1 - stream.uniform(rows, 42)) * mean_years * 365 + 20).astype(np.int64)
    start = spec.month_days[0]
    length = np.diff(spec.month_days)[: spec.months]
    day_within = np.floor(stream.uniform(rows, 43) * (length[new_month] - 3)).astype(np.int64)
    since = np.where(fresh, spec.month_days[new_month] + day_within, start - before)
    joined = np.where(fresh, new_month, -1 - before // 31)
    return np.where(prospect, 9999, joined), since


def _traits(
    stream: Stream, rows: Integers, entity: Integers, kind: Integers, district: Integers, rank: Floats
) -> dict[str, Floats]:
    """Return hidden traits. Members of a group are alike; loyal accounts are less attracted by competitors."""
    shared = stream.normal(entity, 50)
    loyalty = 0.85 * stream.normal(rows, 51) + 0.53 * shared
    attraction = 0.90 * stream.normal(rows, 52) - 0.35 * loyalty
    size = (rank - 0.5) * 2
    price = 0.92 * stream.normal(rows, 53) - 0.45 * size
    public = np.array(["public" in one.tags for one in kinds()])[kind]
    morale = 0.95 * stream.normal(rows, 54) + 0.35 * size + np.where(public, 0.25, 0.0)
    city = np.array([one.city for one in districts()])[district]
    market = spec_market(stream, kind, city)
    growth = np.clip(0.03 + 0.05 * market + 0.09 * stream.normal(rows, 57), -0.30, 0.45)
    return {
        "loyalty": loyalty,
        "price_sensitivity": price,
        "payment_morale": morale,
        "care_response": 0.9 * stream.normal(rows, 55) + 0.3 * loyalty,
        "irritability": stream.normal(rows, 56),
        "attraction": attraction,
        "proneness": stream.normal(rows, 58),
        "diligence": np.clip(0.30 + 0.40 * rank + 0.18 * stream.normal(rows, 59), 0.12, 0.97),
        "growth": growth,
    }


def spec_market(stream: Stream, kind: Integers, city: Integers) -> Floats:
    """Return how well a kind of business does in a city: the same for all accounts of both."""
    return stream.normal(kind * 64 + city + 7_000_000, 60)


def level(values: Floats) -> Floats:
    """Return a standard normal trait as 0 to 1 (close to its quantile)."""
    return logistic(1.702 * values)

"""What a manager writes about an account: the six things one must know, in words. Refuses numbers of its own."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets import mix
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.population import BRANCH, HEAD
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.seeds_reader import districts, kinds, seed
from zhike_analytics.datasets.text import compose, numbers, pick, where

CONNECTING = ("dia", "mstp", "mpls-vpn", "sdwan", "dark-fibre", "broadband", "ftto")
"""Families by which an account is connected."""
RIVALS = ("移动", "电信", "联通", "广电")


@cache
def patterns(section: str) -> tuple[tuple[str, ...], dict[str, tuple[int, int]]]:
    """Return all sentences of a section in one list, and where those of each group begin and how many they are."""
    content = seed("sentences")[section]
    groups = content if isinstance(content, dict) else {"": content}
    flat: list[str] = []
    bounds = {}
    for name, sentences in groups.items():
        bounds[name] = (len(flat), len(sentences))
        flat.extend(sentences)
    return tuple(flat), bounds


def choose(section: str, group: Integers, groups: tuple[str, ...], luck: Any) -> Integers:
    """Return a sentence's position in `section` for each row, from the group that `group` names."""
    bounds = patterns(section)[1]
    first = np.array([bounds[name][0] for name in groups])
    count = np.array([bounds[name][1] for name in groups])
    return np.asarray(first[group] + np.floor(luck * count[group]).astype(np.int64))


def largest(held: Holdings, families: tuple[str, ...] = ()) -> Integers:
    """Return the product that each account of the chunk pays most for, of `families` if any; −1 without."""
    result = np.full(len(held.rows), -1)
    order = np.lexsort((-held.family, held.fee, held.row))
    if families:
        order = order[np.isin(held.family[order], [mix.families().number(one) for one in families])]
    result[held.row[order]] = held.product[order]
    return result


def gaps(held: Holdings) -> Integers:
    """Return for each account of the chunk the family it lacks that peers of its trade and style use most of all."""
    population, rows, base = held.population, held.rows, mix.families()
    score = mix.likelihood(population, rows) * base.kind[population.kind[rows]] * base.style[population.style[rows]]
    score[held.row, held.family] = 0.0
    return np.asarray(np.argmax(score, axis=1))


def product_names() -> list[str]:
    """Return the names of the catalogue's products."""
    return [one.name for one in mix.catalogue()]


def gap_names(family: Integers) -> pa.Array:
    """Return what families are called, by their smallest product without its size."""
    return pick([_plain(product_names()[of[0]]) for of in mix.families().products], family)


def _plain(name: str) -> str:
    first, _, last = name.rpartition(" ")
    return first if first and any(one.isdigit() for one in last) else name


def six_things(held: Holdings) -> dict[str, pa.Array]:
    """Return the account's texts by column; what a manager did not write down is empty."""
    population, rows = held.population, held.rows
    stream = population.spec.stream("descriptions")
    kind, tier = population.kind[rows], population.tier[rows]
    connected = largest(held, CONNECTING)
    product = np.where(connected >= 0, connected, largest(held))
    missing = gaps(held)
    profile = np.array([list(_profiles()).index(one.profile) for one in kinds()])[kind]
    fields = {
        "line": pick([*product_names(), ""], product % (len(product_names()) + 1)),
        "gap": gap_names(missing),
        "sites": numbers(population.sites[rows]),
        "people": numbers(_rounded(population.employees[rows])),
        "trade": pick([one.industry for one in kinds()], kind),
        "place": pick([one.name for one in districts()], population.district[rows]),
        "rival": pick(RIVALS, stream.choice(rows, [0.45, 0.32, 0.2, 0.03], 1)),
        "budget": numbers(stream.integers(rows, 9, 13, 2)),
    }  # fmt: skip
    public = np.array([one.ownership in {"government", "military", "institution"} for one in kinds()])[kind]
    group_kind = population.group_kind[rows]
    network = np.where(product < 0, 3, np.where(connected < 0, 2, np.where(tier <= 3, 0, 1)))
    decision = np.where(public, 2, np.where(group_kind == BRANCH, 3, np.where(tier >= 4, 1, 0)))
    mood = np.stack(
        [-population.irritability[rows], population.price_sensitivity[rows], population.irritability[rows]], axis=1
    )
    luck = [stream.uniform(rows, lane) for lane in range(10, 16)]
    nothing = np.zeros(len(rows), dtype=np.int64)
    chosen = {
        "network_situation": ("network", choose("network", network, ("line", "office", "other", "none"), luck[0])),
        "innovation_goals": ("goals", choose("goals", profile, _profiles(), luck[1])),
        "decision_process": (
            "decision", choose("decision", decision, ("enterprise", "small", "public", "branch"), luck[2]),
        ),
        "latent_needs": ("needs", choose("needs", nothing, ("",), luck[3])),
        "service_preference": (
            "preference",
            choose("preference", np.argmax(mood, axis=1), ("calm", "price", "quick"), luck[4]),
        ),
    }  # fmt: skip
    texts = {column: compose(patterns(section)[0], which, fields) for column, (section, which) in chosen.items()}
    leads = (group_kind == HEAD) & (tier <= 1)
    told = choose("background", nothing, ("",), luck[5])
    led = choose("background_leader", nothing, ("",), luck[5])
    texts["background"] = pa.compute.if_else(
        pa.array(leads),
        compose(patterns("background_leader")[0], led, fields),
        compose(patterns("background")[0], told, fields),
    )
    share = {"network_situation": 1.25, "background": 1.2, "service_preference": 0.8, "innovation_goals": 0.85}
    return {
        column: where(
            stream.chance(rows, np.minimum(population.diligence[rows] * share.get(column, 1.0), 0.97), 20 + number),
            text,
        )
        for number, (column, text) in enumerate(sorted(texts.items()))
    }


@cache
def _profiles() -> tuple[str, ...]:
    return tuple(seed("sentences")["goals"])


def _rounded(people: Integers) -> Integers:
    """Return head counts as people say them: to the ten above fifty, to the hundred above a thousand."""
    step = np.where(people >= 1000, 100, np.where(people >= 50, 10, 1))
    return np.asarray(people // step * step)

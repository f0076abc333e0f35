"""The operator's own rows: its staff by position, its catalogue, and its network by place. Refuses accounts."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts.catalogue import products
from zhike_analytics.datasets.names import people
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers, decimals
from zhike_analytics.datasets.seeds_reader import cities, districts, province, seed
from zhike_analytics.datasets.spec import OperatorSpec, dates
from zhike_analytics.datasets.staffing import (
    Staffing,
    pool_place,
    position_codes,
    predecessor_codes,
    team_codes,
    team_names,
)
from zhike_analytics.datasets.text import join, numbers, pick

CROWDED = ("临港", "岱阳高新", "滨湖")
"""Districts whose ports are nearly used up: planted, so that investment choices can be judged."""


def write_products(writers: Writers) -> None:
    """Write the catalogue."""
    seeds = products()
    columns: dict[str, Any] = {
        "product_code": [one.code for one in seeds],
        "name": [one.name for one in seeds],
        "name_en": [one.name_en for one in seeds],
        "business_class": [one.business_class for one in seeds],
        "charging": [one.charging for one in seeds],
        "unit": [one.unit for one in seeds],
        "list_price_fen": [one.list_price_fen for one in seeds],
        "floor_price_fen": [one.floor_price_fen for one in seeds],
        "cost_percent": decimals(np.array([int(one.cost_percent * 100) for one in seeds]), 2),
        "core": [one.core for one in seeds],
        "valid_from": [date(2024, 1, 1)] * len(seeds),
    }
    writers.write("products", columns)


def write_staff(spec: OperatorSpec, staffing: Staffing, writers: Writers) -> None:
    """Write managers and their predecessors, leads of teams and regions, and the desks."""
    stream = spec.stream("people")
    codes, roles, places, teams, active = [], [], [], [], []

    def add(code: str, role: str, place: tuple[str, ...], team: int = -1, here: bool = True) -> None:
        codes.append(code)
        roles.append(role)
        places.append(place)
        teams.append(team)
        active.append(here)

    whole = (province()[0], province()[1], "")
    for number, role in enumerate(("administrator", "auditor", "analyst", "analyst")):
        add(f"S{number + 1:03d}", role, whole)
    for number, city in enumerate(cities()):
        place = (city.code, city.name, whole[0])
        add(f"R{number + 1:03d}", "region_lead", place)
        for role, letter in (("agent", "A"), ("agent", "B"), ("back_office", "C"), ("back_office", "D")):
            add(f"{letter}{number + 1:03d}", role, place)
    for team, pool in enumerate(staffing.team_pool.tolist()):
        add(f"T{team + 1:04d}", "team_lead", pool_place(pool)[:3], team)
    now, before = position_codes(staffing).to_pylist(), predecessor_codes(staffing).to_pylist()
    for position in range(staffing.managers):
        place, team = pool_place(int(staffing.pool[position]))[:3], int(staffing.team[position])
        add(now[position], "manager", place, team)
        if staffing.predecessor[position]:
            add(before[position], "manager", place, team, here=False)
    index = np.arange(len(codes), dtype=np.int64)
    name, box, _ = people(stream, index)
    team_code, team_name = team_codes(staffing), team_names(staffing)
    columns: dict[str, Any] = {
        "staff_code": codes,
        "name": name,
        "role": roles,
        "region_code": [place[0] for place in places],
        "region_name": [place[1] for place in places],
        "parent_region_code": [place[2] or None for place in places],
        "team_code": [team_code[team] if team >= 0 else None for team in teams],
        "team_name": [team_name[team] if team >= 0 else None for team in teams],
        "mobile": join("139", numbers(stream.integers(index, 0, 10**8, 50), 8)),
        "email": join(box, numbers(index), "@dz-operator.example"),
        "active": active,
    }
    writers.write("staff", columns)


_KINDS = ("building", "park", "fibre", "port", "station")
_CAPACITY = np.array([96, 1200, 144, 512, 240])
_UNITS = ("端口", "端口", "芯", "端口", "户")


def write_resources(spec: OperatorSpec, writers: Writers) -> None:
    """Write buildings, parks, fibre, ports and stations of every district, more in larger ones."""
    stream = spec.stream("resources")
    size = float(np.clip(spec.accounts / 5000, 0.4, 40.0))
    weight = np.array([one.weight * cities()[one.city].weight for one in districts()])
    per_district = np.maximum(np.rint(240 * size * weight / weight.sum()).astype(np.int64), 5)
    district = np.repeat(np.arange(len(districts())), per_district)
    number = np.arange(len(district)) - np.repeat(np.cumsum(per_district) - per_district, per_district)
    index = district * 100_000 + number
    kind = np.where(number < 5, number, stream.choice(index, [0.5, 0.08, 0.16, 0.16, 0.10]))
    crowded = np.isin(district, [at for at, one in enumerate(districts()) if one.short in CROWDED])
    share = np.where(crowded, 0.90 + 0.09 * stream.uniform(index, 1), 0.25 + 0.6 * stream.uniform(index, 1))
    capacity = np.rint(_CAPACITY[kind] * np.exp(0.5 * stream.noise(index, 2)) / 8).astype(np.int64) * 8 + 8
    east = np.array([one.longitude for one in districts()])[district] + 0.035 * stream.noise(index, 3)
    north = np.array([one.latitude for one in districts()])[district] + 0.03 * stream.noise(index, 4)
    columns: dict[str, Any] = {
        "resource_code": join(
            pick(("LY", "YQ", "GL", "DK", "JZ"), kind), "-", pick([one.code for one in districts()], district), "-",
            numbers(number + 1, 5),
        ),
        "kind": pick(_KINDS, kind),
        "name": _names(spec, index, district, kind, number),
        "region_code": pick([one.code for one in districts()], district),
        "longitude": decimals(np.rint(east * 1e6), 6),
        "latitude": decimals(np.rint(north * 1e6), 6),
        "capacity": decimals(capacity),
        "in_use": decimals(np.floor(capacity * share).astype(np.int64)),
        "unit": pick(_UNITS, kind),
        "measured_on": dates(np.full(len(district), spec.month_days[spec.months] - 1)),
    }  # fmt: skip
    writers.write("network_resources", columns)


def _names(spec: OperatorSpec, index: Integers, district: Integers, kind: Integers, number: Integers) -> pa.Array:
    """Return what the resources are called."""
    stream = spec.stream("resources.names")
    words, geography = seed("words"), seed("geography")
    brand = join(
        pick(list(words["brand_first"]), stream.integers(index, 0, len(words["brand_first"]), 1)),
        pick(list(words["brand_second"]), stream.integers(index, 0, len(words["brand_second"]), 2)),
    )
    place = pick([one.short for one in districts()], district)
    road = pick(geography["roads"], stream.integers(index, 0, len(geography["roads"]), 3))
    buildings, parks = geography["buildings"], geography["parks"]
    return pa.compute.choose(
        pa.array(kind),
        join(place, brand, pick(buildings, stream.integers(index, 0, len(buildings), 4))),
        join(place, brand, pick(parks, stream.integers(index, 0, len(parks), 5))),
        join(place, road, "光缆 ", numbers(number + 1), " 段"),
        join(place, road, "机房 ", numbers(number + 1), " 框"),
        join(place, brand, "基站"),
    )

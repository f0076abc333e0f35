"""The seed files of this room as plain values. Owns reading them; refuses any drawing of numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def seed(name: str) -> Any:
    """Return the contents of ``seeds/<name>.yaml``."""
    text = files("zhike_analytics.datasets").joinpath(f"seeds/{name}.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@dataclass(frozen=True, slots=True)
class City:
    """A city of the fictional province, with the positions of its districts in :func:`districts`."""

    code: str
    name: str
    short: str
    initials: str
    dialling: str
    weight: float
    longitude: float
    latitude: float
    districts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class District:
    """A district or county; `rural` tells counties."""

    code: str
    name: str
    short: str
    initials: str
    weight: float
    city: int
    longitude: float
    latitude: float

    @property
    def rural(self) -> bool:
        """Whether it is a county."""
        return self.name.endswith("县")


@cache
def province() -> tuple[str, str]:
    """Return code and name of the province."""
    row = seed("geography")["province"]
    return row["code"], row["name"]


@cache
def cities() -> tuple[City, ...]:
    """Return the cities."""
    result, position = [], 0
    for row in seed("geography")["cities"]:
        count = len(row["districts"])
        result.append(
            City(
                row["code"],
                row["name"],
                row["short"],
                row["initials"],
                row["dialling"],
                float(row["weight"]),
                row["longitude"],
                row["latitude"],
                tuple(range(position, position + count)),
            )
        )
        position += count
    return tuple(result)


@cache
def districts() -> tuple[District, ...]:
    """Return all districts, city after city; those further down a city's list lie further out."""
    result = []
    ring = ((0.0, 0.02), (0.06, 0.05), (0.10, -0.05), (-0.08, 0.04), (-0.16, -0.10), (0.22, 0.16))
    for number, row in enumerate(seed("geography")["cities"]):
        for place, (name, short, initials, weight) in enumerate(row["districts"]):
            east, north = ring[place]
            code = f"{row['code']}{place + 1:02d}"
            result.append(
                District(
                    code, name, short, initials, float(weight), number, row["longitude"] + east, row["latitude"] + north
                )
            )
    return tuple(result)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of organisation."""

    code: str
    industry: str
    section: str
    ownership: str
    weight: float
    group_weight: float
    score: float
    profile: str
    revenue: float
    tags: frozenset[str]
    association: str
    cluster: bool
    individual: bool
    cities: dict[str, float]
    goods: tuple[str, ...]
    single: tuple[str, ...]
    small: tuple[str, ...]
    head: tuple[str, ...]
    branch: tuple[str, ...]
    words: tuple[str, ...]


@cache
def kinds() -> tuple[Kind, ...]:
    """Return the kinds of organisation."""
    result = []
    for row in seed("kinds")["kinds"]:
        names = row["names"]
        single = tuple(names["single"])
        result.append(
            Kind(
                row["code"],
                row["industry"],
                row["section"],
                row["ownership"],
                float(row["weight"]),
                float(row["group_weight"]),
                float(row["score"]),
                row["profile"],
                float(row["revenue"]),
                frozenset(row["tags"]),
                row.get("association", ""),
                bool(row.get("cluster")),
                bool(row.get("individual")),
                dict(row.get("cities", {})),
                tuple(row.get("goods", ())),
                single,
                tuple(names.get("small", single)),
                tuple(names.get("head", single)),
                tuple(names.get("branch", single)),
                tuple(row.get("words", ())) or ("",),
            )
        )
    return tuple(result)


@cache
def kind_number(code: str) -> int:
    """Return the position of the kind called `code`."""
    return next(number for number, kind in enumerate(kinds()) if kind.code == code)


@dataclass(frozen=True, slots=True)
class Style:
    """A hidden way of working: how much likelier it makes product families."""

    code: str
    weight: float
    families: dict[str, float]


@cache
def styles() -> tuple[Style, ...]:
    """Return the hidden ways of working."""
    return tuple(Style(code, row["weight"], row["families"]) for code, row in seed("adoption")["styles"].items())

"""How accounts and people are called. Owns the composing of names; refuses wording that is not in the seeds."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike_analytics.datasets.population import BRANCH, HEAD, Population, government_place
from zhike_analytics.datasets.randomness import Integers, Stream
from zhike_analytics.datasets.seeds_reader import cities, districts, kind_number, kinds, province, seed
from zhike_analytics.datasets.text import compose, join, pick

_ORDINALS = ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二", "十三", "十四", "十五", "十六")
_PLACES = r"^(岱州|\{city_full\}|\{city\}|\{district_full\}|\{district\}|\{town\})+(?=\{brand\})"
_LEGAL = r"(集团)?(股份)?有限公司$"
_STEM = r"(集团|岱州省分行|岱州分公司|连锁|管理集团|商业集团|科技集团)$"
_ROUNDS = 5


@cache
def brands() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return all two-character brands that are not well-known names, and their pinyin."""
    words = seed("words")
    refused = set(words["brand_refused"])
    pairs = [
        (first + second, one + two)
        for first, one in words["brand_first"].items()
        for second, two in words["brand_second"].items()
        if first != second and first + second not in refused
    ]
    return tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)


@dataclass(frozen=True, slots=True)
class Names:
    """Name, short name and mailbox domain of every account."""

    full: pa.Array
    short: pa.Array
    brand: Integers  # position in :func:`brands`

    def domains(self, rows: Integers) -> pa.Array:
        """Return the pinyin of the brands of `rows`."""
        return pick(brands()[1], self.brand[rows])


@dataclass(frozen=True, slots=True)
class _Patterns:
    """All name patterns in one list, and where those of each kind and case begin."""

    full: list[str]
    short: list[str]
    stem: list[str]
    first: Integers  # kind × case (single, small, head, branch, again)
    count: Integers


_CASES = ("single", "small", "head", "branch", "again")


@cache
def _patterns() -> _Patterns:
    """Collect the patterns of the kinds; a short name has no leading place and no legal form."""
    full: list[str] = []
    first = np.zeros((len(kinds()), len(_CASES)), dtype=np.int64)
    count = np.zeros_like(first)
    for number, kind in enumerate(kinds()):
        again = tuple(seed("kinds")["kinds"][number]["names"].get("again", ())) or (
            ("{district}{town}{brand}{word}",) if kind.individual else ("{city}{district}{brand}{word}有限公司",)
        )
        for case, patterns in enumerate((kind.single, kind.small, kind.head, kind.branch, again)):
            first[number, case], count[number, case] = len(full), len(patterns)
            full.extend(patterns)
    short = [re.sub(_LEGAL, r"\1", re.sub(_PLACES, "", one.replace("（{city}）", ""))) for one in full]
    return _Patterns(full, short, [re.sub(_STEM, "", one) for one in short], first, count)


def build(population: Population) -> Names:
    """Name all accounts; a name that is taken is drawn again, at most a few times."""
    stream = population.spec.stream("names")
    rows = np.arange(len(population), dtype=np.int64)
    brand = stream.integers(population.entity, 0, len(brands()[0]), 1)  # a second entry shares its original's entity
    third = np.where(stream.chance(population.entity, 0.14, 2), stream.integers(population.entity, 0, 8, 3), 8)
    full, short = _compose(population, stream, rows, brand, third, 0)
    for attempt in range(1, _ROUNDS):
        codes = full.dictionary_encode().indices.to_numpy()
        _, earliest = np.unique(codes, return_index=True)
        taken = np.ones(len(rows), dtype=bool)
        taken[earliest] = False
        again = rows[taken]
        if not len(again):
            break
        alone = population.group_kind[again] != BRANCH
        brand[again[alone]] = stream.integers(again[alone], 0, len(brands()[0]), 10 + attempt)
        new_full, new_short = _compose(population, stream, again, brand, third, attempt)
        mask = pa.array(taken)
        full, short = pc.replace_with_mask(full, mask, new_full), pc.replace_with_mask(short, mask, new_short)
    return Names(*_entered_twice(population, stream, full, short), brand)


def _entered_twice(
    population: Population, stream: Stream, full: pa.Array, short: pa.Array
) -> tuple[pa.Array, pa.Array]:
    """Return the names with those of second entries written as people write them: without legal form, with 市 …"""
    second = np.flatnonzero(population.duplicate_of >= 0)
    if not len(second):
        return full, short
    original = full.take(pa.array(population.duplicate_of[second]))
    towns = "|".join(one.short for one in cities())
    variants = [
        pc.replace_substring_regex(original, pattern=pattern, replacement=replacement)
        for pattern, replacement in (
            ("(股份)?有限公司$", ""), ("有限公司$", "有限责任公司"), (f"^({towns})", r"\1市"), ("（(.*)）", r"(\1)"),
            ("有限公司$", "公司"),
        )
    ]  # fmt: skip
    district = pick([one.short for one in districts()], population.district[second])
    start = stream.integers(second, 0, len(variants), 80)
    written = join(original, "（", district, "）")
    for step in range(len(variants) - 1, -1, -1):
        variant = pc.choose(pa.array((start + step) % len(variants)), *variants)
        written = pc.if_else(pc.equal(variant, original), written, variant)
    mask = pa.array(population.duplicate_of >= 0)
    brief = short.take(pa.array(population.duplicate_of[second]))
    return pc.replace_with_mask(full, mask, written), pc.replace_with_mask(short, mask, brief)


def _compose(
    population: Population, stream: Stream, rows: Integers, brand: Integers, third: Integers, attempt: int
) -> tuple[pa.Array, pa.Array]:
    """Return full and short names of `rows`."""
    fields = _fields(population, stream, rows, brand, third, attempt)
    patterns = _patterns()
    parents = np.where(population.group_kind[rows] == BRANCH, population.parent[rows], rows)
    parent_fields = _fields(population, stream, parents, brand, third, 0)
    fields["parent"] = compose(patterns.stem, _choice(population, stream, parents, 0), parent_fields)
    if attempt:
        fields["place"] = join(fields["city"], fields["district"], fields["town"])
    choice = _choice(population, stream, rows, attempt)
    return compose(patterns.full, choice, fields), compose(patterns.short, choice, fields)


def _choice(population: Population, stream: Stream, rows: Integers, attempt: int) -> Integers:
    """Return which pattern each account's name follows."""
    kind, group_kind = population.kind[rows], population.group_kind[rows]
    small = population.tier[rows] >= 4
    case = np.where(group_kind == HEAD, 2, np.where(group_kind == BRANCH, 3, np.where(small, 1, 0)))
    if attempt >= 2:
        case = np.where(case < 2, 4, case)
    # Branches of one group are called by one pattern.
    drawn = stream.uniform(np.where(group_kind == BRANCH, population.parent[rows], rows), 4 + 10 * attempt)
    patterns = _patterns()
    offset = np.floor(drawn * patterns.count[kind, case]).astype(np.int64)
    return np.asarray(patterns.first[kind, case] + offset)


def _fields(
    population: Population, stream: Stream, rows: Integers, brand: Integers, third: Integers, attempt: int
) -> dict[str, pa.Array]:
    """Return the parts of names for `rows`."""
    geography, words = seed("geography"), seed("words")
    district = population.district[rows]
    city = np.array([one.city for one in districts()])[district]
    lane = 100 + 10 * attempt
    towns = [one + two for one in geography["town_first"] for two in geography["town_second"] if one != two]
    town = pick(towns, stream.integers(rows, 0, len(towns), lane))
    tails = [*words["brand_third"], ""]
    # Group members share the word of trade.
    word = _words(population, stream, rows)
    return {
        "city": pick([one.short for one in cities()], city),
        "city_full": pick([one.name for one in cities()], city),
        "district": pick([one.short for one in districts()], district),
        "district_full": pick([one.name for one in districts()], district),
        "place": pick([one.short for one in districts()], district),
        "town": town,
        "brand": join(pick(brands()[0], brand[rows]), pick(tails, third[rows])),
        "word": _government(population, stream, rows, word, town),
        "ordinal": pick(_ORDINALS, stream.integers(rows, 0, len(_ORDINALS), lane + 1)),
    }


def _words(population: Population, stream: Stream, rows: Integers) -> pa.Array:
    """Return the word of trade of each account."""
    flat = [word for kind in kinds() for word in kind.words]
    lengths = np.array([len(kind.words) for kind in kinds()])
    starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
    kind = population.kind[rows]
    offset = np.floor(stream.uniform(population.entity[rows], 5) * lengths[kind]).astype(np.int64)
    return pick(flat, starts[kind] + offset)


def _government(population: Population, stream: Stream, rows: Integers, word: pa.Array, town: pa.Array) -> pa.Array:
    """Return full names of government bodies in the place of the word of trade."""
    mask = population.kind[rows] == kind_number("government")
    if not mask.any():
        return word
    chosen = rows[mask]
    data = seed("kinds")["government"]
    places = [one.name for one in cities()] + [one.name for one in districts()]
    region, office, in_town = government_place(population.kind_ordinal[chosen])
    head = population.group_kind[chosen] == HEAD
    branch = population.group_kind[chosen] == BRANCH
    of_head = np.where(
        branch, population.kind_ordinal[np.maximum(population.parent[chosen], 0)], population.kind_ordinal[chosen]
    )
    vertical, circle = of_head % len(data["vertical"]), of_head // len(data["vertical"])
    city_names = [province()[1]] + [one.name for one in cities()]
    of_city = pick(city_names, np.minimum(circle, len(city_names) - 1))
    town_kind = stream.choice(chosen, [0.45, 0.55], 70)
    unit = pick(data["town"], stream.integers(chosen, 0, len(data["town"]), 71))
    unit = pc.if_else(pc.and_(pc.equal(unit, "人民政府"), pa.array(town_kind == 0)), pa.scalar("办事处"), unit)
    district_full = pick([one.name for one in districts()], population.district[chosen])
    fields: dict[str, Any] = {
        "region": pick(places, region), "office": pick([one for one, _ in data["local"]], office), "of_city": of_city,
        "at_province": pick([one for one, _, _ in data["vertical"]], vertical),
        "below": pick([one for _, one, _ in data["vertical"]], vertical),
        "district": district_full, "town": town.filter(pa.array(mask)), "level": pick(["街道", "镇"], town_kind),
        "unit": unit,
    }  # fmt: skip
    patterns = [
        "{region}{office}",
        "{district}{town}{level}{unit}",
        "{of_city}{at_province}",
        "{of_city}{below}",
        "{district}{below}",
        "{of_city}{below}{district}分局",
    ]
    choice = np.where(
        head, np.where(circle == 0, 2, 3), np.where(branch, np.where(circle == 0, 4, 5), np.where(in_town, 1, 0))
    )
    return pc.replace_with_mask(word, pa.array(mask), compose(patterns, choice, fields))


def people(stream: Stream, index: Integers) -> tuple[pa.Array, pa.Array, Integers]:
    """Return names, mailbox names (pinyin) and sex (0 man, 1 woman) of people; names of known persons are refused."""
    words = seed("words")
    sex = stream.choice(index, [0.56, 0.44], 0)
    names, boxes = _people(stream, index, sex, 0)
    refused = pc.is_in(names, pa.array(words["person_refused"]))
    if pc.any(refused).as_py():
        other_names, other_boxes = _people(stream, index, sex, 20)
        names, boxes = pc.if_else(refused, other_names, names), pc.if_else(refused, other_boxes, boxes)
    return names, boxes, sex


def _people(stream: Stream, index: Integers, sex: Integers, lane: int) -> tuple[pa.Array, pa.Array]:
    """Return names and mailbox names, drawn on `lane`."""
    words = seed("words")
    surname = stream.choice(index, [one[0] for one in words["surnames"].values()], lane + 1)
    surnames = list(words["surnames"])
    single = stream.chance(index, 0.14, lane + 2)
    first = stream.uniform(index, lane + 3)
    second = stream.uniform(index, lane + 4)
    texts, sounds = [], []
    for case, (left, right) in enumerate(
        (("male_first", "male_second"), ("female_first", "female_second"), ("male_only", ""), ("female_only", ""))
    ):
        del case
        lefts = list(words[left].items())
        one = np.floor(first * len(lefts)).astype(np.int64)
        text, sound = pick([key for key, _ in lefts], one), pick([value for _, value in lefts], one)
        if right:
            rights = list(words[right].items())
            two = np.floor(second * len(rights)).astype(np.int64)
            text = join(text, pick([key for key, _ in rights], two))
            sound = join(pc.utf8_slice_codeunits(sound, 0, 1), pick([value[:1] for _, value in rights], two))
        texts.append(text)
        sounds.append(sound)
    case_of = pa.array(np.where(single, 2, 0) + sex)
    given, sound = pc.choose(case_of, *texts), pc.choose(case_of, *sounds)
    return (
        join(pick(surnames, surname), given),
        join(pick([one[1] for one in words["surnames"].values()], surname), sound, separator="."),
    )

"""Finds accounts that may be one and the same, with what speaks for and against each pair. Refuses to merge."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from zhike_analytics.contracts.matching import EVIDENCE, Found, MatchingError, Weights
from zhike_analytics.matching import keys
from zhike_analytics.matching.pairs import Integers, pairs_of, unique_pairs, without_one_sign

NEEDED = ("account_code", "name")
USED = ("credit_code", "address", "region_code", "parent_code")
MOST_SHARE = {"credit_code": 20, "name_core": 30, "name_sound": 30, "name_alike": 30, "phone": 10, "address": 10}
"""Keys that more accounts share say nothing, our defaults."""
ALIKE = 80.0
"""Indel likeness in percent from which two names count as alike: one sign of five."""
LEAST = 0.5
AT_ONCE = 500_000
Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
SCHEMA = pa.schema(
    [
        ("account_code", pa.string()), ("other_code", pa.string()), ("probability_permille", pa.int32()),
        ("name_likeness", pa.int32()), ("reasons", pa.list_(pa.string())), ("weights", pa.list_(pa.float32())),
    ]
)  # fmt: skip


def find_duplicates(
    accounts: pa.Table, phones: pa.Table | None = None, *, weights: Weights | None = None, least: float = LEAST
) -> tuple[pa.Table, Found]:
    """Return pairs of accounts that may be one, likeliest first, and how the search went.

    Parameters
    ----------
    accounts
        ``account_code``, ``name`` and, where known, ``credit_code``, ``address``, ``region_code``, ``parent_code``.
    phones
        ``account_code`` and ``phone``, any number a account.
    least
        Probability from which a pair is told.

    Raises
    ------
    MatchingError
        When a column is missing or an account stands there twice under one code.
    """
    weights = weights or Weights()
    if missing := [one for one in NEEDED if one not in accounts.column_names]:
        raise MatchingError(f"缺少列 / columns are missing: {', '.join(missing)}")
    codes = accounts.column("account_code").combine_chunks().cast(pa.string())
    if len(codes) != pc.count_distinct(codes).as_py():
        raise MatchingError("客户编码重复或为空 / account codes are empty or stand there twice")
    held = _prepared(accounts)
    phone, owner = _phones(phones, codes)
    first, second, too_common = _candidates(held, phone, owner, len(codes))
    shared = _shared(phone, owner, len(codes))
    kept: list[dict[str, Any]] = []
    for start in range(0, len(first), AT_ONCE):
        one, two = first[start : start + AT_ONCE], second[start : start + AT_ONCE]
        kept.append(_judge(held, shared, one, two, weights, least))
    number = sum(len(part["first"]) for part in kept)
    found = Found(len(codes), len(first), number, too_common)
    return _table(codes, kept, weights) if number else SCHEMA.empty_table(), found


def _prepared(accounts: pa.Table) -> dict[str, pa.Array]:
    """Return what is compared, written in one way; a column that is not there is unknown of everyone."""
    text = {
        one: accounts.column(one).combine_chunks().cast(pa.string())
        if one in accounts.column_names
        else pa.nulls(accounts.num_rows, pa.string())
        for one in ("account_code", "name", *USED)
    }
    core = keys.name_core(text["name"])
    return {
        "code": text["account_code"], "name": keys.plain(text["name"]), "name_core": core,
        "name_sound": keys.sounds(core), "credit_code": keys.credit_code(text["credit_code"]),
        "address": keys.address(text["address"]), "region": text["region_code"], "parent": text["parent_code"],
    }  # fmt: skip


def _phones(phones: pa.Table | None, codes: pa.Array) -> tuple[pa.Array, Integers]:
    """Return numbers and whose they are; those of accounts that are not there are left out."""
    if phones is None:
        return pa.array([], pa.string()), np.empty(0, dtype=np.int64)
    place = pc.index_in(phones.column("account_code").combine_chunks().cast(pa.string()), value_set=codes)
    number = keys.phone(phones.column("phone").combine_chunks().cast(pa.string()))
    known = pc.and_(place.is_valid(), number.is_valid())
    return number.filter(known), place.filter(known).to_numpy(zero_copy_only=False).astype(np.int64)


def _candidates(
    held: dict[str, pa.Array], phone: pa.Array, owner: Integers, count: int
) -> tuple[Integers, Integers, dict[str, int]]:
    """Return the pairs to compare, and how many keys of each kind too many accounts share."""
    everyone = np.arange(count, dtype=np.int64)
    sources = [(kind, held[kind], everyone) for kind in ("credit_code", "name_core", "name_sound", "address")]
    sources.append(("phone", phone, owner))
    first, second, too_common = [], [], dict.fromkeys(MOST_SHARE, 0)
    for kind, values, whose in sources:
        one, two, passed = pairs_of(values, whose, MOST_SHARE[kind])
        first.append(one)
        second.append(two)
        too_common[kind] += passed
    for values, whose in without_one_sign(held["name_core"]):
        # A sign left out at different places of both names, as of 甲甲乙, is rare; equal ones stand at one place.
        one, two, passed = pairs_of(values, whose, MOST_SHARE["name_alike"])
        first.append(one)
        second.append(two)
        too_common["name_alike"] += passed
    one, two = unique_pairs(np.concatenate(first), np.concatenate(second), count)
    return one, two, {kind: number for kind, number in too_common.items() if number}


def _shared(phone: pa.Array, owner: Integers, count: int) -> Integers:
    """Return the pairs that share a number, as sorted keys."""
    one, two, _ = pairs_of(phone, owner, MOST_SHARE["phone"])
    return np.unique(one * count + two)


def _judge(
    held: dict[str, pa.Array], shared: Integers, one: Integers, two: Integers, weights: Weights, least: float
) -> dict[str, Any]:
    """Return the pairs of a piece that are likely enough, with their evidence."""
    left, right = ({name: values.take(pa.array(rows)) for name, values in held.items()} for rows in (one, two))

    def same(name: str) -> Bools:
        return _true(pc.equal(left[name], right[name]))

    def differ(name: str) -> Bools:
        return _true(pc.not_equal(left[name], right[name]))

    likeness = process.cpdist(
        pc.fill_null(left["name_core"], "").to_pylist(), pc.fill_null(right["name_core"], "").to_pylist(),
        scorer=fuzz.ratio, dtype=np.float32,
    )  # fmt: skip
    name, core, sound = same("name"), same("name_core"), same("name_sound")
    alike = ~name & ~core & ~sound & (likeness >= ALIKE)
    group = (
        _true(pc.equal(left["parent"], right["code"])) | _true(pc.equal(right["parent"], left["code"])) | same("parent")
    )
    seen = {
        "credit_code": same("credit_code"), "credit_code_differs": differ("credit_code"), "name": name,
        "name_core": core & ~name, "name_sound": sound & ~core & ~name, "name_alike": alike,
        "name_differs": ~(name | core | sound | alike), "phone": np.isin(one * len(held["code"]) + two, shared),
        "address": same("address"), "address_differs": differ("address"), "region_differs": differ("region"),
        "same_group": group & ~name,  # a branch entered twice has one name and one parent
    }  # fmt: skip
    worth = np.array([getattr(weights, code) for code in EVIDENCE])
    evidence = np.stack([seen[code] for code in EVIDENCE], axis=1)
    points = evidence @ worth + weights.prior - np.where(name | core, _commonness(held["name_core"], one), 0.0)
    chance = 1.0 / (1.0 + np.exp(-points))
    kept = chance >= least
    return {
        "first": one[kept], "second": two[kept], "chance": chance[kept], "likeness": likeness[kept],
        "evidence": evidence[kept],
    }  # fmt: skip


def _commonness(names: pa.Array, rows: Integers) -> Floats:
    """Return the logarithm of how many others beside the pair have the name."""
    encoded = names.dictionary_encode()
    code = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False)
    size = np.bincount(code[encoded.indices.is_valid().to_numpy(zero_copy_only=False)], minlength=1)
    return np.asarray(np.log(np.maximum(size[code[rows]] - 1, 1)))


def _true(values: pa.Array) -> Bools:
    return np.asarray(pc.fill_null(values, False).to_numpy(zero_copy_only=False), dtype=bool)


def _table(codes: pa.Array, parts: list[dict[str, Any]], weights: Weights) -> pa.Table:
    """Return the pairs, likeliest first; ties go by code."""
    whole = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    order = np.lexsort((whole["second"], whole["first"], -np.rint(1000 * whole["chance"])))
    worth = asdict(weights)
    told = [[EVIDENCE[place] for place in np.flatnonzero(row)] for row in whole["evidence"][order]]
    return pa.table(
        {
            "account_code": codes.take(pa.array(whole["first"][order])),
            "other_code": codes.take(pa.array(whole["second"][order])),
            "probability_permille": np.rint(1000 * whole["chance"][order]).astype(np.int32),
            "name_likeness": np.rint(whole["likeness"][order]).astype(np.int32),
            "reasons": pa.array(told, pa.list_(pa.string())),
            "weights": pa.array([[worth[code] for code in row] for row in told], pa.list_(pa.float32())),
        },
        schema=SCHEMA,
    )

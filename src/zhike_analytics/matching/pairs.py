"""Brings accounts together that share a key, without comparing each with each. Refuses keys that too many share."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Integers = NDArray[np.int64]
LONGEST = 24
"""Names of more signs are compared by their other keys only."""
SHORTEST = 4
"""Of shorter names one sign left out leaves nothing that tells accounts apart."""


def pairs_of(keys: pa.Array, accounts: Integers, most: int) -> tuple[Integers, Integers, int]:
    """Return all pairs of accounts that share a key, the smaller number first, and how many keys were passed over.

    Parameters
    ----------
    keys, accounts
        A key and whose it is; empty keys are nobody's. An account may have several.
    most
        Keys that more accounts share are passed over.

    >>> pairs_of(pa.array(["a", "b", "a", "b", "b", None]), np.arange(6), 2)
    (array([0]), array([2]), 1)
    """
    encoded = pc.dictionary_encode(keys)
    known = encoded.indices.is_valid().to_numpy(zero_copy_only=False)
    code = encoded.indices.fill_null(0).to_numpy(zero_copy_only=False).astype(np.int64)[known]
    owner = accounts[known]
    size = np.bincount(code, minlength=len(encoded.dictionary))
    common = size > most
    kept = (size[code] > 1) & ~common[code]
    code, owner = code[kept], owner[kept]
    order = np.lexsort((owner, code))
    code, owner = code[order], owner[order]
    first, second = [], []
    for step in range(1, min(most, len(code))):
        same = np.flatnonzero(code[step:] == code[:-step])
        if not len(same):
            break
        first.append(owner[same])
        second.append(owner[same + step])
    if not first:
        return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64), int(common.sum())
    one, two = np.concatenate(first), np.concatenate(second)
    differ = one != two
    return np.minimum(one, two)[differ], np.maximum(one, two)[differ], int(common.sum())


def without_one_sign(names: pa.Array) -> Iterator[tuple[pa.Array, Integers]]:
    """Yield names with one sign left out, place by place, and whose they are: names one sign apart share one.

    >>> [one.to_pylist() for one, _ in without_one_sign(pa.array(["甲乙丙丁"]))]
    [['乙丙丁'], ['甲丙丁'], ['甲乙丁'], ['甲乙丙']]
    """
    lengths = pc.fill_null(pc.utf8_length(names), 0).to_numpy(zero_copy_only=False)
    for place in range(min(int(lengths.max(initial=0)), LONGEST)):
        rows = np.flatnonzero((lengths >= SHORTEST) & (lengths <= LONGEST) & (lengths > place))
        if len(rows):
            held = names.take(pa.array(rows))
            yield pc.utf8_replace_slice(held, start=place, stop=place + 1, replacement=""), rows.astype(np.int64)


def unique_pairs(first: Integers, second: Integers, accounts: int) -> tuple[Integers, Integers]:
    """Return pairs once each, in order."""
    together = np.unique(first * accounts + second)
    return together // max(accounts, 1), together % max(accounts, 1)

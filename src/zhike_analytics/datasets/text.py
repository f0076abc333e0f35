"""Sentences and names put together for many rows at once. Owns the composing; refuses any wording of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from zhike_analytics.datasets.randomness import Integers


def compose(patterns: Sequence[str], choice: Integers, fields: Mapping[str, pa.Array]) -> pa.Array:
    """Return ``patterns[choice[row]]`` with its ``{fields}`` filled from the row.

    >>> compose(["{a}好", "早，{a}"], np.array([1, 0]), {"a": pa.array(["甲", "乙"])}).to_pylist()
    ['早，甲', '乙好']
    """
    order = np.argsort(choice, kind="stable")
    bounds = np.searchsorted(choice[order], np.arange(len(patterns) + 1))
    pieces = []
    for number, pattern in enumerate(patterns):
        rows = order[bounds[number] : bounds[number + 1]]
        if len(rows):
            pieces.append(_filled(pattern, rows, fields))
    if not pieces:
        return pa.array([], pa.string())
    inverse = np.empty(len(order), dtype=np.int64)
    inverse[order] = np.arange(len(order))
    return pa.concat_arrays(pieces).take(pa.array(inverse))


def _filled(pattern: str, rows: Integers, fields: Mapping[str, pa.Array]) -> pa.Array:
    """Return one pattern filled for `rows`."""
    where = pa.array(rows)
    parts: list[Any] = []
    for literal, name, _, _ in Formatter().parse(pattern):
        if literal:
            parts.append(pa.scalar(literal))
        if name:
            parts.append(fields[name].take(where))
    if all(isinstance(part, pa.Scalar) for part in parts):
        return pa.array([pattern.format()] * len(rows), pa.string())
    return pc.binary_join_element_wise(*parts, "")


def join(*parts: Any, separator: str = "") -> pa.Array:
    """Return arrays and texts joined row by row; a null part makes the row null."""
    return pc.binary_join_element_wise(*(pa.scalar(one) if isinstance(one, str) else one for one in parts), separator)


def pick(words: Sequence[str], choice: Integers) -> pa.Array:
    """Return ``words[choice]``."""
    return pa.array(list(words), pa.string()).take(pa.array(choice))


def where(condition: Any, yes: Any, no: Any = None) -> pa.Array:
    """Return `yes` where `condition` holds, else `no` (null when left out)."""
    other = pa.scalar(None, pa.string()) if no is None else no
    return pc.if_else(pa.array(condition), yes, other)


def numbers(values: Integers, width: int = 0) -> pa.Array:
    """Return whole non-negative numbers as text, padded with zeros to `width`.

    >>> numbers(np.array([7, 1203]), 3).to_pylist()
    ['007', '1203']
    """
    if not width:
        return pa.array(values).cast(pa.string())
    if len(values) and int(values.max()) >= 10**width:
        return pc.utf8_lpad(pa.array(values).cast(pa.string()), width, "0")
    return fixed(digits(values, width))


def fixed(letters: np.ndarray[Any, Any]) -> pa.Array:
    """Return a matrix of ASCII bytes, one row a text, as an array of texts of that width."""
    rows, width = letters.shape
    offsets = np.arange(rows + 1, dtype=np.int32) * width
    return pa.Array.from_buffers(
        pa.string(),
        rows,
        [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(np.ascontiguousarray(letters).tobytes())],
    )


def repeated(values: pa.Array, where_: Integers) -> pa.DictionaryArray:
    """Return ``values[where_]`` without copying the texts."""
    return pa.DictionaryArray.from_arrays(pa.array(where_.astype(np.int32)), values)


def digits(values: Integers, width: int) -> np.ndarray[Any, np.dtype[np.uint8]]:
    """Return whole non-negative numbers as rows of `width` ASCII digits, for :func:`laid_out`."""
    letters = np.empty((len(values), width), dtype=np.uint8)
    rest = values.astype(np.int64)
    for place in range(width - 1, -1, -1):
        rest, digit = np.divmod(rest, 10)
        letters[:, place] = digit + 48
    return letters


def laid_out(*parts: str | np.ndarray[Any, np.dtype[np.uint8]]) -> pa.Array:
    """Return codes of one width: ASCII texts and columns of letters side by side.

    >>> laid_out("B", digits(np.array([202610]), 6), "-", digits(np.array([17]), 4)).to_pylist()
    ['B202610-0017']
    """
    rows = max(len(part) for part in parts if not isinstance(part, str))
    width = sum(len(part) if isinstance(part, str) else part.shape[1] for part in parts)
    letters = np.empty((rows, width), dtype=np.uint8)
    at = 0
    for part in parts:
        if isinstance(part, str):
            block: Any = np.frombuffer(part.encode("ascii"), dtype=np.uint8)
            letters[:, at : at + len(part)] = block
            at += len(part)
        else:
            letters[:, at : at + part.shape[1]] = part
            at += part.shape[1]
    return fixed(letters)

"""Weights from pairwise comparisons (AHP): principal eigenvector and consistency ratio. Refuses contradictions."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

RANDOM_INDEX = {1: 0.0, 2: 0.0, 3: 0.58, 4: 0.90, 5: 1.12, 6: 1.24, 7: 1.32, 8: 1.41, 9: 1.45}
"""Consistency index of random matrices. Source: Saaty, The Analytic Hierarchy Process, 1980."""
MOST_INCONSISTENT = 0.1
_STEPS = 200


@dataclass(frozen=True, slots=True)
class Weights:
    """Weights that sum to 1, and how far the comparisons contradict one another (0: not at all)."""

    weights: dict[str, float]
    consistency_ratio: float


def weights_of(names: Sequence[str], ratios: Mapping[tuple[str, str], float]) -> Weights:
    """Return the weights that the comparisons imply.

    Parameters
    ----------
    names
        What is weighed, 1 to 9 of them.
    ratios
        For each pair how many times more the first one counts, 1/9 to 9; either order, each pair once.

    Raises
    ------
    ValueError
        When a pair is missing, given twice or out of bounds. A consistency ratio above 0.1 is told, not refused: a
        page shows it while somebody is still comparing.

    >>> found = weights_of(["a", "b", "c"], {("a", "b"): 2, ("a", "c"): 3, ("b", "c"): 2})
    >>> [round(one, 2) for one in found.weights.values()], round(found.consistency_ratio, 3)
    ([0.54, 0.3, 0.16], 0.008)
    """
    matrix = _matrix(list(names), ratios)
    size = len(matrix)
    vector = [1.0 / size] * size
    for _ in range(_STEPS):
        product = [sum(cell * one for cell, one in zip(row, vector, strict=True)) for row in matrix]
        whole = sum(product)
        vector = [one / whole for one in product]
    largest = (
        sum(
            sum(cell * one for cell, one in zip(row, vector, strict=True)) / own
            for row, own in zip(matrix, vector, strict=True)
        )
        / size
    )
    index = (largest - size) / (size - 1) if size > 1 else 0.0
    ratio = index / RANDOM_INDEX[size] if RANDOM_INDEX[size] else 0.0
    return Weights(dict(zip(names, vector, strict=True)), round(max(ratio, 0.0), 6))


@dataclass(frozen=True, slots=True)
class Contradiction:
    """The comparison that fits the others least, and what the others say it should be."""

    left: str
    right: str
    given: float
    implied: float


def worst_comparison(names: Sequence[str], ratios: Mapping[tuple[str, str], float]) -> Contradiction | None:
    """Return the comparison whose ratio is farthest from what all ways round it say; None where none contradicts.

    A pair's implied ratio is the geometric mean over every third name k of (left : k) · (k : right). With three names
    all three are equally far away: then the one whose implied ratio stays within 1/9 to 9, the last of them, is told,
    because it alone can be mended by one change.

    >>> found = worst_comparison(["a", "b", "c"], {("a", "b"): 2, ("a", "c"): 1 / 3, ("b", "c"): 2})
    >>> found.left, found.right, round(1 / found.implied, 3)
    ('b', 'c', 6.0)
    """
    matrix = _matrix(list(names), ratios)
    found: list[tuple[float, bool, int, Contradiction]] = []
    for row in range(len(names)):
        for column in range(row + 1, len(names)):
            others = [k for k in range(len(names)) if k not in (row, column)]
            if not others:
                return None
            logs = [math.log(matrix[row][k] * matrix[k][column]) for k in others]
            implied = math.exp(sum(logs) / len(logs))
            away = round(abs(math.log(matrix[row][column] / implied)), 9)
            one = Contradiction(names[row], names[column], matrix[row][column], implied)
            found.append((away, 1 / 9 <= implied <= 9, len(found), one))
    if not found:
        return None
    away, _, _, one = max(found, key=lambda entry: entry[:3])
    return one if away > 0 else None


def _matrix(names: list[str], ratios: Mapping[tuple[str, str], float]) -> list[list[float]]:
    """Return the reciprocal matrix of the comparisons."""
    if len(set(names)) != len(names) or not 1 <= len(names) <= max(RANDOM_INDEX):
        raise ValueError(
            f"需要 1–{max(RANDOM_INDEX)} 个互不相同的指标 / 1 to {max(RANDOM_INDEX)} different names: {names}"
        )
    place = {name: number for number, name in enumerate(names)}
    matrix = [[1.0 if row == column else 0.0 for column in range(len(names))] for row in range(len(names))]
    for (left, right), ratio in ratios.items():
        if left not in place or right not in place or left == right:
            raise ValueError(f"无法比较 / cannot be compared: {left}, {right}")
        if not 1 / 9 - 1e-9 <= ratio <= 9 + 1e-9:
            raise ValueError(f"{left} : {right} = {ratio}，应在 1/9 与 9 之间 / must lie between 1/9 and 9")
        row, column = place[left], place[right]
        if matrix[row][column]:
            raise ValueError(f"{left} 与 {right} 比较了两次 / compared twice")
        matrix[row][column], matrix[column][row] = float(ratio), 1.0 / float(ratio)
    for left in names:
        for right in names:
            if not matrix[place[left]][place[right]]:
                raise ValueError(f"缺少 {left} 与 {right} 的比较 / no comparison of {left} and {right}")
    return matrix

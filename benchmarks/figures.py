"""What a benchmark is and what it tells. Owns the list of benchmarks; refuses to measure anything itself."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured figure with its limit.

    Attributes
    ----------
    unit
        ``×`` for a ratio in this run; anything else is named in full, e.g. ``rows/s``.
    most, least
        The limit, at most or at least; without either the figure is for orientation.
    detail
        What it was made from: medians, single runs, sizes.
    """

    name: str
    value: float
    unit: str = "×"
    most: float | None = None
    least: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)

    @property
    def kept(self) -> bool:
        """Whether the figure keeps its limit."""
        return not (self.most is not None and self.value > self.most) and not (
            self.least is not None and self.value < self.least
        )

    @property
    def limit(self) -> str:
        """The limit in words."""
        if self.most is not None:
            return f"≤ {self.most:,g}"
        return f"≥ {self.least:,g}" if self.least is not None else ""


@dataclass(frozen=True)
class Settings:
    """How a run is made: small sizes when `quick`, files only under `folder`, all randomness from `seed`."""

    folder: Path
    quick: bool = False
    repeats: int = 5
    seed: int = 7


Benchmark = Callable[[Settings], Iterator[Figure]]
BENCHMARKS: dict[str, Benchmark] = {}


def benchmark(name: str) -> Callable[[Benchmark], Benchmark]:
    """Put a benchmark on the list under a name."""

    def register(measure: Benchmark) -> Benchmark:
        BENCHMARKS[name] = measure
        return measure

    return register


def median(values: Sequence[float]) -> float:
    """Return the median: one disturbed run on a shared machine does not move it."""
    return statistics.median(values)

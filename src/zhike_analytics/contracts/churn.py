"""What churn is told from and in: columns, codes and quantities. Refuses sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


class ChurnError(ValueError):
    """Churn cannot be told from what was given; the message is for people, in both languages."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One column by which leaving is foretold.

    ``deepens`` 1: more of it is deeper use of ours and never raises the chance; −1: more of it never lowers it;
    0: free.
    ``recorded_after`` marks what is written down only after the date, so that it may not be used.
    """

    name: str
    kind: Literal["number", "category"]
    deepens: Literal[-1, 0, 1] = 0
    recorded_after: bool = False


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that says nothing: ``constant``, ``unknown`` or ``identifier``, with its number of levels."""

    name: str
    reason: str
    levels: int


@dataclass(frozen=True, slots=True)
class Reason:
    """What moved one account's chance: the column, its value there, and the log odds it adds (negative: takes away)."""

    signal: str
    value: float | str | None
    log_odds: float

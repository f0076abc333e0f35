"""What is there of each table, as plain values between queries and pages. Refuses to read anything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class MonthStock:
    """What the lake holds of one table in one month."""

    period: int
    rows: int
    version: int
    at: datetime | None


@dataclass(frozen=True)
class Stock:
    """What is there of one table; `approximate` when the database only knows about how many rows."""

    table: str
    rows: int
    approximate: bool = False
    months: Sequence[MonthStock] = ()
    last_import: UUID | None = None
    last_at: datetime | None = None


@dataclass(frozen=True)
class Concentration:
    """How much the largest accounts have of the whole: points (share of accounts, share of the sum)."""

    column: str
    curve: Sequence[tuple[float, float]]
    top: float

"""What leaving means, and what churn is told from and in: rules, columns, codes. Refuses sentences, contradictions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Self

from pydantic import Field, model_validator

from zhike_analytics.contracts.policies import Policy, Share

SIGNS = ("lines_removed", "spend_fall", "silence", "not_renewed")
"""Ways of leaving or shrinking: lines taken away, spend falling, no use at all, a contract that ran out."""


class ChurnError(ValueError):
    """Churn cannot be told from what was given; the message is for people, in both languages."""


class ChurnPolicy(Policy):
    """What counts as leaving and as shrinking within the horizon after a day, and what care costs and brings.

    All defaults are ours, for an operator to change.

    Attributes
    ----------
    horizon_months, gap_months
        How far ahead is foretold, and how many months lie between what is learned from and what is judged on.
    leave_lines, shrink_lines
        Share of the lines in use that must be removed within the horizon.
    leave_spend, shrink_spend
        Share by which the mean monthly bill must fall.
    silent_months
        Months without use at the end of the horizon, after use before it, that count as leaving.
    renewal_days
        Days after its end within which a contract may be renewed; one that is not counts as shrinking.
    foretold
        Whether the chance is of leaving or of leaving or shrinking.
    margin_months, margin_share
        Months of margin at stake when an account leaves, and the share of the bill that is margin where costs are
        unknown.
    care_helps, care_cost_fen
        Chance that care keeps one who would leave, and what it costs: an assumption until effects are measured.
    disturbed
        Added chance that one who would stay leaves for being approached.
    most
        How many accounts can be cared for in a month.
    """

    horizon_months: int = Field(default=3, ge=1, le=12)
    gap_months: int = Field(default=1, ge=0, le=6)
    leave_lines: Share = 0.9
    shrink_lines: Share = 0.3
    leave_spend: Share = 0.9
    shrink_spend: Share = 0.3
    silent_months: int = Field(default=2, ge=1, le=12)
    renewal_days: int = Field(default=60, ge=0, le=365)
    foretold: Literal["left", "left_or_shrunk"] = "left"
    margin_months: int = Field(default=12, ge=1, le=60)
    margin_share: Share = 0.4
    care_helps: Share = 0.3
    care_cost_fen: int = Field(default=80_000, ge=0)
    disturbed: Share = 0.002
    most: int = Field(default=500, ge=1, le=1_000_000)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.shrink_lines > self.leave_lines or self.shrink_spend > self.leave_spend:
            raise ValueError("缩减门槛不得高于离网门槛 / shrinking must not ask for more than leaving")
        if self.silent_months > self.horizon_months:
            raise ValueError("沉默月数不得超过预测期 / silent months must lie within the horizon")
        return self


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

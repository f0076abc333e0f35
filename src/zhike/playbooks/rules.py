"""Playbooks as data that an operator edits: signal and condition lead to a step. Refuses what could never apply.

What acting now is worth = stake × `helps` × `saves` × urgency. `helps` is how likely acting now changes the outcome,
`saves` the share of the stake that is then kept or won. The defaults in ``seeds/playbooks.yaml`` are our assumptions,
to be replaced by what an operator measures.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from zhike.core.policies import Family, register
from zhike_analytics.contracts import codes
from zhike_analytics.contracts.policies import Policy, Share
from zhike_analytics.contracts.policies_decisions import RULES

LEVELS = ("red", "yellow", "plain")
OWN_SIGNALS = ("incomplete", "decider_unknown", "rival_share", "birthday")
SIGNALS = (*RULES, *OWN_SIGNALS)
"""Alerts of the cycle by their rule, and what the published figures show by themselves."""
KIND_OF = {
    "contract_end": "contract", "overdue": "payment", "unvisited": "visit", "manager_changed": "visit",
    "birthday": "care", "complaints": "complaint", "escalated": "complaint", "satisfaction": "complaint",
    "incomplete": "archive", "decider_unknown": "archive", "contact_changed": "archive",
    "rival_share": "chance", "competitor_seen": "rival", "promise_late": "promise",
}  # fmt: skip
"""Under which filter of the list a signal stands; all others are alerts of revenue and use."""
VERBS = (
    "account", "people", "contact_add", "archive", "contracts", "bills", "complaints", "rival_add", "team", "timeline",
)  # fmt: skip
"""Where the step begins; the staff's pages know the address of each."""


class Words(Policy):
    """A text in both languages."""

    zh: str = Field(min_length=1, max_length=200)
    en: str = Field(min_length=1, max_length=300)


class Condition(Policy):
    """Which accounts a playbook is for; an empty part lets everybody in. A bill is that of the last month."""

    tiers: list[str] = Field(default_factory=list)
    sizes: list[str] = Field(default_factory=list)
    ownership: list[str] = Field(default_factory=list)
    lifecycles: list[str] = Field(default_factory=list)
    levels: list[str] = Field(default_factory=list)
    bill_from_fen: int | None = Field(default=None, ge=0)

    @model_validator(mode="after")
    def _known(self) -> Self:
        for name, known in (
            ("tiers", codes.TIER), ("sizes", codes.SIZE), ("ownership", codes.OWNERSHIP),
            ("lifecycles", codes.LIFECYCLE), ("levels", LEVELS),
        ):  # fmt: skip
            if unknown := set(getattr(self, name)) - set(known):
                raise ValueError(f"{name}: 未知代码 / unknown codes {sorted(unknown)}; known: {', '.join(known)}")
        return self


class Playbook(Policy):
    """One playbook. Of several that match a signal of an account the one with the highest priority speaks.

    `stake`: the alert's own money, a year's income, or a year of competitors' fees. `gain` says whether the money is
    kept or won. `due_days`: within how many days one should act, by level.
    """

    code: str = Field(min_length=1, max_length=40, pattern=r"^[a-z0-9_]+$")
    signal: str
    when: Condition = Condition()
    priority: int = Field(default=50, ge=0, le=100)
    verb: str
    label: Words
    say: Words
    stake: Literal["signal", "income", "rival"] = "signal"
    gain: Literal["keep", "win"] = "keep"
    helps: Share
    saves: Share
    due_days: dict[str, int]

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.signal not in SIGNALS:
            raise ValueError(f"{self.code}: 没有信号 {self.signal} / no such signal; known: {', '.join(SIGNALS)}")
        if self.verb not in VERBS:
            raise ValueError(f"{self.code}: 没有动作 {self.verb} / no such verb; known: {', '.join(VERBS)}")
        if set(self.due_days) != set(LEVELS) or not all(0 <= days <= 366 for days in self.due_days.values()):
            raise ValueError(f"{self.code}: 每级都要有 0–366 天的期限 / every level needs 0 to 366 days")
        return self


class Limits(Policy):
    """How much an account is spared: items shown at once, touches in a while, rest after a signal was dealt with.

    Red signals pass the limit of touches, and the rest where what was dealt with was not red.
    """

    open_items: int = Field(ge=1, le=20)
    touches: int = Field(ge=1, le=100)
    touch_days: int = Field(ge=1, le=366)
    rest_days: int = Field(ge=0, le=366)


class Thresholds(Policy):
    """When the published figures themselves are a signal. The last three serve until a cycle has judged its rules.

    `incomplete_below` and `rival_share_from` in percent, the others in days.
    """

    incomplete_below: int = Field(ge=1, le=100)
    rival_share_from: int = Field(ge=1, le=100)
    birthday_within: int = Field(ge=1, le=31)
    contract_yellow: int = Field(ge=1, le=1000)
    contract_red: int = Field(ge=1, le=1000)
    unvisited_from: int = Field(ge=1, le=1000)


class PlaybookPolicy(Policy):
    """All playbooks with what they share."""

    urgency: dict[str, Share]
    limits: Limits
    thresholds: Thresholds
    least_expected_fen: int = Field(ge=0, description="what is worth less is not told")
    playbooks: list[Playbook] = Field(min_length=1)

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if set(self.urgency) != set(LEVELS):
            raise ValueError(f"紧迫程度须含 / urgency needs {', '.join(LEVELS)}")
        if not self.urgency["red"] >= self.urgency["yellow"] >= self.urgency["plain"]:
            raise ValueError(
                "红色不得比黄色缓，黄色不得比一般缓 / red must not be less urgent than yellow, nor yellow than plain"
            )
        if self.thresholds.contract_red >= self.thresholds.contract_yellow:
            raise ValueError("合同红线须比黄线近 / the red line of contracts must be nearer than the yellow one")
        seen: set[str] = set()
        for one in self.playbooks:
            if one.code in seen:
                raise ValueError(f"{one.code}: 编码重复 / code used twice")
            seen.add(one.code)
        self._reachable()
        return self

    def _reachable(self) -> None:
        """Refuse a playbook that another one without conditions and of higher priority always beats."""
        for one in self.playbooks:
            for other in self.playbooks:
                beats = other.priority > one.priority or (
                    other.priority == one.priority and self.playbooks.index(other) < self.playbooks.index(one)
                )
                if other.signal == one.signal and other.when == Condition() and beats:
                    raise ValueError(
                        f"{one.code}: 永远轮不到，{other.code} 在前且无条件 / never applies: {other.code} comes first"
                    )


FAMILY = register(
    Family("playbooks", PlaybookPolicy, Path(__file__).parent / "seeds" / "playbooks.yaml", second_person=True)
)

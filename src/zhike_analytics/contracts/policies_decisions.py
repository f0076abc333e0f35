"""Rules of tiers and alerts as data that an operator edits. Refuses gaps, crossings and thresholds of a wrong unit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from zhike_analytics.contracts import codes
from zhike_analytics.contracts.policies import (
    CompetitorPolicy,
    LoyaltyPolicy,
    Points,
    Policy,
    Share,
    ValuePolicy,
    seed,
)


class Tier(Policy):
    """One tier: from which score or monthly bill on, and what follows from it."""

    code: str
    score_from: Points
    bill_from_fen: int | None = Field(default=None, ge=0)
    service_level: str
    assurance_level: str
    visit_every_days: int | None = Field(default=None, ge=1, le=1000)


class StrategicList(Policy):
    """Accounts that have at least a tier whatever their score: of some ownership, and on a list.

    ``listed`` asks that the archive marks the account as strategic; ``account_codes`` names further ones.
    """

    name: str
    tier: str
    ownership: list[str] = Field(default_factory=list)
    listed: bool = True
    account_codes: list[str] = Field(default_factory=list)


class TierPolicy(Policy):
    """Tiers from the highest down, with the band inside which an account keeps the tier of the month before.

    An account rises as soon as it reaches a tier by score or bill; it falls only when it is ``score_band`` points and
    ``bill_band`` (share) below both. A score of which less than ``least_confidence`` (share) is known decides no tier.
    """

    tiers: list[Tier] = Field(min_length=2)
    score_band: float = Field(ge=0, le=20)
    bill_band: Share
    least_confidence: Share = 0.1
    strategic: list[StrategicList] = Field(default_factory=list)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        names = [one.code for one in self.tiers]
        if names != list(codes.TIER):
            raise ValueError(f"等级应依次为 / tiers must be, in this order: {', '.join(codes.TIER)}")
        for upper, lower in zip(self.tiers, self.tiers[1:], strict=False):
            if lower.score_from >= upper.score_from:
                raise ValueError(f"{lower.code} 的分数线不低于 {upper.code} / score of {lower.code} is not below")
            if (lower.bill_from_fen or 0) >= (upper.bill_from_fen or 10**18):
                raise ValueError(f"{lower.code} 的账单线不低于 {upper.code} / bill of {lower.code} is not below")
        if self.tiers[-1].score_from != 0:
            raise ValueError("最低等级须从 0 分起，否则有客户无等级 / the lowest tier must begin at 0: no gaps")
        for tier in self.tiers:
            if tier.service_level not in codes.SERVICE_LEVEL or tier.assurance_level not in codes.ASSURANCE_LEVEL:
                raise ValueError(f"{tier.code}: 服务等级或保障等级未知 / unknown service or assurance level")
        for one in self.strategic:
            if one.tier not in names or set(one.ownership) - set(codes.OWNERSHIP):
                raise ValueError(f"{one.name}: 等级或单位性质未知 / unknown tier or ownership")
        return self


@dataclass(frozen=True, slots=True)
class RuleSpec:
    """What a rule alert compares: its unit, whether more or less is worse, the bounds of sense, and what is at stake.

    ``stake`` names the money: ``income`` (twelve months' income), ``shortfall`` (a year of the present fall),
    ``overdue``, ``rival`` (a year of competitors' fees).
    """

    zh: str
    en: str
    unit: str
    worse: Literal["more", "less"]
    lowest: float
    highest: float
    stake: str


RULES: dict[str, RuleSpec] = {
    "bill_fall": RuleSpec("账单下降", "Bill falls", "%", "more", 1, 100, "shortfall"),
    "usage_fall": RuleSpec("用量下降", "Usage falls", "%", "more", 1, 100, "income"),
    "declining": RuleSpec("连月下降", "Falls month after month", "months", "more", 1, 24, "shortfall"),
    "silent": RuleSpec("沉默", "Gone silent", "months", "more", 1, 24, "income"),
    "removal": RuleSpec("拆机", "Lines removed", "%", "more", 0.01, 100, "income"),
    "overdue": RuleSpec("账户欠费", "Overdue", "days", "more", 1, 1000, "overdue"),
    "complaints": RuleSpec("投诉", "Complaints", "complaints", "more", 1, 1000, "income"),
    "escalated": RuleSpec("投诉升级", "Complaint escalated", "complaints", "more", 1, 1000, "income"),
    "contract_end": RuleSpec("协议到期", "Contract ends", "days", "less", 1, 1000, "income"),
    "manager_changed": RuleSpec(
        "客户经理变更未陪访", "Manager changed, no joint visit", "days", "less", 1, 365, "income"
    ),
    "contact_changed": RuleSpec(
        "关键人变更未核实", "Key contact changed, unverified", "days", "less", 1, 365, "income"
    ),
    "competitor_seen": RuleSpec("异网介入", "Competitor seen", "days", "less", 1, 365, "rival"),
    "satisfaction": RuleSpec("满意度低", "Low satisfaction", "points", "less", 1, 100, "income"),
    "unvisited": RuleSpec("久未走访", "Not visited", "times", "more", 1, 100, "income"),
    "members_leaving": RuleSpec("成员携出", "Members port out", "%", "more", 0.1, 100, "income"),
    "promise_late": RuleSpec("承诺逾期", "Promise overdue", "days", "more", 1, 1000, "income"),
}


class Threshold(Policy):
    """When a rule warns (yellow) and when it alarms (red), in the rule's unit; a level left out is never reached."""

    yellow: float | None = None
    red: float | None = None
    unit: str


class AlertPolicy(Policy):
    """Thresholds of the rule alerts; a rule that is left out is off."""

    rules: dict[str, Threshold]
    least_fall_fen: int = Field(ge=0, description="falls of less money a month are no alert")
    fall_noise: Share = Field(description="a month this little below the one before does not count as a fall")
    least_usage: float = Field(
        default=30, ge=0, le=1_000_000,
        description="minutes, messages or tens of megabytes a month: falls of what was less before are no alert",
    )  # fmt: skip
    least_members: int = Field(default=2, ge=1, le=1000, description="fewer members ported out are no alert")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        for name, one in self.rules.items():
            if name not in RULES:
                raise ValueError(f"没有名为 {name} 的规则 / no rule {name}; known: {', '.join(RULES)}")
            spec = RULES[name]
            if one.unit != spec.unit:
                raise ValueError(
                    f"{spec.zh}: 单位应为 {spec.unit}，不是 {one.unit} / unit of {name} must be {spec.unit}"
                )
            given = [value for value in (one.yellow, one.red) if value is not None]
            if not given:
                raise ValueError(f"{spec.zh}: 黄、红至少给一个 / {name} needs a yellow or a red threshold")
            if any(not spec.lowest <= value <= spec.highest for value in given):
                raise ValueError(
                    f"{spec.zh}: 应在 {spec.lowest:g}–{spec.highest:g} {spec.unit} / {name} must lie within"
                )
            if len(given) == 2 and (given[1] <= given[0] if spec.worse == "more" else given[1] >= given[0]):
                raise ValueError(f"{spec.zh}: 红线须比黄线更严重 / red of {name} must be worse than yellow")
        return self


class CyclePolicies(Policy):
    """All rules of one cycle."""

    value: ValuePolicy
    loyalty: LoyaltyPolicy
    competitor: CompetitorPolicy
    tiers: TierPolicy
    alerts: AlertPolicy

    @property
    def fingerprints(self) -> dict[str, str]:
        """Digest of each family, as results cite them."""
        return {name: getattr(self, name).fingerprint for name in FAMILIES}


FAMILIES: dict[str, type[Policy]] = {
    "value": ValuePolicy,
    "loyalty": LoyaltyPolicy,
    "competitor": CompetitorPolicy,
    "tiers": TierPolicy,
    "alerts": AlertPolicy,
}
"""Families of rules that the cycle reads; the seed of each is :func:`zhike_analytics.contracts.policies.seed_path`."""


def default_policies(on: date | None = None) -> CyclePolicies:
    """Return the rules that a new installation starts with.

    >>> sorted(default_policies().fingerprints) == sorted(FAMILIES)
    True
    """
    return CyclePolicies.model_validate({name: seed(name, schema, on) for name, schema in FAMILIES.items()})

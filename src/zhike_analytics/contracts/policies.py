"""Rules of value, loyalty and competitor lock-in as data that an operator edits. Refuses what contradicts itself.

Every default stands in ``seeds/policy_*.yaml``, in the form ``[{valid_from, body}]``, with its source beside it.
"""

from __future__ import annotations

import hashlib
import json
from datetime import date
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Self, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from zhike_analytics.contracts import codes
from zhike_analytics.contracts.ahp import MOST_INCONSISTENT, Weights, weights_of

Share = Annotated[float, Field(ge=0, le=1)]
Points = Annotated[float, Field(ge=0, le=100)]
VALUE_PARTS = ("contribution", "standing", "ability")
"""Revenue contribution, social standing, ability to pay: the three parts of value."""


class Policy(BaseModel):
    """A body of rules: unknown fields are refused, values cannot be changed after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    @property
    def fingerprint(self) -> str:
        """Digest of the content, by which results cite the rules they were made with."""
        text = json.dumps(self.model_dump(mode="json"), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


Body = TypeVar("Body", bound=Policy)


def seed_path(family: str) -> Path:
    """Return the seed file of a family of rules, e.g. ``value``."""
    return Path(str(files("zhike_analytics.contracts").joinpath(f"seeds/policy_{family}.yaml")))


def seed(family: str, schema: type[Body], on: date | None = None) -> Body:
    """Return the body of a seed that holds on a day (by default the newest)."""
    entries = yaml.safe_load(seed_path(family).read_text(encoding="utf-8"))
    holding = [entry for entry in entries if on is None or entry["valid_from"] <= on]
    return schema.model_validate(holding[-1]["body"])


class Curve(Policy):
    """A rising line through points: what a quantity is worth, 0 to 100.

    ``at`` are the quantities, ``points`` what they are worth; between them the line is straight, outside it is flat.
    """

    at: list[float] = Field(min_length=2)
    points: list[Points] = Field(min_length=2)

    @model_validator(mode="after")
    def _rises(self) -> Self:
        if len(self.at) != len(self.points):
            raise ValueError("at 与 points 个数不同 / at and points differ in number")
        if any(right <= left for left, right in zip(self.at, self.at[1:], strict=False)):
            raise ValueError("at 必须递增 / at must rise")
        if any(right < left for left, right in zip(self.points, self.points[1:], strict=False)):
            raise ValueError("points 不得下降 / points must not fall")
        return self


class Comparison(Policy):
    """How many times more one part counts than another."""

    more: str
    less: str
    ratio: float = Field(ge=1 / 9, le=9)


class Components(Policy):
    """Shares of the components of one part, by name; what is unknown of an account drops out and the rest fills in."""

    shares: dict[str, Share]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if abs(sum(self.shares.values()) - 1) > 1e-9:
            raise ValueError(f"权重之和应为 1 / shares must sum to 1: {self.shares}")
        return self


CONTRIBUTION = ("rate", "income")
STANDING = ("employees", "size", "scope", "group", "association", "followers", "ownership")
ABILITY = ("revenue", "capital", "credit", "punctual")


class ValuePolicy(Policy):
    """How value is scored: comparisons of the three parts, what each is made of, and what quantities are worth.

    Where an operator has no bills, the account's place among all by traffic stands in for rate and income.
    ``prior_cost_share`` says how strongly a rate is drawn towards its peers': as if every account had this share of
    its peers' mean cost at their rate. Peers are of one industry and size; fewer than ``fewest_peers`` widen to one
    size, then to all.
    """

    comparisons: list[Comparison]
    contribution: Components
    standing: Components
    ability: Components
    curves: dict[str, Curve]
    levels: dict[str, dict[str, Points]]
    prior_cost_share: float = Field(gt=0, le=10)
    fewest_peers: int = Field(ge=2, le=10_000)
    high: Points

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        found = self.ahp
        if found.consistency_ratio > MOST_INCONSISTENT:
            raise ValueError(
                f"比较前后矛盾：一致性比率 {found.consistency_ratio:.3f}，不得超过 {MOST_INCONSISTENT}"
                f" / comparisons contradict one another: consistency ratio {found.consistency_ratio:.3f}"
            )
        if found.weights["standing"] <= found.weights["ability"]:
            raise ValueError("社会属性必须重于支付能力 / social standing must outweigh ability to pay")
        for part, names in (("contribution", CONTRIBUTION), ("standing", STANDING), ("ability", ABILITY)):
            if unknown := set(getattr(self, part).shares) - set(names):
                raise ValueError(f"{part}: 未知成分 / unknown components {sorted(unknown)}")
        for name in ("rate", "income", "employees", "followers", "revenue", "capital"):
            if name not in self.curves:
                raise ValueError(f"缺少 {name} 的换算曲线 / no curve of {name}")
        for name, known in (
            ("size", codes.SIZE), ("scope", codes.SCOPE), ("group", codes.GROUP_KIND),
            ("association", codes.ASSOCIATION_ROLE), ("ownership", codes.OWNERSHIP), ("credit", codes.CREDIT_RATING),
        ):  # fmt: skip
            if set(self.levels.get(name, {})) != set(known):
                raise ValueError(f"{name}: 每个代码都要有分值 / every code needs points: {sorted(known)}")
        return self

    @cached_property
    def ahp(self) -> Weights:
        """Weights of the three parts, with their consistency ratio."""
        return weights_of(VALUE_PARTS, {(one.more, one.less): one.ratio for one in self.comparisons})


class UsePolicy(Policy):
    """How breadth and depth over the three classes become one figure; the same form for ours and for competitors'."""

    classes: dict[str, Share]
    breadth: Share
    depth: Share

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if set(self.classes) != set(codes.BUSINESS_CLASS):
            raise ValueError(f"三大类都要有权重 / every class needs a weight: {sorted(codes.BUSINESS_CLASS)}")
        if abs(sum(self.classes.values()) - 1) > 1e-9 or abs(self.breadth + self.depth - 1) > 1e-9:
            raise ValueError("权重之和应为 1 / weights must sum to 1")
        return self


class LoyaltyPolicy(Policy):
    """How loyalty in behaviour is scored.

    ``use``: breadth and depth of our services beside the peers'; ``wallet``: our share of what the account pays us and
    competitors; ``members``: lines that employees pay themselves; ``ties``: strength of the ties that contacts have to
    our people; ``leaving``: what leaving would cost, by contract months left and share of bundles.
    """

    use: UsePolicy
    shares: Components
    leaving: Components
    months_left: Curve
    high: Points

    @model_validator(mode="after")
    def _known(self) -> Self:
        if set(self.shares.shares) != {"use", "wallet", "members", "ties", "leaving"}:
            raise ValueError("忠诚由 use、wallet、members、ties、leaving 组成 / loyalty is made of these five")
        if set(self.leaving.shares) != {"contract", "bundle"}:
            raise ValueError("转网成本由 contract、bundle 组成 / the cost of leaving is made of these two")
        return self


class CompetitorPolicy(Policy):
    """How competitors' hold is scored, and how the chance of winning an account over falls as it grows.

    ``log odds = easiest − per_lock_in · lock_in/100 − per_year · years left of their longest contract``; both slopes
    are never negative, so that more use of a competitor never raises the chance.
    """

    use: UsePolicy
    easiest: float = Field(ge=-5, le=5)
    per_lock_in: float = Field(ge=0, le=20)
    per_year: float = Field(ge=0, le=5)
    sureness: dict[str, Share]

    @model_validator(mode="after")
    def _sure(self) -> Self:
        if set(self.sureness) != {*codes.CONFIDENCE, "none"}:
            raise ValueError("每个可信程度及 none 都要有取值 / every code of confidence, and none, needs a value")
        return self

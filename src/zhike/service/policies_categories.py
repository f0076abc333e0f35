"""What requests are about, and the rules of their steps as dated data. Refuses trees with holes and forms without sum.

Red lines (红线), time limits, levels by time, signs, listed reasons, quality samples: changed on the pages of rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from zhike.core.policies import Family, register
from zhike.service.policies import ANY, Body, Kind, Reason

TOP_LEVEL = 3
FULL_SCORE = 100
ReturnReason = Literal["wrong_department", "incomplete", "duplicate", "not_ours"]
ExceptionReason = Literal["unreachable", "withdrawn", "third_party", "legal"]
MarkedKind = Literal["consult", "apply", "feedback", "complaint", "fault", "need"]


class Naming(Body):
    """A name in both languages."""

    zh: str = Field(min_length=1, max_length=40)
    en: str = Field(min_length=1, max_length=60)


class Category(Body):
    """One category: under which other, whether a red line, and the longest time to a solution where it has its own."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)
    parent: str = Field(default="", max_length=40)
    label: Naming
    red_line: bool = False
    resolution_minutes: int | None = Field(default=None, ge=1, le=60 * 24 * 15)
    active: bool = True


class Level(Body):
    """When a request rises to a level by time: minutes after its next due instant; below nought is before."""

    level: int = Field(ge=1, le=TOP_LEVEL)
    kind: Kind = "any"
    minutes_after_due: int = Field(ge=-60 * 24 * 15, le=60 * 24 * 60)


class SignMarks(Body):
    """Which signs ask for a higher level."""

    kinds: list[MarkedKind] = Field(min_length=1)
    key_tiers: list[str] = Field(default_factory=list)
    repeat_days: int = Field(ge=1, le=365)
    repeat_count: int = Field(ge=1, le=50)
    regulator_words: list[str] = Field(default_factory=list)
    press_words: list[str] = Field(default_factory=list)


class Sampling(Body):
    """Which share of closed requests is inspected: of all, and of key accounts and red lines."""

    share: float = Field(ge=0, le=1)
    key_share: float = Field(ge=0, le=1)


class FormItem(Body):
    """One question of the inspector's form, and what it counts."""

    code: str = Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=30)
    label: Naming
    points: int = Field(ge=1, le=FULL_SCORE)


class RequestCategories(Body):
    """The tree of categories and the rules of steps."""

    reopen_days: int = Field(ge=1, le=365)
    pause_reasons: list[Reason] = Field(default_factory=list)
    return_reasons: list[ReturnReason] = Field(min_length=1)
    exception_reasons: list[ExceptionReason] = Field(default_factory=list)
    marks: SignMarks
    sampling: Sampling
    rises: list[Level] = Field(default_factory=list)
    quality_form: list[FormItem] = Field(min_length=1)
    categories: list[Category] = Field(min_length=1)

    @model_validator(mode="after")
    def _whole(self) -> Self:
        codes = [one.code for one in self.categories]
        if len(set(codes)) < len(codes):
            raise ValueError("同一类别写了两次 / a category is listed twice")
        tops = {one.code for one in self.categories if not one.parent}
        for one in self.categories:
            if one.parent and one.parent not in tops:
                raise ValueError(
                    f"{one.label.zh}的上级 {one.parent} 不是一级类别 / {one.parent} above {one.code} is no top category"
                )
        if not any(one.active for one in self.categories):
            raise ValueError("至少要有一个启用的类别 / one category must be in use")
        if sum(one.points for one in self.quality_form) != FULL_SCORE:
            raise ValueError("质检各项分值合计须为 100 分 / points of the form must sum up to 100")
        for kind in {one.kind for one in self.rises}:
            times = [one.minutes_after_due for one in self.levels_for(kind)]
            if times != sorted(times):
                raise ValueError("高一级的升级时间不能早于低一级 / a higher level cannot come before a lower one")
        return self

    def in_use(self) -> list[Category]:
        """Return the categories that may be chosen, each top one before its own."""
        order = {one.code: place for place, one in enumerate(self.categories)}
        on = [one for one in self.categories if one.active]
        return sorted(on, key=lambda one: (order[one.parent or one.code], bool(one.parent), order[one.code]))

    def names(self) -> Mapping[str, tuple[str, str]]:
        """Return what each category is called in both languages, also those no longer in use."""
        return {one.code: (one.label.zh, one.label.en) for one in self.categories}

    def red_lines(self) -> frozenset[str]:
        """Return the categories that are red lines."""
        return frozenset(one.code for one in self.categories if one.red_line)

    def longest_minutes(self, category: str) -> int | None:
        """Return the longest time to a solution that a category sets, its own or that of the one above."""
        by_code = {one.code: one for one in self.categories}
        one = by_code.get(category)
        if one is None:
            return None
        above = by_code.get(one.parent)
        return one.resolution_minutes or (above.resolution_minutes if above else None)

    def levels_for(self, kind: str) -> list[Level]:
        """Return when requests of a kind rise by time, the lowest level first; rules of its own go before those of all.

        >>> [(_, body)] = REQUEST_CATEGORIES.seed_versions()
        >>> [one.level for one in body.levels_for("complaint")]
        [1, 2, 3]
        """
        own = {one.level: one for one in self.rises if one.kind == ANY}
        own |= {one.level: one for one in self.rises if one.kind == kind}
        return [own[level] for level in sorted(own)]


REQUEST_CATEGORIES = register(
    Family("request_categories", RequestCategories, Path(__file__).parent / "seeds" / "request_categories.yaml")
)

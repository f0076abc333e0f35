"""What all judges of steps share: who acts, what policy says, what is refused everywhere. Pure; owns no step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from zhike.service.log import Draft
from zhike.service.refusals import Refused
from zhike.service.standing import Standing

Drafts = list[Draft]
WORKING = ("assign", "handle", "answer")


@dataclass(frozen=True)
class Who:
    """Who takes a step: the person, in which departments they stand, whether they supervise."""

    staff_id: int | None
    departments: frozenset[int] = frozenset()
    supervises: bool = False
    is_system: bool = False

    def stands_in(self, department_id: int | None) -> bool:
        """Return whether the person belongs to the department (anybody does where there is none)."""
        return self.is_system or self.supervises or department_id is None or department_id in self.departments


@dataclass(frozen=True)
class Marks:
    """Which signs ask for a higher level: words said, repeats within days, tiers of key accounts."""

    words: dict[str, Collection[str]] = field(
        default_factory=lambda: {
            "regulator": ("工信部", "通管局", "管局", "申诉", "12300", "12315", "消协"),
            "press": ("媒体", "记者", "曝光", "电视台", "报社"),
        }
    )
    kinds: Collection[str] = ("complaint", "fault", "feedback")
    key_tiers: Collection[str] = ("A1", "A2")
    repeat_days: int = 30
    repeat_count: int = 2


@dataclass(frozen=True)
class Rules:
    """What policy says about steps."""

    categories: Collection[str] = ()
    pause_reasons: Collection[str] = ("waiting_customer", "access_refused")
    return_reasons: Collection[str] = ("wrong_department", "incomplete", "duplicate", "not_ours")
    exception_reasons: Collection[str] = ("unreachable", "withdrawn", "third_party", "legal")
    reopen_days: int = 30
    top_level: int = 3
    marks: Marks = field(default_factory=Marks)


def must_be_open(standing: Standing) -> None:
    """Refuse a request that is closed."""
    if standing.closed_how == "merged":
        raise Refused("merged")
    if not standing.is_open:
        raise Refused("closed")


def said(words: str, code: str = "no_words") -> str:
    """Return words without spaces round them; refuse none at all."""
    if not words.strip():
        raise Refused(code)
    return words.strip()


def must_stand_at(standing: Standing, *stages: str) -> None:
    """Refuse a request that is at none of these stages."""
    must_be_open(standing)
    if standing.stage not in stages:
        raise Refused("no_category" if standing.stage == "triage" else "stage", stage=standing.stage)


def running_again(standing: Standing) -> Drafts:
    """Return what resumes the clock where it stands still: work that is done was not waiting any more."""
    return [Draft("resumed")] if standing.paused_at is not None else []


def one_level_up(standing: Standing, sign: str) -> Drafts:
    """Return the rise that a sign asks for."""
    return [Draft("escalated", data={"level": min(standing.escalation + 1, 3), "why": sign})]

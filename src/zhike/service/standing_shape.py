"""What is known of how a request stands: columns, legs and parts as one object. Refuses to say how they came about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(slots=True)
class Stretch:
    """One department's having of a request, from the instant it got it: legs follow each other without gap."""

    ordinal: int
    department_id: int | None
    began_at: datetime
    stage: str
    offered_by_id: int | None = None
    accepted_at: datetime | None = None
    accepted_by_id: int | None = None
    ended_at: datetime | None = None
    ended_how: str = ""
    reason: str = ""


@dataclass(slots=True)
class Part:
    """Somebody's part in a request, while it lasts."""

    staff_id: int
    part: str
    since: datetime
    until: datetime | None = None


@dataclass(slots=True)
class Standing:
    """Everything that follows from the log. Names of fields are those of the request's columns."""

    kind: str = ""
    category: str = ""
    product_area: str = ""
    segment: str = ""
    need_scope: str = ""
    need_side: str = ""
    need_class: str = ""
    channel: str = ""
    priority: str = "normal"
    account_id: int | None = None
    contact_id: int | None = None
    subscription_id: int | None = None
    recognised_by: str = ""
    tier: str = ""
    service_level: str = ""
    assurance_level: str = ""
    stage: str = ""
    owner_id: int | None = None
    home_id: int | None = None
    department_id: int | None = None
    accepted: bool = False
    handler_id: int | None = None
    caller_back_id: int | None = None
    taken_at: datetime | None = None
    contacted_at: datetime | None = None
    replied_at: datetime | None = None
    answered_at: datetime | None = None
    closed_at: datetime | None = None
    closed_how: str = ""
    satisfied: bool | None = None
    score: int | None = None
    paused_at: datetime | None = None
    pause_reason: str = ""
    escalation: int = 0
    supervised: bool = False
    exception_by_id: int | None = None
    exception_reason: str = ""
    returns: int = 0
    reopens: int = 0
    call_backs: int = 0
    special: str = ""
    parent_id: int | None = None
    merged_into_id: int | None = None
    outcome: str = ""
    version: int = 0
    changed_at: datetime | None = None
    signs: list[str] = field(default_factory=list)
    legs: list[Stretch] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it waits for anything."""
        return bool(self.stage) and self.stage != "closed"

    @property
    def leg(self) -> Stretch | None:
        """The leg that runs, if any."""
        return self.legs[-1] if self.legs and self.legs[-1].ended_at is None else None

    @property
    def handlers(self) -> set[int]:
        """Everybody who has ever handled it: none of them may call back."""
        return {one.staff_id for one in self.parts if one.part == "handler"}

    def has_part(self, staff_id: int | None, part: str = "") -> bool:
        """Return whether somebody has a part (of this kind) now."""
        return staff_id is not None and any(
            one.staff_id == staff_id and one.until is None and part in ("", one.part) for one in self.parts
        )

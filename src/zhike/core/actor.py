"""Who acts: a frozen value rebuilt at each request or job. Refuses to read or change anything itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class ScopeKind(StrEnum):
    """Which rows an actor reaches: always exactly one of these, never a mixture (an OR cannot use an index)."""

    EVERYTHING = "everything"
    REGIONS = "regions"
    STAFF = "staff"  # accounts in whose account team the person stands
    TEAM = "team"  # accounts of the person's team
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or the system itself, with what it may do and how far it sees.

    `staff_id` and `team_id` are ``None`` for the system. `region_ids` are the person's region and all below it.
    """

    name: str
    role: str
    scope: ScopeKind
    staff_id: int | None = None
    user_id: int | None = None
    team_id: int | None = None
    region_ids: tuple[int, ...] = ()
    permissions: frozenset[str] = field(default_factory=frozenset)
    is_system: bool = False

    def may(self, permission: str) -> bool:
        """Return whether the actor holds `permission`, e.g. ``accounts.view``."""
        return self.is_system or permission in self.permissions


def system_actor(name: str) -> Actor:
    """Return the actor of work that no person started, e.g. a nightly job; `name` says which.

    >>> system_actor("nightly publication").may("accounts.view")
    True
    """
    return Actor(name=name, role="system", scope=ScopeKind.EVERYTHING, is_system=True)


class NotAllowed(Exception):
    """The actor lacks a permission; faces answer 404 or 403 with what to do."""

    def __init__(self, permission: str) -> None:
        super().__init__(permission)
        self.permission = permission


def require(actor: Actor, permission: str) -> None:
    """Raise :class:`NotAllowed` unless the actor holds `permission`."""
    if not actor.may(permission):
        raise NotAllowed(permission)

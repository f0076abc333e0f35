"""Builds the actor of a signed-in person, anew for each request or job. Refuses people without a staff row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Subquery

from zhike.core.actor import Actor, ScopeKind
from zhike.people.models import Region, SignInSession, Staff, User
from zhike.people.roles import PERMISSIONS, SCOPES

NO_SIGN_IN = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a signed-in person stands at this request: who they are, and whether this sign-in still counts."""

    actor: Actor
    seen_at: datetime | None  # when this sign-in was last used; nothing where it has ended
    has_second_factor: bool

    @property
    def session_open(self) -> bool:
        """Whether this sign-in still counts."""
        return self.seen_at is not None


def region_ids_below(region: Region | None) -> tuple[int, ...]:
    """Return the ids of the region and everything below it; empty without a region."""
    if region is None:
        return ()
    return tuple(Region.objects.filter(path__startswith=region.path).values_list("id", flat=True))


def actor_of_staff(staff: Staff, regions_below: Sequence[int] | None = None) -> Actor:
    """Return what this member of staff may do and see now.

    A role limited to regions without a region, or to a team without a team, sees nothing. `regions_below` are the ids
    of the person's region and all below it where the caller has read them already.
    """
    if not staff.active:
        return Actor(name=staff.name, role=staff.role, scope=ScopeKind.NOTHING, staff_id=staff.pk)
    scope = SCOPES[staff.role]
    regions: tuple[int, ...] = ()
    if scope is ScopeKind.REGIONS:
        regions = region_ids_below(staff.region) if regions_below is None else tuple(regions_below)
    return Actor(
        name=staff.name,
        role=staff.role,
        scope=scope,
        staff_id=staff.pk,
        user_id=staff.user_id,
        team_id=staff.team_id,
        region_ids=regions,
        permissions=PERMISSIONS[staff.role],
    )


def actor_of_user(user: User) -> Actor | None:
    """Return the actor of a signed-in user, or ``None`` when no active member of staff stands behind it."""
    standing = standing_of_user(user, NO_SIGN_IN)
    return standing.actor if standing else None


def standing_of_user(user: User, sign_in: UUID) -> Standing | None:
    """Return how a user stands within the sign-in called `sign_in`; ``None`` without an active member of staff.

    One query answers who the person is, which regions are theirs, whether the sign-in is still open, when it was last
    used, and whether a second factor is enrolled.
    """
    factors = Authenticator.objects.filter(
        user_id=user.pk, type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    open_sign_in = SignInSession.objects.filter(pk=sign_in, user_id=OuterRef("user_id"), ended_at=None)
    people = Staff.objects.unscoped(reason="the person behind this very session")
    below = Region.objects.filter(path__startswith=OuterRef("region__path")).order_by("pk").values("pk")
    staff = (
        people.filter(user_id=user.pk, active=True)
        .annotate(
            seen_at=Subquery(open_sign_in.values("seen_at")),
            has_second_factor=Exists(factors),
            below=ArraySubquery(below),
        )
        .first()
    )
    if staff is None:
        return None
    actor = actor_of_staff(staff, staff.below)
    return Standing(actor, seen_at=staff.seen_at, has_second_factor=staff.has_second_factor)


def actor_of_staff_id(staff_id: int) -> Actor:
    """Return the actor of a job that re-enters the scope of whoever started it.

    Raises
    ------
    Staff.DoesNotExist
        When the person has been removed since.
    """
    people = Staff.objects.unscoped(reason="a job re-enters its own actor's scope")
    return actor_of_staff(people.select_related("region").get(pk=staff_id))

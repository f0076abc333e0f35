"""Who serves an account, who did, and whom the actor may put there. Scoped like everything of the archive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from zhike.core.actor import Actor, ScopeKind, require
from zhike.customers.models import Account, TeamMembership
from zhike.people.models import Staff

MANAGING_ROLES = ("manager", "team_lead")
SERVING_ROLES = ("manager", "team_lead", "agent", "back_office")


def history_of_team(actor: Actor, account: Account) -> list[TeamMembership]:
    """Return who served the account before, the latest first."""
    require(actor, "accounts.view")
    rows = TeamMembership.objects.for_actor(actor).filter(account_id=account.pk).exclude(valid_to=None)
    return list(rows.select_related("staff", "team").order_by("-valid_to", "-id")[:100])


def assignable(actor: Actor, duty: str = "lead") -> list[Staff]:
    """Return whom the actor may assign: a team lead the own team, a region lead the region, an administrator all.

    Only somebody who manages accounts can be the lead or stand in for them.
    """
    rows = Staff.objects.unscoped(reason="narrowed below to those whom the actor leads")
    if actor.may("people.manage"):
        pass
    elif actor.may("accounts.assign") and actor.scope is ScopeKind.REGIONS:
        rows = rows.filter(region_id__in=actor.region_ids)
    elif actor.may("accounts.assign") and actor.scope is ScopeKind.TEAM and actor.team_id is not None:
        rows = rows.filter(team_id=actor.team_id)
    else:
        return []
    roles = SERVING_ROLES if duty == "service" else MANAGING_ROLES
    return list(rows.filter(active=True, role__in=roles).select_related("team").order_by("code")[:1000])


def picked(actor: Actor, ids: Sequence[int]) -> list[Account]:
    """Return those of the accounts that the actor sees, by name; what is not theirs is left out."""
    require(actor, "accounts.assign")
    return list(Account.objects.for_actor(actor).filter(pk__in=ids).order_by("pinyin_key", "pk"))


@dataclass(frozen=True)
class Portfolio:
    """Whose accounts may be handed over by the actor, and how many they are by duty."""

    staff: Staff
    counts: dict[str, int]

    @property
    def total(self) -> int:
        """How many places in account teams the person holds."""
        return sum(self.counts.values())


def memberships_in_reach(actor: Actor, staff_id: int) -> QuerySet[TeamMembership]:
    """Return the places in account teams that a person holds now and the actor may give to another.

    A team lead gives away what the own team holds, a region lead what lies in the region. An administrator sees no
    account, but must be able to hand over those of somebody who leaves: by number, all of them.
    """
    require(actor, "accounts.handover")
    if actor.may("people.manage"):
        rows = TeamMembership.objects.unscoped(reason="an administrator hands over all accounts of one person, unseen")
    else:
        rows = TeamMembership.objects.for_actor(actor)
        if actor.scope is ScopeKind.TEAM:
            rows = rows.filter(team_id=actor.team_id or 0)
    return rows.filter(staff_id=staff_id, valid_to=None)


def portfolio_of(actor: Actor, staff_id: int) -> Portfolio | None:
    """Return what a person could hand over; ``None`` when the person is not one whom the actor leads."""
    require(actor, "accounts.handover")
    rows = Staff.objects.unscoped(reason="narrowed below to those whom the actor leads")
    if not actor.may("people.manage"):
        rows = Staff.objects.for_actor(actor)
    staff = rows.select_related("team").filter(pk=staff_id).first()
    if staff is None:
        return None
    counted = memberships_in_reach(actor, staff_id).values("duty").annotate(n=Count("id")).order_by()
    return Portfolio(staff, {row["duty"]: row["n"] for row in counted})

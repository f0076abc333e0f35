"""Who serves an account, who did, and whom the actor may put there. Scoped like everything of the archive."""

from __future__ import annotations

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

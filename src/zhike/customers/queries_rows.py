"""What the pages of an account's rows read: one row, who of ours may know somebody, who changed a row. Scoped."""

from __future__ import annotations

from django.db.models import Q

from zhike.core.actor import Actor, require
from zhike.core.models import AuditEntry
from zhike.customers.kinds import RowKind
from zhike.customers.models import Account, AccountRow, Subscription, TeamMembership
from zhike.people.models import Staff

VIEW = "accounts.view"
LISTED_AT_MOST = 500


def row_of(actor: Actor, kind: RowKind, account: Account, row_id: int) -> AccountRow | None:
    """Return one row of the account."""
    require(actor, VIEW)
    return kind.model.objects.for_actor(actor).filter(account_id=account.pk, pk=row_id).first()


def tie_candidates(actor: Actor, account: Account, *, keep: int | None = None) -> list[Staff]:
    """Return who of ours may be named as knowing somebody at the account.

    That is the account's team, the actor's own people, and the leads of the account's region and above: executives'
    visits make ties too. `keep` is who stands there already.
    """
    require(actor, VIEW)
    team = TeamMembership.objects.for_actor(actor).filter(account_id=account.pk, valid_to=None).values("staff_id")
    codes = account.region.path.rstrip("/").split("/")
    leads = Q(role__in=["team_lead", "region_lead"], region__code__in=codes)
    people = Staff.objects.unscoped(reason="who serves an account is known to whoever sees the account")
    named = people.filter((Q(pk__in=team) | leads) & Q(active=True) | Q(pk=keep))
    own = Staff.objects.for_actor(actor).filter(active=True)
    found = {one.pk: one for one in [*named[:LISTED_AT_MOST], *own[:LISTED_AT_MOST]]}
    return sorted(found.values(), key=lambda one: one.code)


def subscriptions_naming(actor: Actor, account: Account, *, contract: str = "", site: str = "") -> int:
    """Return how many of our products in use name this contract or site."""
    rows = Subscription.objects.for_actor(actor).filter(account_id=account.pk).exclude(status="ended")
    return rows.filter(contract_code=contract).count() if contract else rows.filter(site_code=site).count()


def last_entry(actor: Actor, table: str, row_id: int) -> int:
    """Return the number of the last change of a row; ask it before the row, so that no change falls in between."""
    require(actor, VIEW)
    rows = AuditEntry.objects.filter(table_name=table, row_id=row_id).order_by("-id")
    return rows.values_list("id", flat=True).first() or 0


def changes_since(actor: Actor, account: Account, table: str, row_id: int, entry: int) -> list[AuditEntry]:
    """Return what was done to a row of the account after the change numbered `entry`, the oldest first."""
    require(actor, VIEW)
    if not Account.objects.for_actor(actor).filter(pk=account.pk).exists():
        return []
    entries = AuditEntry.objects.filter(table_name=table, row_id=row_id, account_id=account.pk, id__gt=entry)
    return list(entries.order_by("id")[:50])

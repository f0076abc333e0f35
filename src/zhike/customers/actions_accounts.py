"""Opening, closing and reopening accounts by hand. Refuses a second account of the same organisation unless meant."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import connection

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.customers.actions import Stale
from zhike.customers.actions_rows import stamp_of
from zhike.customers.models import Account, TeamMembership
from zhike.customers.pinyin import pinyin_key
from zhike.customers.queries_identity import Twins, regions_to_open_in, twins_of
from zhike.customers.queries_team import assignable
from zhike.people.models import Staff

OPENABLE = (
    "name", "short_name", "credit_code", "industry_section", "industry", "ownership", "size", "employees", "address",
    "lifecycle", "background",
)  # fmt: skip
CLOSED = "left"
OWN_CODES = "H"  # of accounts opened here; operators' own codes come with their files


class Doubtful(Exception):
    """The organisation may be in the archive already; `twins` says where."""

    def __init__(self, twins: Twins) -> None:
        super().__init__("twins")
        self.twins = twins


class NotYours(ValueError):
    """The region, the parent or the manager named is not the actor's to name."""


def create_account(
    actor: Actor,
    *,
    values: dict[str, Any],
    region_id: int,
    lead_id: int | None = None,
    parent_code: str = "",
    confirmed: str = "",
) -> Account:
    """Open an account; every filled field remembers who said it.

    Parameters
    ----------
    lead_id
        Who becomes its lead manager. A manager's own account is always their own.
    confirmed
        Why this is another organisation than those that look alike; empty asks first.

    Raises
    ------
    Doubtful
        When accounts look alike and nothing was said about them.
    NotYours
        When region, parent or manager are not the actor's to name.
    """
    require(actor, "accounts.create")
    if region_id not in {one.pk for one in regions_to_open_in(actor)}:
        raise NotYours("region")
    lead = _lead(actor, lead_id)
    with audited(actor, "customers.create_account", reason=confirmed[:300]):
        with connection.cursor() as cursor:
            # Two people entering the same organisation at one instant: the second sees the first's account.
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(zhike_name_key(%s), 7391))", [values["name"]])
            twins = twins_of(actor, name=values["name"], credit_code=values.get("credit_code") or "")
            if twins and not confirmed:
                raise Doubtful(twins)
            cursor.execute("SELECT nextval(pg_get_serial_sequence('customers_account', 'id'))")
            number = int(cursor.fetchone()[0])
        account = Account(id=number, code=f"{OWN_CODES}{number:08d}", region_id=region_id)
        said = {name: value for name, value in values.items() if name in OPENABLE and value not in (None, "")}
        for name, value in said.items():
            setattr(account, name, value)
        account.pinyin_key = pinyin_key(account.name)
        if parent_code:
            parent = Account.objects.for_actor(actor).filter(code=parent_code).first()
            if parent is None:
                raise NotYours("parent_code")
            account.parent, account.group_kind = parent, "branch"
            said |= {"parent": parent.pk, "group_kind": "branch"}
        stamp = stamp_of(actor)
        account.provenance = dict.fromkeys((*said, "region"), stamp)
        account.save(force_insert=True)
        if lead is not None:
            TeamMembership(
                account=account, staff=lead, team_id=lead.team_id, duty=TeamMembership.Duty.LEAD,
                valid_from=date.today(),
            ).save(force_insert=True)  # fmt: skip
        notify("accounts", actor=actor, account_ids=[account.pk])
    return account


def close_account(actor: Actor, *, code: str, reason: str, seen_at: datetime) -> Account:
    """Mark an account as left; nothing of it is lost and its team keeps it.

    Raises
    ------
    Account.DoesNotExist, Stale
        When it is not the actor's to see, or somebody changed it since.
    """
    return _turn(actor, "customers.close_account", code, CLOSED, reason, seen_at)


def reopen_account(actor: Actor, *, code: str, reason: str, seen_at: datetime) -> Account:
    """Take an account that had left back into use."""
    return _turn(actor, "customers.reopen_account", code, "active", reason, seen_at)


def _turn(actor: Actor, action: str, code: str, lifecycle: str, reason: str, seen_at: datetime) -> Account:
    require(actor, "accounts.edit")
    with audited(actor, action, reason=reason.strip()[:300]):
        account = Account.objects.for_actor(actor).select_for_update(of=("self",)).get(code=code)
        if account.updated_at != seen_at:
            raise Stale
        if account.lifecycle != lifecycle:
            account.lifecycle = lifecycle
            account.provenance["lifecycle"] = stamp_of(actor)
            account.save(update_fields=["lifecycle", "provenance", "updated_at"])
            notify("accounts", actor=actor, account_ids=[account.pk])
    return account


def _lead(actor: Actor, lead_id: int | None) -> Staff | None:
    if actor.scope is ScopeKind.STAFF:
        return Staff.objects.unscoped(reason="the actor's own row").get(pk=actor.staff_id or 0)
    if lead_id is None:
        if actor.scope is ScopeKind.TEAM:
            raise NotYours("lead")  # nobody's account would be out of the team's sight
        return None
    found = next((one for one in assignable(actor) if one.pk == lead_id), None)
    if found is None:
        raise NotYours("lead")
    return found

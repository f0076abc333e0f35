"""Who of ours serves an account: assigning, releasing, handing over. Rows end, they are never deleted. All audited.

Refuses people whom the actor does not lead. Whoever is no longer in the team loses sight of the account at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.customers.models import Account, TeamMembership
from zhike.customers.queries_team import assignable, memberships_in_reach
from zhike.people.models import Staff

Duty = TeamMembership.Duty


class Refused(ValueError):
    """A step that the house's rules forbid; `code` names the rule, views say it in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def assign(
    actor: Actor, *, code: str, duty: str, staff_id: int, reason: str = "", keep_former: bool = False
) -> TeamMembership:
    """Put somebody into an account's team; a new lead manager takes the place of the former one.

    Parameters
    ----------
    keep_former
        Whether the former lead manager stays as the back-up.

    Raises
    ------
    Account.DoesNotExist
        When the account is not the actor's to see.
    Refused
        ``not_led`` for somebody whom the actor does not lead, ``other_team`` where another team's lead manager would be
        replaced by a team lead, ``already`` when nothing would change.
    """
    require(actor, "accounts.assign")
    staff = _led(actor, staff_id, duty)
    with audited(actor, "customers.assign", reason=reason.strip()[:300]):
        account = Account.objects.for_actor(actor).select_for_update(of=("self",)).get(code=code)
        now = _current(account.pk)
        if any(row.staff_id == staff.pk and row.duty == duty for row in now):
            raise Refused("already")
        if duty == Duty.LEAD:
            former = next((row for row in now if row.duty == Duty.LEAD), None)
            if former is not None:
                if actor.scope is ScopeKind.TEAM and former.team_id != actor.team_id:
                    raise Refused("other_team")
                _end([former])
                stays = any(row.staff_id == former.staff_id and row.duty == Duty.BACKUP for row in now)
                if keep_former and not stays:
                    _begin(account.pk, former.staff, Duty.BACKUP)
            _end(row for row in now if row.staff_id == staff.pk and row.duty == Duty.BACKUP)
        begun = _begin(account.pk, staff, duty)
        notify("accounts", actor=actor, account_ids=[account.pk])
    return begun


def assign_many(actor: Actor, *, codes: Iterable[str], staff_id: int, reason: str, keep_former: bool) -> int:
    """Make somebody the lead manager of several accounts, all or none; return how many changed hands.

    Accounts that the person leads already stay as they are.

    Raises
    ------
    Account.DoesNotExist
        When one of them is not the actor's to see.
    Refused
        As :func:`assign` does, ``already`` excepted.
    """
    moved = 0
    with transaction.atomic():
        for code in codes:
            try:
                assign(
                    actor, code=code, duty=Duty.LEAD, staff_id=staff_id, reason=reason, keep_former=keep_former
                )  # fmt: skip
                moved += 1
            except Refused as refusal:
                if refusal.code != "already":
                    raise
    return moved


def release(actor: Actor, *, code: str, membership_id: int) -> TeamMembership:
    """Let a back-up or a supporter leave an account's team.

    Raises
    ------
    Account.DoesNotExist, TeamMembership.DoesNotExist
        When the account is not the actor's to see, or the place is no longer held.
    Refused
        ``lead_stays``: a lead manager is replaced, never left out; ``other_team`` as in :func:`assign`.
    """
    require(actor, "accounts.assign")
    with audited(actor, "customers.release"):
        account = Account.objects.for_actor(actor).select_for_update(of=("self",)).get(code=code)
        rows = TeamMembership.objects.for_actor(actor).filter(account_id=account.pk, valid_to=None)
        row = rows.get(pk=membership_id)
        if row.duty == Duty.LEAD:
            raise Refused("lead_stays")
        if actor.scope is ScopeKind.TEAM and row.team_id != actor.team_id:
            raise Refused("other_team")
        _end([row])
        notify("accounts", actor=actor, account_ids=[account.pk])
    return row


def hand_over(actor: Actor, *, from_id: int, to_id: int, reason: str) -> int:
    """Give all places that a person holds in account teams to somebody else; return how many accounts moved.

    Raises
    ------
    Refused
        ``not_led`` for a successor whom the actor does not lead, ``same`` for the person themselves.
    """
    require(actor, "accounts.handover")
    if from_id == to_id:
        raise Refused("same")
    with audited(actor, "customers.hand_over", reason=reason.strip()[:300]):
        leaving = list(memberships_in_reach(actor, from_id).select_for_update(of=("self",)).order_by("id"))
        duties = {row.duty for row in leaving}
        successors = {duty: _led(actor, to_id, duty) for duty in duties}
        accounts = {row.account_id for row in leaving}
        standing = TeamMembership.objects.unscoped(reason="what the successor holds on the same accounts already")
        held = list(standing.filter(staff_id=to_id, account_id__in=accounts, valid_to=None))
        has = {(row.account_id, row.duty) for row in held}
        leads = {row.account_id for row in leaving if row.duty == Duty.LEAD}
        _end(leaving)
        _end(row for row in held if row.duty == Duty.BACKUP and row.account_id in leads)
        led_now = {account_id for account_id, duty in has if duty == Duty.LEAD} | leads
        for row in leaving:
            # Nobody stands in for themselves, and nobody holds one duty twice.
            doubled = (row.account_id, row.duty) in has or (row.duty == Duty.BACKUP and row.account_id in led_now)
            if not doubled:
                _begin(row.account_id, successors[row.duty], row.duty)
        notify("accounts", actor=actor, account_ids=sorted(accounts))
    return len(accounts)


def _led(actor: Actor, staff_id: int, duty: str) -> Staff:
    found = next((one for one in assignable(actor, duty) if one.pk == staff_id), None)
    if found is None:
        raise Refused("not_led")
    return found


def _current(account_id: int) -> list[TeamMembership]:
    rows = TeamMembership.objects.unscoped(reason="the team of an account that is the actor's and locked")
    return list(rows.filter(account_id=account_id, valid_to=None).select_related("staff"))


def _end(rows: Iterable[TeamMembership]) -> None:
    for row in rows:
        row.valid_to = max(date.today(), row.valid_from)
        row.save(update_fields=["valid_to", "updated_at"])


def _begin(account_id: int, staff: Staff, duty: str) -> TeamMembership:
    row = TeamMembership(account_id=account_id, staff=staff, team_id=staff.team_id, duty=duty, valid_from=date.today())
    row.save(force_insert=True)
    return row

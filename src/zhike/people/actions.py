"""Changes people: staff, regions, teams, one-time codes, sessions. Refuses anybody changing their own rights."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from allauth.mfa.models import Authenticator
from axes.utils import reset
from django.db.models import F, Value
from django.db.models.functions import Concat, Substr
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import get_random_string

from zhike.core import changes
from zhike.core.actor import Actor, ScopeKind, require, system_actor
from zhike.core.audit import audited
from zhike.people.events import end_sign_ins, login_name, sign_in_id, write_event
from zhike.people.models import Region, SecurityEvent, Staff, Team, User
from zhike.people.roles import SCOPES

CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that reads like something else
CODE_HOURS = 72
LONGEST_PATH = 200
Kind = SecurityEvent.Kind


class Refused(ValueError):
    """A change that the house's rules forbid; `code` names the rule, views say it in words."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class PersonFacts:
    """What the list of people says of one person."""

    name: str
    role: str
    region: Region | None
    team: Team | None
    mobile: str = ""
    email: str = ""


def create_person(actor: Actor, *, code: str, facts: PersonFacts) -> Staff:
    """Enter a new member of staff; they cannot sign in until a code is issued."""
    require(actor, "people.manage")
    _check_reach(facts)
    with audited(actor, "people.create_person"):
        if Staff.objects.unscoped(reason="staff codes are unique across all regions").filter(code=code).exists():
            raise Refused("code_taken")
        staff = Staff(code=code, provenance=_said_by(actor, "name", "role", "region", "team", "mobile", "email"))
        _apply(staff, facts)
        staff.save(force_insert=True)
        changes.notify("people", actor=actor, staff_ids=[staff.pk])
    return staff


def change_person(actor: Actor, staff_id: int, facts: PersonFacts) -> Staff:
    """Change a member of staff; a changed role, region or team holds from their next request."""
    require(actor, "people.manage")
    _check_reach(facts)
    with audited(actor, "people.change_person"):
        others = _administrators() - {staff_id}
        staff = _locked(staff_id)
        rights = (facts.role, facts.region, facts.team) != (staff.role, staff.region, staff.team)
        if rights and staff.pk == actor.staff_id:
            raise Refused("own_rights")
        if staff.role == "administrator" != facts.role and not others:
            raise Refused("last_administrator")
        _apply(staff, facts)
        staff.provenance = {**staff.provenance, **_said_by(actor, "name", "role", "region", "team", "mobile", "email")}
        staff.save()
        changes.notify("people", actor=actor, staff_ids=[staff.pk])
    return staff


def deactivate_person(actor: Actor, staff_id: int) -> Staff:
    """Take away all access at once: open sign-ins end with the next request."""
    require(actor, "people.manage")
    if staff_id == actor.staff_id:
        raise Refused("own_rights")
    with audited(actor, "people.deactivate_person"):
        others = _administrators() - {staff_id}
        staff = _locked(staff_id)
        if staff.role == "administrator" and not others:
            raise Refused("last_administrator")
        staff.active = False
        staff.save(update_fields=["active", "updated_at"])
        if staff.user:
            User.objects.filter(pk=staff.user.pk).update(is_active=False)
            if end_sign_ins(staff.user):
                write_event(Kind.SESSION_ENDED, user=staff.user, by=actor)
    return staff


def reactivate_person(actor: Actor, staff_id: int) -> Staff:
    """Give access back, with the role the person had."""
    require(actor, "people.manage")
    if staff_id == actor.staff_id:
        raise Refused("own_rights")
    with audited(actor, "people.reactivate_person"):
        staff = _locked(staff_id)
        staff.active = True
        staff.save(update_fields=["active", "updated_at"])
        if staff.user:
            User.objects.filter(pk=staff.user.pk).update(is_active=True)
    return staff


def issue_code(actor: Actor, staff_id: int, *, request: HttpRequest | None = None) -> str:
    """Return a one-time code that replaces the password; it opens one session, within 72 hours.

    The code is shown once and kept only as a hash. All open sign-ins of the person end.
    """
    require(actor, "people.manage")
    if staff_id == actor.staff_id:
        raise Refused("own_code")
    with audited(actor, "people.issue_code"):
        staff = _locked(staff_id)
        if not staff.active:
            raise Refused("inactive")
        user = staff.user or User(username=staff.code)
        if user.pk is None and User.objects.filter(username__iexact=staff.code).exists():
            raise Refused("login_taken")
        code = "-".join(get_random_string(4, CODE_LETTERS) for _ in range(4))
        user.set_password(code)
        user.must_change_password = True
        user.code_expires_at = timezone.now() + timedelta(hours=CODE_HOURS)
        user.is_active = True
        user.save()
        if staff.user_id is None:
            staff.user = user
            staff.save(update_fields=["user", "updated_at"])
        end_sign_ins(user)
        reset(username=login_name(user.username))
        write_event(Kind.CODE_ISSUED, request=request, user=user, by=actor)
    return code


def open_company_sign_in(staff: Staff) -> User:
    """Give a member of staff the means to sign in through the company; what they may do stays with the staff row."""
    with audited(system_actor("company sign-on"), "people.open_company_sign_in"):
        row = _locked(staff.pk)
        if row.user is not None:
            return row.user
        user = User(username=row.code)
        user.set_unusable_password()
        user.save()
        row.user = user
        row.save(update_fields=["user", "updated_at"])
    return user


def unlock_person(actor: Actor, staff_id: int, *, request: HttpRequest | None = None) -> None:
    """Forget the failed attempts on somebody's login name."""
    require(actor, "people.manage")
    with audited(actor, "people.unlock_person"):
        staff = _locked(staff_id)
        if staff.user is None:
            raise Refused("no_sign_in")
        reset(username=login_name(staff.user.username))
        write_event(Kind.UNLOCKED, request=request, user=staff.user, by=actor)


def remove_second_factors(actor: Actor, staff_id: int, *, request: HttpRequest | None = None) -> None:
    """Remove the second factors of somebody who has lost them; where one is required, a new one is asked for."""
    require(actor, "people.manage")
    if staff_id == actor.staff_id:
        raise Refused("own_code")
    with audited(actor, "people.remove_second_factors"):
        staff = _locked(staff_id)
        if staff.user is None:
            raise Refused("no_sign_in")
        if Authenticator.objects.filter(user_id=staff.user.pk).delete()[0]:
            write_event(Kind.FACTOR_REMOVED, request=request, user=staff.user, by=actor)
        end_sign_ins(staff.user)


def set_first_password(user: User, password: str, *, request: HttpRequest) -> None:
    """Replace the one-time code by a password of the person's own; all their other sign-ins end."""
    user.set_password(password)
    user.must_change_password = False
    user.code_expires_at = None
    user.save(update_fields=["password", "must_change_password", "code_expires_at"])
    end_sign_ins(user, but=sign_in_id(request))
    write_event(Kind.PASSWORD_CHANGED, request=request, user=user)


def end_own_sign_ins(user: User, *, request: HttpRequest, only: UUID | None = None) -> int:
    """End one or all other sign-ins of a person, at their own wish."""
    ended = end_sign_ins(user, only=only, but=sign_in_id(request))
    if ended:
        write_event(Kind.SESSION_ENDED, request=request, user=user)
    return ended


def save_region(actor: Actor, *, region_id: int | None, code: str, name: str, parent: Region | None) -> Region:
    """Enter a region, or rename and move one with everything below it."""
    require(actor, "people.manage")
    with audited(actor, "people.save_region"):
        # The whole tree is locked: two moves at once would tear it.
        tree = {row.pk: row for row in Region.objects.select_for_update().order_by("pk")}
        region = tree[region_id] if region_id else Region()
        parent = tree[parent.pk] if parent else None
        if Region.objects.filter(code=code).exclude(pk=region.pk).exists():
            raise Refused("code_taken")
        if parent is not None and region.pk and parent.path.startswith(region.path):
            raise Refused("region_in_itself")
        old_path, path = region.path, f"{parent.path if parent else ''}{code}/"
        deepest = max((len(row.path) for row in tree.values() if old_path and row.path.startswith(old_path)), default=0)
        if max(len(path), deepest - len(old_path) + len(path)) > LONGEST_PATH:
            raise Refused("region_too_deep")
        region.code, region.name, region.parent, region.path = code, name, parent, path
        region.save()
        if old_path and old_path != path:
            below = Region.objects.filter(path__startswith=old_path).exclude(pk=region.pk)
            below.update(path=Concat(Value(path), Substr(F("path"), len(old_path) + 1)))
        changes.notify("people", actor=actor, region_ids=[region.pk])
    return region


def save_team(actor: Actor, *, team_id: int | None, code: str, name: str, region: Region | None) -> Team:
    """Enter a team, or change one."""
    require(actor, "people.manage")
    with audited(actor, "people.save_team"):
        team = Team.objects.select_for_update().get(pk=team_id) if team_id else Team()
        if Team.objects.filter(code=code).exclude(pk=team.pk).exists():
            raise Refused("code_taken")
        team.code, team.name, team.region = code, name, region
        team.save()
        changes.notify("people", actor=actor, team_ids=[team.pk])
    return team


def _locked(staff_id: int) -> Staff:
    rows = Staff.objects.unscoped(reason="administrators keep the list of all people")
    return rows.select_for_update(of=("self",)).select_related("region", "team", "user").get(pk=staff_id)


def _administrators() -> set[int]:
    """Return the active administrators, locked in one order, so that two cannot remove each other at once."""
    rows = Staff.objects.unscoped(reason="one administrator must remain").filter(role="administrator", active=True)
    return set(rows.select_for_update().order_by("pk").values_list("pk", flat=True))


def _check_reach(facts: PersonFacts) -> None:
    """Refuse a role that would see nothing for want of a region or team."""
    scope = SCOPES[facts.role]
    if scope is ScopeKind.REGIONS and facts.region is None:
        raise Refused("region_needed")
    if scope is ScopeKind.TEAM and facts.team is None:
        raise Refused("team_needed")


def _apply(staff: Staff, facts: PersonFacts) -> None:
    staff.name, staff.role, staff.region, staff.team = facts.name, facts.role, facts.region, facts.team
    staff.mobile, staff.email = facts.mobile, facts.email


def _said_by(actor: Actor, *fields: str) -> dict[str, dict[str, str]]:
    said = {"source": f"staff:{actor.staff_id or actor.name}", "on": timezone.localdate().isoformat()}
    return dict.fromkeys(fields, said)

"""The named cast of access tests: who may see what, and the outsider's canary. Refuses what no test needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.test import Client

from zhike.core.actor import Actor, system_actor
from zhike.core.changes import notify
from zhike.people.actors import actor_of_staff
from zhike.people.models import Region, Staff, Team, User

PASSWORD = "kept-by-the-cast-7391"
CANARY = "CANARY-外区-7391"


@dataclass
class Cast:
    """Everybody and everything that access tests speak of.

    Our side: region 临港 with its team; Alice manages the account, Bob is her teammate, Carol leads the team, Dora the
    region. The other side: region 外区, whose every text carries the canary; Otto manages there, Petra leads it.
    """

    regions: dict[str, Region] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    people: dict[str, Staff] = field(default_factory=dict)
    accounts: dict[str, Any] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Return the actor of one of the cast, as of now."""
        rows = Staff.objects.unscoped(reason="tests build actors of the cast")
        return actor_of_staff(rows.select_related("region").get(pk=self.people[name].pk))

    def client(self, name: str, **options: Any) -> Client:
        """Return a browser in which one of the cast has signed in."""
        client = Client(**options)
        client.force_login(User.objects.get(staff=self.people[name]))
        return client


ROLES = {
    "alice": ("manager", "ours", "ours"),
    "bob": ("manager", "ours", "ours"),
    "carol": ("team_lead", "ours", "ours"),
    "dora": ("region_lead", "ours", None),
    "emil": ("analyst", None, None),
    "fay": ("agent", "ours", None),
    "gus": ("back_office", "ours", None),
    "hana": ("auditor", None, None),
    "ivan": ("administrator", None, None),
    "judy": ("administrator", None, None),
    "otto": ("manager", "theirs", "theirs"),
    "petra": ("region_lead", "theirs", None),
}


def build_cast() -> Cast:
    """Write the cast into the test's database."""
    cast = Cast()
    top = Region.objects.create(code="LZ", name="临州", path="LZ/")
    for key, code, name in (("ours", "LG", "临港"), ("theirs", "WQ", CANARY)):
        region = Region.objects.create(code=code, name=name, path=f"LZ/{code}/", parent=top)
        cast.regions[key] = region
        cast.teams[key] = Team.objects.create(code=f"T-{code}", name=f"{name}组", region=region)
    for number, (name, (role, place, group)) in enumerate(ROLES.items(), start=1):
        theirs = place == "theirs"
        staff = Staff(
            code=f"{CANARY}-{number}" if theirs else f"M{number:04d}",
            name=f"{CANARY}{name}" if theirs else name.title(),
            role=role,
            region=cast.regions[place] if place else None,
            team=cast.teams[group] if group else None,
            mobile="13800001234",
            email=f"{name}@example.com",
            user=User.objects.create_user(username=name, password=PASSWORD),
        )
        staff.save()
        cast.people[name] = staff
    _build_accounts(cast)
    return cast


def _build_accounts(cast: Cast) -> None:
    from zhike.customers.models import Account, Contact, TeamMembership

    for key, manager in (("ours", "alice"), ("theirs", "otto")):
        theirs = key == "theirs"
        account = Account(code=f"C-{CANARY}" if theirs else "C-0001", name=CANARY if theirs else "衡岱装备集团")
        account.region = cast.regions[key]
        account.save()
        cast.accounts[key] = account
        Contact(account=account, code="P1", name=CANARY if theirs else "裴正山", mobile="13800001234").save()
        TeamMembership(
            account=account,
            staff=cast.people[manager],
            team=cast.teams[key],
            duty="lead",
            valid_from=date(2026, 1, 1),
        ).save()
    ids = [account.pk for account in cast.accounts.values()]
    notify("accounts", actor=system_actor("the cast"), account_ids=ids)  # as every action that changes accounts does

"""Scope at its root: each kind of actor reaches exactly its rows, and an actor that lacks its place reaches none."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from tests.cast import Cast
from zhike.core.actor import Actor, ScopeKind, system_actor
from zhike.core.scope import ScopeRequired
from zhike.customers.models import Account, Contact, TeamMembership
from zhike.people.models import Staff

pytestmark = pytest.mark.django_db
MODELS = (Account, Contact, TeamMembership)


def reach(actor: Actor) -> set[str]:
    """Return the codes of the accounts an actor reaches; its children must be the same accounts'."""
    codes = set(Account.objects.for_actor(actor).values_list("code", flat=True))
    for model in (Contact, TeamMembership):
        rows = model.objects.for_actor(actor).values_list("account__code", flat=True)
        assert set(rows) == codes, f"{model.__name__} is visible exactly when its account is"
    return codes


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("alice", {"ours"}),
        ("bob", set()),
        ("carol", {"ours"}),
        ("dora", {"ours"}),
        ("emil", {"ours", "theirs"}),
        ("fay", {"ours"}),
        ("gus", {"ours"}),
        ("hana", set()),
        ("ivan", set()),
        ("otto", {"theirs"}),
        ("petra", {"theirs"}),
    ],
)
def test_each_kind_of_actor_reaches_exactly_its_accounts(cast: Cast, name: str, expected: set[str]) -> None:
    assert reach(cast.actor(name)) == {cast.accounts[key].code for key in expected}


def test_the_system_reaches_everything(cast: Cast) -> None:
    assert reach(system_actor("nightly work")) == {account.code for account in cast.accounts.values()}


def test_plain_reading_is_refused(cast: Cast) -> None:
    for model in (*MODELS, Staff):
        for read in ("all", "count", "first", "exists", "none"):
            with pytest.raises(ScopeRequired):
                getattr(model.objects, read)()
        with pytest.raises(ScopeRequired):
            model.objects.filter(pk=1)
        with pytest.raises(ScopeRequired):
            model.objects.unscoped(reason=" ")


def test_lead_without_a_team_sees_nothing_although_rows_without_a_team_exist(cast: Cast) -> None:
    """NULL must not match NULL: an account team without a team belongs to no lead."""
    TeamMembership.objects.unscoped(reason="test").update(team=None)
    nowhere = replace(cast.actor("carol"), team_id=None)
    assert reach(nowhere) == set()
    assert not Staff.objects.for_actor(nowhere).exists()


@pytest.mark.parametrize("scope", [kind for kind in ScopeKind if kind is not ScopeKind.EVERYTHING])
def test_actor_without_place_reaches_nothing(cast: Cast, scope: ScopeKind) -> None:
    TeamMembership.objects.unscoped(reason="test").update(team=None)
    Staff.objects.unscoped(reason="test").update(region=None, team=None)
    nobody = Actor(name="Nobody", role="manager", scope=scope)
    assert reach(nobody) == set()
    assert not Staff.objects.for_actor(nobody).exists()


def test_membership_that_has_ended_opens_nothing(cast: Cast) -> None:
    TeamMembership.objects.unscoped(reason="test").update(valid_to=date(2026, 6, 30))
    assert reach(cast.actor("alice")) == set()
    assert reach(cast.actor("carol")) == set()
    assert reach(cast.actor("dora")), "a region's lead reaches accounts by their region"

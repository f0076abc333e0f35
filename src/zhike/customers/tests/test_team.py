"""Who serves an account: who may assign whom, what the former manager still sees, and that history stays."""

from __future__ import annotations

import pytest
from tests.cast import CANARY, Cast

from zhike.core.models import AuditEntry
from zhike.customers.actions_team import Refused, assign, hand_over, release
from zhike.customers.models import Account, TeamMembership

pytestmark = pytest.mark.django_db


def places(account: Account, *, now: bool = True) -> set[tuple[str, str]]:
    """Return who stands (or stood) in an account's team, with what duty."""
    rows = TeamMembership.objects.unscoped(reason="a test looks").filter(account=account, valid_to__isnull=now)
    return {(row.staff.name, row.duty) for row in rows.select_related("staff")}


def test_team_lead_hands_an_account_on_and_the_former_manager_sees_it_no_more(cast: Cast) -> None:
    alice, carol, account = cast.client("alice"), cast.client("carol"), cast.accounts["ours"]
    assert alice.get("/accounts/C-0001/").status_code == 200
    sent = {"staff": cast.people["bob"].pk, "reason": "调到别的片区"}
    answer = carol.post("/customers/C-0001/team/lead/assign/", sent, follow=True)
    page = answer.content.decode()
    assert places(account) == {("Bob", "lead")}
    assert places(account, now=False) == {("Alice", "lead")}
    assert "Alice" in page
    assert "Bob" in page
    assert alice.get("/accounts/C-0001/").status_code == 404
    assert cast.client("bob").get("/accounts/C-0001/").status_code == 200
    entry = AuditEntry.objects.filter(action="customers.assign", operation="I").get()
    assert (entry.actor_name, entry.reason) == ("Carol", "调到别的片区")


def test_former_manager_may_stay_as_the_back_up(cast: Cast) -> None:
    sent = {"staff": cast.people["bob"].pk, "keep_former": "on"}
    cast.client("carol").post("/customers/C-0001/team/lead/assign/", sent)
    assert places(cast.accounts["ours"]) == {("Bob", "lead"), ("Alice", "backup")}
    assert cast.client("alice").get("/accounts/C-0001/").status_code == 200


def test_back_up_who_becomes_lead_is_no_longer_their_own_back_up(cast: Cast) -> None:
    carol, bob = cast.actor("carol"), cast.people["bob"].pk
    assign(carol, code="C-0001", duty="backup", staff_id=bob)
    assign(carol, code="C-0001", duty="lead", staff_id=bob)
    assert places(cast.accounts["ours"]) == {("Bob", "lead")}


def test_leads_assign_only_whom_they_lead(cast: Cast) -> None:
    for name in ("carol", "dora"):
        page = cast.client(name).get("/customers/C-0001/team/lead/assign/").content.decode()
        assert CANARY not in page
        assert "Bob" in page
        sent = {"staff": cast.people["otto"].pk}
        assert cast.client(name).post("/customers/C-0001/team/lead/assign/", sent).status_code == 422
        with pytest.raises(Refused, match="not_led"):
            assign(cast.actor(name), code="C-0001", duty="lead", staff_id=cast.people["otto"].pk)
    for name in ("alice", "emil", "fay", "ivan", "petra"):
        sent = {"staff": cast.people["bob"].pk}
        assert cast.client(name).post("/customers/C-0001/team/lead/assign/", sent).status_code == 404
    assert places(cast.accounts["ours"]) == {("Alice", "lead")}


def test_team_lead_does_not_take_another_teams_account(cast: Cast) -> None:
    from zhike.people.models import Staff, Team

    other = Team.objects.create(code="T-2", name="二组", region=cast.regions["ours"])
    stranger = Staff(code="M9", name="Zoe", role="manager", region=cast.regions["ours"], team=other)
    stranger.save()
    assign(cast.actor("dora"), code="C-0001", duty="lead", staff_id=stranger.pk, keep_former=True)
    with pytest.raises(Refused, match="other_team"):
        assign(cast.actor("carol"), code="C-0001", duty="lead", staff_id=cast.people["bob"].pk)
    assert ("Zoe", "lead") in places(cast.accounts["ours"])


def test_lead_manager_cannot_be_left_out_but_a_back_up_can(cast: Cast) -> None:
    carol = cast.actor("carol")
    lead = TeamMembership.objects.for_actor(carol).get()
    with pytest.raises(Refused, match="lead_stays"):
        release(carol, code="C-0001", membership_id=lead.pk)
    backup = assign(carol, code="C-0001", duty="backup", staff_id=cast.people["bob"].pk)
    cast.client("carol").post(f"/customers/C-0001/team/{backup.pk}/release/")
    assert places(cast.accounts["ours"]) == {("Alice", "lead")}
    assert cast.client("bob").get("/accounts/C-0001/").status_code == 404


def test_administrator_hands_over_everything_of_a_person_without_seeing_a_customer(cast: Cast) -> None:
    client = cast.client("ivan")
    address = f"/customers/handover/{cast.people['alice'].pk}/"
    page = client.get(address).content.decode()
    assert "1 户" in page
    assert "衡岱" not in page
    assert client.post(address, {"staff": cast.people["otto"].pk, "reason": "x"}).status_code == 422
    assert places(cast.accounts["ours"]) == {("Alice", "lead")}
    client.post(address, {"staff": cast.people["bob"].pk, "reason": "本人离职"})
    assert places(cast.accounts["ours"]) == {("Bob", "lead")}
    assert cast.client("alice").get("/accounts/C-0001/").status_code == 404


def test_handing_over_to_the_back_up_leaves_one_place(cast: Cast) -> None:
    assign(cast.actor("carol"), code="C-0001", duty="backup", staff_id=cast.people["bob"].pk)
    alice, bob = cast.people["alice"].pk, cast.people["bob"].pk
    assert hand_over(cast.actor("carol"), from_id=alice, to_id=bob, reason="休产假") == 1
    assert places(cast.accounts["ours"]) == {("Bob", "lead")}


def test_leads_hand_over_within_their_reach_only(cast: Cast) -> None:
    assert cast.client("carol").get(f"/customers/handover/{cast.people['otto'].pk}/").status_code == 404
    assert cast.client("dora").get(f"/customers/handover/{cast.people['otto'].pk}/").status_code == 404
    with pytest.raises(Refused, match="not_led"):
        hand_over(cast.actor("dora"), from_id=cast.people["alice"].pk, to_id=cast.people["otto"].pk, reason="调整片区")
    assert (
        hand_over(cast.actor("dora"), from_id=cast.people["otto"].pk, to_id=cast.people["bob"].pk, reason="调整片区")
        == 0
    )
    assert places(cast.accounts["theirs"]) == {(cast.people["otto"].name, "lead")}


def test_everybody_who_sees_the_account_reads_its_team_and_only_leads_change_it(cast: Cast) -> None:
    page = cast.client("alice").get("/accounts/C-0001/team/").content.decode()
    assert "首席客户经理" in page
    assert "换人" not in page
    assert "换人" in cast.client("carol").get("/accounts/C-0001/team/").content.decode()


def test_ticked_accounts_change_hands_together_and_only_those_in_reach(cast: Cast) -> None:
    ours, theirs = cast.accounts["ours"], cast.accounts["theirs"]
    second = Account(code="C-0002", name="第二户", region=cast.regions["ours"])
    second.save()
    TeamMembership(
        account=second, staff=cast.people["alice"], team=cast.teams["ours"], duty="lead", valid_from="2026-01-01"
    ).save()
    ids = [ours.pk, second.pk, theirs.pk]
    carol = cast.client("carol")
    page = carol.get("/customers/assign/", {"ids": ids}).content.decode()
    assert "转交 2 户" in page
    assert CANARY not in page
    answer = carol.post("/customers/assign/", {"ids": ids, "staff": cast.people["bob"].pk, "reason": "片区调整"})
    assert answer.status_code == 302
    assert places(ours) == places(second) == {("Bob", "lead")}
    assert all(name != "Bob" for name, _ in places(theirs))
    assert carol.post("/customers/assign/", {"ids": ["x"]})["Location"] == "/accounts/"


def test_ticked_accounts_stay_when_the_successor_is_not_ones_own(cast: Cast) -> None:
    sent = {"ids": [cast.accounts["ours"].pk], "staff": cast.people["otto"].pk}
    assert cast.client("carol").post("/customers/assign/", sent).status_code == 422
    assert places(cast.accounts["ours"]) == {("Alice", "lead")}

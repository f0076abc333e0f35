"""Keeping people: who may change whom, what stays forbidden, and what each sees."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from tests.cast import CANARY, Cast, build_cast

from zhike.core.actor import NotAllowed
from zhike.core.models import AuditEntry, Look
from zhike.people import actions
from zhike.people.actions import PersonFacts, Refused
from zhike.people.models import Region, Staff
from zhike.people.queries import PeopleFilter, people, people_page

pytestmark = pytest.mark.django_db


def seen(cast: Cast, name: str) -> set[str]:
    """Return whom somebody sees, by the names of the cast."""
    found = set(people(cast.actor(name)).values_list("pk", flat=True))
    return {key for key, staff in cast.people.items() if staff.pk in found}


def facts(staff: Staff, **changes: Any) -> PersonFacts:
    """Return what is known of somebody, with changes."""
    now = {"name": staff.name, "role": staff.role, "region": staff.region, "team": staff.team, "mobile": staff.mobile}
    return PersonFacts(**{**now, "email": staff.email, **changes})


def test_everybody_sees_the_colleagues_of_their_own_reach(cast: Cast) -> None:
    everybody = set(cast.people)
    assert seen(cast, "alice") == {"alice", "bob", "carol"}
    assert seen(cast, "carol") == {"alice", "bob", "carol"}
    assert seen(cast, "dora") == {"alice", "bob", "carol", "dora", "fay", "gus"}
    assert seen(cast, "petra") == {"otto", "petra"}
    assert seen(cast, "emil") == seen(cast, "hana") == seen(cast, "ivan") == everybody


def test_list_is_searched_filtered_and_paged_by_key(cast: Cast) -> None:
    actor = cast.actor("ivan")
    assert [row.name for row in people_page(actor, PeopleFilter(text="ali"), size=20).rows] == ["Alice"]
    assert [row.name for row in people_page(actor, PeopleFilter(text="m0002"), size=20).rows] == ["Bob"]
    assert {row.name for row in people_page(actor, PeopleFilter(role="administrator"), size=20).rows} == {
        "Ivan",
        "Judy",
    }
    ours = people_page(actor, PeopleFilter(region=cast.regions["ours"]), size=50).rows
    assert {row.name for row in ours} == {"Alice", "Bob", "Carol", "Dora", "Fay", "Gus"}
    codes, cursor = [], ""
    while True:
        page = people_page(actor, PeopleFilter(), size=5, cursor=cursor)
        codes += [row.code for row in page.rows]
        if page.following is None:
            break
        cursor = page.following
    assert codes == sorted(codes)
    assert len(codes) == len(cast.people)


def test_list_and_person_cost_the_same_queries_for_five_people_and_fifty(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    client = cast.client("ivan")
    client.get("/people/")
    for number in range(50):
        Staff(code=f"Z{number:03d}", name=f"员工{number}", role="manager", team=cast.teams["ours"]).save()
    with django_assert_max_num_queries(10):
        client.get("/people/?size=50")
    with django_assert_max_num_queries(9):
        client.get(f"/people/{cast.people['bob'].pk}/")


def test_administrator_enters_a_person_and_they_can_sign_in(cast: Cast) -> None:
    client = cast.client("ivan")
    typed = {"code": "M0100", "name": "何砺", "role": "agent", "region": cast.regions["ours"].pk, "team": "",
             "mobile": "139 0000 1111", "email": "he@example.com"}  # fmt: skip
    made = client.post("/people/new/", typed)
    assert made.status_code == 302
    page = client.post(f"{made['Location']}code/").content.decode()
    assert "M0100" in page
    again = client.post("/people/new/", typed)
    assert again.status_code == 422
    assert "这个编码已经有了" in again.content.decode()
    assert 'value="何砺"' in again.content.decode(), "what was typed stays"


def test_role_without_its_reach_is_refused_in_words(cast: Cast) -> None:
    client = cast.client("ivan")
    bob = cast.people["bob"]
    answer = client.post(f"/people/{bob.pk}/change/", {"name": "Bob", "role": "region_lead", "region": "", "team": ""})
    assert answer.status_code == 422
    assert "这个角色要选区域" in answer.content.decode()
    with pytest.raises(Refused, match="team_needed"):
        actions.change_person(cast.actor("ivan"), bob.pk, facts(bob, role="team_lead", team=None))


def test_nobody_changes_their_own_rights(cast: Cast) -> None:
    ivan, actor = cast.people["ivan"], cast.actor("ivan")
    for change in ({"role": "analyst"}, {"region": cast.regions["ours"]}, {"team": cast.teams["ours"]}):
        with pytest.raises(Refused, match="own_rights"):
            actions.change_person(actor, ivan.pk, facts(ivan, **change))
    for action in (actions.deactivate_person, actions.reactivate_person):
        with pytest.raises(Refused, match="own_rights"):
            action(actor, ivan.pk)
    with pytest.raises(Refused, match="own_code"):
        actions.issue_code(actor, ivan.pk)
    with pytest.raises(Refused, match="own_code"):
        actions.remove_second_factors(actor, ivan.pk)
    actions.change_person(actor, ivan.pk, facts(ivan, mobile="13700000000"))
    client = cast.client("ivan")
    answer = client.post(f"/people/{ivan.pk}/change/", {"name": "Ivan", "role": "analyst"})
    assert answer.status_code == 422
    assert "另一位管理员" in answer.content.decode()


def test_only_administrators_change_people(cast: Cast) -> None:
    bob = cast.people["bob"]
    for name in ("alice", "carol", "dora", "emil", "hana"):
        actor = cast.actor(name)
        for action in (actions.deactivate_person, actions.issue_code, actions.unlock_person):
            with pytest.raises(NotAllowed):
                action(actor, bob.pk)
        with pytest.raises(NotAllowed):
            actions.change_person(actor, bob.pk, facts(bob, role="administrator"))


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_deactivate_each_other_at_once_leave_one() -> None:
    cast = build_cast()
    pairs = [(cast.actor("ivan"), cast.people["judy"].pk), (cast.actor("judy"), cast.people["ivan"].pk)]
    start, refused = threading.Barrier(2), []

    def attempt(actor: Any, target: int) -> None:
        start.wait()
        try:
            actions.deactivate_person(actor, target)
        except Refused as refusal:
            refused.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refused == ["last_administrator"]
    left = Staff.objects.unscoped(reason="test").filter(role="administrator", active=True)
    assert left.count() == 1


def test_deactivating_can_be_undone(cast: Cast) -> None:
    client = cast.client("ivan")
    bob = cast.people["bob"]
    answer = client.post(f"/people/{bob.pk}/deactivate/", follow=True)
    assert f"/people/{bob.pk}/reactivate/" in answer.content.decode()
    client.post(f"/people/{bob.pk}/reactivate/")
    assert Client().post("/sign-in/login/", {"login": "bob", "password": "kept-by-the-cast-7391"}).status_code == 302


def test_masked_number_is_shown_with_a_reason_and_the_look_is_on_record(cast: Cast) -> None:
    client, gus = cast.client("fay"), cast.people["gus"]
    page = client.get(f"/people/{gus.pk}/").content.decode()
    assert "138****1234" in page
    assert "13800001234" not in page
    refused = client.post(f"/people/{gus.pk}/show/mobile/", {"reason": "看"})
    assert refused.status_code == 422
    assert "13800001234" not in refused.content.decode()
    assert not Look.objects.exists()
    shown = client.post(f"/people/{gus.pk}/show/mobile/", {"reason": "回访投诉"})
    assert "13800001234" in shown.content.decode()
    look = Look.objects.get()
    assert (look.actor_name, look.subject_name, look.field, look.reason) == ("Fay", "Gus", "mobile", "回访投诉")
    assert client.post(f"/people/{gus.pk}/show/user_id/", {"reason": "回访投诉"}).status_code == 404


def test_moved_region_takes_everything_below_and_its_lead_along(cast: Cast) -> None:
    actor = cast.actor("ivan")
    ours, theirs = cast.regions["ours"], cast.regions["theirs"]
    below = actions.save_region(actor, region_id=None, code="LG-1", name="港一", parent=ours)
    actions.save_region(actor, region_id=None, code="LG-1-1", name="港一一", parent=below)
    actions.save_region(actor, region_id=below.pk, code="LG-1", name="港一", parent=theirs)
    assert set(Region.objects.filter(path__startswith=theirs.path).values_list("code", flat=True)) == {
        "WQ", "LG-1", "LG-1-1",
    }  # fmt: skip
    assert below.pk in cast.actor("petra").region_ids
    assert below.pk not in cast.actor("dora").region_ids
    with pytest.raises(Refused, match="region_in_itself"):
        actions.save_region(actor, region_id=theirs.pk, code="WQ", name=CANARY, parent=below)


def test_region_whose_code_begins_like_another_is_not_below_it(cast: Cast) -> None:
    actions.save_region(cast.actor("ivan"), region_id=None, code="LG2", name="二港", parent=cast.regions["ours"].parent)
    assert len(cast.actor("dora").region_ids) == 1


def test_changes_of_people_say_who_did_them(cast: Cast) -> None:
    bob = cast.people["bob"]
    actions.change_person(cast.actor("ivan"), bob.pk, facts(bob, role="agent"))
    entry = AuditEntry.objects.get(table_name="people_staff", row_id=bob.pk)
    assert (entry.actor_name, entry.action, entry.operation) == ("Ivan", "people.change_person", "U")
    assert (entry.before or {})["role"] == "manager"
    assert (entry.after or {})["role"] == "agent"

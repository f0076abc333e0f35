"""Items keep their key, what people decided survives every push, and everybody sees exactly their own."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from tests.cast import CANARY, Cast, build_cast

from zhike.core.actor import NotAllowed, system_actor
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.core.models import AuditEntry, Run
from zhike.core.paging import CursorInvalid
from zhike.customers.actions_team import assign
from zhike.customers.models import Account, TeamMembership
from zhike.worklist import actions, queries
from zhike.worklist.actions import AlreadyDecided, Incoming, Refused
from zhike.worklist.models import WorkItem
from zhike.worklist.queries import WorkFilter

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
TODAY = date(2026, 11, 23)
ALL = "tests look at everything"


@pytest.fixture
def cast(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Cast:
    """The named cast, in a home of its own."""
    monkeypatch.setenv("ZHIKE_HOME", str(tmp_path))
    return build_cast()


def row(account: Account, rule: str = "contract_end", episode: str = "2026-12-31", **more: Any) -> Incoming:
    """Return a row of a push, worth 1,000 yuan unless said otherwise."""
    told: dict[str, Any] = {"kind": "contract", "due_on": TODAY, "expected_fen": 100_000, "stake_fen": 500_000}
    return Incoming(account.pk, rule, episode, **{**told, **more})


def push(*rows: Incoming, **more: Any) -> actions.Pushed:
    """Push as the source of these tests."""
    return actions.push(SYSTEM, "tests", rows, today=TODAY, **more)


def the_item(**wanted: Any) -> WorkItem:
    """Return the one item that is meant."""
    return WorkItem.objects.unscoped(reason=ALL).get(**wanted)


def shown(cast: Cast, who: str, today: date = TODAY, **narrowed: Any) -> list[str]:
    """Return the rules of the items that somebody sees, in their order."""
    page = queries.work_page(cast.actor(who), WorkFilter(**narrowed), today=today, size=100)
    return [item.rule for item in page.rows]


def test_items_carry_what_was_pushed_and_whose_account_it_is(cast: Cast) -> None:
    account = cast.accounts["ours"]
    assert push(row(account, level="red", evidence={"days": 38})) == actions.Pushed(new=1, renewed=0, over=0)
    item = the_item()
    assert (item.region_id, item.assignee_id, item.first_seen) == (account.region_id, cast.people["alice"].pk, TODAY)
    assert (item.level, item.evidence, item.stake_fen, item.expected_fen) == ("red", {"days": 38}, 500_000, 100_000)


def test_the_most_worth_stands_first(cast: Cast) -> None:
    ours = cast.accounts["ours"]
    push(row(ours, "small", expected_fen=10), row(ours, "large", expected_fen=900), row(ours, "middle"))
    assert shown(cast, "alice") == ["middle", "large", "small"]


def test_pushing_again_brings_new_figures_and_keeps_the_first_day(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    later = actions.push(
        SYSTEM,
        "tests",
        [row(cast.accounts["ours"], expected_fen=7, due_on=TODAY + timedelta(3))],
        today=date(2026, 12, 1),
    )
    assert later == actions.Pushed(new=0, renewed=1, over=0)
    item = the_item()
    assert (item.expected_fen, item.first_seen) == (7, TODAY)
    assert item.due_on == TODAY, "a day that was due does not move away by itself"


def test_pushing_the_same_writes_nothing(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    assert push(row(cast.accounts["ours"])) == actions.Pushed(new=0, renewed=0, over=0)


@pytest.mark.parametrize("decision", ["done", "dismissed", "postponed"])
def test_what_people_decided_survives_later_pushes(cast: Cast, decision: str) -> None:
    push(row(cast.accounts["ours"]))
    alice, pk, tomorrow = cast.actor("alice"), the_item().pk, timezone.localdate() + timedelta(1)
    if decision == "done":
        actions.finish(alice, item_id=pk, note="已续签")
    elif decision == "dismissed":
        actions.dismiss(alice, item_id=pk, reason="客户已确定不续")
    else:
        actions.postpone(alice, item_id=pk, until=tomorrow)
    push(row(cast.accounts["ours"], expected_fen=900_000))
    item = the_item()
    assert (item.state, item.decided_by_id) == (decision, cast.people["alice"].pk)
    assert shown(cast, "alice", timezone.localdate()) == []


def test_a_new_episode_makes_a_new_item(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    actions.finish(cast.actor("alice"), item_id=the_item().pk)
    push(row(cast.accounts["ours"], episode="2027-12-31"))
    assert shown(cast, "alice") == ["contract_end"]
    assert the_item(episode="2026-12-31").state == "done"


def test_a_postponed_item_comes_back_on_its_day(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    day = timezone.localdate() + timedelta(5)
    actions.postpone(cast.actor("alice"), item_id=the_item().pk, until=day)
    assert shown(cast, "alice", day - timedelta(1)) == []
    assert shown(cast, "alice", day - timedelta(1), state="postponed") == ["contract_end"]
    assert shown(cast, "alice", day) == ["contract_end"]


def test_a_push_in_pieces_reaches_every_account(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions, "PIECE_ROWS", 1)
    accounts = sorted(cast.accounts.values(), key=lambda one: one.pk)

    def in_pieces(*rows: Incoming) -> actions.Pushed:
        with connection.cursor() as cursor:
            return actions._push_everybody(SYSTEM, cursor, "tests", rows, TODAY)

    first, last = accounts[0], accounts[-1]
    assert in_pieces(*(row(one, rule) for one in accounts for rule in "ab")).new == 2 * len(accounts)
    assert in_pieces(row(first, "a"), row(last, "b", expected_fen=7)) == actions.Pushed(
        new=0, renewed=1, over=2 * len(accounts) - 2
    )
    live = WorkItem.objects.unscoped(reason=ALL).filter(state="open").values_list("account_id", "rule")
    assert set(live) == {(first.pk, "a"), (last.pk, "b")}
    assert in_pieces().over == 2
    assert Run.objects.filter(kind="worklist.push").count() == 3


def test_who_would_not_wait_for_another_push_is_told(cast: Cast) -> None:
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtextextended('zhike.worklist.tests', 0))")
        with pytest.raises(actions.Busy):
            push(row(cast.accounts["ours"]), wait=False)
    finally:
        other.close()
    assert push(row(cast.accounts["ours"]), wait=False).new == 1


def test_what_is_no_longer_pushed_is_over_and_comes_back_when_it_is(cast: Cast) -> None:
    ours = cast.accounts["ours"]
    push(row(ours, "stays"), row(ours, "goes"))
    assert push(row(ours, "stays")).over == 1
    gone = the_item(rule="goes")
    assert (gone.state, gone.reason) == ("over", actions.NO_LONGER)
    assert shown(cast, "alice") == ["stays"]
    push(row(ours, "stays"), row(ours, "goes"))
    assert the_item(rule="goes").state == "open"


def test_a_source_ends_its_own_items_only(cast: Cast) -> None:
    actions.push(SYSTEM, "others", [row(cast.accounts["ours"], "theirs")], today=TODAY)
    push(row(cast.accounts["ours"], "own"))
    push()
    assert {item.rule: item.state for item in WorkItem.objects.unscoped(reason=ALL)} == {
        "own": "over",
        "theirs": "open",
    }


def test_a_push_about_one_account_leaves_the_others_alone(cast: Cast) -> None:
    ours, theirs = cast.accounts["ours"], cast.accounts["theirs"]
    push(row(ours, "a"), row(theirs, "b"))
    push(account_ids=[ours.pk])
    assert (the_item(rule="a").state, the_item(rule="b").state) == ("over", "open")


def test_unknown_accounts_and_repeated_keys_do_no_harm(cast: Cast) -> None:
    ours = cast.accounts["ours"]
    stranger = Account(pk=-5, code="X", name="X")
    assert push(row(stranger), row(ours, expected_fen=1), row(ours, expected_fen=9)).new == 1
    assert the_item().expected_fen == 9


def test_whoever_comes_second_is_told_who_came_first(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    pk = the_item().pk
    actions.finish(cast.actor("alice"), item_id=pk)
    with pytest.raises(AlreadyDecided) as told:
        actions.dismiss(cast.actor("carol"), item_id=pk, reason="不急")
    assert told.value.item.decided_by == cast.people["alice"]


def test_a_decision_can_be_undone(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    alice, pk = cast.actor("alice"), the_item().pk
    actions.dismiss(alice, item_id=pk, reason="重复")
    actions.reopen(alice, item_id=pk)
    item = the_item()
    assert (item.state, item.reason) == ("open", "")
    assert shown(cast, "alice") == ["contract_end"]


def test_what_ended_by_itself_is_not_taken_up_again(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    push()
    with pytest.raises(AlreadyDecided):
        actions.reopen(cast.actor("alice"), item_id=the_item().pk)


@pytest.mark.parametrize(("days", "code"), [(0, "past"), (-3, "past"), (400, "far")])
def test_a_day_that_is_over_or_far_off_is_refused(cast: Cast, days: int, code: str) -> None:
    push(row(cast.accounts["ours"]))
    with pytest.raises(Refused) as refusal:
        actions.postpone(cast.actor("alice"), item_id=the_item().pk, until=timezone.localdate() + timedelta(days))
    assert refusal.value.code == code


def test_dismissing_needs_a_reason(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    with pytest.raises(Refused):
        actions.dismiss(cast.actor("alice"), item_id=the_item().pk, reason="  ")
    assert the_item().state == "open"


def test_decisions_are_in_the_audit_and_pushes_are_one_run(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    actions.dismiss(cast.actor("alice"), item_id=the_item().pk, reason="客户搬走了")
    push(row(cast.accounts["ours"], expected_fen=5))
    entry = AuditEntry.objects.get(table_name="worklist_workitem")
    assert (entry.action, entry.actor_name, entry.reason) == ("worklist.dismiss", "Alice", "客户搬走了")
    assert entry.account_id == cast.accounts["ours"].pk
    assert [run.result for run in Run.objects.filter(kind="worklist.push").order_by("created_at")] == [
        {"source": "tests", "new": 1, "renewed": 0, "over": 0},
        {"source": "tests", "new": 0, "renewed": 0, "over": 0},
    ]


def test_everybody_sees_exactly_their_own(cast: Cast) -> None:
    push(row(cast.accounts["ours"], "ours"), row(cast.accounts["theirs"], CANARY))
    seen = {who: shown(cast, who) for who in ("alice", "bob", "carol", "dora", "otto", "petra")}
    assert seen == {
        "alice": ["ours"], "bob": [], "carol": ["ours"], "dora": ["ours"], "otto": [CANARY], "petra": [CANARY],
    }  # fmt: skip
    foreign = the_item(rule=CANARY).pk
    assert queries.item_of(cast.actor("alice"), foreign) is None
    for step in (
        lambda: actions.finish(cast.actor("alice"), item_id=foreign),
        lambda: actions.reopen(cast.actor("dora"), item_id=foreign),
    ):
        with pytest.raises(WorkItem.DoesNotExist):
            step()


def test_the_right_is_needed_to_see_and_to_act(cast: Cast) -> None:
    push(row(cast.accounts["ours"]))
    with pytest.raises(NotAllowed):
        queries.work_page(cast.actor("fay"), WorkFilter(), today=TODAY, size=20)
    with pytest.raises(NotAllowed):
        actions.finish(cast.actor("emil"), item_id=the_item().pk)
    assert queries.items_of_account(cast.actor("fay"), cast.accounts["ours"], today=TODAY) == []


def test_items_follow_their_account_to_a_new_manager_and_region(cast: Cast) -> None:
    account = cast.accounts["ours"]
    push(row(account))
    assign(cast.actor("carol"), code=account.code, duty="lead", staff_id=cast.people["bob"].pk)
    assert the_item().assignee == cast.people["bob"]
    assert (shown(cast, "alice"), shown(cast, "bob")) == ([], ["contract_end"])
    Account.objects.unscoped(reason=ALL).filter(pk=account.pk).update(region=cast.regions["theirs"])
    notify("facts_loaded", actor=SYSTEM, tables=["accounts"], import_id=None)
    assert (shown(cast, "dora"), shown(cast, "petra")) == ([], ["contract_end"])


def test_filters_narrow_and_counts_tell_every_kind(cast: Cast) -> None:
    ours = cast.accounts["ours"]
    push(row(ours, "a"), row(ours, "b", kind="visit"), row(ours, "c", kind="visit"))
    dora = cast.actor("dora")
    assert queries.counts(dora, WorkFilter(kind="visit"), today=TODAY).by_kind == {"contract": 1, "visit": 2}
    assert sorted(shown(cast, "dora", kind="visit")) == ["b", "c"]
    assert shown(cast, "dora", owner=cast.people["bob"].pk) == []
    assert len(shown(cast, "dora", owner=cast.people["alice"].pk)) == 3
    assert shown(cast, "dora", tiers=("A1",)) == []


def test_pages_show_every_item_once_in_both_orders(cast: Cast) -> None:
    lucky = random.Random(7391)  # noqa: S311
    push(
        *(
            row(
                cast.accounts["ours"], f"r{number}", expected_fen=lucky.randrange(9),
                due_on=TODAY + timedelta(lucky.randrange(5)),
            )
            for number in range(53)
        )
    )  # fmt: skip
    for sort, key in (("worth", lambda item: -item.expected_fen), ("due", lambda item: item.due_on)):
        found: list[WorkItem] = []
        cursor = ""
        while True:
            page = queries.work_page(cast.actor("alice"), WorkFilter(), today=TODAY, sort=sort, size=10, cursor=cursor)
            found += page.rows
            if page.following is None:
                break
            cursor = page.following
        assert len({item.rule for item in found}) == len(found) == 53
        assert [key(item) for item in found] == sorted(key(item) for item in found), sort


def test_a_damaged_cursor_is_refused(cast: Cast) -> None:
    with pytest.raises(CursorInvalid):
        queries.work_page(cast.actor("alice"), WorkFilter(), today=TODAY, size=20, cursor="nonsense")


def test_a_long_list_asks_no_more_than_a_short_one(cast: Cast) -> None:
    alice = cast.actor("alice")
    asked = []
    for many in (5, 60):
        push(*(row(cast.accounts["ours"], f"r{number}") for number in range(many)))
        with CaptureQueriesContext(connection) as statements:
            page = queries.work_page(alice, WorkFilter(), today=TODAY, size=100)
            assert [item.account.name for item in page.rows if item.assignee] != []
        asked.append(len(statements))
    assert asked == [1, 1]


def test_a_managers_day_holds_what_was_decided_and_what_is_due(cast: Cast) -> None:
    ours, today = cast.accounts["ours"], timezone.localdate()
    push(
        row(ours, "done"), row(ours, "now", due_on=today), row(ours, "soon", due_on=today + timedelta(3)),
        row(ours, "later", due_on=today + timedelta(30)),
    )  # fmt: skip
    alice = cast.actor("alice")
    actions.finish(alice, item_id=the_item(rule="done").pk)
    day = queries.day_of(alice, owner=alice.staff_id, today=today)
    assert [item.rule for item in day] == ["done", "now", "soon"]


def test_leads_single_out_their_managers_and_managers_nobody(cast: Cast) -> None:
    assert [name for _, name in queries.assignees(cast.actor("carol"))] == ["Alice", "Bob"]
    assert queries.assignees(cast.actor("alice")) == []


def test_every_live_list_is_served_by_an_index_of_live_items(cast: Cast) -> None:
    """Among many items that are long done, a list reads only what waits."""
    branch = Account(code="B1", name="分部", region=cast.regions["ours"])
    branch.save()
    TeamMembership(account=branch, staff=cast.people["alice"], duty="lead", valid_from=TODAY).save()
    push(*(row(branch, f"r{number}", expected_fen=number) for number in range(3000)))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE worklist_workitem SET state = 'done' WHERE expected_fen < 2950")
        cursor.execute("ANALYZE worklist_workitem")
        rows = queries._narrowed(cast.actor("dora"), WorkFilter(), TODAY).order_by("-expected_fen", "-id")[:21]
        plan = rows.explain()
    assert "_live" in plan, plan
    assert "Seq Scan on worklist_workitem" not in plan, plan


def test_a_push_within_an_action_does_not_take_its_name(cast: Cast) -> None:
    account = cast.accounts["ours"]
    with audited(cast.actor("alice"), "customers.change_account", reason="核实"):
        push(row(account), account_ids=[account.pk])
        Account.objects.unscoped(reason=ALL).filter(pk=account.pk).update(address="临港路 1 号")
    entry = AuditEntry.objects.filter(table_name="customers_account").latest("id")
    assert (entry.action, entry.actor_name, entry.reason) == ("customers.change_account", "Alice", "核实")

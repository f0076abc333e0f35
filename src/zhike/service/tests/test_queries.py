"""Queues, search and single requests show each person exactly their own; callers are masked until a reason is given."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import CANARY, Cast

from zhike.core.actor import NotAllowed, system_actor
from zhike.core.brief import TooLong
from zhike.core.looks import ReasonMissing
from zhike.core.models import Look
from zhike.service import actions_steps as steps
from zhike.service import queries, queries_inbox
from zhike.service.actions import Caller, take_in
from zhike.service.actions_watch import join, supervise
from zhike.service.files import Upload
from zhike.service.models import Attachment, Leg, Participation, Request, RequestEvent
from zhike.service.queries import InboxFilter
from zhike.service.queries_caller import masked_caller, show_caller
from zhike.service.queries_needs import needs_by_product_and_segment
from zhike.service.tests.conftest import add_person

WHY = "test"


@pytest.fixture
def busy(staged: Cast) -> dict[str, str]:
    """Requests on both sides; the other region's carry the canary in every text."""
    ours = take_in(
        staged.actor("fay"), channel="hotline", kind="complaint", text="专线丢包", account_code="C-0001",
        caller=Caller(name="尹澄", phone="13812342605"),
    ).request.number  # fmt: skip
    theirs = take_in(
        staged.actor("oscar"), channel="hotline", kind="complaint", text=CANARY, caller=Caller(name=CANARY),
        account_code=staged.accounts["theirs"].code, attachments=[Upload(f"{CANARY}.txt", [CANARY.encode()])],
    ).request.number  # fmt: skip
    unknown = take_in(staged.actor("frida"), channel="hotline", kind="fault", text="不知是谁断线").request.number
    waiting = take_in(
        system_actor("portal"), channel="portal", kind="consult", text="发票怎么开", account_code="C-0001"
    ).request.number
    return {"ours": ours, "theirs": theirs, "unknown": unknown, "waiting": waiting}


REACH = {
    "alice": {"ours", "waiting"},
    "bob": set(),
    "carol": {"ours", "waiting"},
    "dora": {"ours", "unknown", "waiting"},
    "emil": {"ours", "theirs", "unknown", "waiting"},
    "fay": {"ours", "unknown", "waiting"},
    "frida": {"ours", "unknown", "waiting"},
    "gus": {"ours", "unknown", "waiting"},
    "nora": {"ours", "theirs", "unknown", "waiting"},
    "otto": {"theirs"},
    "petra": {"theirs"},
    "oscar": {"theirs"},
}


@pytest.mark.parametrize("name", REACH)
def test_each_person_reaches_exactly_their_requests_and_what_hangs_on_them(
    staged: Cast, busy: dict[str, str], name: str
) -> None:
    actor = staged.actor(name)
    wanted = {busy[key] for key in REACH[name]}
    assert {one.number for one in queries.inbox_page(actor, InboxFilter("open"), size=50).rows} == wanted
    for model in (RequestEvent, Leg):
        assert set(model.objects.for_actor(actor).values_list("request__number", flat=True)) == wanted
    parts = set(Participation.objects.for_actor(actor).values_list("request__number", flat=True))
    assert parts == wanted - {busy["waiting"]}
    files = set(Attachment.objects.for_actor(actor).values_list("request__number", flat=True))
    assert files == wanted & {busy["theirs"]}
    for key, number in busy.items():
        assert bool(queries.request_of(actor, number)) is (key in REACH[name])
        found = {one.number for one in queries.search(actor, number).rows}
        assert found == {number} & wanted
    assert {one.number for one in queries.search(actor, CANARY[:6]).rows} == {busy["theirs"]} & wanted


@pytest.mark.parametrize("name", ["hana", "ivan"])
def test_separate_administrators_see_no_request(staged: Cast, busy: dict[str, str], name: str) -> None:
    with pytest.raises(NotAllowed):
        queries.inbox_page(staged.actor(name), InboxFilter("open"), size=50)
    assert not Request.objects.for_actor(staged.actor(name)).exists()


@pytest.mark.parametrize("name", ["gus", "fay"])
def test_nobody_acts_on_what_they_do_not_reach(staged: Cast, busy: dict[str, str], name: str) -> None:
    actor = staged.actor(name)
    for step in (
        lambda: steps.note(actor, number=busy["theirs"], words="看看"),
        lambda: steps.pause(actor, number=busy["theirs"], reason="waiting_customer", words="等"),
        lambda: show_caller(actor, number=busy["theirs"], field="caller_name", reason="需要回电"),
    ):
        with pytest.raises((Request.DoesNotExist, NotAllowed)):
            step()
    assert RequestEvent.objects.unscoped(reason=WHY).filter(request__number=busy["theirs"]).count() == 1


def test_somebody_who_left_a_department_no_longer_reaches_its_regions(staged: Cast, busy: dict[str, str]) -> None:
    from zhike.service.models import DepartmentMember

    DepartmentMember.objects.filter(staff=staged.people["nora"]).update(until=timezone.localdate())
    found = queries.inbox_page(staged.actor("nora"), InboxFilter("open"), size=50).rows
    assert {one.number for one in found} == {busy["ours"], busy["unknown"], busy["waiting"]}


def test_queues_hold_what_they_say_and_counts_agree(staged: Cast, busy: dict[str, str]) -> None:
    fay, gus = staged.actor("fay"), staged.actor("gus")
    steps.triage(fay, number=busy["ours"], category="network_quality")
    steps.offer(fay, number=busy["ours"], department="TRANS-LG")
    supervise(staged.actor("dora"), number=busy["unknown"], words="盯住")
    late = Request.objects.unscoped(reason=WHY).filter(number=busy["waiting"])
    now = timezone.now()
    late.update(warn_at=now - timedelta(minutes=1), next_due_at=now + timedelta(minutes=5))

    def held_in(name: str, queue: str) -> set[str]:
        actor = staged.actor(name)
        numbers = {one.number for one in queries.inbox_page(actor, InboxFilter(queue), size=50).rows}
        assert queries.queue_counts(actor).by_queue[queue] == len(numbers)
        return numbers

    assert held_in("fay", "mine") == {busy["ours"]}
    assert held_in("frida", "mine") == {busy["unknown"]}
    assert held_in("gus", "team") == {busy["ours"]}
    assert held_in("fay", "team") == {busy["unknown"], busy["waiting"]}
    assert held_in("fay", "unowned") == {busy["waiting"]}
    assert held_in("fay", "breaching") == {busy["waiting"]}
    assert held_in("fay", "supervised") == {busy["unknown"]}
    assert held_in("otto", "unowned") == set()
    steps.accept(gus, number=busy["ours"])
    assert held_in("gus", "mine") == {busy["ours"]}
    steps.work(gus, number=busy["ours"], words="好了")
    steps.answer(fay, number=busy["ours"], words="好了")
    assert held_in("frida", "call_back") == {busy["ours"]}
    assert held_in("gus", "call_back") == set(), "who handled it is not asked to call back"


def test_pages_follow_each_other_without_gap_or_repeat(staged: Cast) -> None:
    numbers = {
        take_in(staged.actor("fay"), channel="hotline", kind="consult", text=f"问{n}").request.number for n in range(7)
    }
    for sort in queries.SORTS:
        seen: list[str] = []
        cursor = ""
        while True:
            page = queries.inbox_page(staged.actor("fay"), InboxFilter("open"), sort=sort, size=3, cursor=cursor)
            seen += [one.number for one in page.rows]
            if page.following is None:
                break
            cursor = page.following
        assert len(seen) == len(numbers)
        assert set(seen) == numbers


def test_requests_are_found_by_words_and_by_customer(staged: Cast, busy: dict[str, str]) -> None:
    fay = staged.actor("fay")
    assert {one.number for one in queries.search(fay, "丢包").rows} == {busy["ours"]}
    assert {one.number for one in queries.search(fay, "TS-").rows} == {busy[key] for key in REACH["fay"]}
    assert queries.search(fay, " ").rows == []
    assert queries.search(fay, "\0没有").rows == []


def test_what_walking_does_not_find_soon_the_index_finds(
    staged: Cast, busy: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(_milliseconds: int) -> nullcontext[None]:
        raise TooLong

    monkeypatch.setattr(queries_inbox, "brief", cut_off)
    assert {one.number for one in queries.search(staged.actor("fay"), "断线").rows} == {busy["unknown"]}
    assert {one.number for one in queries.search(staged.actor("emil"), CANARY).rows} == {busy["theirs"]}
    assert queries.search(staged.actor("fay"), CANARY).rows == []


def test_callers_are_masked_and_shown_for_a_reason_that_is_kept(staged: Cast, busy: dict[str, str]) -> None:
    fay = staged.actor("fay")
    request = queries.request_of(fay, busy["ours"])
    assert request is not None
    assert (masked_caller(request).name, masked_caller(request).phone) == ("尹*", "138****2605")
    with pytest.raises(ReasonMissing):
        show_caller(fay, number=busy["ours"], field="caller_phone", reason="看")
    with pytest.raises(NotAllowed):
        show_caller(staged.actor("gus"), number=busy["ours"], field="caller_phone", reason="需要回电")
    with pytest.raises(Request.DoesNotExist):
        show_caller(fay, number=busy["ours"], field="number", reason="需要回电")
    assert show_caller(fay, number=busy["ours"], field="caller_phone", reason="需要回电") == "13812342605"
    assert Look.objects.get(subject_table="service_request").reason == "需要回电"


def test_an_account_shows_its_requests_and_what_is_open(staged: Cast, busy: dict[str, str]) -> None:
    alice, account = staged.actor("alice"), staged.accounts["ours"]
    page = queries.requests_of_account(alice, account, kinds=("complaint",))
    assert [one.number for one in page.rows] == [busy["ours"]]
    assert queries.open_counts_of_account(alice, account) == {"complaint": 1, "consult": 1}
    assert queries.open_counts_of_account(staged.actor("otto"), account) == {}
    assert queries.open_counts_of_account(staged.actor("hana"), account) == {}


def test_a_helper_from_elsewhere_reaches_the_one_case(staged: Cast, busy: dict[str, str]) -> None:
    join(staged.actor("fay"), number=busy["ours"], staff_id=staged.people["otto"].pk, part="coordination")
    found = queries.inbox_page(staged.actor("otto"), InboxFilter("open"), size=50).rows
    assert {one.number for one in found} == {busy["ours"], busy["theirs"]}
    assert busy["ours"] in {
        one.number for one in queries.inbox_page(staged.actor("otto"), InboxFilter("mine"), size=5).rows
    }


def test_unmet_needs_are_counted_by_product_and_segment(staged: Cast) -> None:
    add_person(staged, "kim", "analyst", None)
    for outcome, product in (("unmet", "dia"), ("unmet", "dia"), ("met", "dia"), ("unmet", "cloud"), ("", "cloud")):
        number = take_in(
            staged.actor("fay"), channel="manager", kind="need", text="要双路由", product_area=product
        ).request.number
        if outcome:
            steps.result(staged.actor("fay"), number=number, outcome=outcome, words="说明")
    today = timezone.localdate()
    found = needs_by_product_and_segment(staged.actor("kim"), since=today, until=today)
    assert [(one.product_area, one.asked, one.unmet, one.met, one.waiting) for one in found] == [
        ("dia", 3, 2, 1, 0), ("cloud", 2, 1, 0, 1),
    ]  # fmt: skip
    assert needs_by_product_and_segment(staged.actor("otto"), since=today, until=today) == []

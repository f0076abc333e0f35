"""A request's way from first word to closing, as people walk it, and every way in which they may not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import IntegrityError, transaction
from tests.cast import Cast

from zhike.core.actor import NotAllowed, system_actor
from zhike.core.changes import notify
from zhike.service import actions_many as many
from zhike.service import actions_steps as steps
from zhike.service import actions_watch as watch
from zhike.service.actions import take_in
from zhike.service.actions_departments import add_member, change_department, open_department, remove_member
from zhike.service.actions_queue import own_next, take_next
from zhike.service.actions_writing import facts_of
from zhike.service.models import Department, Leg, Participation, QualitySample, Request, RequestEvent
from zhike.service.refusals import Overtaken, Refused
from zhike.service.standing import COLUMNS, columns, fold

WHY = "test"


def taken(cast: Cast, who: str = "fay", **changes: object) -> Request:
    given = {"channel": "hotline", "kind": "complaint", "text": "专线丢包", "account_code": "C-0001"}
    return take_in(cast.actor(who), **{**given, **changes}).request  # type: ignore[arg-type]


def offered(cast: Cast, department: str = "TRANS-LG") -> str:
    number = taken(cast).number
    steps.triage(cast.actor("fay"), number=number, category="network_quality")
    steps.offer(cast.actor("fay"), number=number, department=department, words="请查误码")
    return number


def worked(cast: Cast) -> str:
    number = offered(cast)
    steps.accept(cast.actor("gus"), number=number)
    steps.work(cast.actor("gus"), number=number, words="光模块已换", cause="光模块")
    return number


def answered(cast: Cast) -> str:
    number = worked(cast)
    steps.answer(cast.actor("fay"), number=number, words="光模块已更换，请再试")
    return number


def closed(cast: Cast) -> str:
    number = answered(cast)
    steps.hear_verdict(cast.actor("frida"), number=number, satisfied=True, score=9)
    return number


def row(number: str) -> Request:
    return Request.objects.unscoped(reason=WHY).get(number=number)


def refuses(code: str, step: Callable[[], object]) -> None:
    with pytest.raises(Refused) as refused:
        step()
    assert refused.value.code == code
    assert refused.value.words


@pytest.fixture(autouse=True)
def _log_and_rows_agree(staged: Cast) -> Iterator[None]:
    """After each test every row must be what its log says: legs without gap, parts, columns."""
    yield
    for one in Request.objects.unscoped(reason=WHY):
        standing = fold(facts_of(one.pk))
        assert {name: getattr(one, name) for name in COLUMNS} == columns(standing)
        legs = list(Leg.objects.unscoped(reason=WHY).filter(request=one).order_by("ordinal"))
        assert [(leg.department_id, leg.began_at, leg.ended_at, leg.ended_how) for leg in legs] == [
            (leg.department_id, leg.began_at, leg.ended_at, leg.ended_how) for leg in standing.legs
        ]
        for before, after in pairwise(legs):
            assert before.ended_at is not None
            assert before.ended_at == after.began_at or before.ended_how == "closed"
        parts = Participation.objects.unscoped(reason=WHY).filter(request=one).order_by("ordinal")
        assert [(part.staff_id, part.part, part.since, part.until) for part in parts] == [
            (part.staff_id, part.part, part.since, part.until) for part in standing.parts
        ]


def test_the_whole_way(staged: Cast) -> None:
    number = closed(staged)
    found = row(number)
    assert (found.stage, found.closed_how, found.satisfied, found.score) == ("closed", "satisfied", True, 9)
    assert (found.owner_id, found.caller_back_id) == (staged.people["fay"].pk, staged.people["frida"].pk)
    kinds = RequestEvent.objects.unscoped(reason=WHY).filter(request=found).order_by("sequence")
    assert [one.kind for one in kinds] == [
        "taken", "triaged", "offered", "accepted", "worked", "answered", "called_back", "customer_answered", "closed",
    ]  # fmt: skip
    departments = Leg.objects.unscoped(reason=WHY).filter(request=found).order_by("ordinal")
    assert [one.department.code for one in departments if one.department] == ["DESK-LG", "TRANS-LG", "DESK-LG"]


def test_the_caller_back_is_never_a_handler(staged: Cast) -> None:
    number = offered(staged)
    steps.accept(staged.actor("gus"), number=number)
    steps.hand(staged.actor("gus"), number=number, handler_id=staged.people["greta"].pk)
    steps.work(staged.actor("greta"), number=number, words="好了")
    steps.answer(staged.actor("fay"), number=number, words="好了")
    lead = staged.actor("carol")
    assert lead.staff_id not in fold(facts_of(row(number).pk)).handlers
    for name in ("gus", "greta"):
        with pytest.raises(NotAllowed):  # back offices do not call back at all
            steps.hear_verdict(staged.actor(name), number=number, satisfied=True)
    with pytest.raises(IntegrityError), transaction.atomic():  # and the database knows it too
        Participation(
            request=row(number), ordinal=99, staff=staged.people["gus"], part="caller_back", since=row(number).taken_at
        ).save()


def test_a_desk_that_solved_it_at_once_does_not_call_back_itself(staged: Cast) -> None:
    number = taken(staged, kind="consult").number
    steps.triage(staged.actor("fay"), number=number, category="process")
    steps.answer(staged.actor("fay"), number=number, words="带公章即可")
    refuses("caller_back", lambda: steps.hear_verdict(staged.actor("fay"), number=number, satisfied=True))
    refuses("caller_back", lambda: steps.call_back(staged.actor("fay"), number=number, reached=False))
    steps.call_back(staged.actor("frida"), number=number, reached=False, words="无人接听")
    assert steps.hear_verdict(staged.actor("frida"), number=number, satisfied=True).stage == "closed"


def test_a_discontented_customer_opens_it_again_one_level_higher(staged: Cast) -> None:
    number = answered(staged)
    found = steps.hear_verdict(staged.actor("frida"), number=number, satisfied=False, score=2, words="还在丢")
    assert (found.stage, found.escalation, found.answered_at) == ("assign", 1, None)
    refuses("not_answered", lambda: steps.hear_verdict(staged.actor("frida"), number=number, satisfied=True))


def test_only_the_system_speaks_with_the_customers_own_hand(staged: Cast) -> None:
    number = answered(staged)
    refuses(
        "not_yours", lambda: steps.hear_verdict(staged.actor("fay"), number=number, satisfied=True, by_customer=True)
    )
    portal = system_actor("portal")
    assert steps.hear_verdict(portal, number=number, satisfied=True, by_customer=True).stage == "closed"


def test_an_exception_needs_a_second_person_who_did_not_handle_it(staged: Cast) -> None:
    number = worked(staged)
    refuses(
        "exception_reason",
        lambda: steps.propose_exception(staged.actor("fay"), number=number, reason="tired", words="x"),
    )
    steps.propose_exception(staged.actor("dora"), number=number, reason="unreachable", words="三次未接通")
    refuses("second_person", lambda: steps.decide_exception(staged.actor("dora"), number=number, grant=True))
    with pytest.raises(NotAllowed):
        steps.decide_exception(staged.actor("fay"), number=number, grant=True)
    found = steps.decide_exception(staged.actor("carol"), number=number, grant=True)
    assert (found.stage, found.closed_how) == ("closed", "exception")


def test_a_refused_exception_leaves_it_open(staged: Cast) -> None:
    number = worked(staged)
    steps.propose_exception(staged.actor("fay"), number=number, reason="withdrawn", words="客户说不用了")
    found = steps.decide_exception(staged.actor("dora"), number=number, grant=False, words="再联系一次")
    assert (found.stage, found.exception_reason) == ("answer", "")


def test_the_database_lets_nothing_close_without_answer_or_exception(staged: Cast) -> None:
    number = worked(staged)
    rows = Request.objects.unscoped(reason=WHY).filter(number=number)
    for how in ("satisfied", "exception", "merged", ""):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(stage="closed", closed_at=row(number).taken_at, closed_how=how)


def test_a_department_returns_with_a_listed_reason_and_the_desk_has_it_again(staged: Cast) -> None:
    number = offered(staged)
    gus = staged.actor("gus")
    refuses("return_reason", lambda: steps.give_back(gus, number=number, reason="lazy", words="x"))
    refuses("no_reason", lambda: steps.give_back(gus, number=number, reason="not_ours", words=" "))
    found = steps.give_back(gus, number=number, reason="not_ours", words="属接入侧")
    assert (found.stage, found.returns, found.department_id) == ("assign", 1, found.home_id)
    leg = Leg.objects.unscoped(reason=WHY).get(request=found, ordinal=2)
    assert (leg.ended_how, leg.reason, leg.accepted_at) == ("returned", "not_ours", None)


def test_departments_only_get_what_they_serve_and_act_only_on_what_they_have(staged: Cast) -> None:
    number = taken(staged).number
    fay = staged.actor("fay")
    refuses("no_category", lambda: steps.offer(fay, number=number, department="TRANS-LG"))
    steps.triage(fay, number=number, category="network_quality")
    refuses("does_not_serve", lambda: steps.offer(fay, number=number, department="DESK-WQ"))
    steps.offer(fay, number=number, department="NOC")
    refuses("other_department", lambda: steps.accept(staged.actor("gus"), number=number))
    refuses("not_accepted", lambda: steps.work(staged.actor("nora"), number=number, words="好了"))
    assert steps.accept(staged.actor("nora"), number=number).handler_id == staged.people["nora"].pk
    refuses("same_department", lambda: steps.offer(fay, number=number, department="NOC"))


def test_a_province_wide_department_reaches_requests_of_every_region(staged: Cast) -> None:
    request = take_in(
        staged.actor("oscar"), channel="hotline", kind="fault", text="断线", account_code=staged.accounts["theirs"].code
    ).request
    for name, sees in (("nora", True), ("gus", False), ("fay", False), ("oscar", True), ("alice", False)):
        found = Request.objects.for_actor(staged.actor(name)).filter(pk=request.pk).exists()
        assert found is sees, name


def test_the_clock_pauses_for_listed_reasons_and_runs_on_when_the_customer_speaks(staged: Cast) -> None:
    number = offered(staged)
    gus = staged.actor("gus")
    steps.accept(gus, number=number)
    refuses("pause_reason", lambda: steps.pause(gus, number=number, reason="lunch", words="x"))
    assert steps.pause(gus, number=number, reason="waiting_customer", words="等客户开门").paused_at
    refuses("already", lambda: steps.pause(gus, number=number, reason="access_refused", words="x"))
    assert steps.hear(staged.actor("fay"), number=number, words="可以来了").paused_at is None
    refuses("not_paused", lambda: steps.resume(gus, number=number))
    steps.pause(gus, number=number, reason="access_refused", words="物业不让进")
    assert steps.work(gus, number=number, words="进去修好了").paused_at is None


def test_who_comes_second_is_told_who_came_first(staged: Cast) -> None:
    number = worked(staged)
    seen = row(number).version
    steps.note(staged.actor("gus"), number=number, words="备件已归还")  # a note overtakes nobody
    steps.answer(staged.actor("frida"), number=number, words="好了", seen=seen)
    with pytest.raises(Overtaken) as overtaken:
        steps.prioritise(staged.actor("fay"), number=number, priority="urgent", reason="急", seen=seen)
    assert [(fact.kind, fact.by_name) for fact in overtaken.value.facts][-1] == ("answered", "Frida")
    assert row(number).priority == "normal"


def test_a_closed_request_opens_again_within_the_days_of_policy_only(
    staged: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = closed(staged)
    refuses("closed", lambda: steps.prioritise(staged.actor("fay"), number=number, priority="urgent", reason="急"))
    found = steps.reopen(staged.actor("fay"), number=number, words="又丢包")
    assert (found.stage, found.reopens, found.owner_id) == ("assign", 1, staged.people["fay"].pk)
    steps.answer(staged.actor("fay"), number=number, words="已重做")
    steps.hear_verdict(staged.actor("frida"), number=number, satisfied=True)
    later = row(number).closed_at + timedelta(days=31)
    monkeypatch.setattr("zhike.service.actions_writing.timezone.now", lambda: later)
    refuses("too_late", lambda: steps.reopen(staged.actor("fay"), number=number, words="又丢包"))


def test_take_next_gives_the_most_urgent_first_and_only_to_the_department(staged: Cast) -> None:
    numbers = [offered(staged) for _ in range(3)]
    steps.prioritise(staged.actor("fay"), number=numbers[2], priority="critical", reason="产线停了")
    department = Department.objects.get(code="TRANS-LG")
    refuses("other_department", lambda: take_next(staged.actor("nora"), department_id=department.pk))
    got = [take_next(staged.actor(name), department_id=department.pk) for name in ("gus", "greta", "gus", "gus")]
    assert [one.number if one else None for one in got] == [numbers[2], numbers[0], numbers[1], None]


def test_unowned_requests_are_taken_up_one_by_one(staged: Cast) -> None:
    for number in range(2):
        take_in(
            system_actor("portal"), channel="portal", kind="consult", text="发票", account_code="C-0001",
            external_id=f"p{number}",
        )  # fmt: skip
    got = [own_next(staged.actor(name)) for name in ("fay", "frida", "fay", "oscar")]
    assert [one.owner_id if one else None for one in got] == [
        staged.people["fay"].pk, staged.people["frida"].pk, None, None,
    ]  # fmt: skip


def test_only_a_supervisor_changes_the_owner(staged: Cast) -> None:
    number = taken(staged).number
    refuses("owned", lambda: steps.own(staged.actor("frida"), number=number))
    refuses("not_yours", lambda: steps.own(staged.actor("fay"), number=number, owner_id=staged.people["frida"].pk))
    found = steps.own(staged.actor("dora"), number=number, owner_id=staged.people["frida"].pk)
    assert found.owner_id == staged.people["frida"].pk


def test_an_unknown_caller_is_recognised_later_and_moves_to_the_accounts_region(staged: Cast) -> None:
    number = take_in(staged.actor("fay"), channel="hotline", kind="fault", text="断线").request.number
    found = steps.recognise(staged.actor("fay"), number=number, account_code="C-0001")
    assert (found.account_id, found.recognised_by) == (staged.accounts["ours"].pk, "person")
    refuses("already", lambda: steps.recognise(staged.actor("fay"), number=number, account_code="C-0001"))
    assert Request.objects.for_actor(staged.actor("alice")).filter(number=number).exists()


def test_helpers_see_the_case_from_joining_until_leaving(staged: Cast) -> None:
    number = taken(staged).number
    bob = staged.actor("bob")
    assert not Request.objects.for_actor(bob).filter(number=number).exists()
    watch.join(staged.actor("fay"), number=number, staff_id=staged.people["bob"].pk, part="team")
    assert Request.objects.for_actor(bob).filter(number=number).exists()
    refuses(
        "already",
        lambda: watch.join(staged.actor("fay"), number=number, staff_id=staged.people["bob"].pk, part="team"),
    )
    watch.leave(staged.actor("fay"), number=number, staff_id=staged.people["bob"].pk, part="team")
    assert not Request.objects.for_actor(bob).filter(number=number).exists()


def test_supervision_and_levels(staged: Cast) -> None:
    number = taken(staged).number
    with pytest.raises(NotAllowed):
        watch.supervise(staged.actor("fay"), number=number, words="盯住")
    assert watch.supervise(staged.actor("dora"), number=number, words="今天必须给准话").supervised
    refuses("supervised", lambda: watch.supervise(staged.actor("dora"), number=number, words="再盯"))
    assert not watch.end_supervision(staged.actor("dora"), number=number, words="已办").supervised
    assert watch.escalate(staged.actor("fay"), number=number, level=2, words="越级倾向").escalation == 2
    refuses("level", lambda: watch.escalate(staged.actor("fay"), number=number, level=1, words="降"))


def test_one_message_reaches_all_under_a_parent_as_the_log_would_have_it(staged: Cast) -> None:
    parent, first, second, other = (taken(staged).number for _ in range(4))
    fay, dora = staged.actor("fay"), staged.actor("dora")
    refuses("not_parent", lambda: many.link(fay, number=first, parent=parent))
    many.declare(dora, number=parent, special="outage", words="出口板卡故障")
    many.link(fay, number=first, parent=parent)
    many.link(fay, number=second, parent=parent)
    refuses("linked", lambda: many.link(fay, number=second, parent=parent))
    assert len(many.tell_all(dora, number=parent, words="预计 11:00 恢复")) == 2
    for number, told in ((parent, True), (first, True), (second, True), (other, False)):
        log = RequestEvent.objects.unscoped(reason=WHY).filter(request__number=number, kind="told")
        assert [one.words for one in log] == (["预计 11:00 恢复"] if told else [])
        assert bool(row(number).contacted_at) is told
    assert many.unlink(fay, number=first).parent_id is None


def test_merging_closes_one_into_the_other_of_the_same_customer(staged: Cast) -> None:
    first, second = taken(staged).number, taken(staged).number
    stranger = take_in(staged.actor("fay"), channel="hotline", kind="fault", text="断线").request.number
    fay = staged.actor("fay")
    refuses("merge_self", lambda: many.merge(fay, number=first, into=first))
    refuses("merge_stranger", lambda: many.merge(fay, number=stranger, into=first))
    many.merge(fay, number=second, into=first)
    assert (row(second).closed_how, row(second).merged_into_id) == ("merged", row(first).pk)
    refuses("merged", lambda: steps.prioritise(fay, number=second, priority="urgent", reason="急"))
    refuses("merged", lambda: steps.reopen(fay, number=second, words="再开"))
    refuses("merge_closed", lambda: many.merge(fay, number=first, into=second))


def test_splitting_makes_a_request_of_the_same_customer_and_owner(staged: Cast) -> None:
    number = taken(staged).number
    part = many.split(staged.actor("fay"), number=number, title="发票抬头错误", text="另一件事", category="billing")
    assert (part.account_id, part.owner_id, part.stage) == (
        row(number).account_id, staged.people["fay"].pk, "triage",
    )  # fmt: skip
    assert part.number != number


def test_quality_officers_score_what_was_not_their_own_once(staged: Cast) -> None:
    number = closed(staged)
    dora = staged.actor("dora")
    day = row(number).closed_at.astimezone().date()
    with pytest.raises(NotAllowed):
        watch.draw_sample(staged.actor("fay"), since=day, until=day, share_permille=1000)
    span = {"since": day - timedelta(days=1), "until": day + timedelta(days=1)}
    assert watch.draw_sample(dora, **span, share_permille=1000) == 1
    assert watch.draw_sample(dora, **span, share_permille=1000) == 0
    refuses("score", lambda: watch.score(dora, number=number, points=101))
    assert watch.score(dora, number=number, points=88, faults=["首次联系偏晚"]).score == 88
    refuses("scored", lambda: watch.score(dora, number=number, points=90))
    with pytest.raises(QualitySample.DoesNotExist):
        watch.score(staged.actor("petra"), number=number, points=10)


def test_only_needs_have_an_outcome(staged: Cast) -> None:
    need, complaint = taken(staged, kind="need").number, taken(staged).number
    fay = staged.actor("fay")
    refuses("not_a_need", lambda: steps.result(fay, number=complaint, outcome="met", words="好"))
    found = steps.result(fay, number=need, outcome="unmet", words="暂无双路由资源", product_area="dia")
    assert (found.outcome, found.product_area) == ("unmet", "dia")


def test_departments_are_opened_staffed_and_closed_by_the_lead_of_their_region(staged: Cast) -> None:
    dora, gus = staged.actor("dora"), staged.people["gus"]
    made = open_department(
        dora, code="ACC-LG", name="接入维护", function="access", calendar="office",
        region_id=staged.regions["ours"].pk,
    )  # fmt: skip
    refuses(
        "does_not_serve",
        lambda: open_department(
            dora, code="X", name="x", function="access", calendar="office", region_id=staged.regions["theirs"].pk
        ),
    )
    add_member(dora, code="ACC-LG", staff_id=gus.pk, leads=True)
    number = offered(staged, "ACC-LG")
    steps.accept(staged.actor("gus"), number=number)
    refuses("already", lambda: change_department(dora, code="ACC-LG", active=False))
    remove_member(dora, code="ACC-LG", staff_id=gus.pk)
    assert (row(number).handler_id, row(number).department_id) == (None, made.pk)


def test_open_requests_follow_their_account_to_another_tier_and_region(staged: Cast) -> None:
    still_open, over = taken(staged).number, closed(staged)
    account = staged.accounts["ours"]
    account.tier, account.assurance_level, account.region = "A1", "AAA", staged.regions["theirs"]
    account.save()
    notify("accounts", actor=system_actor("a file"), account_ids=[account.pk])
    assert (row(still_open).tier, row(still_open).assurance_level) == ("A1", "AAA")
    assert facts_of(row(still_open).pk)[-1].kind == "tier_followed"
    assert (row(over).tier, facts_of(row(over).pk)[-1].kind) == ("", "closed"), "what is over keeps what it was"
    assert row(still_open).region_id == row(over).region_id == staged.regions["theirs"].pk
    assert not Request.objects.for_actor(staged.actor("fay")).filter(number=still_open).exists()
    version = row(still_open).version
    notify("accounts", actor=system_actor("a file"), account_ids=[account.pk])
    assert row(still_open).version == version, "nothing changed, nothing is told"

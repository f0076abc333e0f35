"""Which rules hold on a day as known at a moment, who may make them hold, and what a draft is decided on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some
from pydantic import BaseModel, Field

from zhike.core import policies, policies_drafts
from zhike.core.actor import Actor, NotAllowed, ScopeKind, system_actor
from zhike.core.models import AuditEntry, PolicyDraft, PolicyVersion
from zhike.core.policies import Family, NoPolicy, PolicyRefused, policy_at, policy_book, publish

pytestmark = pytest.mark.django_db
SYSTEM = system_actor("test")
TODAY = timezone.localdate()
BOTH = frozenset({"policies.view", "policies.draft", "policies.publish"})


class Body(BaseModel):
    """A body of rules as tests need it."""

    limit: int = Field(ge=0)
    band: int = 0


def person(number: int, permissions: frozenset[str] = BOTH) -> Actor:
    return Actor(
        name=f"人{number}", role="analyst", scope=ScopeKind.EVERYTHING, staff_id=number, permissions=permissions
    )


WRITER, SECOND, THIRD = person(1), person(2), person(3)
READER = person(4, frozenset({"policies.view"}))
FAMILY = Family("tried", Body, Path("nowhere"), second_person=True)
ALONE = Family("tried_alone", Body, Path("nowhere"))


@pytest.fixture(autouse=True)
def known_families() -> Iterator[None]:
    """Register the families of these tests, and forget them."""
    for family in (FAMILY, ALONE):
        policies.register(family)
    yield
    for family in (FAMILY, ALONE):
        del policies._FAMILIES[family.name]


def code_of(refusal: pytest.ExceptionInfo[PolicyRefused]) -> str:
    return refusal.value.code


def drafted(limit: int, family: Family[Body] = FAMILY, day: date = TODAY, note: str = "") -> PolicyDraft:
    return policies_drafts.start_draft(WRITER, family, body=Body(limit=limit), valid_from=day, note=note)


def proposed(limit: int, **more: date | str) -> PolicyDraft:
    draft = drafted(limit, **more)  # type: ignore[arg-type]
    return policies_drafts.propose(WRITER, draft.pk, edition=draft.edition)


DAYS = some.integers(0, 12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=some.lists(some.tuples(DAYS, some.integers(0, 3)), min_size=1, max_size=8), asked=some.data())
def test_the_version_of_a_day_is_what_a_naive_reading_finds(
    events: list[tuple[int, int]], asked: some.DataObject
) -> None:
    """Oracle: of what was recorded by then, the last word on the latest day that is not after the day asked for."""
    start = date(2026, 1, 1)
    with transaction.atomic():
        told: list[tuple[int, int, datetime]] = []
        for day, limit in events:
            with suppress(PolicyRefused):  # unchanged
                row = publish(SYSTEM, FAMILY, valid_from=start + timedelta(days=day), body=Body(limit=limit))
                told.append((day, limit, row.recorded_at))
        moments = [at for _, _, at in told]
        assert moments == sorted(set(moments)), "later knowledge is later"
        for day in range(13):
            known = asked.draw(some.sampled_from([None, *moments]))
            heard = [(begun, limit) for begun, limit, at in told if begun <= day and (known is None or at <= known)]
            latest = max((begun for begun, _ in heard), default=None)
            expected = [limit for begun, limit in heard if begun == latest][-1:]
            try:
                found = [policy_at(FAMILY, start + timedelta(days=day), known=known).body.limit]
            except NoPolicy:
                found = []
            assert found == expected
        transaction.set_rollback(True)


def test_the_book_is_read_once_and_again_after_a_publication() -> None:
    publish(SYSTEM, FAMILY, valid_from=TODAY, body=Body(limit=1))
    assert policy_at(FAMILY, TODAY).body.limit == 1
    with CaptureQueriesContext(connection) as asked:
        assert policy_at(FAMILY, TODAY).body.limit == 1
    assert len(asked) == 1, "only whether anything was published since"
    old = policy_book()
    publish(SYSTEM, FAMILY, valid_from=TODAY, body=Body(limit=2))
    assert policy_at(FAMILY, TODAY).body.limit == 2
    assert old.at(FAMILY, TODAY).body.limit == 1, "what a job reads from one book belongs together"


def test_a_clock_moved_back_does_not_hide_a_correction(monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish(SYSTEM, FAMILY, valid_from=TODAY, body=Body(limit=1))
    monkeypatch.setattr(policies.timezone, "now", lambda: first.recorded_at - timedelta(days=2))
    second = publish(SYSTEM, FAMILY, valid_from=TODAY, body=Body(limit=2))
    assert second.recorded_at > first.recorded_at
    assert policy_at(FAMILY, TODAY, known=first.recorded_at).body.limit == 1


def test_a_second_person_publishes_and_the_author_cannot() -> None:
    draft = proposed(5)
    with pytest.raises(PolicyRefused) as refusal:
        policies_drafts.publish_draft(WRITER, draft.pk, edition=draft.edition)
    assert code_of(refusal) == "second_person"
    version = policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition)
    assert (version.author, version.approver) == ("人1", "人2")
    assert policy_at(FAMILY, TODAY).body.limit == 5
    draft.refresh_from_db()
    assert draft.state == "published"
    assert draft.version == version


def test_nobody_publishes_without_a_draft_of_another_person() -> None:
    with pytest.raises(PolicyRefused) as refusal:
        publish(SECOND, FAMILY, valid_from=TODAY, body=Body(limit=1))
    assert code_of(refusal) == "second_person"
    with pytest.raises(PolicyRefused):
        publish(SECOND, FAMILY, valid_from=TODAY, body=Body(limit=1), author=(SECOND.staff_id, SECOND.name))
    assert publish(WRITER, ALONE, valid_from=TODAY, body=Body(limit=1)).approver == ""


@pytest.mark.parametrize(("author", "approver"), [(1, 1), (1, None), (None, 1)])
def test_the_database_itself_refuses_one_person_alone(author: int | None, approver: int | None) -> None:
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        PolicyVersion.objects.create(
            family="x", valid_from=TODAY, body={}, body_hash="0", author="a", author_id=author,
            approver="b", approver_id=approver, second_person=True,
        )  # fmt: skip
    version = publish(SYSTEM, FAMILY, valid_from=TODAY, body=Body(limit=1))
    with pytest.raises(IntegrityError, match="two_people"), transaction.atomic():
        PolicyDraft.objects.create(
            family="x", valid_from=TODAY, body={}, author="a", author_id=author, decided_by_id=approver,
            second_person=True, state="published", version=version,
        )  # fmt: skip


def test_readers_may_neither_write_nor_decide() -> None:
    draft = proposed(5)
    with pytest.raises(NotAllowed):
        policies_drafts.start_draft(READER, FAMILY, body=Body(limit=1), valid_from=TODAY)
    for refused in (policies_drafts.publish_draft, policies_drafts.propose, policies_drafts.withdraw):
        with pytest.raises(NotAllowed):
            refused(READER, draft.pk, edition=draft.edition)
    with pytest.raises(NotAllowed):
        policies_drafts.change_draft(
            SECOND, draft.pk, edition=draft.edition, body=Body(limit=9), valid_from=TODAY
        )  # only its author


def test_a_draft_is_its_authors_until_it_is_proposed() -> None:
    draft = drafted(5)
    assert policies_drafts.draft_of(SECOND, draft.pk) is None
    assert policies_drafts.draft_of(WRITER, draft.pk) == draft
    assert policies_drafts.waiting_for(SECOND) == 0
    policies_drafts.propose(WRITER, draft.pk, edition=draft.edition)
    assert policies_drafts.draft_of(READER, draft.pk) == draft
    assert (policies_drafts.waiting_for(SECOND), policies_drafts.waiting_for(WRITER)) == (1, 0)
    assert policies_drafts.waiting_for(READER) == 0


def test_what_was_looked_at_is_what_is_decided_upon() -> None:
    draft = proposed(5)
    seen = draft.edition
    policies_drafts.change_draft(WRITER, draft.pk, edition=seen, body=Body(limit=50), valid_from=TODAY)
    policies_drafts.propose(WRITER, draft.pk, edition=seen + 1)
    with pytest.raises(PolicyRefused) as refusal:
        policies_drafts.publish_draft(SECOND, draft.pk, edition=seen)
    assert code_of(refusal) == "edition"


def test_a_draft_whose_base_moved_on_takes_the_changes_over() -> None:
    publish(SYSTEM, FAMILY, valid_from=TODAY - timedelta(days=9), body=Body(limit=1, band=1))
    mine = policies_drafts.start_draft(WRITER, FAMILY, body=Body(limit=7, band=1), valid_from=TODAY)
    mine = policies_drafts.propose(WRITER, mine.pk, edition=mine.edition)
    other = policies_drafts.start_draft(THIRD, FAMILY, body=Body(limit=1, band=4), valid_from=TODAY)
    other = policies_drafts.propose(THIRD, other.pk, edition=other.edition)
    policies_drafts.publish_draft(SECOND, other.pk, edition=other.edition)
    with pytest.raises(PolicyRefused) as refusal:
        policies_drafts.publish_draft(SECOND, mine.pk, edition=mine.edition)
    assert code_of(refusal) == "moved"
    joined = policies_drafts.take_over_changes(WRITER, mine.pk, edition=mine.edition)
    assert joined.body == {"limit": 7, "band": 4}
    assert joined.state == "draft", "the second person has to look again"
    joined = policies_drafts.propose(WRITER, mine.pk, edition=joined.edition)
    version = policies_drafts.publish_draft(SECOND, mine.pk, edition=joined.edition)
    assert (version.valid_from, version.revision) == (TODAY, 2)


def test_the_past_is_only_corrected_where_a_version_begins_and_with_a_reason() -> None:
    begun = TODAY - timedelta(days=40)
    publish(SYSTEM, FAMILY, valid_from=begun, body=Body(limit=1))
    with pytest.raises(PolicyRefused) as refusal:
        drafted(2, day=TODAY - timedelta(days=3))
    assert code_of(refusal) == "past"
    assert refusal.value.facts["days"] == [begun]
    draft = proposed(2, day=begun)
    with pytest.raises(PolicyRefused) as refusal:
        policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition)
    assert code_of(refusal) == "reason"
    draft = proposed(3, day=begun, note="门限录错了一位")
    version = policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition)
    assert version.revision == 2
    assert policy_at(FAMILY, TODAY).body.limit == 3
    assert [row.body["limit"] for row in policy_book().rows(FAMILY)] == [1, 3], "nothing is overwritten"


def test_a_day_that_passed_while_waiting_becomes_today() -> None:
    publish(SYSTEM, FAMILY, valid_from=TODAY - timedelta(days=40), body=Body(limit=1))
    draft = proposed(2)
    PolicyDraft.objects.filter(pk=draft.pk).update(valid_from=TODAY - timedelta(days=1))
    assert policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition).valid_from == TODAY


def test_the_first_version_may_not_begin_after_the_oldest_result(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(policies, "_first_needed", lambda: TODAY - timedelta(days=30))
    draft = proposed(2)
    with pytest.raises(PolicyRefused) as refusal:
        policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition)
    assert code_of(refusal) == "gap"
    draft = proposed(2, day=TODAY - timedelta(days=30))
    assert policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition).valid_from < TODAY


def test_a_period_ends_where_the_next_begins() -> None:
    publish(SYSTEM, FAMILY, valid_from=TODAY - timedelta(days=9), body=Body(limit=1))
    for limit, ahead in ((2, 20), (3, 10)):
        draft = proposed(limit, day=TODAY + timedelta(days=ahead))
        policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition)
    held = [policy_at(FAMILY, TODAY + timedelta(days=ahead)).body.limit for ahead in (0, 9, 10, 19, 20, 400)]
    assert held == [1, 1, 3, 3, 2, 2]


def test_nothing_new_is_no_version() -> None:
    publish(SYSTEM, FAMILY, valid_from=TODAY - timedelta(days=9), body=Body(limit=1))
    with pytest.raises(PolicyRefused) as refusal:
        drafted(1)
    assert code_of(refusal) == "unchanged"


def test_a_draft_sent_back_says_why_and_begins_again() -> None:
    draft = proposed(5)
    with pytest.raises(PolicyRefused):
        policies_drafts.send_back(SECOND, draft.pk, edition=draft.edition, remark=" ")
    draft = policies_drafts.send_back(SECOND, draft.pk, edition=draft.edition, remark="红线太紧")
    assert (draft.state, draft.remark) == ("draft", "红线太紧")
    draft = policies_drafts.withdraw(WRITER, draft.pk, edition=draft.edition)
    with pytest.raises(PolicyRefused) as refusal:
        policies_drafts.propose(WRITER, draft.pk, edition=draft.edition)
    assert code_of(refusal) == "over"


def test_every_step_is_on_record_and_no_version_can_be_altered() -> None:
    draft = proposed(5)
    version = policies_drafts.publish_draft(SECOND, draft.pk, edition=draft.edition)
    steps = AuditEntry.objects.filter(table_name="core_policydraft", row_id=draft.pk).order_by("id")
    assert [(one.actor_name, one.action) for one in steps] == [
        ("人1", "policies.draft"),
        ("人1", "policies.propose"),
        ("人2", "policies.publish"),
    ]
    recorded = AuditEntry.objects.get(table_name="core_policyversion", row_id=version.pk)
    assert (recorded.operation, recorded.actor_name) == ("I", "人2")
    with pytest.raises(Exception, match="append-only"), transaction.atomic():
        PolicyVersion.objects.filter(pk=version.pk).update(body={"limit": 99})

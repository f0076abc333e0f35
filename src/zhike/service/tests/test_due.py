"""What is due stands on the row from the first second, and is worked out anew when rules change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from tests.cast import Cast

from zhike.core.actor import system_actor
from zhike.service import actions_steps as steps
from zhike.service import clock_feed
from zhike.service.actions_clocks import recompute
from zhike.service.models import NEVER, Request
from zhike.service.queries import InboxFilter, inbox_page
from zhike.service.queries_clocks import clocks_of
from zhike.service.tests.test_clock_feed import Rules
from zhike.service.tests.test_steps import closed, offered, row, taken

WHY = "test"


@pytest.fixture
def rules() -> Iterator[Rules]:
    """Register a book of rules for the test."""
    book = Rules()
    before = clock_feed._source
    clock_feed.register_book(lambda: book)
    yield book
    clock_feed.register_book(before)


def test_what_is_due_stands_on_the_row_and_moves_with_each_step(staged: Cast, rules: Rules) -> None:
    number = taken(staged).number
    found = row(number)
    assert (found.next_due_kind, found.clock_version) == ("first_contact", "v1")
    assert timedelta(minutes=59) < found.next_due_at - found.taken_at <= timedelta(hours=1)
    steps.contact(staged.actor("fay"), number=number, words="已联系")
    assert row(number).next_due_kind == "resolution"
    steps.pause(staged.actor("fay"), number=number, reason="waiting_customer", words="等客户")
    assert row(number).next_due_kind == "legal", "waiting for the customer stops all but the law"
    assert row(closed(staged)).next_due_at == NEVER


def test_new_rules_are_worked_out_for_open_requests_only(staged: Cast, rules: Rules) -> None:
    number, over = taken(staged).number, closed(staged)
    steps.contact(staged.actor("fay"), number=number)
    before = row(number)
    rules.version, rules.hours["resolution"] = "v2", 48
    assert recompute(system_actor("test")) == 1
    after = row(number)
    assert after.next_due_at - before.next_due_at == timedelta(hours=24)
    assert (after.clock_version, after.version) == ("v2", before.version)
    assert row(over).next_due_at == NEVER
    assert recompute(system_actor("test")) == 0


def test_what_is_nearly_due_is_in_the_queue_of_those(staged: Cast, rules: Rules) -> None:
    number = taken(staged).number
    fay = staged.actor("fay")
    soon = timezone.now() + timedelta(minutes=49)
    assert inbox_page(fay, InboxFilter("breaching"), size=5).rows == []
    assert [one.number for one in inbox_page(fay, InboxFilter("breaching"), size=5, now=soon).rows] == [number]


def test_requests_cut_off_in_the_middle_are_worked_out_in_the_next_run(staged: Cast, rules: Rules) -> None:
    numbers = [taken(staged).number for _ in range(3)]
    rules.version = "v2"
    ids = list(Request.objects.unscoped(reason=WHY).order_by("pk").values_list("pk", flat=True))
    assert recompute(system_actor("test"), ids[:1]) == 1
    assert recompute(system_actor("test")) == 2
    assert {row(number).clock_version for number in numbers} == {"v2"}


def test_a_request_shows_its_clocks_and_whose_time_it_was(staged: Cast, rules: Rules) -> None:
    number = offered(staged)
    steps.contact(staged.actor("fay"), number=number)
    fay, request = staged.actor("fay"), row(number)
    later = request.taken_at + timedelta(hours=2)
    found = clocks_of(fay, request, now=later)
    assert (found.next_kind, found.next_reading) == ("resolution", found.by_name["resolution"])
    assert found.by_name["resolution"].counted in {7199, 7200, 7201}
    assert [one.department for one in found.legs] == ["DESK-LG", "TRANS-LG"]
    assert sum(found.by_name["resolution"].by_department.values()) == found.by_name["resolution"].counted
    assert {found.departments[key] for key in found.by_name["resolution"].by_department} <= {"DESK-LG", "TRANS-LG"}


def test_without_promises_there_are_legs_but_no_clocks(staged: Cast) -> None:
    before = clock_feed._source
    clock_feed.register_book(None)
    try:
        found = clocks_of(staged.actor("fay"), row(offered(staged)))
    finally:
        clock_feed.register_book(before)
    assert (found.by_name, found.next_kind, len(found.legs)) == ({}, "", 2)

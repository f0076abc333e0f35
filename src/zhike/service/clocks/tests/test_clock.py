"""Clocks under everything that happens to requests; among it what other systems are known to have got wrong."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest

from zhike.service.clocks import ALWAYS, Calendar, Mark, Rule, Timeline, by_day, pieces, read_clock, sums
from zhike.service.clocks.tests.making import DESK, HOUR, at, log, rule


def test_a_plain_clock_says_when_it_is_due_and_when_to_warn() -> None:
    reading = read_clock(log(("2026-11-23 16:00", "start", rule(8))), at("2026-11-23 17:00"))
    assert (reading.counted, reading.remaining) == (HOUR, 7 * HOUR)
    assert reading.due_at == at("2026-11-24 15:00")
    assert reading.warn_at == at("2026-11-24 13:24")


def test_answering_at_the_very_second_is_in_time_and_a_second_later_is_not() -> None:
    marks = log(("2026-11-23 08:00", "start", rule(2)), ("2026-11-23 10:00", "stop"))
    assert read_clock(marks, at("2026-11-30 00:00")).breached_at is None
    late = [marks[0], Mark(at("2026-11-23 10:00") + 1, 2, "stop")]
    assert read_clock(late, at("2026-11-30 00:00")).breached_at == at("2026-11-23 10:00")


def test_a_pause_over_a_holiday_takes_nothing_off_twice() -> None:
    # Paused on Wednesday at 17:00, resumed on the first working day at 09:00: an hour before and one after were waited.
    marks = log(
        ("2026-09-30 08:00", "start", rule(10)),
        ("2026-09-30 17:00", "pause", "customer"),
        ("2026-10-08 09:00", "resume"),
    )
    reading = read_clock(marks, at("2026-10-08 10:00"))
    assert reading.counted == (8 + 1) * HOUR
    assert reading.due_at == at("2026-10-08 11:00")


def test_paused_outside_service_hours_and_resumed_within_waits_only_from_opening() -> None:
    marks = log(
        ("2026-11-23 17:00", "start", rule(4)),
        ("2026-11-23 20:00", "pause", "customer"),
        ("2026-11-24 09:00", "resume"),
    )
    assert read_clock(marks, at("2026-11-24 12:00")).due_at == at("2026-11-24 12:00")


def test_reopened_after_closure_goes_on_or_begins_anew_as_the_rules_say() -> None:
    first = log(("2026-11-23 08:00", "start", rule(4)), ("2026-11-23 11:00", "stop"))
    again = Mark(at("2026-11-25 08:00"), 3, "reopen")
    on = read_clock([*first, again], at("2026-11-25 08:30"))
    assert on.counted == 3.5 * HOUR
    assert on.due_at == at("2026-11-25 09:00")
    anew = read_clock([*first, Mark(at("2026-11-25 08:00"), 3, "reopen", anew=True)], at("2026-11-25 08:30"))
    assert anew.counted == 0.5 * HOUR
    assert anew.rounds == 2
    assert sums(pieces(on.segments))["stopped"] == at("2026-11-25 08:00") - at("2026-11-23 11:00")


def test_a_target_changed_while_paused_holds_when_it_goes_on() -> None:
    marks = log(
        ("2026-11-23 08:00", "start", rule(8)), ("2026-11-23 10:00", "pause", "customer"),
        ("2026-11-23 11:00", "rule", rule(3)), ("2026-11-24 08:00", "resume"),
    )  # fmt: skip
    paused = read_clock(marks[:3], at("2026-11-23 15:00"))
    assert (paused.state, paused.due_at, paused.remaining) == ("paused", None, HOUR)
    assert read_clock(marks, at("2026-11-24 08:00")).due_at == at("2026-11-24 09:00")


def test_a_new_rule_that_does_not_know_the_reason_ends_the_pause() -> None:
    marks = log(
        ("2026-11-23 08:00", "start", rule(8)), ("2026-11-23 09:00", "pause", "access"),
        ("2026-11-23 10:00", "rule", rule(8, pauses="customer")),
    )  # fmt: skip
    assert read_clock(marks, at("2026-11-23 11:00")).counted == 2 * HOUR


def test_a_department_s_own_clock_runs_while_the_customer_s_is_paused() -> None:
    marks = log(("2026-11-23 08:00", "start", rule(8)), ("2026-11-23 09:00", "pause", "customer"))
    own = log(("2026-11-23 08:30", "start", rule(4, pauses="")), ("2026-11-23 09:00", "pause", "customer"))
    now = at("2026-11-23 11:30")
    assert read_clock(marks, now).counted == HOUR
    inner = read_clock(own, now)
    assert inner.counted == 3 * HOUR
    assert [one.code for one in inner.notices] == ["no_pause"]


def test_two_pauses_at_the_same_second_are_one_and_one_resume_ends_it() -> None:
    marks = log(
        ("2026-11-23 08:00", "start", rule(8)), ("2026-11-23 09:00", "pause", "customer"),
        ("2026-11-23 09:00", "pause", "access"), ("2026-11-23 10:00", "resume"), ("2026-11-23 10:00", "resume"),
    )  # fmt: skip
    reading = read_clock(marks, at("2026-11-23 11:00"))
    assert reading.counted == 2 * HOUR
    assert [(one.code, one.sequence) for one in reading.notices] == [("paused_twice", 3), ("resumed_unpaused", 5)]


def test_paused_and_resumed_at_the_same_second_changes_nothing() -> None:
    marks = log(
        ("2026-11-23 08:00", "start", rule(8)),
        ("2026-11-23 09:00", "pause", "customer"),
        ("2026-11-23 09:00", "resume"),
    )
    assert read_clock(marks, at("2026-11-23 11:00")).counted == 3 * HOUR


def test_the_legal_limit_runs_by_the_day_whatever_else_waits() -> None:
    legal = Rule(15 * 24 * HOUR, Timeline.of(ALWAYS))
    marks = [
        Mark(at("2026-09-25 10:00"), 1, "start", legal),
        Mark(at("2026-09-26 10:00"), 2, "pause", reason="customer"),
    ]
    assert read_clock(marks, at("2026-09-27 10:00")).due_at == at("2026-10-10 10:00")


def test_a_higher_level_half_way_keeps_what_was_counted_and_goes_on_by_the_new_hours() -> None:
    marks = log(("2026-11-27 17:00", "start", rule(24)), ("2026-11-27 20:00", "rule", rule(8, ALWAYS)))
    reading = read_clock(marks, at("2026-11-27 21:00"))
    assert reading.counted == 2 * HOUR
    assert reading.due_at == at("2026-11-28 03:00")


def test_a_target_lowered_below_what_is_counted_is_due_at_that_moment() -> None:
    marks = log(("2026-11-23 08:00", "start", rule(8)), ("2026-11-23 11:00", "rule", rule(2)))
    reading = read_clock(marks, at("2026-11-23 11:30"))
    assert reading.due_at == reading.breached_at == at("2026-11-23 11:00")


def test_a_broken_promise_stays_broken_when_the_target_is_raised() -> None:
    marks = log(("2026-11-23 08:00", "start", rule(2)), ("2026-11-23 11:00", "rule", rule(8)))
    reading = read_clock(marks, at("2026-11-23 11:30"))
    assert reading.breached_at == at("2026-11-23 10:00")
    assert reading.due_at == at("2026-11-23 17:00")


def test_holidays_put_in_later_move_what_is_due() -> None:
    closed = Timeline.of(DESK)
    shut = Calendar("desk", DESK.weekly, days={date(2026, 11, 24): ()})
    start = Mark(at("2026-11-23 16:00"), 1, "start", Rule(4 * HOUR, closed))
    changed = Mark(
        at("2026-11-23 16:00"), 1, "start", Rule(4 * HOUR, Timeline([(0, DESK), (at("2026-11-23 17:00"), shut)]))
    )
    now = at("2026-11-23 17:30")
    assert read_clock([start], now).due_at == at("2026-11-24 10:00")
    assert read_clock([changed], now).due_at == at("2026-11-25 10:00")
    assert read_clock([changed], now).counted == read_clock([start], now).counted


def test_a_year_without_published_holidays_is_said() -> None:
    reading = read_clock(log(("2026-12-31 16:00", "start", rule(8))), at("2026-12-31 17:00"))
    assert reading.due_at == at("2027-01-01 15:00")
    assert [(one.code, one.sequence) for one in reading.notices] == [("holidays_unknown", 2027)]


def test_a_server_s_clock_moved_back_undoes_nothing() -> None:
    marks = log(("2026-11-23 08:00", "start", rule(8)), ("2026-11-23 10:00", "pause", "customer"))
    back = Mark(at("2026-11-23 09:00"), 3, "resume")
    reading = read_clock([*marks, back], at("2026-11-23 11:00"))
    assert reading.counted == 3 * HOUR
    assert [(one.code, one.sequence) for one in reading.notices] == [("earlier", 3)]


def test_before_it_starts_a_clock_shows_nothing() -> None:
    reading = read_clock([Mark(at("2026-11-23 08:00"), 1, "pause", reason="customer")], at("2026-11-23 11:00"))
    assert (reading.state, reading.due_at, reading.segments) == ("waiting", None, [])


@pytest.fixture
def told() -> list[Mark]:
    """Return a request that three departments had, over a weekend, waiting for the customer once."""
    return [
        Mark(at("2026-11-18 16:12"), 1, "start", rule(24), "客服专席"),
        Mark(at("2026-11-18 16:40"), 2, "department", department="传输维护班"),
        Mark(at("2026-11-19 15:30"), 3, "department", department="接入维护班"),
        Mark(at("2026-11-20 10:20"), 4, "pause", reason="customer"),
        Mark(at("2026-11-20 14:40"), 5, "resume"),
        Mark(at("2026-11-20 16:00"), 6, "department", department="数据网管"),
    ]


def test_every_minute_has_a_department_and_a_reason(told: list[Mark]) -> None:
    now = at("2026-11-23 09:40")
    reading = read_clock(told, now)
    found = pieces(reading.segments)
    assert [(one.end, other.begin) for one, other in pairwise(found) if one.end != other.begin] == []
    assert (found[0].begin, found[-1].end) == (at("2026-11-18 16:12"), now)
    total = sums(found)
    assert sum(total.values()) == now - at("2026-11-18 16:12")
    assert total["counted"] == reading.counted == sum(reading.by_department.values())
    assert total["paused"] == 4 * HOUR + 20 * 60
    assert total["rest_day"] == 48 * HOUR
    assert list(reading.by_department) == ["客服专席", "传输维护班", "接入维护班", "数据网管"]
    assert reading.by_department["客服专席"] == 28 * 60


def test_a_day_s_row_adds_up_to_what_the_day_counted(told: list[Mark]) -> None:
    rows = by_day(pieces(read_clock(told, at("2026-11-23 09:40")).segments))
    assert [day.day for day, _, _ in rows] == [18, 19, 20, 21, 22, 23]
    assert [counted for _, _, counted in rows] == [6480, 9 * HOUR, 20_400, 0, 0, 6000]

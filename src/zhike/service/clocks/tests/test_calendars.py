"""Which seconds are service time: windows, holidays, make-up days, midnight, zones with daylight saving."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from zhike.service.clocks import ALWAYS, Calendar, CalendarRefused, Timeline
from zhike.service.clocks.tests.making import DESK, HOUR, at


def test_several_windows_a_day_leave_the_midday_out() -> None:
    assert DESK.counted(at("2026-11-23 00:00"), at("2026-11-24 00:00")) == 9 * HOUR
    assert DESK.after(at("2026-11-23 11:00"), 2 * HOUR) == at("2026-11-23 14:00")


def test_a_target_reached_at_closing_time_is_due_then_and_not_next_morning() -> None:
    assert DESK.after(at("2026-11-23 17:00"), HOUR) == at("2026-11-23 18:00")
    assert DESK.after(at("2026-11-23 17:00"), HOUR + 1) == at("2026-11-24 08:00") + 1


def test_holidays_count_nothing_and_a_make_up_day_follows_its_weekday() -> None:
    assert DESK.counted(at("2026-10-01 00:00"), at("2026-10-08 00:00")) == 0
    assert DESK.counted(at("2026-10-10 00:00"), at("2026-10-11 00:00")) == 9 * HOUR  # a Saturday
    assert DESK.why_closed(date(2026, 10, 1)) == "holiday"
    assert DESK.why_closed(date(2026, 10, 11)) == "rest_day"
    assert DESK.why_closed(date(2026, 10, 10)) == "night"


def test_a_weekday_listed_twice_counts_no_minute_twice() -> None:
    twice = Calendar("twice", ((0, 480, 720), (0, 600, 1080), (0, 480, 720)))
    assert twice.counted(at("2026-11-23 00:00"), at("2026-11-24 00:00")) == 10 * HOUR


def test_a_window_over_midnight_belongs_to_the_day_it_begins() -> None:
    nights = Calendar("nights", ((4, 22 * 60, 30 * 60),), holidays={date(2026, 11, 27): "停"})
    assert nights.counted(at("2026-11-20 12:00"), at("2026-11-21 12:00")) == 8 * HOUR
    assert nights.counted(at("2026-11-27 12:00"), at("2026-11-28 12:00")) == 0


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/New_York", "2026-03-08", 23),
        ("America/New_York", "2026-11-01", 25),
        ("Asia/Shanghai", "2026-11-01", 24),
    ],
)
def test_days_of_daylight_saving_have_the_hours_that_people_live_through(zone: str, day: str, hours: int) -> None:
    whole = Calendar("whole", tuple((weekday, 0, 1440) for weekday in range(7)), zone=zone)
    following = date.fromisoformat(day).replace(day=date.fromisoformat(day).day + 1).isoformat()
    assert whole.counted(at(f"{day} 00:00", zone), at(f"{following} 00:00", zone)) == hours * HOUR


def test_an_hour_that_is_skipped_counts_nothing_and_one_that_comes_twice_counts_twice() -> None:
    early = Calendar("early", tuple((weekday, 60, 180) for weekday in range(7)), zone="America/New_York")
    assert early.counted(at("2026-03-08 00:00", early.zone), at("2026-03-08 12:00", early.zone)) == HOUR
    assert early.counted(at("2026-11-01 00:00", early.zone), at("2026-11-01 12:00", early.zone)) == 3 * HOUR


def test_single_days_have_the_last_word() -> None:
    own = Calendar("own", ((0, 480, 1080),), days={date(2026, 11, 23): (), date(2026, 11, 22): ((600, 660),)})
    assert own.counted(at("2026-11-22 00:00"), at("2026-11-24 00:00")) == HOUR


@pytest.mark.parametrize(
    ("weekly", "code"),
    [((), "empty"), (((7, 0, 60),), "weekday"), (((0, 60, 60),), "window"), (((0, -1, 60),), "window"),
     (((0, 600, 2101),), "window")],
)  # fmt: skip
def test_hours_that_cannot_be_are_refused_by_name(weekly: tuple[tuple[int, int, int], ...], code: str) -> None:
    with pytest.raises(CalendarRefused) as refusal:
        Calendar("wrong", weekly)
    assert refusal.value.code == code


def test_a_day_cannot_be_a_holiday_and_worked() -> None:
    with pytest.raises(CalendarRefused) as refusal:
        Calendar("wrong", ((0, 0, 60),), holidays={date(2026, 1, 1): "元旦"}, working_days={date(2026, 1, 1): 0})
    assert refusal.value.code == "both"


def test_a_calendar_that_is_always_closed_from_now_on_promises_no_day() -> None:
    closing = Calendar("closing", ((0, 480, 540),), days={date(2026, 11, 23): ()})
    assert closing.after(at("2026-11-23 00:00"), 700 * HOUR) is None


@given(
    begin=st.integers(at("1995-01-01 00:00"), at("2035-01-01 00:00")), first=st.integers(0, 10**7),
    second=st.integers(0, 10**7),
)  # fmt: skip
def test_counting_adds_up_and_reaching_undoes_it(begin: int, first: int, second: int) -> None:
    middle, end = begin + first, begin + first + second
    assert DESK.counted(begin, middle) + DESK.counted(middle, end) == DESK.counted(begin, end)
    reached = DESK.after(begin, DESK.counted(begin, end))
    assert reached is not None
    assert reached <= max(end, begin)
    assert DESK.counted(begin, reached) == DESK.counted(begin, end)


def test_a_calendar_that_changes_counts_each_part_by_its_own_hours() -> None:
    change = at("2026-11-25 00:00")
    both = Timeline([(0, DESK), (change, ALWAYS)])
    assert both.counted(at("2026-11-24 08:00"), at("2026-11-26 00:00")) == (9 + 24) * HOUR
    assert both.after(at("2026-11-24 08:00"), 10 * HOUR) == at("2026-11-25 01:00")
    assert both.after(at("2026-11-24 08:00"), 9 * HOUR) == at("2026-11-24 18:00")

"""What published rules mean to clocks: targets by kind and level, calendars, commitments, and from which instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from chinese_calendar import constants
from django.utils import timezone
from pydantic import ValidationError

from zhike.core.actor import system_actor
from zhike.core.policies import plant_seeds, policy_book, publish
from zhike.service.clock_feed import readings
from zhike.service.clocks import Calendar
from zhike.service.log import Fact
from zhike.service.policies import CALENDARS, COMMITMENTS, SERVICE_TARGETS, Calendars, ServiceTargets, windows_of
from zhike.service.policy_book import service_book
from zhike.service.standing import Standing

pytestmark = pytest.mark.django_db
BEGIN = datetime(2026, 11, 18, 11, 12, tzinfo=UTC)  # a Wednesday, 19:12 in Shanghai


def seed(family: object) -> object:
    return family.seed_versions()[-1][1]  # type: ignore[attr-defined]


def complaint(level: str = "AA", priority: str = "normal") -> list[Fact]:
    data = {
        "kind": "complaint", "channel": "hotline", "department_id": None, "priority": priority, "tier": "A2",
        "assurance_level": level,
    }  # fmt: skip
    return [Fact(1, "taken", BEGIN, 1, data=data)]


def test_a_complaint_counts_the_service_hours_of_its_level() -> None:
    shown = readings(complaint(), service_book(), now=BEGIN + timedelta(hours=48))["resolution"]
    assert shown.target == 24 * 3600
    assert shown.counted == 48 * 60 + 12 * 3600 + 11 * 3600 + 12 * 60, "48 minutes, a day of 12 hours, 8:00 to 19:12"
    assert shown.cite == "AA complaint 2020-01"


def test_the_highest_level_is_counted_round_the_clock_and_the_law_for_everybody() -> None:
    shown = readings(complaint("AAA"), service_book(), now=BEGIN + timedelta(hours=7))
    assert shown["resolution"].counted == 7 * 3600
    for level in ("AAA", "normal", ""):
        legal = readings(complaint(level), service_book(), now=BEGIN)["legal"]
        assert legal.due_at == int((BEGIN + timedelta(days=15)).timestamp())


def test_what_is_critical_is_promised_in_half_the_time() -> None:
    plain = readings(complaint(), service_book(), now=BEGIN)["resolution"]
    critical = readings(complaint(priority="critical"), service_book(), now=BEGIN)["resolution"]
    assert critical.target * 2 == plain.target


def test_new_targets_hold_from_the_instant_they_are_published() -> None:
    plant_seeds(system_actor("test"))
    before = service_book()
    body = seed(SERVICE_TARGETS)
    assert isinstance(body, ServiceTargets)
    doubled = body.model_copy(update={"critical_share": 1.0})
    publish(
        system_actor("test"), SERVICE_TARGETS, valid_from=timezone.localdate(), body=doubled, author=(7, "Somebody")
    )
    after = service_book()
    row = policy_book().rows(SERVICE_TARGETS)[-1]
    standing = Standing(kind="complaint", assurance_level="AA", priority="critical")
    earlier = row.recorded_at - timedelta(microseconds=1)
    assert after.version != before.version
    old, new = (after.rule("resolution", standing, at) for at in (earlier, row.recorded_at))
    assert old is not None
    assert new is not None
    assert (old.target, new.target) == (12 * 3600, 24 * 3600)
    assert list(after.changes(earlier, row.recorded_at)) == [row.recorded_at]


def test_every_function_of_department_owes_something_to_every_kind_and_level() -> None:
    body = COMMITMENTS.seed_versions()[-1][1]
    for function in ("desk", "data_network", "installation", "billing", "product", "account", "care", "security"):
        for level in ("AAA", "AA", "A", "normal", ""):
            assert body.commitment_for(function, "complaint", level), (function, level)
    assert body.commitment_for("nobody", "complaint", "AA") is None


def test_the_seed_knows_the_holidays_that_were_published() -> None:
    body = CALENDARS.seed_versions()[-1][1]
    calendar: Calendar = body.built()["office"]
    years = range(2023, body.published_until + 1)
    assert calendar.holidays.keys() == {day for day in constants.holidays if day.year in years}
    assert calendar.working_days.keys() == {day for day in constants.workdays if day.year in years}
    assert calendar.windows(date(2026, 10, 10)) == calendar.windows(date(2026, 10, 12)), "a Saturday that is worked"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"calendars": []}, "at least 1"),
        ({"calendars": [{"code": "x", "public_holidays": False}]}, "没有任何服务时段"),
        ({"calendars": [{"code": "x", "public_holidays": False, "monday": "8-12"}]}, "应写作 08:00-12:00"),
        ({"calendars": [{"code": "x", "public_holidays": False, "monday": "08:00-08:00"}]}, "起止相同"),
        ({"calendars": [{"code": "x", "public_holidays": False, "monday": "08:00-12:00", "zone": "Mars"}]}, "时区"),
        ({"single_days": [{"calendar": "mars", "day": "2026-01-01"}]}, "没有日历 mars"),
        ({"make_up_days": [{"day": "2026-10-01"}]}, "既是节假日又是调休上班日"),
        ({"make_up_days": [{"day": "2026-10-10", "follows": "sunday"}]}, "没有服务时段"),
        ({"hollidays": []}, "Extra inputs"),
    ],
)
def test_calendars_that_cannot_be_are_refused_in_words(change: dict[str, object], words: str) -> None:
    body = CALENDARS.seed_versions()[-1][1].model_dump(mode="json")
    with pytest.raises(ValidationError, match=words):
        Calendars.model_validate(body | change)


def test_targets_that_leave_somebody_out_are_refused() -> None:
    body = SERVICE_TARGETS.seed_versions()[-1][1].model_dump(mode="json")
    with pytest.raises(ValidationError, match="否则有工单无时限"):
        ServiceTargets.model_validate(body | {"targets": body["targets"][:-1]})
    with pytest.raises(ValidationError, match="less than or equal to 15"):
        ServiceTargets.model_validate(body | {"legal_days": 16})


def test_a_single_day_is_stronger_than_a_holiday() -> None:
    body = CALENDARS.seed_versions()[-1][1].model_dump(mode="json")
    body["single_days"] = [{"calendar": "office", "day": "2026-10-01", "hours": "09:00-11:00"}]
    assert Calendars.model_validate(body).built()["office"].windows(date(2026, 10, 1)) == ((540, 660),)
    assert windows_of("22:00-06:00") == [(1320, 1800)]

"""The clock on the page of a request: every minute has its place, and every figure is the library's."""

from __future__ import annotations

import itertools
import re
from datetime import datetime

import pytest
from django.urls import reverse
from tests.cast import Cast

from zhike.service import steps
from zhike.service.models import Request
from zhike.service.present_clocks import Panel, panel
from zhike.service.present_request import legs, natural
from zhike.service.present_time import hm
from zhike.service.queries import events_of
from zhike.service.queries_clocks import Clocks, clocks_of
from zhike.service.tests.storied import RULES, SHANGHAI, History, long_story

NOW = datetime(2026, 11, 23, 9, 40, 30, tzinfo=SHANGHAI)


@pytest.fixture
def storied(staged: Cast) -> Request:
    """The complaint of the long story."""
    return long_story(staged)


def clocks(cast: Cast, request: Request, now: datetime = NOW) -> Clocks:
    """Return the library's clocks at a moment."""
    return clocks_of(cast.actor("fay"), request, now=now)


def shown(cast: Cast, request: Request, name: str, now: datetime = NOW) -> Panel:
    """Return a clock as the page shows it at a moment."""
    found = panel(clocks(cast, request, now), name)
    assert found is not None
    return found


def minutes(text: str) -> int:
    """Return what hours and minutes say."""
    hours, _, rest = text.replace("−", "-").partition(":")
    return int(hours) * 60 + int(rest)


@pytest.mark.parametrize("name", ["resolution", "first_contact", "reply", "legal"])
def test_figures_of_a_clock_are_the_librarys_and_add_up_everywhere(staged: Cast, storied: Request, name: str) -> None:
    reading, told = clocks(staged, storied).by_name[name], shown(staged, storied, name)
    counted = reading.counted // 60
    assert told.counted == hm(reading.counted)
    assert sum(minutes(one.time) for one in told.bar if one.tone not in {"kr", "kn"}) == counted
    assert sum(minutes(one.counted) for one in told.rows if one.counted) == counted
    assert minutes(told.rows[-1].total) == counted
    assert sum(minutes(one.counted) for one in [*told.earlier, *told.days] if one.counted != "–") == counted
    figures = [minutes(one) for one in re.findall(r"\d+:\d\d", " ".join(told.sums))]
    assert figures[0] == counted
    assert sum(figures) == minutes(told.total)


def test_a_table_of_the_clock_leaves_no_second_out_and_tells_none_twice(staged: Cast, storied: Request) -> None:
    rows = shown(staged, storied, "resolution").rows
    assert rows[0].begin == datetime(2026, 11, 18, 19, 12, 20, tzinfo=SHANGHAI)
    assert rows[-1].end == NOW.replace(microsecond=0)
    assert all(before.end == after.begin for before, after in itertools.pairwise(rows))


def test_each_day_says_why_its_minutes_are_not_counted(staged: Cast, storied: Request) -> None:
    days = {(one.day.day, one.until.day): one for one in shown(staged, storied, "resolution").days}
    friday, weekend = days[(20, 20)], days[(21, 22)]
    waited = next(one for one in friday.blocks if one.tone == "kp")
    assert waited.title == "等客户 13:20–17:40, 4:20"
    assert [one.tone for one in weekend.blocks] == ["kh"]
    assert weekend.counted == "–"
    assert sum(float(one.width) for one in friday.blocks) == pytest.approx(100, abs=0.1)


def test_what_is_left_is_laid_on_the_hours_to_come_and_ends_when_due(staged: Cast, storied: Request) -> None:
    told = shown(staged, storied, "resolution")
    today = next(one for one in told.days if one.today)
    left = next(one for one in today.blocks if one.tone == "kr")
    due = next(one for one in today.pins if one.kind == "due")
    assert float(left.left) + float(left.width) == pytest.approx(float(due.left), abs=0.02)
    assert told.lead == "还剩"
    assert due.text in told.tail


def test_a_broken_promise_says_by_how_much_and_where_on_the_bar(staged: Cast, storied: Request) -> None:
    late = shown(staged, storied, "resolution", NOW.replace(hour=19))
    assert (late.lead, late.tone, late.over) == ("已超", "hand", True)
    assert late.mark == "到期"
    assert float(late.mark_share) < 100
    assert not [one for one in late.bar if one.tone == "kr"]


def test_a_year_whose_holidays_are_not_published_is_said(staged: Cast, storied: Request) -> None:
    told = shown(staged, storied, "resolution", datetime(2031, 3, 1, tzinfo=SHANGHAI))
    assert any("2031 年放假安排尚未公布" in one for one in told.notices)
    assert shown(staged, storied, "resolution").notices == []


def test_departments_share_all_time_without_gap_or_overlap(staged: Cast, storied: Request) -> None:
    found = clocks(staged, storied)
    lines = legs(found, {staged.people["gus"].pk: "Gus", staged.people["nora"].pk: "Nora"}, events_of(
        staged.actor("fay"), storied
    ))  # fmt: skip
    assert [one.name for one in lines] == ["DESK-LG", "TRANS-LG", "DESK-LG", "TRANS-LG", "NOC"]
    assert sum(minutes(one.natural) for one in lines) == minutes(natural(found))
    assert minutes(natural(found)) == int((NOW - storied.taken_at).total_seconds()) // 60
    assert all(one.ended_at == other.began_at for one, other in itertools.pairwise(lines))
    assert lines[1].how == "退单：材料不全，缺少专线编号"
    assert lines[3].how == "Gus 接单，等了 21 分钟"
    assert (lines[4].here, lines[4].how) == (True, "Nora 接单，等了 11 分钟")


def test_the_page_explains_the_clock_that_is_asked_for(staged: Cast, storied: Request) -> None:
    client, address = staged.client("fay"), reverse("service:request", args=[storied.number])
    assert client.get(address).context["clock"].key == "resolution"
    assert client.get(address + "?clock=legal").context["clock"].key == "legal"
    assert client.get(address + "?clock=none").context["clock"].key == "resolution"
    body = client.get(address).content.decode()
    assert "每一分钟都有去处" in body
    assert "法定时限" in body


def test_a_clock_that_runs_day_and_night_is_one_stretch_a_day(staged: Cast, storied: Request) -> None:
    days = {one.day.day: one for one in shown(staged, storied, "legal").days}
    assert [(one.left, one.width, one.time) for one in days[21].blocks] == [("0.00", "100.00", "24:00")]
    assert days[21].counted == "24:00"


def test_what_was_used_and_what_is_left_make_up_the_promise(staged: Cast, storied: Request) -> None:
    for name in ("resolution", "legal", "reply"):
        told = shown(staged, storied, name)
        assert sum(minutes(one.time) for one in told.bar) * 60 == told.reading.target


def test_a_stopped_clock_shows_what_was_not_needed(staged: Cast, storied: Request) -> None:
    told = shown(staged, storied, "first_contact")
    assert (told.state, told.lead) == ("stopped", "按时，用了")
    assert (told.bar[-1].name, told.bar[-1].tone) == ("未用", "kn")


def test_hours_of_service_are_said_in_words(staged: Cast, storied: Request) -> None:
    assert shown(staged, storied, "resolution").hours == "周一–周五 08:00–20:00"
    assert shown(staged, storied, "legal").hours == "全天候"


def test_owner_handler_and_the_accounts_manager_stand_apart(staged: Cast, storied: Request) -> None:
    people = staged.client("fay").get(reverse("service:request", args=[storied.number])).context["people"]
    assert [(one["name"], str(one["part"])) for one in people] == [
        ("Fay", "首问负责"), ("Nora", "处理"), ("Alice", "客户经理"),
    ]  # fmt: skip


def test_days_that_all_wait_for_the_same_are_one_line(staged: Cast) -> None:
    tale = History(staged, "2026-11-02 09:00")
    fay = tale.who("fay")
    tale.add("fay", "2026-11-02 10:00", steps.triage(tale.standing, RULES, category="billing"))
    waiting = steps.pause(tale.standing, fay, RULES, reason="waiting_customer", words="等账单")
    tale.add("fay", "2026-11-02 11:00", waiting)
    tale.add("fay", "2026-11-12 15:00", steps.resume(tale.standing))
    days = shown(staged, tale.load("账单多收"), "resolution").days
    assert [(one.day.day, one.until.day) for one in days][:3] == [(2, 2), (3, 11), (12, 12)]
    assert [(one.name, one.time) for one in days[1].blocks] == [("等客户", "")]

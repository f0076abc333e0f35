"""What a log means to each clock: when it starts, stops, stands still, changes its rule and runs again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from zhike.service.clock_feed import CLOCKS, commitments, next_due, readings
from zhike.service.clocks import ALWAYS, Reading, Rule, Timeline
from zhike.service.log import Fact
from zhike.service.models import NEVER
from zhike.service.standing import Standing, Stretch

BEGIN = datetime(2026, 11, 18, 8, tzinfo=UTC)
HOURS = {"first_contact": 1, "resolution": 24, "call_back": 4, "reply": 72, "legal": 15 * 24}


@dataclass
class Rules:
    """A book of fixed targets around the clock; A1 is promised half the time; one change of policy may come."""

    version: str = "v1"
    changed_at: datetime | None = None
    factor: int = 1
    hours: dict[str, int] = field(default_factory=lambda: dict(HOURS))

    def rule(self, clock: str, standing: Standing, at: datetime) -> Rule | None:
        hours = self.hours[clock] * 3600
        if clock == "resolution" and standing.tier == "A1":
            hours //= 2
        if self.changed_at is not None and at >= self.changed_at:
            hours *= self.factor
        pauses = frozenset[str]() if clock == "legal" else frozenset({"waiting_customer"})
        return Rule(hours, always(), pauses)

    def commitment(self, leg: Stretch, standing: Standing, at: datetime) -> Rule | None:
        if leg.department_id == 20:
            return Rule(8 * 3600, always(), frozenset({"waiting_customer"}))
        return None

    def changes(self, since: datetime, until: datetime) -> Sequence[datetime]:
        return [self.changed_at] if self.changed_at is not None and since < self.changed_at <= until else []


def always() -> Timeline:
    return Timeline(((-(2**62), ALWAYS),))


def log(*told: tuple[Any, ...]) -> list[Fact]:
    """Return facts from (hours, kind, data) triples; the first is always the taking in at the desk (10)."""
    facts = [Fact(1, "taken", BEGIN, 1, data={"kind": "fault", "channel": "hotline", "department_id": 10})]
    for hours, kind, *data in told:
        at = BEGIN + timedelta(hours=hours)
        facts.append(Fact(len(facts) + 1, kind, at, 1, data=data[0] if data else {}))
    return facts


def shown(hours: float, *told: tuple[Any, ...], rules: Rules | None = None) -> dict[str, Reading]:
    return readings(log(*told), rules or Rules(), now=BEGIN + timedelta(hours=hours))


TRIAGED = (0.1, "triaged", {"category": "network_quality"})
WAIT = {"reason": "waiting_customer"}


def test_all_but_the_call_back_start_with_the_taking_in() -> None:
    assert set(shown(2)) == set(CLOCKS) - {"call_back"}
    assert shown(2)["resolution"].counted == 2 * 3600


@pytest.mark.parametrize("kind", ["contacted", "replied"])
def test_the_first_word_to_the_customer_stops_first_contact(kind: str) -> None:
    found = shown(5, TRIAGED, (0.5, kind))["first_contact"]
    assert (found.state, found.counted, found.breached_at) == ("stopped", 1800, None)


def test_each_progress_reply_begins_the_next_period() -> None:
    found = shown(80, TRIAGED, (70, "replied"))["reply"]
    assert (found.state, found.counted, found.rounds) == ("running", 10 * 3600, 2)
    assert shown(80)["reply"].breached_at is not None


def test_waiting_for_the_customer_stops_the_promise_but_not_the_law() -> None:
    told = (TRIAGED, (1, "paused", WAIT), (5, "resumed"))
    assert shown(3, *told)["resolution"].state == "paused"
    assert shown(10, *told)["resolution"].counted == 6 * 3600
    assert shown(10, *told)["legal"].counted == 10 * 3600


def test_the_answer_stops_the_promise_and_starts_the_call_back() -> None:
    told = (TRIAGED, (6, "answered"))
    found = shown(8, *told)
    assert (found["resolution"].state, found["resolution"].counted) == ("stopped", 6 * 3600)
    assert (found["call_back"].state, found["call_back"].counted) == ("running", 2 * 3600)


def test_a_discontented_customer_lets_the_promise_run_on_and_the_next_call_back_begin_anew() -> None:
    told = (TRIAGED, (6, "answered"), (8, "customer_answered", {"satisfied": False}), (10, "answered"))
    found = shown(11, *told)
    assert (found["resolution"].state, found["resolution"].counted) == ("stopped", 8 * 3600)
    assert (found["call_back"].counted, found["call_back"].rounds) == (3600, 2)


def test_reopening_begins_anew() -> None:
    told = (
        TRIAGED, (6, "answered"), (8, "customer_answered", {"satisfied": True}),
        (8, "closed", {"how": "satisfied"}), (100, "reopened"),
    )  # fmt: skip
    found = shown(103, *told)
    assert (found["resolution"].state, found["resolution"].counted) == ("running", 3 * 3600)
    assert shown(50, *told)["legal"].state == "stopped"


def test_a_better_tier_half_way_holds_from_then_on() -> None:
    told = (TRIAGED, (10, "tier_followed", {"tier": "A1", "service_level": "", "assurance_level": ""}))
    assert shown(11, *told)["resolution"].due_at == int((BEGIN + timedelta(hours=12)).timestamp())


def test_a_new_policy_holds_from_its_day_on() -> None:
    rules = Rules(changed_at=BEGIN + timedelta(hours=5), factor=2)
    assert shown(4, rules=rules)["resolution"].target == 24 * 3600
    assert shown(6, rules=rules)["resolution"].target == 48 * 3600
    assert shown(6, rules=rules)["resolution"].counted == 6 * 3600


def test_time_is_told_by_department_without_gap() -> None:
    told = (TRIAGED, (2, "offered", {"department_id": 20}), (9, "worked"))
    found = shown(12, *told)["resolution"]
    assert found.by_department == {"10": 5 * 3600, "20": 7 * 3600}
    assert sum(found.by_department.values()) == found.counted


def test_what_is_due_next_is_the_earliest_of_what_runs() -> None:
    facts = log(TRIAGED)
    due = next_due(facts, Rules(), now=BEGIN + timedelta(minutes=6))
    assert (due.next_due_kind, due.next_due_at) == ("first_contact", BEGIN + timedelta(hours=1))
    assert due.warn_at == BEGIN + timedelta(minutes=48)
    due = next_due(log(TRIAGED, (0.5, "contacted")), Rules(), now=BEGIN + timedelta(hours=1))
    assert (due.next_due_kind, due.next_due_at) == ("resolution", BEGIN + timedelta(hours=24))
    over = log(TRIAGED, (6, "answered"), (8, "customer_answered", {"satisfied": True}), (8, "closed", {"how": "x"}))
    assert next_due(over, Rules(), now=BEGIN + timedelta(hours=9)).next_due_at == NEVER


def test_a_departments_own_clock_runs_only_while_it_has_the_request() -> None:
    told = (
        TRIAGED, (2, "offered", {"department_id": 20}), (3, "paused", WAIT), (5, "resumed"), (9, "worked"),
    )  # fmt: skip
    legs = commitments(log(*told), Rules(), now=BEGIN + timedelta(hours=20))
    assert [leg.department_id for leg, _ in legs] == [10, 20, 10]
    desk, theirs, _again = (reading for _, reading in legs)
    assert desk is None
    assert theirs is not None
    assert (theirs.state, theirs.counted) == ("stopped", 5 * 3600)


def test_a_leg_that_begins_while_the_request_waits_begins_paused() -> None:
    told = (TRIAGED, (1, "paused", WAIT), (2, "offered", {"department_id": 20}), (4, "resumed"))
    legs = commitments(log(*told), Rules(), now=BEGIN + timedelta(hours=5))
    assert legs[1][1] is not None
    assert legs[1][1].counted == 3600

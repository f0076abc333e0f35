"""Ten thousand histories, worked out a second time minute by minute by a simulator that shares no code with clocks."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from zhike.service.clocks import Calendar, Mark, Rule, Timeline, pieces, read_clock, sums

HISTORIES = 10_000
BEGIN = datetime(2026, 9, 21, tzinfo=UTC)
MINUTES = 75 * 24 * 60
REASONS = ("customer", "access", "weather")
OFF = {date(2026, 10, day): "国庆节" for day in range(1, 8)} | {date(2026, 11, 11): "停"}
CALENDARS = (
    Calendar("desk", tuple((d, b, e) for d in range(5) for b, e in ((480, 720), (780, 1080))), holidays=OFF,
             working_days={date(2026, 10, 10): 0}),
    Calendar("long", tuple((d, 480, 1200) for d in range(7)), holidays=OFF),
    Calendar("nights", ((0, 1200, 1800), (2, 1320, 1860), (4, 1200, 1920), (5, 60, 300))),
    Calendar("always", tuple((d, 0, 1440) for d in range(7)), zone="UTC"),
    Calendar("new_york", tuple((d, 30, 1000) for d in (0, 1, 2, 3, 4, 5, 6)), zone="America/New_York"),
    Calendar("twice", ((1, 500, 700), (1, 600, 900), (3, 500, 700), (3, 500, 700)),
             days={date(2026, 10, 24): ((540, 600), (570, 660))}),
)  # fmt: skip


@cache
def opening(number: int) -> list[bool]:
    """Return for each minute whether the wall clock stands within the hours of its day or of the night before."""
    calendar = CALENDARS[number]
    zone, found = ZoneInfo(calendar.zone), []
    for minute in range(MINUTES):
        wall = (BEGIN + timedelta(minutes=minute)).astimezone(zone)
        today, past = wall.hour * 60 + wall.minute, wall.hour * 60 + wall.minute + 1440
        found.append(
            any(b <= today < e for b, e in hours_of(calendar, wall.date()))
            or any(b <= past < e for b, e in hours_of(calendar, wall.date() - timedelta(days=1)))
        )
    return found


def hours_of(calendar: Calendar, day: date) -> list[tuple[int, int]]:
    if day in calendar.days:
        return list(calendar.days[day])
    weekday = calendar.working_days.get(day, None if day in calendar.holidays else day.weekday())
    return [(b, e) for d, b, e in calendar.weekly if d == weekday]


def history(dice: random.Random) -> list[dict[str, Any]]:
    """Return what happened, in minutes since the beginning, in order, several things at one minute among it."""
    minute = dice.randrange(0, 50 * 1440)
    found = [{"at": minute, "what": "start", "department": "a", **rules(dice)}]
    for _ in range(dice.randrange(0, 9)):
        minute += dice.choice((0, 0, 1, 7, 60, dice.randrange(1, 400), dice.randrange(1, 2500)))
        what = dice.choice(("pause", "pause", "resume", "resume", "rule", "department", "stop", "reopen"))
        one: dict[str, Any] = {"at": minute, "what": what}
        if what == "pause":
            one["reason"] = dice.choice(REASONS)
        if what == "rule":
            one |= rules(dice)
        if what == "department":
            one["department"] = dice.choice("abc")
        if what == "reopen":
            one["anew"] = dice.random() < 0.5
        found.append(one)
    return found


def rules(dice: random.Random) -> dict[str, Any]:
    calendars = [(0, dice.randrange(len(CALENDARS)))]
    if dice.random() < 0.3:
        calendars.append((dice.randrange(0, 55 * 1440), dice.randrange(len(CALENDARS))))
    return {
        "target": dice.randrange(1, 2000),
        "calendars": calendars,
        "pauses": dice.sample(REASONS, dice.randrange(4)),
    }


def as_marks(told: list[dict[str, Any]]) -> list[Mark]:
    found = []
    for number, one in enumerate(told):
        rule = None
        if "target" in one:
            timeline = Timeline([(seconds(m) if m else 0, CALENDARS[c]) for m, c in one["calendars"]])
            rule = Rule(one["target"] * 60, timeline, frozenset(one["pauses"]))
        found.append(
            Mark(
                seconds(one["at"]), number, one["what"], rule, one.get("department", ""), one.get("reason", ""),
                one.get("anew", False),
            )
        )  # fmt: skip
    return found


def seconds(minute: int) -> int:
    return int(BEGIN.timestamp()) + minute * 60


class Simulated:
    """What a person with a wrist watch and a pencil would note, minute after minute."""

    def __init__(self, told: list[dict[str, Any]], now: int) -> None:
        self.state, self.counted, self.shares = "waiting", 0, {"a": 0, "b": 0, "c": 0}
        self.due = self.breach = None
        self.rule: dict[str, Any] = {}
        self.reason, self.department, self.sheet = "", "", None
        waiting = list(told)
        for minute in range(told[0]["at"], now + 1):
            while waiting and waiting[0]["at"] == minute:
                self.happens(waiting.pop(0), minute)
            if minute < now:
                self.passes(minute)

    def passes(self, minute: int) -> None:
        if self.state != "running":
            return
        calendar = [c for since, c in self.rule["calendars"] if since <= minute or since == 0][-1]
        if opening(calendar)[minute]:
            self.counted += 1
            self.shares[self.department] += 1
            if self.counted > self.rule["target"] and self.breach is None:
                self.breach = self.due if self.due is not None else minute
            if self.counted >= self.rule["target"] and self.due is None:
                self.due = minute + 1 if self.counted == self.rule["target"] else minute

    def happens(self, one: dict[str, Any], minute: int) -> None:
        what = one["what"]
        if what == "start":
            self.state, self.rule, self.department = "running", one, one["department"]
        elif what == "department":
            self.department = one["department"]
        elif what == "pause" and self.state == "running" and one["reason"] in self.rule["pauses"]:
            self.state, self.reason = "paused", one["reason"]
        elif what == "resume" and self.state == "paused":
            self.state = "running"
        elif what == "stop" and self.state != "stopped":
            self.state = "stopped"
        elif what == "reopen" and self.state == "stopped":
            self.state = "running"
            if one["anew"]:
                self.counted, self.due, self.breach = 0, None, None
                self.shares = {"a": 0, "b": 0, "c": 0}
        elif what == "rule":
            self.rule = one
            if self.counted < one["target"]:
                self.due = None
            elif self.due is None:
                self.due = minute
            if self.counted > one["target"] and self.breach is None and self.state != "stopped":
                self.breach = minute
            if self.state == "paused" and self.reason not in one["pauses"]:
                self.state = "running"


def test_ten_thousand_histories_agree_minute_by_minute() -> None:
    dice = random.Random(20261123)  # noqa: S311  dice of a test are no secret
    for number in range(HISTORIES):
        told = history(dice)
        now = told[-1]["at"] + dice.choice((0, 1, 30, 500, dice.randrange(3000)))
        reading, simulated = read_clock(as_marks(told), seconds(now)), Simulated(told, now)
        what = (number, told, now)
        assert reading.counted == simulated.counted * 60, what
        assert reading.state == simulated.state, what
        assert {key: value for key, value in reading.by_department.items() if value} == {
            key: value * 60 for key, value in simulated.shares.items() if value
        }, what
        assert reading.breached_at == (None if simulated.breach is None else seconds(simulated.breach)), what
        if simulated.due is not None:
            assert reading.due_at == seconds(simulated.due), what
        found = pieces(reading.segments)
        assert all(one.end == other.begin for one, other in pairwise(found)), what
        if not reading.earlier_breaches and reading.rounds == 1:
            assert sums(found).get("counted", 0) == reading.counted, what


def test_what_is_due_is_reached_then_and_no_minute_earlier() -> None:
    dice = random.Random(7)  # noqa: S311  dice of a test are no secret
    checked = 0
    while checked < 400:
        told = history(dice)
        now = told[-1]["at"]
        reading = read_clock(as_marks(told), seconds(now))
        if reading.state != "running" or reading.due_at is None or reading.due_at <= seconds(now):
            continue
        due = (reading.due_at - seconds(0)) // 60
        if due >= MINUTES - 1:
            continue
        assert Simulated(told, due).counted == simulated_target(told)
        assert Simulated(told, due - 1).counted < simulated_target(told)
        checked += 1


def simulated_target(told: list[dict[str, Any]]) -> int:
    return int([one for one in told if "target" in one][-1]["target"])


def test_a_later_mark_never_changes_what_was_before_it() -> None:
    dice = random.Random(3)  # noqa: S311  dice of a test are no secret
    for _ in range(500):
        told = history(dice)
        marks = as_marks(told)
        before = read_clock(marks[:-1], marks[-1].at)
        after = read_clock(marks, marks[-1].at + 10_000)
        parts = [(one.begin, one.end, one.state, one.department) for one in before.segments]
        assert [(one.begin, one.end, one.state, one.department) for one in after.segments][: len(parts)] == parts

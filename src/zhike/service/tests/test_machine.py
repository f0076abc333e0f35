"""Whatever people try in whatever order: nothing closes illegally, and every second belongs to one department."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import settings, strategies
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from zhike.service import steps
from zhike.service.codes import GROUPS, OUTCOMES, PRIORITIES
from zhike.service.log import Draft, Fact
from zhike.service.refusals import WORDS, Refused
from zhike.service.standing import Standing, apply, fold
from zhike.service.steps import Rules, Who

RULES = Rules(categories=("network_quality", "billing"))
DEPARTMENTS = {1: 10, 2: 10, 3: 20, 4: 20, 5: 30}
"""Who works where: 1 and 2 on the desk, 3 and 4 in one back office, 5 in another; 6 and 7 supervise."""
PEOPLE = strategies.integers(1, 7)
WORDS_SAID = strategies.sampled_from(["", " ", "好"])


class Machine(RuleBasedStateMachine):
    """One request in the hands of seven people, with a second one to merge into and a parent to be linked to."""

    def __init__(self) -> None:
        super().__init__()
        self.now = datetime(2026, 11, 18, 8, tzinfo=UTC)
        self.standing = Standing()
        self.facts: list[Fact] = []
        self.closed_by: list[tuple[str, set[int], int | None]] = []

    def who(self, staff_id: int) -> Who:
        departments = frozenset({DEPARTMENTS[staff_id]}) if staff_id in DEPARTMENTS else frozenset()
        return Who(staff_id, departments, supervises=staff_id > 5)

    def write(self, staff_id: int, drafts: list[Draft]) -> None:
        for draft in drafts:
            fact = Fact(
                self.standing.version + 1, draft.kind, self.now, staff_id, str(staff_id), DEPARTMENTS.get(staff_id),
                draft.words, draft.to_customer, draft.data,
            )  # fmt: skip
            before = set(self.standing.handlers)
            apply(self.standing, fact)
            self.facts.append(fact)
            if draft.kind == "closed":
                self.closed_by.append((draft.data["how"], before, staff_id))

    def attempt(self, staff_id: int, judge: Callable[[], list[Draft]]) -> None:
        code = ""
        try:
            self.write(staff_id, judge())
        except Refused as refused:
            code = refused.code
        assert not code or code in WORDS

    @initialize(owner=strategies.sampled_from([None, 1]))
    def take(self, owner: int | None) -> None:
        data: dict[str, Any] = {
            "kind": "need", "channel": "hotline", "department_id": 10, "owner_id": owner, "account_id": 7,
        }  # fmt: skip
        self.write(1, [Draft("taken", data=data)])

    @rule(minutes=strategies.integers(0, 60 * 24 * 40))
    def wait(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(times=strategies.integers(1, 7))
    def go_on(self, times: int) -> None:
        """Take the next steps as they should be taken, or a random walk would seldom come to the end."""
        for _ in range(times):
            match self.standing.stage:
                case "triage":
                    self.triage(1, "billing")
                    self.own(1, 1)
                case "assign":
                    self.offer(1, 20)
                case "handle" if self.standing.department_id == 20:
                    self.accept(3, False)
                    self.work(3, "好")
                case "answer":
                    self.answer(1, "好")
                case "call_back":
                    self.verdict(2, True)
                case _:
                    self.reopen(1, "又坏了")

    @rule(by=PEOPLE, owner=PEOPLE)
    def own(self, by: int, owner: int) -> None:
        home = DEPARTMENTS.get(owner, 10)
        self.attempt(by, lambda: steps.own(self.standing, self.who(by), owner_id=owner, department_id=home))

    @rule(by=PEOPLE, category=strategies.sampled_from(["network_quality", "billing", "nothing"]))
    def triage(self, by: int, category: str) -> None:
        self.attempt(by, lambda: steps.triage(self.standing, RULES, category=category))

    @rule(by=PEOPLE, priority=strategies.sampled_from([*PRIORITIES, "soon"]), words=WORDS_SAID)
    def prioritise(self, by: int, priority: str, words: str) -> None:
        self.attempt(by, lambda: steps.prioritise(self.standing, priority=priority, reason=words))

    @rule(by=PEOPLE, department=strategies.sampled_from([10, 20, 30]))
    def offer(self, by: int, department: int) -> None:
        self.attempt(by, lambda: steps.offer(self.standing, department_id=department))

    @rule(by=PEOPLE, queue=strategies.booleans())
    def accept(self, by: int, queue: bool) -> None:
        self.attempt(by, lambda: steps.accept(self.standing, self.who(by), handler_id=None if queue else by))

    @rule(by=PEOPLE, reason=strategies.sampled_from(["not_ours", "lazy"]), words=WORDS_SAID)
    def give_back(self, by: int, reason: str, words: str) -> None:
        self.attempt(by, lambda: steps.give_back(self.standing, self.who(by), RULES, reason=reason, words=words))

    @rule(by=PEOPLE, to=strategies.one_of(strategies.none(), PEOPLE))
    def hand(self, by: int, to: int | None) -> None:
        self.attempt(by, lambda: steps.hand(self.standing, self.who(by), handler_id=to))

    @rule(by=PEOPLE, words=WORDS_SAID)
    def work(self, by: int, words: str) -> None:
        self.attempt(by, lambda: steps.work(self.standing, self.who(by), words=words))

    @rule(by=PEOPLE, reason=strategies.sampled_from(["waiting_customer", "access_refused", "lunch"]))
    def pause(self, by: int, reason: str) -> None:
        self.attempt(by, lambda: steps.pause(self.standing, self.who(by), RULES, reason=reason, words="等"))

    @rule(by=PEOPLE)
    def resume(self, by: int) -> None:
        self.attempt(by, lambda: steps.resume(self.standing))

    @rule(by=PEOPLE, kind=strategies.sampled_from(["contact", "note", "reply", "hear"]))
    def speak(self, by: int, kind: str) -> None:
        judges: dict[str, Callable[[], list[Draft]]] = {
            "contact": lambda: steps.contact(self.standing),
            "note": lambda: steps.note(words="记"),
            "reply": lambda: steps.reply(self.standing, words="在查"),
            "hear": lambda: steps.hear(self.standing, words="催"),
        }
        self.attempt(by, judges[kind])

    @rule(by=PEOPLE, words=WORDS_SAID)
    def answer(self, by: int, words: str) -> None:
        self.attempt(by, lambda: steps.answer(self.standing, words=words))

    @rule(by=PEOPLE)
    def call_in_vain(self, by: int) -> None:
        self.attempt(by, lambda: steps.call_back(self.standing, self.who(by), reached=False))

    @rule(by=PEOPLE, satisfied=strategies.booleans())
    def verdict(self, by: int, satisfied: bool) -> None:
        self.attempt(
            by,
            lambda: steps.hear_verdict(self.standing, self.who(by), satisfied=satisfied, score=None, words=""),
        )

    @rule(by=PEOPLE, reason=strategies.sampled_from(["unreachable", "tired"]))
    def propose(self, by: int, reason: str) -> None:
        self.attempt(by, lambda: steps.propose_exception(self.standing, RULES, reason=reason, words="三次未通"))

    @rule(by=strategies.sampled_from([6, 7]), grant=strategies.booleans(), words=WORDS_SAID)
    def decide(self, by: int, grant: bool, words: str) -> None:
        proposer = self.standing.exception_by_id
        closed = len(self.closed_by)
        self.attempt(by, lambda: steps.decide_exception(self.standing, self.who(by), grant=grant, words=words))
        if len(self.closed_by) > closed:
            assert proposer != by

    @rule(by=PEOPLE, words=WORDS_SAID)
    def reopen(self, by: int, words: str) -> None:
        self.attempt(by, lambda: steps.reopen(self.standing, RULES, now=self.now, words=words))

    @rule(by=PEOPLE, level=strategies.integers(0, 5))
    def escalate(self, by: int, level: int) -> None:
        self.attempt(by, lambda: steps.escalate(self.standing, RULES, level=level, words="急"))

    @rule(by=PEOPLE, person=PEOPLE, part=strategies.sampled_from([*GROUPS, "owner"]), leave=strategies.booleans())
    def group(self, by: int, person: int, part: str, leave: bool) -> None:
        act = steps.leave if leave else steps.join
        self.attempt(by, lambda: act(self.standing, staff_id=person, part=part))

    @rule(by=PEOPLE, same=strategies.booleans(), still_open=strategies.booleans())
    def merge(self, by: int, same: bool, still_open: bool) -> None:
        target = Standing(account_id=7 if same else 8, stage="handle" if still_open else "closed")
        self.attempt(by, lambda: steps.merge(self.standing, target, into_id=99, number="TS-99"))

    @rule(by=PEOPLE, outcome=strategies.sampled_from([*OUTCOMES, "?"]))
    def result(self, by: int, outcome: str) -> None:
        self.attempt(by, lambda: steps.result(self.standing, outcome=outcome, words="说明"))

    @invariant()
    def nothing_closes_by_an_illegal_way(self) -> None:
        standing = self.standing
        for how, handlers, by in self.closed_by:
            assert how in {"satisfied", "exception", "merged"}
            if how == "satisfied":
                assert by not in handlers
            if how == "exception":
                assert by not in handlers
        if standing.stage == "closed":
            assert standing.closed_at is not None
            assert standing.leg is None
            assert standing.paused_at is None
            assert standing.handler_id is None
            assert not any(one.until is None for one in standing.parts)
            if standing.closed_how == "satisfied":
                assert standing.satisfied
                assert standing.answered_at is not None
                assert standing.answered_at <= standing.closed_at
            elif standing.closed_how == "exception":
                assert standing.exception_reason
            else:
                assert standing.merged_into_id == 99
        elif standing.stage:
            assert standing.leg is not None
            assert standing.closed_at is None
            assert standing.closed_how == ""

    @invariant()
    def every_second_it_was_open_belongs_to_one_department(self) -> None:
        legs, open_seconds, since = self.standing.legs, 0.0, None
        for fact in self.facts:
            if fact.kind in {"taken", "reopened"}:
                since = fact.at
            elif fact.kind == "closed" and since is not None:
                open_seconds, since = open_seconds + (fact.at - since).total_seconds(), None
        if since is not None:
            open_seconds += (self.now - since).total_seconds()
        split = sum(((leg.ended_at or self.now) - leg.began_at).total_seconds() for leg in legs)
        assert split == open_seconds
        for before, after in pairwise(legs):
            assert before.ended_at is not None
            assert before.ended_at == after.began_at or before.ended_how == "closed"
            assert before.ended_at <= after.began_at

    @invariant()
    def the_log_alone_tells_how_it_stands(self) -> None:
        assert fold(self.facts) == self.standing

    @invariant()
    def a_handler_has_accepted_first(self) -> None:
        if self.standing.handler_id is not None:
            assert self.standing.stage == "handle"
            assert self.standing.accepted


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)

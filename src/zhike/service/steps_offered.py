"""Which steps the judges would let a person take now: asked of the judges themselves. Pure; holds no rule of its own.

Each step is tried with values that no request holds, so that only where the request stands and who asks decide.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from zhike.service import steps
from zhike.service.codes import PRIORITIES
from zhike.service.refusals import Refused
from zhike.service.standing import Standing
from zhike.service.steps import Drafts, Rules, Who

NOBODY = -1
SAID = "?"
Trial = Callable[[Standing, Who, Rules, datetime], Drafts]


def _first(listed: object) -> str:
    return next(iter(listed), "") if isinstance(listed, list | tuple | set | frozenset | dict) else ""


def _own(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    if standing.owner_id is not None or who.staff_id is None:
        raise Refused("owned")
    return steps.own(standing, who, owner_id=who.staff_id, department_id=standing.home_id)


def _name_owner(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    if not who.supervises:
        raise Refused("not_yours")
    return steps.own(standing, who, owner_id=NOBODY, department_id=standing.home_id)


def _triage(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    other = next((one for one in rules.categories if one != standing.category), _first(rules.categories) or SAID)
    return steps.triage(standing, rules, category=other)


def _prioritise(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    other = next(one for one in PRIORITIES if one != standing.priority)
    return steps.prioritise(standing, priority=other, reason=SAID)


def _accept(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.accept(standing, who, handler_id=who.staff_id)


def _give_back(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.give_back(standing, who, rules, reason=_first(rules.return_reasons), words=SAID)


def _pause(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.pause(standing, who, rules, reason=_first(rules.pause_reasons), words=SAID)


def _verdict(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.hear_verdict(standing, who, satisfied=True, score=None, words="")


def _propose(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.propose_exception(standing, rules, reason=_first(rules.exception_reasons), words=SAID)


def _escalate(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.escalate(standing, rules, level=standing.escalation + 1, words=SAID)


def _declare(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    if standing.special:
        raise Refused("already")
    return steps.declare(standing, special="outage", words=SAID)


def _tell_all(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    if not standing.special:
        raise Refused("not_parent")
    return steps.reply(standing, words=SAID)


def _link(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.link(standing, Standing(stage="assign", special="outage"), parent_id=NOBODY)


def _merge(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    other = Standing(stage="assign", account_id=standing.account_id)
    return steps.merge(standing, other, into_id=NOBODY, number=SAID)


def _leave(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    for one in standing.parts:
        if one.until is None and one.part in ("coordination", "team"):
            return steps.leave(standing, staff_id=one.staff_id, part=one.part)
    raise Refused("already")


def _result(standing: Standing, who: Who, rules: Rules, now: datetime) -> Drafts:
    return steps.result(standing, outcome="met", words=SAID)


TRIALS: dict[str, Trial] = {
    "own": _own,
    "name_owner": _name_owner,
    "recognise": lambda standing, who, rules, now: steps.recognise(standing, who, customer={"account_id": NOBODY}),
    "triage": _triage,
    "prioritise": _prioritise,
    "offer": lambda standing, who, rules, now: steps.offer(standing, department_id=NOBODY),
    "accept": _accept,
    "give_back": _give_back,
    "hand": lambda standing, who, rules, now: steps.hand(standing, who, handler_id=NOBODY),
    "work": lambda standing, who, rules, now: steps.work(standing, who, words=SAID),
    "contact": lambda standing, who, rules, now: steps.contact(standing),
    "pause": _pause,
    "resume": lambda standing, who, rules, now: steps.resume(standing),
    "answer": lambda standing, who, rules, now: steps.answer(standing, words=SAID),
    "verdict": _verdict,
    "propose_exception": _propose,
    "decide_exception": lambda standing, who, rules, now: steps.decide_exception(standing, who, grant=True, words=SAID),
    "reopen": lambda standing, who, rules, now: steps.reopen(standing, rules, now=now, words=SAID),
    "escalate": _escalate,
    "supervise": lambda standing, who, rules, now: steps.supervise(standing, words=SAID, due_at=None),
    "end_supervision": lambda standing, who, rules, now: steps.end_supervision(standing, words=SAID),
    "join": lambda standing, who, rules, now: steps.join(standing, staff_id=NOBODY, part="team"),
    "leave": _leave,
    "declare": _declare,
    "tell_all": _tell_all,
    "link": _link,
    "unlink": lambda standing, who, rules, now: steps.unlink(standing),
    "merge": _merge,
    "split": lambda standing, who, rules, now: steps.reply(standing, words=SAID),
    "result": _result,
}


def offered(standing: Standing, who: Who, rules: Rules, *, now: datetime) -> set[str]:
    """Return the names of the steps that would not be refused."""
    found = set()
    for name, trial in TRIALS.items():
        try:
            trial(standing, who, rules, now)
        except Refused:
            continue
        found.add(name)
    return found


def why_not(name: str, standing: Standing, who: Who, rules: Rules, *, now: datetime) -> Refused | None:
    """Return why a step would be refused now, or nothing."""
    try:
        TRIALS[name](standing, who, rules, now)
    except Refused as refusal:
        return refusal
    return None

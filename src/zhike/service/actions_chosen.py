"""One step for many chosen requests, each for itself: taken, assigned, handed over, supervised, merged.

Refuses all or nothing: one request that somebody else was quicker with does not hold up the others. Each outcome is
told by itself, with who came first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from zhike.core.actor import Actor, require
from zhike.service import actions_many, actions_steps, actions_watch
from zhike.service.log import Fact
from zhike.service.models import Request
from zhike.service.refusals import Overtaken, Refused

MOST = 100
Act = Callable[[Actor, str, int, Mapping[str, Any]], object]
TAKE, HANDLE, SUPERVISE = "requests.take", "requests.handle", "requests.supervise"
PERMISSIONS = {"own": TAKE, "offer": TAKE, "hand": HANDLE, "supervise": SUPERVISE, "merge": TAKE}
"""The steps that may be taken for many, and what each asks of the person."""


@dataclass(frozen=True)
class Outcome:
    """What came of one request: done, or why not; `first` is what somebody else did before."""

    number: str
    done: bool
    words: str = ""
    first: tuple[Fact, ...] = ()


def do_all(actor: Actor, step: str, chosen: Sequence[tuple[str, int]], given: Mapping[str, Any]) -> list[Outcome]:
    """Take a step for each of these requests (number, version seen) and return what came of each, in their order.

    Raises
    ------
    KeyError
        When there is no such step.
    """
    require(actor, PERMISSIONS[step])
    return [_one(actor, _STEPS[step], number, seen, given) for number, seen in chosen[:MOST]]


def _one(actor: Actor, act: Act, number: str, seen: int, given: Mapping[str, Any]) -> Outcome:
    try:
        act(actor, number, seen, given)
    except Overtaken as overtaken:
        return Outcome(number, False, first=tuple(overtaken.facts))
    except Refused as refused:
        return Outcome(number, False, refused.words)
    except Request.DoesNotExist:
        return Outcome(number, False, Refused("no_such_request").words)
    return Outcome(number, True)


def _own(actor: Actor, number: str, seen: int, given: Mapping[str, Any]) -> object:
    return actions_steps.own(actor, number=number, seen=seen)


def _offer(actor: Actor, number: str, seen: int, given: Mapping[str, Any]) -> object:
    return actions_steps.offer(actor, number=number, department=given["department"], words=given["words"], seen=seen)


def _hand(actor: Actor, number: str, seen: int, given: Mapping[str, Any]) -> object:
    return actions_steps.hand(actor, number=number, handler_id=given["handler_id"], seen=seen)


def _supervise(actor: Actor, number: str, seen: int, given: Mapping[str, Any]) -> object:
    return actions_watch.supervise(actor, number=number, words=given["words"], due_at=given.get("due_at"))


def _merge(actor: Actor, number: str, seen: int, given: Mapping[str, Any]) -> object:
    return actions_many.merge(actor, number=number, into=given["into"])


_STEPS: dict[str, Act] = {
    "own": _own, "offer": _offer, "hand": _hand, "supervise": _supervise, "merge": _merge,
}  # fmt: skip

"""What is done to many requests of one event: linked to their parent, answered with one text. Each for itself, audited.

The first are done at once, the others by a job. Refuses to answer for a department that is still at work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from zhike.core.actor import Actor, require
from zhike.service import actions_many, steps
from zhike.service.actions_writing import Case, step
from zhike.service.models import Request
from zhike.service.refusals import Refused
from zhike.service.rules import rules_now
from zhike.service.steps import Drafts

SUPERVISE = "requests.supervise"
AT_ONCE = 50


@dataclass(frozen=True)
class Done:
    """What was done at once: how many, how many were refused, how many a job does."""

    done: int
    refused: int
    later: int


def link_all(actor: Actor, *, parent: str, numbers: Sequence[str]) -> Done:
    """Link these requests to a parent."""
    require(actor, SUPERVISE)
    done, refused = linked(actor, parent, numbers[:AT_ONCE])
    if later := list(numbers[AT_ONCE:]):
        from zhike.service.jobs import link_children  # jobs call this module

        link_children.enqueue(actor, parent=parent, numbers=later)
    return Done(done, refused, len(later))


def linked(actor: Actor, parent: str, numbers: Sequence[str]) -> tuple[int, int]:
    """Link these requests now; return how many were linked and how many refused it."""
    return _each(numbers, lambda number: actions_many.link(actor, number=number, parent=parent))


def answer_all(actor: Actor, *, parent: str, words: str) -> Done:
    """Answer the customers of all children that nobody works on any more, in the same words.

    Raises
    ------
    Refused
        ``no_words``, or ``not_parent`` when it is no parent.
    Request.DoesNotExist
        When there is no such request that the actor reaches.
    """
    require(actor, SUPERVISE)
    if not words.strip():
        raise Refused("no_words")
    above = Request.objects.for_actor(actor).get(number=parent)
    if not above.special:
        raise Refused("not_parent")
    rows = Request.objects.for_actor(actor).filter(parent_id=above.pk, stage__in=("triage", "assign", "answer"))
    numbers = list(rows.order_by("pk").values_list("number", flat=True))
    done, refused = answered(actor, parent, numbers[:AT_ONCE], words)
    if later := numbers[AT_ONCE:]:
        from zhike.service.jobs import answer_children  # jobs call this module

        answer_children.enqueue(actor, parent=parent, numbers=later, words=words)
    return Done(done, refused, len(later))


def answered(actor: Actor, parent: str, numbers: Sequence[str], words: str) -> tuple[int, int]:
    """Answer these children now; what they lack (category, owner) they take from their parent."""
    above = Request.objects.for_actor(actor).get(number=parent)

    def judge(case: Case) -> Drafts:
        drafts: Drafts = []
        if case.standing.parent_id != above.pk:
            raise Refused("not_linked")
        if case.standing.stage == "triage":
            drafts += steps.triage(case.standing, rules_now(), category=case.standing.category or above.category)
        if case.standing.owner_id is None:
            owner = above.owner_id or actor.staff_id
            if owner is None:
                raise Refused("no_owner")
            drafts += steps.own(case.standing, case.who, owner_id=owner, department_id=case.standing.home_id)
        case.add(drafts)
        return steps.answer(case.standing, words=words)

    return _each(numbers, lambda number: step(actor, "answer", number, judge, permission=SUPERVISE))


def _each(numbers: Sequence[str], act: Callable[[str], object]) -> tuple[int, int]:
    done = 0
    for number in numbers:
        try:
            act(number)
        except (Refused, Request.DoesNotExist):
            continue
        done += 1
    return done, len(numbers) - done

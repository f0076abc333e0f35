"""How every step is written: the row held, the log read and folded, facts added, row, legs and parts brought in line.

Refuses to write over what somebody else did since the person looked, and rows that the actor does not reach.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.service import clock_feed
from zhike.service.codes import URGENCY
from zhike.service.log import QUIET, Draft, Fact
from zhike.service.models import Leg, Participation, Request, RequestEvent
from zhike.service.queries_departments import departments_of_staff
from zhike.service.refusals import Overtaken
from zhike.service.standing import Part, Standing, Stretch, apply, columns, fold
from zhike.service.steps import Who

OWN_ROWS = "rows of a request that is held and was found for the actor"


@dataclass
class Case:
    """A request that is held for a step: its row, its log, how it stands, who acts."""

    request: Request
    facts: list[Fact]
    standing: Standing
    actor: Actor
    who: Who
    now: datetime
    fresh: list[Fact] = field(default_factory=list)

    def add(self, drafts: Iterable[Draft]) -> None:
        """Let facts be so; they are written when the case is left."""
        for draft in drafts:
            fact = Fact(
                self.standing.version + 1, draft.kind, self.now, self.actor.staff_id, self.actor.name,
                self._department(), draft.words, draft.to_customer, draft.data,
            )  # fmt: skip
            apply(self.standing, fact)
            self.fresh.append(fact)

    def _department(self) -> int | None:
        """Return for which department the actor acts: the one that has it, where they stand in it."""
        if self.standing.department_id in self.who.departments:
            return self.standing.department_id
        return min(self.who.departments, default=None)


def who_is(actor: Actor) -> Who:
    """Return the actor as steps judge people."""
    return Who(actor.staff_id, departments_of_staff(actor.staff_id), actor.may("requests.supervise"), actor.is_system)


@contextmanager
def held(
    actor: Actor, action: str, number: str, *, permission: str, seen: int | None = None, reason: str = ""
) -> Iterator[Case]:
    """Hold a request for one step and write what the block adds to it.

    `seen` is the version that the person looked at; ``None`` where what happened since does not matter.

    Raises
    ------
    Request.DoesNotExist
        When there is none that the actor reaches.
    Overtaken
        When somebody else did something since that this step would write over.
    """
    require(actor, permission)
    with audited(actor, f"service.{action}", reason=reason[:300]):
        request = Request.objects.for_actor(actor).select_for_update(of=("self",)).get(number=number)
        case = opened(actor, request, who_is(actor))
        if seen is not None and seen != case.standing.version:
            since = [fact for fact in case.facts if fact.sequence > seen]
            if any(fact.kind not in QUIET for fact in since):
                raise Overtaken(since)
        yield case
        write(case)


def opened(actor: Actor, request: Request, who: Who) -> Case:
    """Return the case of a request whose row is held already."""
    facts = facts_of(request.pk)
    standing = fold(facts)
    now = timezone.now()
    if standing.changed_at is not None:
        now = max(now, standing.changed_at)  # two servers' clocks may differ; the log never runs backwards
    return Case(request, facts, standing, actor, who, now)


def facts_of(request_id: int) -> list[Fact]:
    """Return the log of a request, oldest first."""
    rows = RequestEvent.objects.unscoped(reason=OWN_ROWS).filter(request_id=request_id)
    return [row.as_fact() for row in rows.order_by("sequence")]


def write(case: Case) -> None:
    """Write what was added to a case: the log first, then the row, legs and parts that follow from it."""
    if not case.fresh:
        return
    before = fold(case.facts)
    request = case.request
    RequestEvent.objects.unscoped(reason=OWN_ROWS).bulk_create(event_rows(request.pk, case.fresh))
    changed = {name: value for name, value in columns(case.standing).items() if value != getattr(before, name)}
    if "priority" in changed:
        changed["urgency"] = URGENCY[case.standing.priority]
    if (book := clock_feed.book_now()) is not None:
        due = clock_feed.next_due([*case.facts, *case.fresh], book, now=case.now)
        changed |= {name: value for name, value in due.as_columns().items() if value != getattr(request, name)}
    for name, value in changed.items():
        setattr(request, name, value)
    request.save(update_fields=[name.removesuffix("_id") for name in changed])
    _write_legs(request.pk, before.legs, case.standing.legs)
    _write_parts(request.pk, before.parts, case.standing.parts)


def event_rows(request_id: int, facts: Sequence[Fact]) -> list[RequestEvent]:
    """Return the log's rows for facts."""
    return [
        RequestEvent(
            request_id=request_id, sequence=fact.sequence, kind=fact.kind, at=fact.at, by_id=fact.by_id,
            by_name=fact.by_name, department_id=fact.department_id, words=fact.words, to_customer=fact.to_customer,
            data=fact.data,
        )
        for fact in facts
    ]  # fmt: skip


def leg_rows(request_id: int, legs: Iterable[Stretch]) -> list[Leg]:
    """Return the rows of legs."""
    return [
        Leg(
            request_id=request_id, ordinal=leg.ordinal, department_id=leg.department_id, stage=leg.stage,
            began_at=leg.began_at, offered_by_id=leg.offered_by_id, accepted_at=leg.accepted_at,
            accepted_by_id=leg.accepted_by_id, ended_at=leg.ended_at, ended_how=leg.ended_how, reason=leg.reason,
        )
        for leg in legs
    ]  # fmt: skip


def part_rows(request_id: int, parts: Iterable[tuple[int, Part]]) -> list[Participation]:
    """Return the rows of parts, each with its place in their order."""
    return [
        Participation(
            request_id=request_id, ordinal=ordinal, staff_id=one.staff_id, part=one.part, since=one.since,
            until=one.until,
        )
        for ordinal, one in parts
    ]  # fmt: skip


def _write_legs(request_id: int, before: list[Stretch], after: list[Stretch]) -> None:
    if changed := [leg for leg in after if leg.ordinal > len(before) or before[leg.ordinal - 1] != leg]:
        Leg.objects.unscoped(reason=OWN_ROWS).bulk_create(
            leg_rows(request_id, changed), update_conflicts=True, unique_fields=["request", "ordinal"],
            update_fields=["accepted_at", "accepted_by_id", "ended_at", "ended_how", "reason"],
        )  # fmt: skip


def _write_parts(request_id: int, before: list[Part], after: list[Part]) -> None:
    for ordinal, (old, new) in enumerate(zip(before, after, strict=False), start=1):
        if old != new:
            rows = Participation.objects.unscoped(reason=OWN_ROWS)
            rows.filter(request_id=request_id, ordinal=ordinal).update(until=new.until)
    if fresh := list(enumerate(after, start=1))[len(before) :]:
        Participation.objects.unscoped(reason=OWN_ROWS).bulk_create(part_rows(request_id, fresh))


Judge = Callable[[Case], list[Draft]]


def step(
    actor: Actor, action: str, number: str, judge: Judge, *, permission: str, seen: int | None = None, reason: str = ""
) -> Request:
    """Take one step: what the judge returns is written. Raises what `held` and the judge raise."""
    with held(actor, action, number, permission=permission, seen=seen, reason=reason) as case:
        case.add(judge(case))
    return case.request

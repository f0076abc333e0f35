"""Several requests at once: parents of outages and special events, one message to all, merging, splitting. All audited.

Refuses to hold two requests in any order but that of their ids: two people merging both ways must not wait for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.service import steps
from zhike.service.actions import create
from zhike.service.actions_writing import Case, held, opened, step, who_is, write
from zhike.service.codes import KINDS
from zhike.service.jobs import recompute_clocks
from zhike.service.log import Draft
from zhike.service.models import Request
from zhike.service.refusals import Refused
from zhike.service.rules import rules_now

TAKE, SUPERVISE = "requests.take", "requests.supervise"


def declare(actor: Actor, *, number: str, special: str, words: str) -> Request:
    """Make a request the parent of an outage or a special event."""
    return step(
        actor, "declare", number, lambda case: steps.declare(case.standing, special=special, words=words),
        permission=SUPERVISE, reason=words,
    )  # fmt: skip


def link(actor: Actor, *, number: str, parent: str, seen: int | None = None) -> Request:
    """Link a request to a parent."""
    with _two(actor, "link", number, parent, permission=TAKE) as (child, above):
        child.add(steps.link(child.standing, above.standing, parent_id=above.request.pk))
    return child.request


def unlink(actor: Actor, *, number: str) -> Request:
    """Take a request from its parent again."""
    return step(actor, "unlink", number, lambda case: steps.unlink(case.standing), permission=TAKE)


def merge(actor: Actor, *, number: str, into: str) -> Request:
    """Merge a request into another of the same customer; the loop is closed there for both."""
    if number == into:
        raise Refused("merge_self")
    with _two(actor, "merge", number, into, permission=TAKE) as (source, target):
        found = steps.merge(
            source.standing, target.standing, into_id=target.request.pk, number=target.request.number
        )  # fmt: skip
        source.add(found)
        target.add([Draft("absorbed", data={"id": source.request.pk, "number": source.request.number})])
    return target.request


def split(actor: Actor, *, number: str, title: str, text: str, category: str, kind: str = "") -> Request:
    """Make a second concern of a request a request of its own, for the same customer and owner."""
    if not title.strip():
        raise Refused("no_words")
    rules = rules_now()
    if (rules.categories and category not in rules.categories) or (kind and kind not in KINDS):
        raise Refused("unknown_value")
    with held(actor, "split", number, permission=TAKE) as case:
        if not case.standing.is_open:
            raise Refused("closed")
        source, standing = case.request, case.standing
        data: dict[str, Any] = {
            "kind": kind or standing.kind, "channel": standing.channel, "category": category,
            "priority": standing.priority, "department_id": standing.home_id, "owner_id": standing.owner_id,
            "from": source.number,
        } | {
            name: getattr(standing, name)
            for name in ("account_id", "contact_id", "subscription_id", "recognised_by", "tier", "service_level",
                         "assurance_level", "segment")
        }  # fmt: skip
        part = Request(
            title=title.strip()[:120], text=text.strip(), region_id=source.region_id, caller_name=source.caller_name,
            caller_phone=source.caller_phone, caller_address=source.caller_address,
        )  # fmt: skip
        create(actor, part, data, moment=case.now)
        case.add([Draft("split", data={"id": part.pk, "number": part.number})])
    return part


TELL_ALL = """
WITH held AS (
    SELECT id, version, changed_at FROM service_request
    WHERE parent_id = %(parent)s AND stage <> 'closed' ORDER BY id FOR UPDATE
), told AS (
    INSERT INTO service_requestevent
        (request_id, sequence, kind, at, by_id, by_name, department_id, words, to_customer, data)
    SELECT id, version + 1, 'told', greatest(%(now)s, changed_at), %(by)s, %(name)s, %(department)s, %(words)s, true,
        jsonb_build_object('parent', %(number)s::text)
    FROM held
    RETURNING request_id, sequence, at
)
UPDATE service_request r SET version = told.sequence, changed_at = told.at, replied_at = told.at,
    contacted_at = coalesce(r.contacted_at, told.at)
FROM told WHERE r.id = told.request_id
RETURNING r.id
"""
"""What the fold makes of a message, for thousands of children at once (a test holds both to the same result)."""


def tell_all(actor: Actor, *, number: str, words: str) -> list[int]:
    """Tell the customers of all open requests under a parent the same; return the ids of those requests."""
    require(actor, SUPERVISE)
    if not words.strip():
        raise Refused("no_words")
    with held(actor, "tell_all", number, permission=SUPERVISE) as case:
        if not case.standing.special:
            raise Refused("not_parent")
        if not case.standing.is_open:
            raise Refused("closed")
        case.add([Draft("told", words=words.strip(), to_customer=True, data={"children": True})])
        with connection.cursor() as cursor:
            cursor.execute(
                TELL_ALL,
                {
                    "parent": case.request.pk, "now": case.now, "by": actor.staff_id, "name": actor.name,
                    "department": case.fresh[-1].department_id, "words": words.strip(), "number": number,
                },
            )  # fmt: skip
            told = [row[0] for row in cursor.fetchall()]
        if told:  # a word to the customer begins the next period of progress replies
            recompute_clocks.enqueue(actor, lock="service.recompute", ids=told)
    return told


@contextmanager
def _two(actor: Actor, action: str, first: str, second: str, *, permission: str) -> Iterator[tuple[Case, Case]]:
    """Hold two requests and write what the block adds to either."""
    require(actor, permission)
    with audited(actor, f"service.{action}"):
        rows = Request.objects.for_actor(actor).filter(number__in=[first, second])
        found = {one.number: one for one in rows.select_for_update(of=("self",)).order_by("pk")}
        who = who_is(actor)
        if first not in found or second not in found:
            raise Request.DoesNotExist
        cases = opened(actor, found[first], who), opened(actor, found[second], who)
        yield cases
        for case in cases:
            write(case)

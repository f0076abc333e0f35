"""Taking requests in: one action for pages, portal, e-mail, social channels and interfaces. Refuses to take one twice.

What is returned is safely written: files on disk, the log and everything that follows from it committed. The same
message delivered again (channel and its own id) is answered with the request it became.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.utils import timezone

from zhike.core.actor import Actor, ScopeKind, require
from zhike.core.audit import audited
from zhike.customers.queries_recognition import Candidate, Clues, candidate_of, recognise
from zhike.service import clock_feed, signs
from zhike.service.actions_writing import OWN_ROWS
from zhike.service.codes import CHANNELS, KINDS, PRIORITIES, URGENCY
from zhike.service.files import Kept, Upload, keep_all
from zhike.service.log import Draft, Fact
from zhike.service.models import Attachment, Request
from zhike.service.queries_departments import departments_of_staff, desk_of, own_region
from zhike.service.refusals import Refused
from zhike.service.rules import rules_now
from zhike.service.sql import NUMBERS, new_request
from zhike.service.standing import Standing, apply, columns
from zhike.service.steps import notice

TAKE = "requests.take"
LONGEST_TITLE = 120
LONGEST_TEXT = 20_000


@dataclass(frozen=True)
class Caller:
    """Who calls or writes. `phone` and `address` (WeChat id, e-mail) are clues by which the customer is recognised."""

    name: str = ""
    phone: str = ""
    address: str = ""


@dataclass(frozen=True)
class Taken:
    """A request that was taken in; `again` when the same message had been delivered before."""

    request: Request
    again: bool = False


def take_in(
    actor: Actor,
    *,
    channel: str,
    kind: str,
    text: str,
    title: str = "",
    external_id: str = "",
    caller: Caller | None = None,
    account_code: str = "",
    clues: Clues | None = None,
    category: str = "",
    product_area: str = "",
    priority: str = "normal",
    region_id: int | None = None,
    own: bool | None = None,
    attachments: Iterable[Upload] = (),
    now: datetime | None = None,
) -> Taken:
    """Take a request in and return it with its number.

    Parameters
    ----------
    external_id
        The channel's own id of the message; with the channel it is the key by which it is taken in once.
    account_code
        Whose it is, where somebody said so. Otherwise the clues decide, if they lead to one account only.
    own
        Whether the actor becomes the first-responsibility owner; by default whoever is a person does.

    Raises
    ------
    Refused
        ``no_words``, ``unknown_value``, ``unknown_category``, ``no_account``, and what `files.keep` refuses.
    """
    require(actor, TAKE)
    text, title = _clean(text, LONGEST_TEXT), _clean(title, LONGEST_TITLE).replace("\n", " ")
    title = title or text.split("\n", 1)[0][:LONGEST_TITLE].strip()
    if not title:
        raise Refused("no_words")
    if channel not in CHANNELS or kind not in KINDS or priority not in PRIORITIES:
        raise Refused("unknown_value")
    rules = rules_now()
    if category and rules.categories and category not in rules.categories:
        raise Refused("unknown_category")
    caller = caller or Caller()
    kept = keep_all(attachments)
    customer = _customer(actor, account_code, clues or _clues_of(channel, caller))
    moment = now or timezone.now()
    with audited(actor, "service.take_in", new_rows=False):
        region = _region(actor, customer, region_id)
        department_id = _desk(actor, region)
        data: dict[str, Any] = {
            "kind": kind, "channel": channel, "category": category, "product_area": product_area, "priority": priority,
            "department_id": department_id,
            "owner_id": actor.staff_id if (own if own is not None else actor.staff_id is not None) else None,
        }  # fmt: skip
        request = Request(
            title=title, text=text, region_id=region, external_id=_clean(external_id, 120),
            caller_name=_clean(caller.name, 60), caller_phone=_clean(caller.phone, 30),
            caller_address=_clean(caller.address, 120),
        )  # fmt: skip
        if not create(actor, request, data | customer_data(customer), moment=moment, kept=kept):
            return Taken(_taken_before(channel, request.external_id), again=True)
    return Taken(request)


def create(
    actor: Actor, request: Request, data: dict[str, Any], *, moment: datetime, kept: Sequence[Kept] = ()
) -> bool:
    """Write a new request with its first facts; return whether it was not here already. Call it when audited."""
    if kept:
        data["files"] = [one.name for one in kept]
    standing, facts = Standing(), []

    def add(drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            fact = Fact(
                standing.version + 1, draft.kind, moment, actor.staff_id, actor.name, data["department_id"],
                draft.words, draft.to_customer, draft.data,
            )  # fmt: skip
            apply(standing, fact)
            facts.append(fact)

    add([Draft("taken", data=data)])
    for sign in signs.signs_of(standing, f"{request.title}\n{request.text}", now=moment):
        add(notice(standing, sign=sign))
    for name, value in columns(standing).items():
        setattr(request, name, value)
    request.urgency = URGENCY[standing.priority]
    if (book := clock_feed.book_now()) is not None:
        for name, value in clock_feed.next_due(facts, book, now=moment).as_columns().items():
            setattr(request, name, value)
    if not _insert(request, standing, facts, moment):
        return False
    attach(actor, request, kept, moment)
    return True


def customer_data(customer: Candidate | None) -> dict[str, Any]:
    """Return what a fact tells of the account that was recognised; nobody's name or number."""
    if customer is None:
        return {}
    return {
        "account_id": customer.account_id, "contact_id": customer.contact_id,
        "subscription_id": customer.subscription_id, "recognised_by": customer.how, "tier": customer.tier,
        "service_level": customer.service_level, "assurance_level": customer.assurance_level,
        "segment": customer.industry,
    }  # fmt: skip


def _clean(text: str, longest: int) -> str:
    return text.replace("\0", "").strip()[:longest]


def _clues_of(channel: str, caller: Caller) -> Clues:
    at = "wechat" if channel == "wechat" else "email" if "@" in caller.address else ""
    return Clues(phone=caller.phone, **({at: caller.address} if at else {}))


def _customer(actor: Actor, account_code: str, clues: Clues) -> Candidate | None:
    """Return whose it is: as somebody said, or as all clues agree."""
    if not account_code:
        found = recognise(actor, clues)
        return found[0] if len(found) == 1 else None
    said = candidate_of(actor, account_code)
    if said is None:
        raise Refused("no_account")
    others = [one for one in recognise(actor, clues) if one.account_id == said.account_id]
    return others[0] if others else said


def _region(actor: Actor, customer: Candidate | None, wanted: int | None) -> int:
    """Return the region whose people see the request: the account's, or the one in which it was taken in."""
    if customer is not None:
        return customer.region_id
    if wanted is not None and (actor.scope is ScopeKind.EVERYTHING or wanted in actor.region_ids):
        return wanted
    region = own_region(actor)
    if region is None:
        raise Refused("no_account")
    return region


def _desk(actor: Actor, region_id: int) -> int | None:
    """Return the department that has it from now on: the taker's own, or the desk of the region."""
    own = departments_of_staff(actor.staff_id)
    if own:
        return min(own)
    desk = desk_of(region_id)
    return desk.pk if desk else None


_FIELDS = {
    str(one.column): one for one in Request._meta.concrete_fields if not one.primary_key and one.name != "number"
}
_NEW = new_request(tuple(_FIELDS))


def _insert(request: Request, standing: Standing, facts: list[Fact], moment: datetime) -> bool:
    """Write all of a new request under the next number of its day; return whether it was not here already."""
    day = timezone.localtime(moment).date()
    given = {
        name: one.get_db_prep_save(getattr(request, one.attname), connection) for name, one in _FIELDS.items()
    } | {
        "day": day, "sequence": f"service_number_{day.toordinal() % NUMBERS}",
        "events": _json([{name: getattr(fact, name) for name in _FACT} for fact in facts]),
        "legs": _json([asdict(leg) for leg in standing.legs]),
        "parts": _json([asdict(one) | {"ordinal": at} for at, one in enumerate(standing.parts, start=1)]),
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_NEW, given)
        row = cursor.fetchone()
    if row is None:
        return False
    request.pk, request.number = row
    request._state.adding, request._state.db = False, "default"
    return True


_FACT = ("sequence", "kind", "at", "by_id", "by_name", "department_id", "words", "to_customer", "data")


def _json(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, default=datetime.isoformat)


def attach(actor: Actor, request: Request, kept: Sequence[Kept], moment: datetime) -> None:
    """Name files that are safe on disk as the request's."""
    if kept:
        Attachment.objects.unscoped(reason=OWN_ROWS).bulk_create(
            Attachment(
                request_id=request.pk, name=one.name, kind=one.kind, sha256=one.sha256, bytes=one.bytes,
                added_at=moment, by_id=actor.staff_id, by_name=actor.name,
            )
            for one in kept
        )  # fmt: skip


def _taken_before(channel: str, external_id: str) -> Request:
    """Return what the same message became: told to whoever delivers it again, since they had its number before."""
    rows = Request.objects.unscoped(reason="the sender of this very message is told what it became")
    return rows.get(channel=channel, external_id=external_id)

"""Whoever calls, before the request is written: whose it is, what is open, what is promised. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from zhike.core.actor import Actor, require
from zhike.customers.queries_recognition import Candidate, Clues, recognise
from zhike.service import clock_feed
from zhike.service.actions import TAKE, customer_data
from zhike.service.clocks.clock import Reading
from zhike.service.codes import OPEN_STAGES
from zhike.service.log import Fact
from zhike.service.models import Request
from zhike.service.queries_repeats import requests_since
from zhike.service.rules import rules_now

MOST_OPEN = 5
NOBODY = "-"


@dataclass(frozen=True)
class Known:
    """What an agent sees of whoever calls. `customer` is the account it is taken for, if that is clear."""

    candidates: Sequence[Candidate] = ()
    customer: Candidate | None = None
    missing: bool = False  # the account that was pointed at is none that the clues name
    open: Sequence[Request] = ()
    before: int = 0
    days: int = 0
    promised: dict[str, Reading] = field(default_factory=dict)


def known_of(actor: Actor, clues: Clues, *, account_code: str, kind: str, priority: str, now: datetime) -> Known:
    """Return whose a call is, what that account has open, how often it came before, and what will be promised it.

    `account_code` is what a person points at: an account that the clues name, or :data:`NOBODY` of them.
    """
    require(actor, TAKE)
    candidates = recognise(actor, clues)
    said = next((one for one in candidates if one.code == account_code), None)
    customer = said or (candidates[0] if len(candidates) == 1 and account_code != NOBODY else None)
    marks = rules_now().marks
    rows = Request.objects.for_actor(actor).filter(stage__in=OPEN_STAGES)
    return Known(
        candidates=candidates,
        customer=customer,
        missing=bool(account_code) and account_code != NOBODY and said is None,
        open=list(rows.filter(account_id=customer.account_id).order_by("-taken_at")[:MOST_OPEN]) if customer else (),
        before=requests_since(customer.account_id, now, days=marks.repeat_days, kinds=marks.kinds) if customer else 0,
        days=marks.repeat_days,
        promised=promised(customer, kind=kind, priority=priority, now=now),
    )


def promised(customer: Candidate | None, *, kind: str, priority: str, now: datetime) -> dict[str, Reading]:
    """Return the clocks that would start if the request were taken in now."""
    book = clock_feed.book_now()
    if book is None:
        return {}
    data = {"kind": kind, "channel": "hotline", "category": "", "priority": priority, "department_id": None}
    fact = Fact(1, "taken", now, None, "", None, data=data | customer_data(customer))
    return clock_feed.readings([fact], book, now=now, explain=False)

"""Many requests with their whole logs at once: old tickets of another system, the demonstration. Refuses steps.

Rows come from the same fold as those that actions write, by COPY. Whoever loads has judged the facts by `steps`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from typing import Any

from django.db import connection
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.service import clock_feed
from zhike.service.codes import URGENCY
from zhike.service.log import Fact
from zhike.service.models import Request
from zhike.service.sql import NUMBERS
from zhike.service.standing import columns, fold

AT_ONCE = 2000
FACT = ("sequence", "kind", "at", "by_id", "by_name", "department_id", "words", "to_customer", "data")
LEG = (
    "ordinal", "department_id", "stage", "began_at", "offered_by_id", "accepted_at", "accepted_by_id", "ended_at",
    "ended_how", "reason",
)  # fmt: skip
PART = ("staff_id", "part", "since", "until")
_FIELDS = {str(one.column): one for one in Request._meta.concrete_fields}


@dataclass(frozen=True)
class Old:
    """A request as it is loaded: its words, region and caller on `request`, all else from its facts."""

    request: Request
    facts: list[Fact]


def load_requests(actor: Actor, incoming: Iterable[Old]) -> int:
    """Write requests in the order in which they were taken in, with numbers of their days; return how many.

    All or nothing where the caller holds a transaction; otherwise in pieces.
    """
    loaded, last = 0, dict[date, int]()
    waiting = iter(incoming)
    while piece := list(islice(waiting, AT_ONCE)):
        with audited(actor, "service.load", new_rows=False), connection.cursor() as cursor:
            cursor.execute(
                "SELECT nextval(pg_get_serial_sequence('service_request', 'id')) FROM generate_series(1, %s)",
                [len(piece)],
            )
            ids = sorted(row[0] for row in cursor.fetchall())
            _copy(cursor, piece, ids, last)
            _go_on_after(cursor, last)
        loaded += len(piece)
    return loaded


def _copy(cursor: Any, piece: Sequence[Old], ids: Sequence[int], last: dict[date, int]) -> None:
    requests, facts, legs, parts = [], [], [], []
    book, now = clock_feed.book_now(), timezone.now()
    for pk, one in zip(ids, piece, strict=True):
        standing = fold(one.facts)
        request = one.request
        request.pk, request.number = pk, _number(cursor, one.facts[0], last)
        for name, value in columns(standing).items():
            setattr(request, name, value)
        request.urgency = URGENCY[standing.priority]
        if book is not None:
            for name, value in clock_feed.next_due(one.facts, book, now=now).as_columns().items():
                setattr(request, name, value)
        requests.append([_plain(field.get_prep_value(getattr(request, field.attname))) for field in _FIELDS.values()])
        facts += [[pk, *(_plain(getattr(fact, name)) for name in FACT)] for fact in one.facts]
        legs += [[pk, *(getattr(leg, name) for name in LEG)] for leg in standing.legs]
        parts += [
            [pk, ordinal, *(getattr(part, name) for name in PART)]
            for ordinal, part in enumerate(standing.parts, start=1)
        ]
    for table, names, rows in (
        ("service_request", tuple(_FIELDS), requests),
        ("service_requestevent", ("request_id", *FACT), facts),
        ("service_leg", ("request_id", *LEG), legs),
        ("service_participation", ("request_id", "ordinal", *PART), parts),
    ):
        quoted = ", ".join(f'"{name}"' for name in names)
        with cursor.copy(f"COPY {table} ({quoted}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)


def _plain(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _number(cursor: Any, first: Fact, last: dict[date, int]) -> str:
    day = timezone.localtime(first.at).date()
    if day not in last:
        prefix = f"TS-{day:%Y%m%d}-"
        cursor.execute(
            "SELECT coalesce(max(split_part(number, '-', 3)::bigint), 0) FROM service_request"
            " WHERE number >= %s AND number < %s", [prefix, prefix + ":"],
        )  # fmt: skip
        last[day] = int(cursor.fetchone()[0])
    last[day] += 1
    return f"TS-{day:%Y%m%d}-{last[day]:04d}"


def _go_on_after(cursor: Any, last: dict[date, int]) -> None:
    """Let today's own numbers go on after those that were loaded."""
    today = timezone.localdate()
    if today in last:
        name = f"service_number_{today.toordinal() % NUMBERS}"
        cursor.execute(f"SELECT setval('{name}', greatest(%s, (SELECT last_value FROM {name})), true)", [last[today]])

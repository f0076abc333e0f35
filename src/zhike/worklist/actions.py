"""What happens to work items: pushed by rooms, finished, postponed, dismissed, taken up again by people. All audited.

Refuses to decide twice: who comes second is told who came first.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice, pairwise
from typing import Any

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.audit import audited
from zhike.core.models import Run, RunState
from zhike.worklist import sql
from zhike.worklist.models import AT_ONCE, WorkItem
from zhike.worklist.queries import ACT

State = WorkItem.State
LONGEST_DELAY_DAYS = 366
COPIED_AT_ONCE = 5000
PIECE_ROWS = 40_000
"""So many items are written in one transaction of a push about everybody: nobody who decides waits longer for it."""
BEGIN, END = -1, 2**63 - 1  # before the first account, and the last one there can be
NO_LONGER = "no_longer"
"""Reason of items that ended by themselves: what they were about is no longer so."""


class AlreadyDecided(ValueError):
    """Somebody else has decided; `item` says who, and what."""

    def __init__(self, item: WorkItem) -> None:
        super().__init__(item.state)
        self.item = item


class Busy(Exception):
    """Another push of the source is under way, and the caller would not wait."""


class Refused(ValueError):
    """A step that makes no sense; `code`: ``no_reason``, ``past`` (a day that is over), ``far`` (over a year off)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Incoming:
    """One row of a push; `account_id`, `rule` and `episode` are its key within the source."""

    account_id: int
    rule: str
    episode: str
    kind: str
    due_on: date
    level: str = "plain"
    verb: str = "account"
    advice: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, Any] = field(default_factory=dict)
    stake_fen: int = 0
    expected_fen: int = 0

    def as_row(self) -> tuple[Any, ...]:
        """Return the row as it is copied."""
        return (
            self.account_id, self.rule, self.episode, self.kind, self.level, self.verb,
            json.dumps(self.advice, ensure_ascii=False), json.dumps(self.evidence, ensure_ascii=False),
            self.stake_fen, max(self.expected_fen, 0), self.due_on,
        )  # fmt: skip


@dataclass(frozen=True)
class Pushed:
    """What a push did."""

    new: int
    renewed: int
    over: int


def push(
    actor: Actor,
    source: str,
    rows: Iterable[Incoming],
    *,
    today: date | None = None,
    account_ids: Sequence[int] | None = None,
    wait: bool = True,
) -> Pushed:
    """Bring in everything that a source now asks for; what it no longer asks for is over.

    Two pushes of one source wait for each other. Accounts that are unknown are left out. A push about everybody is
    written account by account in pieces, each a transaction of its own: run again after it was killed, it goes on.

    Parameters
    ----------
    account_ids
        The push speaks of these accounts only: nobody else's items end.
    wait
        Whether to wait for another push of the source.

    Raises
    ------
    Busy
        When another push is under way and `wait` is false.
    """
    day = today or timezone.localdate()
    if account_ids is not None or connection.in_atomic_block:
        with audited(actor, "worklist.push", new_rows=False), connection.cursor() as cursor:
            _take_turn(cursor, "xact_lock", source, wait=wait)
            _copy(cursor, rows)
            done = _apply(cursor, source, day, account_ids=account_ids)
            if account_ids is None:
                _write_down(actor, source, done)
        return done
    with connection.cursor() as cursor:
        _take_turn(cursor, "lock", source, wait=wait)
        try:
            done = _push_everybody(actor, cursor, source, rows, day)
        finally:
            with suppress(DatabaseError, InterfaceError):
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [_turn(source)])
        cursor.execute("ANALYZE worklist_workitem")
    return done


def _push_everybody(actor: Actor, cursor: Any, source: str, rows: Iterable[Incoming], day: date) -> Pushed:
    with transaction.atomic():  # what is asked for is of one moment
        _copy(cursor, rows)
        cursor.execute(sql.BOUNDS, {"rows": PIECE_ROWS})
        bounds = [int(row[0]) for row in cursor.fetchall()]
    new = renewed = over = 0
    for after, upto in pairwise([BEGIN, *bounds, END]):
        with audited(actor, "worklist.push", new_rows=False):
            piece = _apply(cursor, source, day, after=after, upto=upto)
        new, renewed, over = new + piece.new, renewed + piece.renewed, over + piece.over
    done = Pushed(new=new, renewed=renewed, over=over)
    with audited(actor, "worklist.push", new_rows=False):
        _write_down(actor, source, done)
        cursor.execute(f"DROP TABLE {sql.INCOMING}")
    return done


def _turn(source: str) -> str:
    return f"zhike.worklist.{source}"


def _take_turn(cursor: Any, kind: str, source: str, *, wait: bool) -> None:
    """Wait for other pushes of the source, or refuse to."""
    way = "pg_advisory" if wait else "pg_try_advisory"
    cursor.execute(f"SELECT {way}_{kind}(hashtextextended(%s, 0))", [_turn(source)])
    if cursor.fetchone()[0] is False:
        raise Busy


def _copy(cursor: Any, rows: Iterable[Incoming]) -> None:
    """Bring the rows of a push into its temporary table."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{sql.INCOMING}")
    cursor.execute(sql.CREATE_INCOMING)
    waiting = iter(rows)
    while piece := list(islice(waiting, COPIED_AT_ONCE)):  # between two copies the rows may themselves be read
        with cursor.copy(sql.COPY_INCOMING) as copy:
            for row in piece:
                copy.write_row(row.as_row())
    cursor.execute(f"CREATE INDEX ON {sql.INCOMING} (account_id, rule, episode)")
    cursor.execute(f"ANALYZE {sql.INCOMING}")


def _apply(
    cursor: Any,
    source: str,
    day: date,
    *,
    after: int = BEGIN,
    upto: int = END,
    account_ids: Sequence[int] | None = None,
) -> Pushed:
    """Write the items of accounts after one id up to another, and end those that were not pushed again."""
    piece = {"source": source, "after": after, "upto": upto}
    cursor.execute(
        f"WITH written AS ({sql.UPSERT}) SELECT count(*) FILTER (WHERE is_new), count(*) FROM written",
        {"today": day, **piece},
    )
    new, written = cursor.fetchone()
    cursor.execute(
        sql.close_missing(only_accounts=account_ids is not None),
        {"reason": NO_LONGER, "ids": list(account_ids or ()), **piece},
    )
    return Pushed(new=new, renewed=written - new, over=cursor.rowcount)


def _write_down(actor: Actor, source: str, done: Pushed) -> None:
    Run.objects.create(
        kind="worklist.push", state=RunState.DONE, progress_permille=1000, started_by_id=actor.staff_id,
        started_by_name=actor.name, started_at=Now(), finished_at=Now(),
        result={"source": source, "new": done.new, "renewed": done.renewed, "over": done.over},
    )  # fmt: skip


# -- what people decide ----------------------------------------------------------------------------------------------


def finish(actor: Actor, *, item_id: int, note: str = "") -> WorkItem:
    """Mark an item done.

    Raises
    ------
    WorkItem.DoesNotExist
        When it is not the actor's to see.
    AlreadyDecided
        When somebody was quicker.
    """
    return _decide(actor, item_id, "worklist.finish", state=State.DONE, reason=note.strip()[:300])


def postpone(actor: Actor, *, item_id: int, until: date) -> WorkItem:
    """Put an item off; it comes back on the day `until`.

    Raises
    ------
    Refused
        When the day is not after today, or more than a year off.
    WorkItem.DoesNotExist, AlreadyDecided
        As :func:`finish` does.
    """
    today = timezone.localdate()
    if until <= today:
        raise Refused("past")
    if until > today + timedelta(days=LONGEST_DELAY_DAYS):
        raise Refused("far")
    return _decide(actor, item_id, "worklist.postpone", state=State.POSTPONED, until=until)


def dismiss(actor: Actor, *, item_id: int, reason: str) -> WorkItem:
    """Say that nothing will be done about an item, and why.

    Raises
    ------
    Refused
        When no reason is given.
    WorkItem.DoesNotExist, AlreadyDecided
        As :func:`finish` does.
    """
    if not reason.strip():
        raise Refused("no_reason")
    return _decide(actor, item_id, "worklist.dismiss", state=State.DISMISSED, reason=reason.strip()[:300])


def reopen(actor: Actor, *, item_id: int) -> WorkItem:
    """Take an item up again that was done, postponed or dismissed; an open one stays as it is.

    Raises
    ------
    WorkItem.DoesNotExist
        When it is not the actor's to see.
    AlreadyDecided
        When it ended by itself meanwhile: what it was about is no longer so.
    """
    require(actor, ACT)
    with audited(actor, "worklist.reopen"):
        item = _locked(actor, item_id)
        if item.state == State.OVER:
            raise AlreadyDecided(item)
        if item.state != State.OPEN:
            _write(actor, item, state=State.OPEN, until=AT_ONCE, reason="")
    return item


def _decide(
    actor: Actor, item_id: int, action: str, *, state: str, until: date = AT_ONCE, reason: str = ""
) -> WorkItem:
    require(actor, ACT)
    with audited(actor, action, reason=reason):
        item = _locked(actor, item_id)
        if not item.is_live:
            raise AlreadyDecided(item)
        _write(actor, item, state=state, until=until, reason=reason)
    return item


def _locked(actor: Actor, item_id: int) -> WorkItem:
    rows = WorkItem.objects.for_actor(actor).select_related("account", "decided_by")
    return rows.select_for_update(of=("self",)).get(pk=item_id)


def _write(actor: Actor, item: WorkItem, *, state: str, until: date, reason: str) -> None:
    item.state, item.until, item.reason = state, until, reason
    item.decided_at, item.decided_by_id = timezone.now(), actor.staff_id  # type: ignore[assignment]
    item.save(update_fields=["state", "until", "reason", "decided_at", "decided_by"])


# -- following the archive -------------------------------------------------------------------------------------------


def accounts_changed(*, actor: Actor, account_ids: Iterable[int], **_facts: Any) -> None:
    """Let items follow their accounts in the transaction that moved them: region and manager decide who sees them."""
    with connection.cursor() as cursor:
        cursor.execute(sql.follow_accounts(only=True), {"ids": sorted(set(account_ids))})


def facts_loaded(*, actor: Actor, tables: Iterable[str], **_facts: Any) -> None:
    """Let all items follow, when a file may have moved accounts."""
    if "accounts" in set(tables):
        with connection.cursor() as cursor:
            cursor.execute(sql.follow_accounts(only=False))

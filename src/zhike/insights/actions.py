"""Asks for publications and cycles, keeps what is shown in step with what people change. Refuses to build itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from zhike.core.actor import Actor, require
from zhike.core.runs import OPEN, cancel_run, open_run
from zhike.insights import publishing, sql, sql_scores
from zhike.insights.jobs import carry_cycle as cycle_job
from zhike.insights.jobs import publish as publish_job
from zhike.insights.models import Cycle, Publication, PublicationRequest, TouchedAccount
from zhike.insights.queries_scores import START


def publish(actor: Actor, *, today: date, report: publishing.Report = publishing.silent) -> Publication:
    """Publish the figures of everything loaded so far; the present ones are shown until the new ones are whole."""
    return publishing.publish(actor, today=today, report=report)


def publish_what_is_new(actor: Actor) -> Publication | None:
    """Publish if facts were loaded that no publication holds."""
    return publish(actor, today=timezone.localdate()) if PublicationRequest.objects.exists() else None


def publish_again(actor: Actor) -> Publication | None:
    """Publish for the present day, if anything was ever published."""
    return publish(actor, today=timezone.localdate()) if Publication.objects.exists() else None


class CycleUnderWay(Exception):
    """Another cycle runs or waits already; there is no use in a second one."""


def ask_for_cycle(actor: Actor, *, as_of: date | None = None, engine: str = "duckdb", queue: bool = True) -> Cycle:
    """Write down a cycle as of a day (by default the present one) and, with `queue`, have the worker carry it.

    Raises
    ------
    CycleUnderWay
        With `queue`, when one runs or waits already. Without, it waits its turn.
    """
    require(actor, START)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["zhike.insights.ask"])
        if queue and Cycle.objects.filter(run__state__in=OPEN).exists():
            raise CycleUnderWay
        one = Cycle.objects.create(
            run=open_run(actor, "cycle"), as_of=as_of or timezone.localdate(), engine=engine, state=Cycle.State.QUEUED
        )
        if queue:
            cycle_job.enqueue(actor, lock="insights.cycle", cycle_id=one.pk)
    return one


def cancel_cycle(actor: Actor, cycle_id: int) -> bool:
    """Call a waiting or running cycle off; return whether it was still open. Earlier results stay."""
    require(actor, START)
    one = Cycle.objects.select_related("run").get(pk=cycle_id)
    if one.run_id is None or not cancel_run(one.run_id):
        return False
    Cycle.objects.filter(pk=cycle_id, state=Cycle.State.QUEUED).update(state=Cycle.State.FAILED)
    return True


def every_night(actor: Actor) -> None:
    """Run a cycle for the present day where cycles are run at all; else publish the figures again."""
    if not Cycle.objects.filter(state=Cycle.State.CURRENT).exists():
        publish_again(actor)
    elif not Cycle.objects.filter(run__state__in=OPEN).exists():
        from zhike.insights.cycle import carry  # the engine loads where it works

        carry(actor, ask_for_cycle(actor, queue=False).pk)


def accounts_changed(*, actor: Actor, account_ids: Iterable[int], **_facts: Any) -> None:
    """Bring the summaries of accounts up to date in the transaction that changed them."""
    ids = sorted(set(account_ids))
    publishing.lock_touches(shared=True)
    current = Publication.objects.filter(state=Publication.State.CURRENT).first() or _first()
    publishing.renew(current, ids)
    if current.cycle_id is not None:
        with connection.cursor() as cursor:
            for statement in sql_scores.follow_where_accounts_are(
                *(sql.partition(parent, current.cycle_id) for parent in sql_scores.PARENTS), only=True
            ):
                cursor.execute(statement, {"ids": ids})
    if Publication.objects.filter(state=Publication.State.BUILDING).exists():
        TouchedAccount.objects.bulk_create([TouchedAccount(account_id=one) for one in ids])


def _first() -> Publication:
    """Make the empty first publication; two that come at once make one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["zhike.insights.first"])
    current = Publication.objects.filter(state=Publication.State.CURRENT).first()
    return current or publishing.first_publication()


def facts_loaded(*, actor: Actor, tables: Iterable[str], **_facts: Any) -> None:
    """Ask for a new publication; what decides who may see an account changes at once."""
    if "accounts" in set(tables):
        current = Publication.objects.filter(state=Publication.State.CURRENT).first()
        if current is not None:
            with connection.cursor() as cursor:
                cursor.execute(
                    f"UPDATE {sql.partition(sql.SUMMARY, current.pk)} s SET region_id = a.region_id"
                    " FROM customers_account a WHERE a.id = s.account_id AND a.region_id <> s.region_id"
                )
                if current.cycle_id is not None:
                    for statement in sql_scores.follow_where_accounts_are(
                        *(sql.partition(parent, current.cycle_id) for parent in sql_scores.PARENTS)
                    ):
                        cursor.execute(statement)
    PublicationRequest.objects.create()
    publish_job.enqueue(actor, lock="insights.publish")

"""Keeps published figures in step with what people change, and asks for a new publication when facts were loaded."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connection
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.insights import publishing, sql
from zhike.insights.jobs import publish as publish_job
from zhike.insights.models import Publication, PublicationRequest, TouchedAccount


def publish(actor: Actor, *, today: date, report: publishing.Report = publishing.silent) -> Publication:
    """Publish the figures of everything loaded so far; the present ones are shown until the new ones are whole."""
    return publishing.publish(actor, today=today, report=report)


def publish_what_is_new(actor: Actor) -> Publication | None:
    """Publish if facts were loaded that no publication holds."""
    return publish(actor, today=timezone.localdate()) if PublicationRequest.objects.exists() else None


def publish_again(actor: Actor) -> Publication | None:
    """Publish for the present day, if anything was ever published."""
    return publish(actor, today=timezone.localdate()) if Publication.objects.exists() else None


def accounts_changed(*, actor: Actor, account_ids: Iterable[int], **_facts: Any) -> None:
    """Bring the summaries of accounts up to date in the transaction that changed them."""
    ids = sorted(set(account_ids))
    publishing.lock_touches(shared=True)
    current = Publication.objects.filter(state=Publication.State.CURRENT).first() or _first()
    publishing.renew(current, ids)
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
    PublicationRequest.objects.create()
    publish_job.enqueue(actor, lock="insights.publish")

"""Builds a publication aside and swaps it in. A build that is killed leaves the present one; the next one clears up.

Only one build runs at a time. Pages go on reading the present publication until the pointer flips; accounts that people
change meanwhile are brought up to date before it does.
"""

from __future__ import annotations

import logging
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from django.db import OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from psycopg.errors import DeadlockDetected

from zhike.core.actor import Actor
from zhike.core.audit import audited
from zhike.core.changes import notify
from zhike.core.home import folder
from zhike.core.policies import NoPolicy, body_hash, policy_at
from zhike.customers.rules import COMPLETENESS, CompletenessWeights
from zhike.facts.loading.lake import lake
from zhike.insights import portfolio, sql
from zhike.insights.models import Cycle, FrequentGram, Publication, PublicationRequest, TouchedAccount
from zhike_analytics.contracts import periods

log = logging.getLogger(__name__)
MONTHS = 24
SERIES_TABLES = ("bills", "costs", "payments", "usage_month")
BUILD_LOCK, TOUCH_LOCK = "zhike.insights.build", "zhike.insights.touch"
FREQUENT = 1000  # names; rarer grams are found at once by the index
COUNTED_ROWS = 100_000  # of more accounts a sample of this size tells how frequent grams are
SWAP_TRIES = 5
Report = Callable[[float, str], None]


Swapping = Callable[[Publication], None]


def silent(share: float, stage: str) -> None:
    """Report to nobody."""


def _nothing(one: Publication) -> None:
    """Add nothing to the swap."""


def publish(
    actor: Actor, *, today: date, report: Report = silent, cycle: int | None = None, swapping: Swapping = _nothing
) -> Publication:
    """Build a publication of everything loaded so far and make it the current one.

    Parameters
    ----------
    cycle
        The cycle whose scores the summaries carry, its tables filled and indexed; by default the current one.
    swapping
        What goes with the swap, in its transaction, before the pointer flips: a new cycle flips its own there.
    """
    with _alone():
        clear_up()
        requests = list(PublicationRequest.objects.values_list("pk", flat=True))
        one = _open(today, cycle)
        report(0.02, "series")
        _fill_series(one)
        report(0.45, "summaries")
        _fill_summaries(one, today=today, deciding=cycle is not None)
        report(0.65, "indexes")
        for parent in sql.PARENTS:
            _run(*sql.index_partition(parent, one.pk))
        _count_grams(one)
        portfolio.fill(one)
        report(0.95, "swap")
        _swap_at_last(actor, one, requests, swapping)
        clear_up()
    report(1.0, "done")
    return one


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other process builds; the lock goes with the process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [BUILD_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [BUILD_LOCK])


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


# -- opening -------------------------------------------------------------------------------------------------------


def months_loaded(today: date) -> tuple[int, int]:
    """Return first and last month to publish: up to the latest complete month that any table of months holds."""
    newest = [part.period for table in SERIES_TABLES for part in lake().manifest(table).partitions]
    complete = [period for period in newest if period < periods.period_of(today)]
    last = max(complete, default=periods.shift(periods.period_of(today), -1))
    return periods.shift(last, 1 - MONTHS), last


def weights_at(day: date) -> tuple[CompletenessWeights, str]:
    """Return the weights of completeness that hold on a day, with the hash by which results cite them."""
    try:
        version = policy_at(COMPLETENESS, day)
    except NoPolicy:
        body = COMPLETENESS.seed_versions()[-1][1]
        return body, body_hash(body)
    return version.body, version.body_hash


def _open(today: date, cycle: int | None) -> Publication:
    """Write the publication down and make its bare tables; from here on changed accounts are remembered."""
    first, last = months_loaded(today)
    held = {table: lake().manifest(table) for table in SERIES_TABLES}
    if cycle is None:
        cycle = Cycle.objects.filter(state=Cycle.State.CURRENT).values_list("pk", flat=True).first()
    with transaction.atomic():
        one = Publication.objects.create(
            first_period=first, last_period=last, as_of=today, cycle_id=cycle,
            versions={
                table: {"version": one.version, "fingerprint": one.fingerprint} for table, one in held.items()
            },
            policies={COMPLETENESS.name: weights_at(today)[1]},
        )  # fmt: skip
        _run(*(sql.create_partition(parent, one.pk) for parent in sql.PARENTS))
    # Whoever changed an account without having seen this build has committed once the lock is ours.
    with transaction.atomic():
        lock_touches(shared=False)
    return one


def lock_touches(*, shared: bool) -> None:
    """Take the lock by which changes of accounts and the opening or swapping of publications keep out of each other."""
    way = "_shared" if shared else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT pg_advisory_xact_lock{way}(hashtextextended(%s, 0))", [TOUCH_LOCK])


# -- filling -------------------------------------------------------------------------------------------------------


def _fill_series(one: Publication) -> None:
    from zhike_analytics.engines.series import write_account_series  # the engine loads where it works

    files = {
        table: {part.period: lake().root / table / part.file for part in lake().manifest(table).partitions}
        for table in SERIES_TABLES
    }
    with tempfile.TemporaryDirectory(prefix="publish-", dir=folder("tmp")) as place:
        accounts, series = Path(place) / "accounts.csv", Path(place) / "series.csv"
        with connection.cursor() as cursor:
            with (
                accounts.open("wb") as file,
                cursor.copy(
                    'COPY (SELECT id, code FROM customers_account ORDER BY code COLLATE "C") TO STDOUT (FORMAT csv)'
                ) as copy,
            ):
                for block in copy:
                    file.write(block)
            written = write_account_series(
                files, accounts, series, Path(place), first=one.first_period, last=one.last_period,
                overdue_before=one.as_of.isoformat(),
            )  # fmt: skip
            if not written:
                return
            table = sql.partition(sql.SERIES, one.pk)
            columns = "account_id, billed_fen, cost_fen, paid_fen, voice_seconds, events, megabytes, overdue_fen"
            with (
                series.open("rb") as file,
                cursor.copy(f"COPY {table} ({columns}) FROM STDIN (FORMAT csv)") as copy,
            ):
                while block := file.read(1 << 20):
                    copy.write(block)
            cursor.execute(f"ANALYZE {table}")


def _fill_summaries(one: Publication, *, today: date, ids: list[int] | None = None, deciding: bool = False) -> None:
    weights = weights_at(today)[0].model_dump()
    statement = sql.fill_summary(
        one.pk, only=ids is not None, weights=weights, months=MONTHS,
        bills_loaded=bool(one.versions.get("bills", {}).get("version")), cycle=one.cycle_id, deciding=deciding,
    )  # fmt: skip
    month_end = today.replace(day=1) - timedelta(days=1)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"today": today, "month_end": month_end, "ids": ids})
        if ids is None:
            Publication.objects.filter(pk=one.pk).update(rows=cursor.rowcount)


def _count_grams(one: Publication) -> None:
    """Count the grams of names, to know which way a search goes; about right is right enough."""
    rows = Publication.objects.values_list("rows", flat=True).get(pk=one.pk)
    share = min(1.0, COUNTED_ROWS / max(rows, 1))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO insights_frequentgram (publication_id, gram, accounts)"
            f" SELECT %(one)s, gram, round(count(*) / %(share)s) FROM {sql.partition(sql.SUMMARY, one.pk)}"
            " TABLESAMPLE BERNOULLI (100 * %(share)s) REPEATABLE (1), unnest(zhike_grams(names)) AS gram"
            " GROUP BY gram HAVING count(*) >= %(frequent)s * %(share)s",
            {"one": one.pk, "share": share, "frequent": FREQUENT},
        )


# -- swapping ------------------------------------------------------------------------------------------------------


def _swap_at_last(actor: Actor, one: Publication, requests: list[int], swapping: Swapping) -> None:
    """Swap; where somebody who changes several accounts stood in the way of it and it in theirs, let them go first."""
    for more in reversed(range(SWAP_TRIES)):
        try:
            _swap(actor, one, requests, swapping)
            break
        except OperationalError as failure:
            if not more or not isinstance(failure.__cause__, DeadlockDetected):
                raise
            log.info("publication %s gave way to a change of accounts and is swapped in again", one.pk)


def _swap(actor: Actor, one: Publication, requests: list[int], swapping: Swapping) -> None:
    """Bring changed accounts up to date, attach, and flip the pointer, all at once; then tell who listens."""
    with audited(actor, "insights.publish", new_rows=False):
        swapping(one)
        _run("SET CONSTRAINTS ALL IMMEDIATE")  # what is checked at the end is checked before anybody has to wait
        lock_touches(shared=False)
        touched = list(TouchedAccount.objects.values_list("account_id", flat=True).distinct())
        if touched:
            renew(one, touched)
        TouchedAccount.objects.all().delete()
        _run(*(sql.attach_partition(parent, one.pk) for parent in sql.PARENTS))
        Publication.objects.filter(state=Publication.State.CURRENT).update(state=Publication.State.OLD)
        Publication.objects.filter(pk=one.pk).update(state=Publication.State.CURRENT, published_at=Now())
        PublicationRequest.objects.filter(pk__in=requests).delete()
        notify("published", actor=actor, publication_id=one.pk, cycle_id=one.cycle_id)


def renew(one: Publication, ids: list[int]) -> None:
    """Write the summaries of some accounts anew in a publication."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {sql.partition(sql.SUMMARY, one.pk)} WHERE account_id = ANY(%s)", [ids])
    _fill_summaries(one, today=timezone.localdate(), ids=ids)


def first_publication() -> Publication:
    """Publish nothing yet, so that single accounts can be shown before the first build (call within a transaction)."""
    first, last = months_loaded(timezone.localdate())
    one = Publication.objects.create(
        state=Publication.State.CURRENT, first_period=first, last_period=last, as_of=timezone.localdate()
    )
    for parent in sql.PARENTS:
        _run(
            sql.create_partition(parent, one.pk),
            *sql.index_partition(parent, one.pk),
            sql.attach_partition(parent, one.pk),
        )
    return one


def clear_up() -> None:
    """Drop what killed builds left, and replaced publications that no page can still be reading."""
    for leaving in folder("tmp").glob("publish-*"):
        shutil.rmtree(leaving, ignore_errors=True)
    border = timezone.now() - timedelta(minutes=10)
    dead = Publication.objects.filter(state=Publication.State.BUILDING)
    replaced = Publication.objects.filter(state=Publication.State.OLD)
    newest = Publication.objects.filter(state=Publication.State.CURRENT).values_list("published_at", flat=True).first()
    if newest is None or newest > border:
        # A page that read the pointer just before the swap still reads the last one: it goes with the next build.
        last = replaced.order_by("-pk").first()
        replaced = replaced.exclude(pk=last.pk) if last else replaced
    for one in [*dead, *replaced]:
        try:
            with transaction.atomic():
                _run("SET LOCAL lock_timeout = '500ms'")  # so long pages wait behind it, and no longer
                _run(*(f"DROP TABLE IF EXISTS {sql.partition(parent, one.pk)}" for parent in sql.PARENTS))
                FrequentGram.objects.filter(publication_id=one.pk).delete()
                portfolio.clear(one.pk)
                Publication.objects.filter(pk=one.pk).update(state=Publication.State.DROPPED)
        except OperationalError:
            log.info("publication %s is still being read and is dropped another time", one.pk)

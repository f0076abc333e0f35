"""Carries a cycle through: snapshot, scores, tiers and alerts, tables, swap. Refuses to show half a result.

Results are built aside, in files and in tables that nobody reads; one transaction attaches them, lets tiers follow,
publishes the figures and flips the pointer. Killed at any instant the last results stay; the next run clears up.
One cycle runs at a time: a second one waits for it.
"""

from __future__ import annotations

import contextlib
import logging
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.home import folder, home
from zhike.core.runs import RunCancelled, fail_run, finish_run, watched
from zhike.facts.loading.lake import lake
from zhike.facts.work import is_full
from zhike.insights import cycle_results as results
from zhike.insights import publishing
from zhike.insights.analysis import CycleRefused, compute, is_whole
from zhike.insights.models import Cycle, Publication
from zhike.insights.policies import policies_on
from zhike.insights.snapshot import take_snapshot

log = logging.getLogger(__name__)
CYCLE_LOCK = "zhike.insights.cycle"
FULL_MONTHS = 13  # months whose last cycle is kept row by row
LOOK_AGAIN_SECONDS = 1.0
Report = Callable[[float, str], None]
State = Cycle.State


class CycleStopped(Exception):
    """The cycle ended without a result; earlier results are untouched. The text says why, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} / {en}")
        self.zh, self.en = zh, en


def carry(actor: Actor, cycle_id: int, tell: Report | None = None) -> Cycle:
    """Run a cycle that was asked for; taken up again after its process was killed, it begins anew.

    Raises
    ------
    CycleStopped
        When it cannot be made now, somebody cancelled it, or there is no room.
    RunOver
        When it has ended already.
    """
    one = Cycle.objects.select_related("run").get(pk=cycle_id)
    assert one.run_id is not None
    with _said(one), watched(one.run_id) as progress:

        def report(share: float, stage: str) -> None:
            progress.report(share, stage)
            if tell:
                tell(share, stage)

        with _alone(report):
            clear_up(sparing=one.pk)
            _begin(one)
            try:
                _make(actor, one, report)
            except BaseException:
                _drop(one.pk)
                raise
            clear_up()
        report(1.0, "done")
    one.refresh_from_db()
    return one


def results_folder(cycle_id: int) -> Path:
    """Return where the files of a cycle are kept: ``inputs``, and ``result`` with the library's files."""
    return home() / "cycles" / str(cycle_id)


# -- one at a time, and how it failed ------------------------------------------------------------------------------


@contextmanager
def _alone(report: Report) -> Iterator[None]:
    """Wait until no other process carries a cycle; the lock goes with the process."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", [CYCLE_LOCK])
            if cursor.fetchone()[0]:
                break
            report(0.0, "wait")  # raises when somebody cancelled meanwhile
            time.sleep(LOOK_AGAIN_SECONDS)
        try:
            yield
        finally:
            with contextlib.suppress(DatabaseError, InterfaceError):
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", [CYCLE_LOCK])


@contextmanager
def _said(one: Cycle) -> Iterator[None]:
    """Write down how a cycle failed."""
    try:
        yield
    except RunCancelled:
        _fail(one, "", "")
        raise CycleStopped("已取消，原有结果未变", "cancelled; earlier results are untouched") from None
    except (CycleRefused, CycleStopped) as refusal:
        _fail(one, refusal.zh, refusal.en)
        raise CycleStopped(refusal.zh, refusal.en) from refusal
    except (OSError, DatabaseError) as failure:
        if not is_full(failure):
            if isinstance(failure, OperationalError | InterfaceError):
                raise  # the database went away: the job is tried again
            _fail(one, *_unexpected(one, failure))
            raise
        zh = "磁盘满了，周期没有完成，原有结果未变。腾出空间后再运行一次。"
        en = "The disk is full; the cycle stopped and earlier results are untouched. Make room, then run it again."
        _fail(one, zh, en)
        raise CycleStopped(zh, en) from failure
    except Exception as failure:
        _fail(one, *_unexpected(one, failure))
        raise


def _unexpected(one: Cycle, failure: Exception) -> tuple[str, str]:
    log.exception("cycle %s failed", one.pk)
    kind = type(failure).__name__
    return (
        f"程序出错（{kind}），周期没有完成，原有结果未变。请把时间告诉管理员。",
        f"An error of the program ({kind}); earlier results are untouched. Tell the administrator the time.",
    )


def _fail(one: Cycle, zh: str, en: str) -> None:
    assert one.run_id is not None
    if zh:
        fail_run(one.run_id, zh=zh, en=en)
    Cycle.objects.filter(pk=one.pk, state__in=(State.QUEUED, State.BUILDING)).update(state=State.FAILED)


# -- the way through -----------------------------------------------------------------------------------------------


def _begin(one: Cycle) -> None:
    """Name what the cycle is set beside, and take it up.

    Raises
    ------
    CycleStopped
        When its day lies before the results that are shown, or has not come.
    """
    shown = Cycle.objects.filter(state=State.CURRENT).first()
    if one.as_of > timezone.localdate():
        raise CycleStopped(f"{one.as_of} 还没到", f"{one.as_of} has not come yet")
    if shown is not None and one.as_of < shown.as_of:
        raise CycleStopped(
            f"现有结果截至 {shown.as_of}，晚于 {one.as_of}：请检查时钟或日期，原有结果未变",
            f"the present results are of {shown.as_of}, after {one.as_of}: check the clock or the date",
        )
    earlier = [
        past
        for past in Cycle.objects.filter(state__in=(State.CURRENT, State.OLD), as_of__lt=one.as_of).order_by(
            "-as_of", "-pk"
        )
        if is_whole(results_folder(past.pk) / "result")
    ]
    one.previous = earlier[0] if earlier else None
    month = one.as_of.replace(day=1)
    one.compared_with = next((past for past in earlier if past.as_of < month), one.previous)
    one.state = State.BUILDING
    with transaction.atomic():
        Cycle.objects.filter(pk=one.pk).update(
            state=State.BUILDING, previous=one.previous, compared_with=one.compared_with, started_at=Now()
        )


def _make(actor: Actor, one: Cycle, report: Report) -> None:
    place = results_folder(one.pk)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True, mode=0o700)
    policies, cited = policies_on(one.as_of)
    with tempfile.TemporaryDirectory(prefix="cycle-", dir=folder("tmp")) as scratch:
        work = Path(scratch)
        archive, ids = take_snapshot(place / "inputs", work, lambda share, stage: report(0.01 + 0.14 * share, stage))
        before = None
        if one.previous is not None and one.compared_with is not None:
            before = (results_folder(one.previous.pk) / "result", results_folder(one.compared_with.pk) / "result")
        about = compute(
            lake(), archive, policies, one.as_of, place, before=before, workdir=work, engine=one.engine,
            report=lambda share, stage: report(0.15 + 0.4 * share, stage),
        )  # fmt: skip
        shutil.rmtree(place / "before", ignore_errors=True)
        Cycle.objects.filter(pk=one.pk).update(
            about=about, policies=cited, versions=about["versions"], code=about["code"],
            last_period=about["last_period"], parts=results.parts_of(place / "result"),
        )  # fmt: skip
        results.load(one.pk, place / "result", ids, work, lambda share, stage: report(0.56 + 0.14 * share, stage))
        ids.unlink()
    counts = results.count(one.pk, about)
    Cycle.objects.filter(pk=one.pk).update(
        counts=counts, accounts=counts["accounts"], alerts=sum(counts["alerts"].values())
    )

    def swapping(published: Publication) -> None:
        moved = results.let_tiers_follow(actor, one)
        results.attach(one.pk)
        Cycle.objects.filter(state=State.CURRENT).update(state=State.OLD)
        Cycle.objects.filter(pk=one.pk).update(
            state=State.CURRENT, published_at=Now(), publication_id=published.pk, counts={**counts, **moved}
        )
        assert one.run_id is not None
        finish_run(one.run_id, result={"cycle": one.pk})

    publishing.publish(
        actor, today=timezone.localdate(), cycle=one.pk, swapping=swapping,
        report=lambda share, stage: report(0.7 + 0.29 * share, stage),
    )  # fmt: skip


# -- clearing up ---------------------------------------------------------------------------------------------------


def clear_up(*, sparing: int | None = None) -> None:
    """Drop what killed cycles left, and the rows of cycles that are no longer kept in full."""
    for stale in folder("tmp").glob("cycle-*"):
        shutil.rmtree(stale, ignore_errors=True)
    for one in Cycle.objects.filter(state=State.BUILDING).select_related("run"):
        if one.pk == sparing:
            continue
        _drop(one.pk)
        _fail(
            one, "执行它的进程中断了，原有结果未变。请重新运行。",
            "The process carrying it ended; earlier results are untouched. Run it again.",
        )  # fmt: skip
    for one in _no_longer_kept():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '500ms'")  # so long pages wait behind it, and no longer
                results.drop(one.pk)
                Cycle.objects.filter(pk=one.pk).update(state=State.DROPPED)
        except OperationalError:
            log.info("cycle %s is still being read and is dropped another time", one.pk)
        else:
            shutil.rmtree(results_folder(one.pk), ignore_errors=True)


def _no_longer_kept() -> list[Cycle]:
    """Return the cycles to be dropped: all but the one shown, the one before it, and the last of each month."""
    full = list(Cycle.objects.filter(state__in=(State.CURRENT, State.OLD)).order_by("-as_of", "-pk"))
    shown = next((one for one in full if one.state == State.CURRENT), None)
    months: dict[tuple[int, int], int] = {}
    for one in full:
        months.setdefault((one.as_of.year, one.as_of.month), one.pk)
    kept = set(list(months.values())[:FULL_MONTHS])
    if shown is not None:
        kept |= {pk for pk in (shown.pk, shown.previous_id, shown.compared_with_id) if pk is not None}
    reading = set(
        Publication.objects.filter(state__in=("current", "old", "building")).values_list("cycle_id", flat=True)
    )
    return [one for one in full if one.pk not in kept | reading]


def _drop(cycle_id: int) -> None:
    """Take away tables and files of a cycle that has no result."""
    with contextlib.suppress(DatabaseError, InterfaceError):
        results.drop(cycle_id)
    shutil.rmtree(results_folder(cycle_id), ignore_errors=True)

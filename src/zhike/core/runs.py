"""Long work that people watch and may leave: its state, progress and heartbeat. Refuses to know what the work is.

Progress is written through a connection of its own, so that it shows while the work's transaction is still open; the
same beat tells the work that somebody cancelled it.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import TracebackType
from typing import Any
from uuid import UUID

from django.db import DatabaseError, connection
from django.db.models import F, Q
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from zhike.core.actor import Actor
from zhike.core.models import Run, RunState

log = logging.getLogger(__name__)
BEAT_SECONDS = 1.0
SILENT_MINUTES = 10  # a run without heartbeat for this long has lost its process, and no job took it up again
OPEN = (RunState.QUEUED, RunState.RUNNING)


class RunCancelled(Exception):
    """Somebody cancelled the work; its transaction must be rolled back."""


class RunOver(Exception):
    """The run had ended already: a job delivered twice has nothing to do."""


def open_run(actor: Actor, kind: str) -> Run:
    """Write down work that is about to be queued or begun."""
    return Run.objects.create(kind=kind, started_by_id=actor.staff_id, started_by_name=actor.name)


def cancel_run(run_id: UUID) -> bool:
    """Ask a queued or running piece of work to stop; return whether it was still open."""
    return bool(Run.objects.filter(pk=run_id, state__in=OPEN).update(state=RunState.CANCELLED, finished_at=Now()))


def reopen_run(run_id: UUID) -> None:
    """Queue the next stage of work whose last stage has ended, e.g. loading after checking."""
    Run.objects.filter(pk=run_id).update(
        state=RunState.QUEUED,
        progress_permille=0,
        stage="",
        finished_at=None,
        error_zh="",
        error_en="",
        heartbeat_at=None,
    )


def finish_run(run_id: UUID, *, result: dict[str, Any] | None = None) -> None:
    """Mark the work done; call it inside the transaction that holds the result."""
    changes: dict[str, Any] = {"state": RunState.DONE, "progress_permille": 1000, "finished_at": Now()}
    if result is not None:
        changes["result"] = result
    if not Run.objects.filter(pk=run_id, state=RunState.RUNNING).update(**changes):
        raise RunCancelled


def fail_run(run_id: UUID, *, zh: str, en: str) -> None:
    """Mark the work failed, with what was wrong and what to do, in both languages."""
    Run.objects.filter(pk=run_id, state__in=OPEN).update(
        state=RunState.FAILED, finished_at=Now(), error_zh=zh, error_en=en
    )


def close_silent_runs() -> int:
    """Mark running work failed whose process has been silent for long; return how many there were."""
    border = timezone.now() - timedelta(minutes=SILENT_MINUTES)
    return (
        Run.objects.filter(state=RunState.RUNNING)
        .filter(Q(heartbeat_at__lt=border) | Q(heartbeat_at=None, started_at__lt=border))
        .update(
            state=RunState.FAILED,
            finished_at=Now(),
            error_zh="执行它的进程中断了，没有写入任何内容。请重新运行。",
            error_en="The process doing it ended; nothing was written. Run it again.",
        )
    )


class Progress:
    """Tells the run row how far the work is, and the work whether it should go on."""

    def __init__(self, run_id: UUID) -> None:
        self._run_id = run_id
        self._permille = 0
        self._stage = ""
        self._written: tuple[int, str] | None = None
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"progress-{run_id}", daemon=True)

    def report(self, share: float, stage: str) -> None:
        """Say how far the work is (0 to 1) and at what; costs nothing.

        Raises
        ------
        RunCancelled
            When somebody has cancelled it.
        """
        self._permille = min(max(int(share * 1000), 0), 1000)
        self._stage = stage[:120]
        if self._cancelled.is_set():
            raise RunCancelled

    def __enter__(self) -> Progress:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._over.wait(BEAT_SECONDS):
                try:
                    self._write()
                except DatabaseError:
                    log.warning("progress of run %s was not written", self._run_id, exc_info=True)
                    connection.close()
        finally:
            connection.close()

    def _write(self) -> None:
        now = (self._permille, self._stage)
        row = Run.objects.filter(pk=self._run_id)
        if (
            not row.filter(state=RunState.RUNNING).update(progress_permille=now[0], stage=now[1], heartbeat_at=Now())
            and row.filter(state=RunState.CANCELLED).exists()
        ):
            self._cancelled.set()


def begin_run(run_id: UUID) -> Run:
    """Take up the work, for the first time or again after its process was killed.

    Raises
    ------
    RunOver
        When it was cancelled or has ended.
    """
    taken = Run.objects.filter(pk=run_id, state__in=OPEN).update(
        state=RunState.RUNNING,
        started_at=Coalesce(F("started_at"), Now()),
        heartbeat_at=Now(),
        attempts=F("attempts") + 1,
    )
    if not taken:
        raise RunOver(str(run_id))
    return Run.objects.get(pk=run_id)


@contextmanager
def watched(run_id: UUID) -> Iterator[Progress]:
    """Run the block as this piece of work, with its heart beating."""
    begin_run(run_id)
    with contextlib.ExitStack() as stack:
        yield stack.enter_context(Progress(run_id))

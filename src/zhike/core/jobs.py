"""Work that runs later: queued when the transaction commits, done in the scope of whoever asked for it.

A job takes ids, calls one action and may be run twice: a killed worker's jobs are taken up again by their heartbeat.
Refuses to know what the jobs do, and to run a job for somebody who may no longer act.
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec

from django.db import InterfaceError, OperationalError
from procrastinate import RetryStrategy
from procrastinate.contrib.django import app
from procrastinate.job_context import JobContext

from zhike.core.actor import Actor, system_actor

log = logging.getLogger(__name__)
Parameters = ParamSpec("Parameters")
Work = Callable[Concatenate[Actor, Parameters], None]

STALLED_SECONDS = 30
_actor_source: Callable[[int], Actor] | None = None

# Only a lost database is worth trying again: any other error is the work's own, and would come again.
_RETRY = RetryStrategy(max_attempts=8, exponential_wait=2, retry_exceptions={OperationalError, InterfaceError})


class ActorSourceMissing(RuntimeError):
    """No room has said how a member of staff becomes an actor again."""


def register_actor_source(source: Callable[[int], Actor]) -> None:
    """Name the function that rebuilds the actor of a member of staff from the id."""
    global _actor_source
    _actor_source = source


def actor_again(staff_id: int | None, name: str) -> Actor:
    """Return the actor as it stands now: rights lost since the job was queued are lost to the job too."""
    if staff_id is None:
        return system_actor(name)
    if _actor_source is None:
        raise ActorSourceMissing
    return _actor_source(staff_id)


class Job:
    """A piece of work that can be queued."""

    def __init__(self, name: str, work: Callable[..., None]) -> None:
        self.name = name
        self._work = work
        self._task = app.task(name=name, retry=_RETRY)(self._run)
        functools.update_wrapper(self, work)  # type: ignore[arg-type]

    def _run(self, *, staff_id: int | None, actor_name: str, **ids: Any) -> None:
        self._work(actor_again(staff_id, actor_name), **ids)

    def enqueue(self, actor: Actor, *, lock: str | None = None, **ids: Any) -> int:
        """Queue the work in the present transaction: it exists exactly when that commits.

        Jobs with the same `lock` run one after the other.
        """
        deferred = self._task.configure(lock=lock) if lock else self._task.configure()
        return int(deferred.defer(staff_id=actor.staff_id, actor_name=actor.name, **ids))


def job(name: str) -> Callable[[Callable[..., None]], Job]:
    """Make a function ``work(actor, **ids)`` a job called `name`, e.g. ``facts.load``."""
    return lambda work: Job(name, work)


@app.periodic(cron="* * * * * */10")
@app.task(name="core.retry_stalled", queueing_lock="core.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Queue the jobs of killed workers again."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs(seconds_since_heartbeat=STALLED_SECONDS):
        log.warning("job %s (%s) lost its worker and is queued again", stalled.id, stalled.task_name)
        await manager.retry_job(stalled)


@app.periodic(cron="* * * * *")
@app.task(name="core.close_silent_runs", queueing_lock="core.close_silent_runs")
def close_silent(timestamp: int) -> None:
    """Mark the runs failed that nobody carries any more."""
    from zhike.core.runs import close_silent_runs

    close_silent_runs()

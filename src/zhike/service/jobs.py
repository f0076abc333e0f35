"""Work on requests without a page: nightly, every few minutes, left for later. Refuses to know how it is done."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zhike.core.actor import Actor, system_actor
from zhike.core.jobs import job
from zhike.service.actions_clocks import recompute
from zhike.service.actions_escalate import escalate_due, push_escalated
from zhike.service.actions_nightly import check_sample, renew_numbers, sweep_files


@app.periodic(cron="10 19 * * *")  # UTC: ten past three in the morning in Shanghai
@app.task(name="service.nightly", queueing_lock="service.nightly")
def nightly(timestamp: int) -> None:
    """Set numbers back, sweep files, compare a sample of requests with their logs."""
    today = timezone.localdate()
    renew_numbers(today)
    sweep_files()
    check_sample(system_actor("nightly check of requests"), today=today)


@app.periodic(cron="*/5 * * * *")
@app.task(name="service.escalate", queueing_lock="service.escalate", lock="service.escalate")
def escalate(timestamp: int) -> None:
    """Let requests rise that have reached their time, and bring them to whom they concern."""
    actor = system_actor("escalation by time")
    escalate_due(actor)
    push_escalated(actor)


@job("service.recompute")
def recompute_clocks(actor: Actor, ids: list[int] | None = None) -> None:
    """Work out anew what is due of these requests, or of all open ones."""
    recompute(actor, ids)


@job("service.link_children")
def link_children(actor: Actor, parent: str, numbers: list[str]) -> None:
    """Link the rest of many requests to their parent."""
    from zhike.service.actions_crisis import linked  # it queues work itself

    linked(actor, parent, numbers)


@job("service.answer_children")
def answer_children(actor: Actor, parent: str, numbers: list[str], words: str) -> None:
    """Answer the rest of many children."""
    from zhike.service.actions_crisis import answered  # it queues work itself

    answered(actor, parent, numbers, words)

"""Work on requests that nobody waits for, by night. Refuses to know how it is done."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zhike.core.actor import Actor, system_actor
from zhike.core.jobs import job
from zhike.service.actions_clocks import recompute
from zhike.service.actions_nightly import check_sample, renew_numbers, sweep_files


@app.periodic(cron="10 19 * * *")  # UTC: ten past three in the morning in Shanghai
@app.task(name="service.nightly", queueing_lock="service.nightly")
def nightly(timestamp: int) -> None:
    """Set numbers back, sweep files, compare a sample of requests with their logs."""
    today = timezone.localdate()
    renew_numbers(today)
    sweep_files()
    check_sample(system_actor("nightly check of requests"), today=today)


@job("service.recompute")
def recompute_clocks(actor: Actor, ids: list[int] | None = None) -> None:
    """Work out anew what is due of these requests, or of all open ones."""
    recompute(actor, ids)

"""Work on requests that nobody waits for, by night. Refuses to know how it is done."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from zhike.core.actor import system_actor
from zhike.service.actions_nightly import check_sample, renew_numbers, sweep_files


@app.periodic(cron="10 19 * * *")  # UTC: ten past three in the morning in Shanghai
@app.task(name="service.nightly", queueing_lock="service.nightly")
def nightly(timestamp: int) -> None:
    """Set numbers back, sweep files, compare a sample of requests with their logs."""
    today = timezone.localdate()
    renew_numbers(today)
    sweep_files()
    check_sample(system_actor("nightly check of requests"), today=today)

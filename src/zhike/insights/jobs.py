"""Publishing and cycles as work that runs later and every night. Each may be run twice; refuses to know how."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from zhike.core.actor import Actor, system_actor
from zhike.core.jobs import job
from zhike.core.runs import RunOver

log = logging.getLogger(__name__)


@job("insights.publish")
def publish(actor: Actor) -> None:
    """Publish, unless a publication that began after the request holds everything already."""
    from zhike.insights.actions import publish_what_is_new  # the actions queue this job

    one = publish_what_is_new(actor)
    if one is not None:
        log.info("publication %s holds %s", one.pk, one.last_period)


@job("insights.cycle")
def carry_cycle(actor: Actor, cycle_id: int) -> None:
    """Carry a cycle that was asked for; a killed worker's begins anew."""
    from zhike.insights.cycle import CycleStopped, carry

    try:
        one = carry(actor, cycle_id)
    except (CycleStopped, RunOver) as end:
        log.info("cycle %s ended: %s", cycle_id, end)
    else:
        log.info("cycle %s of %s is shown", one.pk, one.as_of)


@app.periodic(cron="20 20 * * *")  # UTC: 04:20 in Shanghai
@app.task(name="insights.every_night", queueing_lock="insights.every_night", lock="insights.publish")
def every_night(timestamp: int) -> None:
    """Run the cycle of the day: what is due, ending or long ago changes with it, and a new month's facts count."""
    from zhike.insights import actions
    from zhike.insights.cycle import CycleStopped

    try:
        actions.every_night(system_actor("nightly cycle"))
    except CycleStopped as end:
        log.warning("the nightly cycle ended without a result: %s", end)

"""Publishing as work that runs later and every night. May be run twice, and does nothing when nothing is new."""

from __future__ import annotations

import logging

from procrastinate.contrib.django import app

from zhike.core.actor import Actor, system_actor
from zhike.core.jobs import job

log = logging.getLogger(__name__)


@job("insights.publish")
def publish(actor: Actor) -> None:
    """Publish, unless a publication that began after the request holds everything already."""
    from zhike.insights.actions import publish_what_is_new  # the actions queue this job

    one = publish_what_is_new(actor)
    if one is not None:
        log.info("publication %s holds %s", one.pk, one.last_period)


@app.periodic(cron="20 20 * * *")  # UTC: 04:20 in Shanghai
@app.task(name="insights.publish_nightly", queueing_lock="insights.publish_nightly", lock="insights.publish")
def publish_nightly(timestamp: int) -> None:
    """Publish once a night: what is due, ending or long ago changes with the day."""
    from zhike.insights.actions import publish_again

    publish_again(system_actor("nightly publication"))

"""The preview of a draft as work that runs later. May be run twice; refuses to know how."""

from __future__ import annotations

import logging
from uuid import UUID

from zhike.core.actor import Actor
from zhike.core.jobs import job
from zhike.core.runs import RunOver

log = logging.getLogger(__name__)


@job("insights.policy_preview")
def carry_preview(actor: Actor, run_id: str, draft_id: int, cycle_id: int) -> None:
    """Carry a preview that was asked for; a killed worker's begins anew."""
    from zhike.insights.preview import carry  # asking queues this job

    try:
        carry(UUID(run_id), draft_id, cycle_id)
    except RunOver:
        log.info("preview %s has ended already", run_id)

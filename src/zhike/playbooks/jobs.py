"""Suggesting as work that runs later. May be run twice: items keep their key."""

from __future__ import annotations

import logging

from zhike.core.actor import Actor
from zhike.core.jobs import job

log = logging.getLogger(__name__)


@job("playbooks.suggest")
def suggest(actor: Actor, ids: list[int] | None = None) -> None:
    """Look at all accounts, or at some, and push what they need now."""
    from zhike.playbooks import actions  # the actions queue this job

    done = actions.suggest(actor, ids=ids)
    log.info("work items: %s new, %s renewed, %s over", done.new, done.renewed, done.over)

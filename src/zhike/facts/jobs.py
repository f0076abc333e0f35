"""Imports as work that runs later. Each takes the import's id, may be run twice, and calls one action."""

from __future__ import annotations

import logging
from uuid import UUID

from zhike.core.actor import Actor
from zhike.core.jobs import job
from zhike.core.runs import RunOver

log = logging.getLogger(__name__)


@job("facts.check")
def check(actor: Actor, import_id: str) -> None:
    """Check the files of an import."""
    from zhike.facts.work import (
        ImportStopped,
        check_import,
    )  # the engine is loaded where it works, not in web processes

    try:
        check_import(actor, UUID(import_id))
    except (ImportStopped, RunOver) as end:
        log.info("check of import %s ended: %s", import_id, end)


@job("facts.load")
def load(actor: Actor, import_id: str) -> None:
    """Load an import."""
    from zhike.facts.work import ImportStopped, load_import

    try:
        load_import(actor, UUID(import_id))
    except (ImportStopped, RunOver) as end:
        log.info("import %s ended: %s", import_id, end)

"""What left the house as a file: written down before it goes, for the auditor. Refuses to know what the file holds."""

from __future__ import annotations

from typing import Any

from django.db.models.functions import Now

from zhike.core.actor import Actor
from zhike.core.models import Run, RunState


def record_export(actor: Actor, what: str, *, rows: int, asked: dict[str, Any]) -> Run:
    """Write down that `actor` takes away `rows` rows of `what` (e.g. ``accounts``), found by the filters `asked`."""
    return Run.objects.create(
        kind=f"export.{what}"[:40],
        state=RunState.DONE,
        progress_permille=1000,
        started_by_id=actor.staff_id,
        started_by_name=actor.name,
        started_at=Now(),
        finished_at=Now(),
        result={"rows": rows, "asked": {name: _written(value) for name, value in asked.items() if value}},
    )


def _written(value: Any) -> str:
    """Return a filter as the table can hold it: what people type may hold anything, NUL included."""
    return "".join(letter for letter in str(value) if letter >= " ")[:200]

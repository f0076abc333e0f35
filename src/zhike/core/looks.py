"""Looks at personal data: recorded before the value is shown. Refuses a look without a reason."""

from __future__ import annotations

from zhike.core.actor import Actor, require
from zhike.core.models import Look


class ReasonMissing(ValueError):
    """A look at personal data needs a reason of at least four characters."""


def record_look(
    actor: Actor,
    *,
    subject_table: str,
    subject_id: int,
    subject_name: str,
    field: str,
    reason: str,
    account_id: int | None = None,
) -> Look:
    """Write down a look at one field of one person; call it before returning the value.

    Raises
    ------
    ReasonMissing
        When `reason` is shorter than four characters.
    NotAllowed
        When the actor may not see personal data at all.
    """
    require(actor, "personal.show")
    if len(reason.strip()) < 4:
        raise ReasonMissing
    return Look.objects.create(
        actor_id=actor.staff_id,
        actor_name=actor.name,
        subject_table=subject_table,
        subject_id=subject_id,
        subject_name=subject_name,
        account_id=account_id,
        field=field,
        reason=reason.strip()[:300],
    )

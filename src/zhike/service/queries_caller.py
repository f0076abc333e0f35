"""Who called: masked for everybody, unmasked for a reason that is written down first. Refuses lists of callers."""

from __future__ import annotations

from dataclasses import dataclass

from zhike.core.actor import Actor, require
from zhike.core.looks import record_look
from zhike.core.masking import mask_email, mask_name, mask_phone, mask_text
from zhike.service.models import Request

FIELDS = ("caller_name", "caller_phone", "caller_address")


@dataclass(frozen=True)
class MaskedCaller:
    """Who called, as pages show it."""

    name: str
    phone: str
    address: str


def masked_caller(request: Request) -> MaskedCaller:
    """Return who called with all that tells a person hidden."""
    address = request.caller_address
    hidden = mask_email(address) if "@" in address else mask_text(address) if address else ""
    return MaskedCaller(mask_name(request.caller_name), mask_phone(request.caller_phone), hidden)


def show_caller(actor: Actor, *, number: str, field: str, reason: str) -> str:
    """Return one value unmasked; the look is written down before.

    Raises
    ------
    Request.DoesNotExist
        When the request is not the actor's to see, or there is no such field.
    ReasonMissing
        When the reason is too short.
    """
    require(actor, "requests.view")
    if field not in FIELDS:
        raise Request.DoesNotExist(field)
    request = Request.objects.for_actor(actor).get(number=number)
    record_look(
        actor, subject_table="service_request", subject_id=request.pk, subject_name=request.number, field=field,
        reason=reason, account_id=request.account_id,
    )  # fmt: skip
    return str(getattr(request, field))

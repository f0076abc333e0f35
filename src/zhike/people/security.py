"""What a person sees of their own security. Refuses anybody else's."""

from __future__ import annotations

from typing import Any

from allauth.mfa.models import Authenticator

from zhike.people.events import sign_in_id
from zhike.people.middleware import owes_second_factor
from zhike.people.queries import open_sign_ins, own_events


def security_of(request: Any) -> dict[str, Any]:
    """Return password, second factors, sign-ins and last events of the signed-in person."""
    user = request.user
    factors = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk"))
    codes = next((one for one in factors if one.type == Authenticator.Type.RECOVERY_CODES), None)
    return {
        "app": next((one for one in factors if one.type == Authenticator.Type.TOTP), None),
        "passkeys": [one.wrap() for one in factors if one.type == Authenticator.Type.WEBAUTHN],
        "codes": codes,
        "codes_left": len(codes.wrap().get_unused_codes()) if codes else 0,
        "owes_factor": owes_second_factor(request),
        "has_password": user.has_usable_password(),
        "here": sign_in_id(request),
        "sign_ins": open_sign_ins(user.pk),
        "events": own_events(user.pk),
    }

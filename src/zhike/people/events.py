"""Writes down what happens to sign-ins, and keeps the list of open ones. Refuses to decide who may sign in."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models.functions import Now
from django.http import HttpRequest

from zhike.core.actor import Actor
from zhike.core.masking import mask_text
from zhike.people.actors import NO_SIGN_IN
from zhike.people.models import SecurityEvent, SignInSession, User

SIGN_IN = "sign_in"  # where the Django session keeps the id of the SignInSession
UNSEEN = re.compile(r"[\x00-\x1f\x7f]")


def client_address(request: HttpRequest) -> str:
    """Return the address of the person's machine.

    Behind ``ZHIKE_TRUSTED_PROXIES`` proxies it is that many entries from the end of X-Forwarded-For: whatever stands
    before was written by the client and proves nothing.
    """
    proxies = settings.ZHIKE_TRUSTED_PROXIES
    told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if proxies and len(told) >= proxies:
        return UNSEEN.sub("", told[-proxies])[:45]
    return str(request.META.get("REMOTE_ADDR", ""))[:45]


def client_agent(request: HttpRequest) -> str:
    """Return what the browser calls itself, cut to what the table holds."""
    return UNSEEN.sub("", request.META.get("HTTP_USER_AGENT", ""))[:200]


def login_name(typed: str) -> str:
    """Return one spelling for all ways of writing a login name, so that letter case is no way round the lock.

    >>> login_name(" M0042 ") == login_name("m0042")
    True
    """
    return UNSEEN.sub("", typed).strip().casefold()[:150]


def written_name(typed: str) -> str:
    """Return a typed login name as the audit may show it: whole when somebody has it, else masked.

    People type passwords into the field of the login name; those must not lie readable in a log.
    """
    known = User.objects.filter(username__iexact=login_name(typed)).values_list("username", flat=True).first()
    return known if known is not None else mask_text(login_name(typed))[:150]


def write_event(
    kind: SecurityEvent.Kind,
    *,
    request: HttpRequest | None = None,
    user: User | None = None,
    name: str = "",
    by: Actor | None = None,
    method: str = "",
) -> None:
    """Write down that something happened to somebody's sign-in."""
    SecurityEvent.objects.create(
        kind=kind,
        user_id=user.pk if user else None,
        name=user.username if user else name,
        by_id=by.staff_id if by else None,
        by_name=by.name if by else "",
        method=method[:20],
        address=client_address(request) if request else "",
        agent=client_agent(request) if request else "",
    )


def sign_in_id(request: HttpRequest) -> UUID:
    """Return the id of the sign-in that the Django session belongs to; one that is never open when it has none."""
    try:
        return UUID(request.session[SIGN_IN])
    except (KeyError, ValueError, TypeError, AttributeError):
        return NO_SIGN_IN


def open_sign_in(request: HttpRequest, user: User, method: str) -> None:
    """Enter a new sign-in and tie the Django session to it."""
    begun = SignInSession.objects.create(
        user=user, method=method[:20], address=client_address(request), agent=client_agent(request)
    )
    request.session[SIGN_IN] = str(begun.pk)


def seen_now(request: HttpRequest) -> None:
    """Note that the sign-in of this request is in use."""
    SignInSession.objects.filter(pk=sign_in_id(request), ended_at=None).update(seen_at=Now())


def end_sign_ins(user: User, *, only: UUID | None = None, but: UUID | None = None) -> int:
    """End open sign-ins of a user: one, all, or all `but` one. Whoever sits there is out at the next request."""
    rows = SignInSession.objects.filter(user=user, ended_at=None)
    if only is not None:
        rows = rows.filter(pk=only)
    if but is not None:
        rows = rows.exclude(pk=but)
    return rows.update(ended_at=Now())


def method_of(request: HttpRequest, **details: Any) -> str:
    """Return how the person has just proved who they are: the strongest of the steps taken."""
    records = request.session.get("account_authentication_methods", [])
    steps = [record.get("type") or record.get("method", "") for record in records if isinstance(record, dict)]
    if details.get("sociallogin") is not None or "socialaccount" in steps:
        return "company"
    for step in ("webauthn", "totp", "recovery_codes", "password"):
        if step in steps:
            return step
    return ""

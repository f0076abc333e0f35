"""Listens to Django, django-allauth and django-axes and writes down what happens to sign-ins. Refuses to change it."""

from __future__ import annotations

from typing import Any

from allauth.account.signals import password_changed, password_set
from allauth.account.signals import user_logged_in as sign_in_completed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authentication_failed, authenticator_added, authenticator_removed, authenticator_reset
from axes.handlers.proxy import AxesProxyHandler
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from zhike.people.events import end_sign_ins, method_of, open_sign_in, sign_in_id, write_event, written_name
from zhike.people.middleware import COMPANY_FACTOR
from zhike.people.models import SecurityEvent, User

Kind = SecurityEvent.Kind


@receiver(user_logged_in)
def on_signed_in(sender: Any, request: HttpRequest, user: User, **details: Any) -> None:
    """Open a sign-in; its method is known from the steps taken in this session."""
    method = method_of(request)
    open_sign_in(request, user, method)
    write_event(Kind.SIGNED_IN, request=request, user=user, method=method)


@receiver(sign_in_completed)
def on_company_sign_in(sender: Any, request: HttpRequest, user: User, **details: Any) -> None:
    """Keep whether the company vouched for a second factor."""
    social = details.get("sociallogin")
    if social is not None:
        request.session[COMPANY_FACTOR] = bool(social.state.get(COMPANY_FACTOR))


@receiver(user_logged_out)
def on_signed_out(sender: Any, request: HttpRequest, user: User | None, **details: Any) -> None:
    """Close the sign-in; nothing is written when it had been ended before (idle, or by somebody)."""
    if user is not None and end_sign_ins(user, only=sign_in_id(request)):
        write_event(Kind.SIGNED_OUT, request=request, user=user)


@receiver(user_login_failed)
def on_failed(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **details: Any) -> None:
    """Write down a failed sign-in; the guess itself is never kept."""
    write_event(Kind.FAILED, request=request, name=written_name(str(credentials.get("username") or "")))


@receiver(user_locked_out)
def on_locked(sender: Any, request: HttpRequest, username: str, **details: Any) -> None:
    """Write down that somebody is locked out."""
    write_event(Kind.LOCKED, request=request, name=written_name(username or ""))


@receiver(authentication_failed)
def on_factor_failed(sender: Any, request: HttpRequest, user: User, **details: Any) -> None:
    """Write down a wrong second factor, and count it like a wrong password: six digits can be guessed too."""
    write_event(Kind.FACTOR_FAILED, request=request, user=user)
    AxesProxyHandler.user_login_failed(sender=sender, credentials={"username": user.username}, request=request)


@receiver(authenticator_added)
def on_factor_added(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **details: Any
) -> None:
    """Write down a new second factor."""
    kind = Kind.CODES_MADE if authenticator.type == Authenticator.Type.RECOVERY_CODES else Kind.FACTOR_ADDED
    write_event(kind, request=request, user=user, method=authenticator.type)


@receiver(authenticator_reset)
def on_codes_made(sender: Any, request: HttpRequest, user: User, **details: Any) -> None:
    """Write down that recovery codes were made anew."""
    write_event(Kind.CODES_MADE, request=request, user=user, method="recovery_codes")


@receiver(authenticator_removed)
def on_factor_removed(
    sender: Any, request: HttpRequest, user: User, authenticator: Authenticator, **details: Any
) -> None:
    """Write down that a second factor is gone."""
    write_event(Kind.FACTOR_REMOVED, request=request, user=user, method=authenticator.type)


@receiver(password_changed)
@receiver(password_set)
def on_password_changed(sender: Any, request: HttpRequest, user: User, **details: Any) -> None:
    """End all other sign-ins: whoever changes a password may do so because somebody else knows it."""
    end_sign_ins(user, but=sign_in_id(request))
    write_event(Kind.PASSWORD_CHANGED, request=request, user=user)

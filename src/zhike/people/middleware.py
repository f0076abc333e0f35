"""Who is asking, and whether they may go on: actor, idle exit, ended sessions, steps still owed.

Refuses to decide what a page shows.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from zhike.core.web import return_address
from zhike.people.actors import standing_of_user
from zhike.people.events import end_sign_ins, seen_now, sign_in_id, write_event
from zhike.people.models import SecurityEvent, User
from zhike.people.roles import needs_second_factor

COMPANY_FACTOR = "company_factor"  # the company sign-on has vouched for a second factor in this session
STEP = timedelta(seconds=30)  # that a sign-in is in use is written at most this often

# What a person may open although a step is still owed: leaving, the other language, and the step itself.
ALWAYS_OPEN = frozenset({"account_logout", "set_language"})
PASSWORD_STEP = "first_password"
FACTOR_STEPS = frozenset(
    {
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "mfa_view_recovery_codes",
        "mfa_download_recovery_codes",
        "my_security",
    }
)


def send_to(request: HttpRequest, address: str) -> HttpResponse:
    """Send the whole page to `address`, also when only a part of it was asked for."""
    if request.headers.get("HX-Request"):
        return HttpResponse(status=401, headers={"HX-Redirect": address})
    return redirect(address)


def sign_in_page(request: HttpRequest, why: str) -> str:
    """Return the address of the sign-in page that says why and leads back to where the person was."""
    wanted = {why: "1"}
    if not request.headers.get("HX-Request"):
        wanted["next"] = return_address(request)
    return f"{reverse('account_login')}?{urlencode(wanted)}"


class IdleExitMiddleware:
    """Signs a person out after the idle time; polling of live pages does not count as activity.

    When a sign-in was last used is known with its standing: asking for it costs no query of its own.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, or sign out and send to the sign-in page, which says why."""
        user = request.user
        seen = request.standing.seen_at if request.standing else None  # type: ignore[attr-defined]
        if not isinstance(user, User) or seen is None:
            return self.get_response(request)
        idle = timezone.now() - seen
        if idle > timedelta(seconds=settings.ZHIKE_IDLE_EXIT_SECONDS):
            write_event(SecurityEvent.Kind.IDLE_EXIT, request=request, user=user)
            address = sign_in_page(request, "idle")
            leave(request, user)
            return send_to(request, address)
        if request.headers.get("X-Zhike-Poll") != "1" and idle > STEP:
            seen_now(request)
        return self.get_response(request)


class ActorMiddleware:
    """Sets ``request.actor``: rebuilt from the database at each request, so that a changed role holds at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach actor and standing (``None`` when signed out or without an active staff row)."""
        user = request.user
        standing = standing_of_user(user, sign_in_id(request)) if isinstance(user, User) else None
        request.standing = standing  # type: ignore[attr-defined]
        request.actor = standing.actor if standing else None  # type: ignore[attr-defined]
        response = self.get_response(request)
        chosen = response.cookies.get(settings.LANGUAGE_COOKIE_NAME)
        if chosen is not None and isinstance(user, User) and user.language != chosen.value:
            User.objects.filter(pk=user.pk).update(language=chosen.value)
        return response


class StepsMiddleware:
    """Turns away people whose sign-in has ended, and leads others first to the step they still owe."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on; the decision is made once the view is known."""
        return self.get_response(request)

    def process_view(
        self, request: Any, view: Callable[..., HttpResponseBase], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Return where the person has to go first, or ``None`` to let them go on."""
        user = request.user
        if not isinstance(user, User):
            return None
        if request.standing is None or not request.standing.session_open:
            address = sign_in_page(request, "ended")
            leave(request, user)
            return send_to(request, address)
        name = request.resolver_match.view_name
        if name in ALWAYS_OPEN:
            return None
        if user.must_change_password:
            return None if name == PASSWORD_STEP else send_to(request, reverse(PASSWORD_STEP))
        if owes_second_factor(request) and name not in FACTOR_STEPS:
            return send_to(request, reverse("my_security"))
        return None


def owes_second_factor(request: Any) -> bool:
    """Return whether the installation asks this person for a second factor that is not enrolled yet."""
    return bool(
        settings.ZHIKE_REQUIRE_SECOND_FACTOR
        and not request.standing.has_second_factor
        and not request.session.get(COMPANY_FACTOR)
        and needs_second_factor(request.standing.actor.role)
    )


def leave(request: HttpRequest, user: User) -> None:
    """End this sign-in without calling it a sign-out by the person."""
    end_sign_ins(user, only=sign_in_id(request))
    logout(request)

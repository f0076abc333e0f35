"""Who is asking: puts the actor on each request and ends idle sessions. Refuses to decide what a page shows."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from zhike.people.actors import actor_of_user
from zhike.people.models import User

LAST_SEEN = "last_seen"
STEP_SECONDS = 30  # the session is written at most this often


class IdleExitMiddleware:
    """Signs a person out after the idle time; polling of live pages does not count as activity."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Let the request through, or sign out and send to the sign-in page, which says why."""
        if not request.user.is_authenticated:
            return self.get_response(request)
        now = int(time.time())
        seen = request.session.get(LAST_SEEN, now)
        if now - seen > settings.ZHIKE_IDLE_EXIT_SECONDS:
            logout(request)
            return redirect(f"/sign-in/login/?idle=1&next={request.path}")
        if request.headers.get("X-Zhike-Poll") != "1" and (
            LAST_SEEN not in request.session or now - seen > STEP_SECONDS
        ):
            request.session[LAST_SEEN] = now
        return self.get_response(request)


class ActorMiddleware:
    """Sets ``request.actor``: rebuilt from the database at each request, so that a changed role holds at once."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Attach the actor (``None`` when signed out or without an active staff row)."""
        user = request.user
        request.actor = actor_of_user(user) if isinstance(user, User) and user.is_authenticated else None  # type: ignore[attr-defined]
        return self.get_response(request)

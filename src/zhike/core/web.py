"""What every view shares: who may open a page, and how refusals are answered. Refuses rules of any room."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from zhike.core.actor import Actor, NotAllowed

View = Callable[..., HttpResponse]


class StaffRequest(HttpRequest):
    """A request whose actor is known (the type views declare after :func:`page`)."""

    actor: Actor


def is_our_address(request: HttpRequest, address: str) -> bool:
    """Tell whether `address` is a page of this very host, which a person may be led to."""
    whole = address.startswith(("/", "http://", "https://")) and address.isprintable()
    return whole and url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure())


def return_address(request: HttpRequest) -> str:
    """Return where to go on after signing in: this page, or the page a form was sent from, or the first one.

    The address a form is sent to may not be one that opens; what was sent is not sent again.
    """
    if request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    came_from = request.headers.get("Referer", "")
    if not is_our_address(request, came_from):
        return "/"
    parts = urlsplit(came_from)
    return urlunsplit(("", "", "/" + parts.path.lstrip("/"), parts.query, ""))


def page(permission: str) -> Callable[[View], View]:
    """Let a view be opened only by people holding `permission`.

    Signed-out people are sent to sign in. Others get 404: whether a page or row exists is not theirs to know.
    ``NotAllowed`` raised further down is answered the same way.
    """

    def wrap(view: View) -> View:
        @never_cache
        @functools.wraps(view)
        def guarded(request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                if request.headers.get("HX-Request"):
                    return HttpResponse(status=401, headers={"HX-Redirect": "/sign-in/login/"})
                return redirect_to_login(return_address(request))
            if request.actor is None or not request.actor.may(permission):
                raise Http404
            try:
                return view(request, *args, **kwargs)
            except NotAllowed as refusal:
                raise Http404 from refusal

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded

    return wrap

"""What the lock against guessing needs: one spelling of names, the true address, a page in words. Refuses counting."""

from __future__ import annotations

from typing import Any

from axes.helpers import get_cool_off
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from zhike.people.events import client_address, login_name


def guarded_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Return the login name that failures are counted under (AXES_USERNAME_CALLABLE)."""
    typed = (credentials or {}).get("username") or request.POST.get("login", "")
    return login_name(str(typed))


def guarded_address(request: HttpRequest) -> str:
    """Return the address that failures are counted under (AXES_CLIENT_IP_CALLABLE)."""
    return client_address(request)


def locked_out(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, Any] | None) -> HttpResponse:
    """Answer somebody who guessed too often; says the same whether or not such a user exists."""
    wait = get_cool_off(request)
    seconds = int(wait.total_seconds()) if wait else 0
    answer = render(request, "people/locked.html", {"minutes": seconds // 60}, status=429)
    answer.headers["Retry-After"] = str(seconds)
    return answer

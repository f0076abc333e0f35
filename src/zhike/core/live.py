"""Parts of a page that refresh themselves: answered 204 while nothing has changed. Refuses open streams."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

VERSION_HEADER = "X-Zhike-Version"
POLL_HEADER = "X-Zhike-Poll"


def live_part(
    request: HttpRequest, template: str, context: dict[str, Any], *, version: object, over: bool = False
) -> HttpResponse:
    """Render a polled part, or answer 204 when the page already shows `version`.

    The part's outermost element carries ``data-poll`` (seconds), ``data-version`` and ``hx-get``; with `over` the
    template should leave ``data-poll`` out, so that polling ends (``over`` is in its context, as is ``version``).
    """
    shown = request.headers.get(VERSION_HEADER)
    if shown is not None and shown == str(version):
        return HttpResponse(status=204)
    return render(request, template, {**context, "version": str(version), "over": over})

"""Short notices after something was done, with a way back. Owns their form; refuses to undo anything itself."""

from __future__ import annotations

import json

from django.contrib import messages
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest, HttpResponse
from django.utils.encoding import force_str

UNDO = "undo:"


def toast(request: HttpRequest, text: str, undo: str = "") -> None:
    """Show `text` on the next full page; `undo` is an address that takes it back when posted to."""
    messages.success(request, text, extra_tags=f"{UNDO}{undo}" if undo else "")


def toast_now(response: HttpResponse, text: str, undo: str = "") -> HttpResponse:
    """Show `text` on the present page when `response` answers an HTMX request."""
    notice = json.dumps({"zk:toast": {"text": force_str(text), "undo": undo}})  # ASCII: headers take nothing else
    response.headers["HX-Trigger"] = notice
    return response


def undo_address(message: Message) -> str:
    """Return the address that undoes what a message tells of, or nothing.

    >>> undo_address(Message(25, "done", extra_tags="undo:/x/1/undo/")), undo_address(Message(25, "done"))
    ('/x/1/undo/', '')
    """
    tags = message.extra_tags or ""
    return tags[len(UNDO) :] if tags.startswith(UNDO) else ""

"""What every page's frame needs: actor, menu, search box, whether the data is made up. Refuses anything of one page."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from zhike.core.menu import MENU, MenuItem, phone_bar

ASK_AGAIN_SECONDS = 60


class Demonstration:
    """Whether the data shown is made up: the setting says so, or else a function that a room registered.

    A yes is kept for the life of the process; a no is asked again after a minute.
    """

    def __init__(self) -> None:
        self.ask: Callable[[], bool] | None = None
        self.answer = False
        self.asked = float("-inf")

    def __call__(self) -> bool:
        """Return the answer, asking at most once a minute."""
        if settings.ZHIKE_DEMONSTRATION:
            return True
        if self.ask is None or self.answer:
            return self.answer
        if time.monotonic() - self.asked > ASK_AGAIN_SECONDS:
            self.asked = time.monotonic()
            # The page that tells of a failed database writes this line too, and must not fail over it.
            with contextlib.suppress(DatabaseFailure):
                self.answer = self.ask()
        return self.answer


demonstration = Demonstration()


def register_demonstration(ask: Callable[[], bool]) -> None:
    """Announce the function that tells whether the demonstration operator fills this installation."""
    demonstration.ask = ask
    demonstration.answer, demonstration.asked = False, float("-inf")


class Shell:
    """The frame around one page, worked out only when a template asks for a part of it."""

    def __init__(self, request: HttpRequest) -> None:
        self.actor = getattr(request, "actor", None)
        match = request.resolver_match
        self.operator = getattr(settings, "ZHIKE_OPERATOR_NAME", "")
        self.path = request.path
        self.view_name = match.view_name if match else ""
        self._side: list[MenuItem] | None = None

    @property
    def side(self) -> list[MenuItem]:
        """The main menu."""
        if self._side is None:
            self._side = MENU.entries_for(self.actor, self.path, self.view_name)
        return self._side

    @property
    def foot(self) -> list[MenuItem]:
        """Entries at the lower end of the menu."""
        return MENU.entries_for(self.actor, self.path, self.view_name, place="foot")

    @property
    def phone(self) -> list[MenuItem]:
        """Entries of the bar on small screens."""
        return phone_bar(self.side)

    @property
    def person(self) -> list[MenuItem]:
        """Entries of the signed-in person's own menu."""
        return MENU.entries_for(self.actor, self.path, self.view_name, place="person")

    @property
    def search(self) -> tuple[str, Any] | None:
        """Address and placeholder of the search box."""
        return MENU.search_for(self.actor)

    @property
    def role_name(self) -> Any:
        """What the person's role is called."""
        return MENU.role_names.get(self.actor.role, self.actor.role) if self.actor else ""


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates ``shell``, ``actor`` and ``demonstration``."""
    return {
        "shell": Shell(request),
        "actor": getattr(request, "actor", None),
        "demonstration": SimpleLazyObject(demonstration),
    }

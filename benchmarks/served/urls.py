"""The product's addresses and the yardstick: what any page costs at least. Refuses to be part of the product.

The yardstick is a page for a signed-in person, with the frame that every page has, and one row by its index.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import include, path

from zhike.core.web import page


@page("accounts.view")
def yardstick(request: Any, code: str) -> HttpResponse:
    """Show the name of one account within the frame that every page has."""
    from zhike.customers.models import Account

    account = Account.objects.for_actor(request.actor).only("name").get(code=code)
    return render(request, "base.html", {"title": account.name})


urlpatterns: list[Any] = [
    path("yardstick/<str:code>/", yardstick, name="yardstick"),
    path("", include("zhike.config.urls")),
]
handler403, handler404 = "zhike.core.errors.forbidden", "zhike.core.errors.not_found"
handler500 = "zhike.core.errors.server_error"

"""Addresses of the ground floor: the health check, and the kit in development. Refuses pages for users."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from zhike.core.kit import kit

app_name = "core"


def health(request: HttpRequest) -> HttpResponse:
    """Answer that the process serves requests; asks nothing of the database."""
    return HttpResponse("ok", content_type="text/plain")


urlpatterns = [
    path("kit/", kit, name="kit"),
    path("healthz", health, name="health"),
]

"""Addresses for tests of the ground floor alone. Refuses any room above it."""

from django.urls import include, path

urlpatterns = [
    path("", include("zhike.core.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
handler403 = "zhike.core.errors.forbidden"
handler404 = "zhike.core.errors.not_found"
handler500 = "zhike.core.errors.server_error"

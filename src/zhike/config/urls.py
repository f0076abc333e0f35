"""Which room answers which path. Refuses views of its own."""

from django.urls import include, path

urlpatterns = [
    path("", include("zhike.workbench.urls")),
    path("", include("zhike.core.urls")),
    path("cycles/", include("zhike.workbench.cycles_urls")),
    path("customers/", include("zhike.customers.urls")),
    path("data/", include("zhike.facts.urls")),
    path("people/", include("zhike.people.urls")),
    path("policies/", include("zhike.workbench.policies_urls")),
    path("service/", include("zhike.service.urls")),
    path("sign-in/", include("zhike.people.sign_in_urls")),
    path("i18n/", include("django.conf.urls.i18n")),
]
handler403 = "zhike.core.errors.forbidden"
handler404 = "zhike.core.errors.not_found"
handler500 = "zhike.core.errors.server_error"

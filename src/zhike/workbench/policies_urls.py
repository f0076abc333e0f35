"""Addresses of the pages of rules."""

from django.urls import path

from zhike.workbench import policies

app_name = "policies"
urlpatterns = [
    path("", policies.listing, name="list"),
    path("drafts/<int:draft_id>/", policies.draft_page, name="draft"),
    path("drafts/<int:draft_id>/edit/", policies.edit_draft, name="edit"),
    path("drafts/<int:draft_id>/preview/", policies.preview, name="preview"),
    path("drafts/<int:draft_id>/<slug:verb>/", policies.step, name="step"),
    path("<slug:family>/", policies.family_page, name="family"),
    path("<slug:family>/new/", policies.new_draft, name="new"),
    path("<slug:family>/compare/", policies.compare, name="compare"),
    path("<slug:family>/versions/<int:version_id>/", policies.version_page, name="version"),
]

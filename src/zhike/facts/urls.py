"""Addresses of imports and tables. Refuses views of its own."""

from django.urls import path

from zhike.facts import views, views_tables

app_name = "facts"
urlpatterns = [
    path("imports/", views.imports, name="imports"),
    path("imports/new/", views.new, name="new"),
    path("imports/<uuid:import_id>/", views.one, name="import"),
    path("imports/<uuid:import_id>/state/", views.state, name="state"),
    path("imports/<uuid:import_id>/confirm/", views.confirm, name="confirm"),
    path("imports/<uuid:import_id>/cancel/", views.cancel, name="cancel"),
    path("imports/<uuid:import_id>/retry/", views.retry, name="retry"),
    path("imports/<uuid:import_id>/rejects.csv", views.rejects, name="rejects"),
    path("tables/", views_tables.tables, name="tables"),
    path("tables/<slug:name>/", views_tables.table, name="table"),
    path("tables/<slug:name>/template.xlsx", views_tables.template, name="template"),
]

"""Addresses of the pages of people and of the auditor."""

from django.urls import path

from zhike.people import audit_views, views

app_name = "people"
urlpatterns = [
    path("", views.people_list, name="list"),
    path("new/", views.create, name="create"),
    path("<int:staff_id>/", views.person, name="person"),
    path("<int:staff_id>/change/", views.change, name="change"),
    path("<int:staff_id>/show/<slug:field>/", views.show_field, name="show"),
    path("<int:staff_id>/deactivate/", views.deactivate, name="deactivate"),
    path("<int:staff_id>/reactivate/", views.reactivate, name="reactivate"),
    path("<int:staff_id>/unlock/", views.unlock, name="unlock"),
    path("<int:staff_id>/code/", views.issue_code, name="issue_code"),
    path("<int:staff_id>/factors/remove/", views.remove_factors, name="remove_factors"),
    path("places/", views.places, name="places"),
    path("places/regions/new/", views.region, name="region_create"),
    path("places/regions/<int:region_id>/", views.region, name="region"),
    path("places/teams/new/", views.team, name="team_create"),
    path("places/teams/<int:team_id>/", views.team, name="team"),
    path("audit/", audit_views.read, {"book": "changes"}, name="audit"),
    path("audit/looks/", audit_views.read, {"book": "looks"}, name="audit_looks"),
    path("audit/sign-ins/", audit_views.read, {"book": "sign_ins"}, name="audit_sign_ins"),
    path("audit/runs/", audit_views.read, {"book": "work"}, name="audit_work"),
    path("audit/<slug:book>.xlsx", audit_views.export, name="audit_export"),
]

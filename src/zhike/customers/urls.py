"""Addresses of single steps in the archive."""

from django.urls import path

from zhike.customers import views, views_accounts, views_erasure, views_rows, views_team

app_name = "customers"
urlpatterns = [
    path("handover/<int:staff_id>/", views_team.hand_over, name="handover"),
    path("assign/", views_team.assign_many, name="assign_many"),
    path("new/", views_accounts.create, name="create"),
    path("<str:code>/edit/", views.edit, name="edit"),
    path("<str:code>/contacts/<int:contact_id>/show/<slug:field>/", views.show_personal, name="show_personal"),
    path("<str:code>/lifecycle/<slug:step>/", views_accounts.lifecycle, name="lifecycle"),
    path("<str:code>/erase/<slug:kind>/<int:row_id>/", views_erasure.erase, name="erase"),
    path("<str:code>/team/<slug:duty>/assign/", views_team.assign, name="assign"),
    path("<str:code>/team/<int:membership_id>/release/", views_team.release, name="release"),
    path("<str:code>/<slug:kind>/add/", views_rows.add, name="row_add"),
    path("<str:code>/<slug:kind>/<int:row_id>/", views_rows.change, name="row"),
    path("<str:code>/<slug:kind>/<int:row_id>/remove/", views_rows.remove, name="row_remove"),
]

"""Addresses of single steps in the archive."""

from django.urls import path

from zhike.customers import views

app_name = "customers"
urlpatterns = [
    path("<str:code>/edit/", views.edit, name="edit"),
    path("<str:code>/contacts/<int:contact_id>/show/<slug:field>/", views.show_personal, name="show_personal"),
]

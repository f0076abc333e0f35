"""Addresses of cycle runs. Refuses views of its own."""

from django.urls import path

from zhike.workbench import cycles

app_name = "cycles"
urlpatterns = [
    path("", cycles.cycles, name="list"),
    path("start/", cycles.start, name="start"),
    path("<int:cycle_id>/", cycles.one, name="one"),
    path("<int:cycle_id>/state/", cycles.state, name="state"),
    path("<int:cycle_id>/cancel/", cycles.cancel, name="cancel"),
]

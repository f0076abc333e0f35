"""The room of people as a Django application."""

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    """Staff, teams, regions, roles."""

    name = "zhike.people"
    label = "people"

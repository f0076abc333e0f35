"""The room of imported facts as a Django application."""

from django.apps import AppConfig


class FactsConfig(AppConfig):
    """Imports of files into archive and lake."""

    name = "zhike.facts"
    label = "facts"

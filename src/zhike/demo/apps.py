"""The demonstration as a Django application."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration operator."""

    name = "zhike.demo"
    label = "demo"

"""The room of published figures as a Django application."""

from django.apps import AppConfig


class InsightsConfig(AppConfig):
    """Published figures and series."""

    name = "zhike.insights"
    label = "insights"

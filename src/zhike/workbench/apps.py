"""The staff's face as a Django application."""

from django.apps import AppConfig


class WorkbenchConfig(AppConfig):
    """Navigation and cross-room pages."""

    name = "zhike.workbench"
    label = "workbench"

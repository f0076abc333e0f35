"""The catalogue as a Django application."""

from django.apps import AppConfig


class CatalogueConfig(AppConfig):
    """Products in three classes."""

    name = "zhike.catalogue"
    label = "catalogue"

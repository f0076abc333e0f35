"""The demonstration as a Django application."""

from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demonstration operator."""

    name = "zhike.demo"
    label = "demo"

    def ready(self) -> None:
        """Let every page's footer know that the data is made up."""
        from zhike.core.context import register_demonstration
        from zhike.demo.queries import is_demonstration

        register_demonstration(is_demonstration)

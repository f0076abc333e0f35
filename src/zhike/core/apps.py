"""The ground floor as a Django application. Refuses to know any room above it."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Ground floor: actor, audit, policies, runs, shell."""

    name = "zhike.core"
    label = "core"

    def ready(self) -> None:
        """Compile translations that are missing or older than their source."""
        from zhike.core.translations import ensure_compiled

        ensure_compiled()

"""The room of requests as a Django application; names its actions for the auditor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ServiceConfig(AppConfig):
    """Requests, departments, clocks, commitments."""

    name = "zhike.service"
    label = "service"

    def ready(self) -> None:
        """Name the actions for the auditor."""
        from zhike.core.audit_queries import register_actions

        register_actions({"service.take_in": _("受理工单")})

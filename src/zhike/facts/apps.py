"""The room of imported facts as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FactsConfig(AppConfig):
    """Imports of files into archive and lake."""

    name = "zhike.facts"
    label = "facts"

    def ready(self) -> None:
        """Announce the pages, and how jobs find their actor again."""
        from zhike.core.audit_queries import register_actions
        from zhike.core.jobs import register_actor_source
        from zhike.core.menu import MenuEntry, register
        from zhike.facts import jobs  # noqa: F401  the worker must know them
        from zhike.people.actors import actor_of_staff_id

        register_actor_source(actor_of_staff_id)
        register_actions({"import": _("导入"), "facts.import": _("导入")})
        register(
            MenuEntry("data", _("数据"), "database", order=80),
            MenuEntry(
                "imports", _("导入"), "", "facts:imports", 81, parent="data", allowed="imports.view",
                covers=("facts:new", "facts:import"),
            ),
            MenuEntry(
                "tables", _("数据表"), "", "facts:tables", 82, parent="data", allowed="imports.view",
                covers=("facts:table",),
            ),
        )  # fmt: skip

"""The worklist as a Django application; its items follow their accounts, its actions have names."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorklistConfig(AppConfig):
    """Work items of all rooms."""

    name = "zhike.worklist"
    label = "worklist"

    def ready(self) -> None:
        """Listen to changed accounts and loaded facts; name the actions for the auditor."""
        from zhike.core import changes
        from zhike.core.audit_queries import register_actions
        from zhike.worklist import actions

        changes.register("accounts", actions.accounts_changed)
        changes.register("facts_loaded", actions.facts_loaded)
        register_actions(
            {
                "worklist.push": _("更新待办"),
                "worklist.finish": _("办结待办"),
                "worklist.postpone": _("延后待办"),
                "worklist.dismiss": _("不处理待办"),
                "worklist.reopen": _("重新打开待办"),
            }
        )

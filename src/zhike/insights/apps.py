"""The room of published figures as a Django application; hears of changes in the rooms below."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class InsightsConfig(AppConfig):
    """Figures of accounts, published as a whole."""

    name = "zhike.insights"
    label = "insights"

    def ready(self) -> None:
        """Listen to changed accounts and loaded facts; make the job known to the worker."""
        from zhike.core import changes
        from zhike.core.audit_queries import register_actions
        from zhike.core.policies import register_first_needed
        from zhike.insights import actions, jobs, policies, preview_jobs, queries_scores  # noqa: F401  known to workers

        changes.register("accounts", actions.accounts_changed)
        changes.register("facts_loaded", actions.facts_loaded)
        register_first_needed(queries_scores.first_result_day)
        register_actions({"insights.publish": _("发布客户指标"), "insights.cycle": _("运行周期")})

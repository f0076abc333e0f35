"""Playbooks as a Django application; hears of new figures and of accounts that people changed."""

from django.apps import AppConfig


class PlaybooksConfig(AppConfig):
    """What to do next, by signal and condition."""

    name = "zhike.playbooks"
    label = "playbooks"

    def ready(self) -> None:
        """Make the family of rules, the words and the job known; listen (after the published figures have)."""
        from zhike.core import changes
        from zhike.playbooks import actions, jobs, words  # noqa: F401  the worker must know the jobs

        words.register_all()
        changes.register("published", actions.published)
        changes.register("accounts", actions.accounts_changed)
        changes.register("policy_published", actions.policy_published)

"""The room of people as a Django application; announces its pages to the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PeopleConfig(AppConfig):
    """Staff, teams, regions, roles."""

    name = "zhike.people"
    label = "people"

    def ready(self) -> None:
        """Register menu entries and the names of roles, and listen to what happens to sign-ins."""
        from zhike.core.audit_queries import register_actions
        from zhike.core.menu import MenuEntry, register, register_role_names
        from zhike.people import signals  # noqa: F401
        from zhike.people.audit_books import ACTIONS
        from zhike.people.roles import ROLES

        register_role_names(ROLES)
        register_actions(ACTIONS)
        register(
            MenuEntry("settings", _("设置"), icon="settings", order=90),
            MenuEntry(
                "people",
                _("人员"),
                url_name="people:list",
                parent="settings",
                order=91,
                allowed="people.view",
                covers=("people:create", "people:person", "people:change"),
            ),
            MenuEntry(
                "places",
                _("区域与班组"),
                url_name="people:places",
                parent="settings",
                order=92,
                allowed="people.view",
                covers=("people:region", "people:region_create", "people:team", "people:team_create"),
            ),
            MenuEntry(
                "audit",
                _("审计"),
                icon="clipboard-check",
                url_name="people:audit",
                order=89,
                allowed="audit.view",
                covers=("people:audit_looks", "people:audit_sign_ins", "people:audit_work"),
            ),
            MenuEntry(
                "security",
                _("我的安全"),
                icon="lock",
                url_name="my_security",
                place="person",
                order=10,
                allowed="own.security",
                covers=("mfa_activate_totp", "mfa_view_recovery_codes", "account_change_password"),
            ),
        )

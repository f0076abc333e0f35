"""The archive as a Django application; tells the ground floor which accounts a person or team belongs to."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


def _declare_personal(using: str, **_: Any) -> None:
    """Declare again, after every migration, which columns are personal: a database that was emptied forgets it."""
    from django.db import connections

    from zhike.core.erasure import attach_personal_sql
    from zhike.customers.models import ErasedIdentifier
    from zhike.customers.queries_erasure import COLUMNS, TABLES

    connection = connections[using]
    if ErasedIdentifier._meta.db_table in connection.introspection.table_names():
        with connection.cursor() as cursor:
            for kind, columns in COLUMNS.items():
                cursor.execute(attach_personal_sql(TABLES[kind], columns))


class CustomersConfig(AppConfig):
    """Accounts and everything known of them."""

    name = "zhike.customers"
    label = "customers"

    def ready(self) -> None:
        """Register the one query by which managers and teams reach their accounts, and words for the auditor."""
        from zhike.core.actor import Actor, ScopeKind
        from zhike.core.audit_queries import register_account_codes, register_actions
        from zhike.core.scope import register_membership
        from zhike.customers.models import TeamMembership
        from zhike.customers.queries_audit import account_codes_of, account_id_of

        def accounts_of(actor: Actor) -> Any:
            current = TeamMembership.objects.unscoped(reason="the membership rows are what scope is made of")
            current = current.filter(valid_to=None)
            if actor.scope is ScopeKind.TEAM and actor.team_id is not None:
                return current.filter(team_id=actor.team_id).values("account_id")
            if actor.scope is ScopeKind.STAFF and actor.staff_id is not None:
                return current.filter(staff_id=actor.staff_id).values("account_id")
            return current.none().values("account_id")

        register_membership(accounts_of)
        post_migrate.connect(_declare_personal, sender=self)
        register_account_codes(account_id_of, account_codes_of)
        register_actions(
            {
                "customers.create_account": _("新建客户"),
                "customers.change_account": _("修改客户"),
                "customers.close_account": _("标记离网"),
                "customers.reopen_account": _("恢复在网"),
                "customers.assign": _("分派客户团队"),
                "customers.release": _("退出客户团队"),
                "customers.hand_over": _("转交客户"),
                "customers.follow_tiers": _("级别随周期调整"),
                "customers.erase_person": _("删除个人信息"),
                "customers.add_contact": _("添加联系人"),
                "customers.change_contact": _("改联系人"),
                "customers.remove_contact": _("移出联系人"),
                "customers.add_site": _("添加场所"),
                "customers.change_site": _("改场所"),
                "customers.remove_site": _("移除场所"),
                "customers.add_rival": _("记异网业务"),
                "customers.change_rival": _("改异网业务"),
                "customers.remove_rival": _("移除异网业务"),
                "customers.add_contract": _("登记合同"),
                "customers.change_contract": _("改合同"),
                "customers.remove_contract": _("移除合同"),
            }
        )

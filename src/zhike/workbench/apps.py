"""The staff's face as a Django application; announces its pages to the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class WorkbenchConfig(AppConfig):
    """Navigation and cross-room pages."""

    name = "zhike.workbench"
    label = "workbench"

    def ready(self) -> None:
        """Register menu entries and the search of the top bar."""
        from zhike.core.audit_queries import register_actions
        from zhike.core.menu import MenuEntry, register, register_search
        from zhike.core.policies_drafts import waiting_badge
        from zhike.workbench.policies_words import ACTIONS as POLICY_ACTIONS

        register(
            MenuEntry(
                "today",
                _("工作台"),
                icon="layout-dashboard",
                url_name="workbench:today",
                order=10,
                allowed="worklist.view",
                phone=True,
            ),
            MenuEntry(
                "accounts",
                _("客户"),
                icon="building-skyscraper",
                url_name="workbench:accounts",
                order=20,
                allowed="accounts.view",
                phone=True,
                covers=(
                    "workbench:account",
                    "workbench:account_tab",
                    "workbench:account_month",
                    "customers:assign",
                    "customers:create",
                    "customers:edit",
                    "customers:erase",
                    "customers:lifecycle",
                    "customers:row_add",
                    "customers:row",
                    "customers:row_remove",
                ),
            ),
            MenuEntry("insights", _("洞察"), icon="chart-bubble", order=30),
            MenuEntry(
                "portfolio",
                _("客户组合"),
                url_name="workbench:portfolio",
                order=31,
                parent="insights",
                allowed="accounts.view",
            ),
            MenuEntry(
                "cycles",
                _("周期运行"),
                url_name="cycles:list",
                order=39,
                parent="insights",
                allowed="cycles.view",
                covers=("cycles:one",),
            ),
            MenuEntry("service", _("服务"), icon="headset", order=50, phone=True),
            MenuEntry(
                "inbox",
                _("受理箱"),
                url_name="service:inbox",
                order=51,
                parent="service",
                allowed="requests.view",
                covers=(
                    "service:request",
                    "service:say",
                    "service:many_take",
                    "service:many_handle",
                    "service:many_supervise",
                ),
            ),
            MenuEntry(
                "crises",
                _("突发事件"),
                url_name="service:crises",
                order=55,
                parent="service",
                allowed="requests.view",
                covers=("service:crisis", "service:crisis_tell"),
            ),
            MenuEntry(
                "quality_samples",
                _("质检"),
                url_name="service:quality",
                order=58,
                parent="service",
                allowed="requests.view",
                covers=("service:quality_score",),
            ),
            MenuEntry(
                "policies",
                _("规则"),
                url_name="policies:list",
                parent="settings",
                order=90,
                allowed="policies.view",
                covers=("policies:family", "policies:draft", "policies:edit", "policies:new", "policies:version"),
                badge=waiting_badge,
            ),
        )
        register_actions({"export.accounts": _("导出客户清单"), "export.worklist": _("导出待办")})
        register_actions(POLICY_ACTIONS)
        register_search("workbench:accounts", _("搜客户名称、拼音、编码"), allowed="accounts.view")

"""What each role may do: the one table of permissions. Refuses exceptions for single persons."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from zhike.core.actor import ScopeKind

ROLES = {
    "manager": _("客户经理"),
    "team_lead": _("班组长"),
    "region_lead": _("区域主管"),
    "analyst": _("市场分析"),
    "agent": _("客服"),
    "back_office": _("后台支撑"),
    "auditor": _("审计员"),
    "administrator": _("系统管理员"),
}

SCOPES = {
    "manager": ScopeKind.STAFF,
    "team_lead": ScopeKind.TEAM,
    "region_lead": ScopeKind.REGIONS,
    "analyst": ScopeKind.EVERYTHING,
    "agent": ScopeKind.REGIONS,
    "back_office": ScopeKind.REGIONS,
    # Separate administrators (三员): whoever runs the system or audits it sees no customer.
    "auditor": ScopeKind.NOTHING,
    "administrator": ScopeKind.NOTHING,
}

# own.security: one's own password, second factor and sign-ins.
_OWN = {"own.security"}
_READ = _OWN | {"accounts.view", "people.view"}
_CARE = _READ | {"accounts.edit", "accounts.export", "personal.show", "margin.view", "worklist.view", "worklist.act"}
_CARE |= {"policies.view"}  # by which rules their accounts are judged
# Requests: taken in and owned (take), worked on (handle), called back, watched over (supervise), inspected (quality).
_DESK = {"requests.view", "requests.take", "requests.handle", "requests.call_back"}
_WATCH = _DESK | {"requests.supervise", "requests.quality"}

PERMISSIONS: dict[str, frozenset[str]] = {
    "manager": frozenset(_CARE | _DESK | {"accounts.create"}),
    "team_lead": frozenset(
        _CARE | _WATCH | {"accounts.create", "accounts.assign", "accounts.handover", "personal.erase"}
    ),
    "region_lead": frozenset(
        _CARE
        | {"accounts.create", "accounts.assign", "accounts.handover", "personal.erase", "imports.view", "cycles.view"}
        | {"policies.publish", "departments.manage"}
        | _WATCH
    ),
    "analyst": frozenset(
        _READ
        | {"accounts.export", "margin.view", "imports.view", "imports.run", "cycles.view", "cycles.run"}
        | {"policies.view", "policies.draft", "policies.publish", "requests.view"}
    ),
    "agent": frozenset(_READ | _DESK | {"personal.show"}),
    "back_office": frozenset(_READ | {"requests.view", "requests.handle"}),
    "auditor": frozenset(_OWN | {"audit.view", "people.view", "policies.view"}),
    "administrator": frozenset(
        _OWN
        | {
            "people.view",
            "people.manage",
            "accounts.handover",
            "imports.view",
            "imports.run",
            "cycles.view",
            "cycles.run",
        }
    ),
}

# Whoever can see personal data unmasked, carry data out or in, audit, or run the system needs a second factor where the
# installation asks for it (等保 L3: two factors, one of them cryptographic). Reading masked pages alone does not.
_SENSITIVE = frozenset(
    {"personal.show", "personal.erase", "accounts.export", "imports.run", "audit.view", "people.manage"},
)


def needs_second_factor(role: str) -> bool:
    """Return whether the role can do harm enough to need a second factor.

    >>> needs_second_factor("administrator"), needs_second_factor("back_office")
    (True, False)
    """
    return bool(PERMISSIONS[role] & _SENSITIVE)

"""How items of this room are told on Today. Refuses to find them."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.service import codes
from zhike.service.actions_escalate import KIND, RULE
from zhike.worklist.words import Evidence, Wording, register, register_kinds


def _title(evidence: Evidence) -> str:
    return _("工单升到 {level} 级：{title}").format(level=evidence["level"], title=evidence["title"])


def _why(evidence: Evidence) -> str:
    return f"{codes.KINDS.get(evidence['kind'], '')} · {evidence['number']}"


def register_words() -> None:
    """Make the words known."""
    register_kinds({KIND: gettext_lazy("服务")})
    register(RULE, Wording(_title, _why))

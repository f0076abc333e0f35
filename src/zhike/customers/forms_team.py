"""Forms of an account's team. Choices are the people whom the actor leads. Refuse rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy


class _Successor(forms.Form):
    """Somebody of ours, and why."""

    staff = forms.TypedChoiceField(label=gettext_lazy("谁来"), coerce=int)
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=300, required=False)

    def __init__(self, *args: Any, people: Sequence[Any], **more: Any) -> None:
        super().__init__(*args, **more)
        listed = [(one.pk, " · ".join([one.name, one.code, *([one.team.name] if one.team else [])])) for one in people]
        self.fields["staff"].choices = [("", _("请选择")), *listed]  # type: ignore[attr-defined]


class AssignForm(_Successor):
    """Who takes a place in an account's team."""

    keep_former = forms.BooleanField(label=gettext_lazy("原首席客户经理转为后备，继续看得到"), required=False)


class HandOverForm(_Successor):
    """Who takes over all accounts of a person."""

    reason = forms.CharField(label=gettext_lazy("原因"), min_length=4, max_length=300)

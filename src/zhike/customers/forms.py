"""Forms of an account itself. Own what a person may type; refuse to decide what is allowed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.forms_rows import RowForm
from zhike.customers.words import choice_list
from zhike_analytics.contracts import codes


def _text(label: Any, length: int) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, widget=forms.Textarea)


class AccountForm(RowForm):
    """What a manager may change of an account."""

    wide = (
        "address", "network_situation", "innovation_goals", "decision_process", "latent_needs", "background",
        "service_preference",
    )  # fmt: skip
    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=60, required=False)
    employees = forms.IntegerField(label=gettext_lazy("员工数"), min_value=0, max_value=5_000_000, required=False)
    industry_section = forms.CharField(label=gettext_lazy("行业门类"), max_length=60, required=False)
    industry = forms.CharField(label=gettext_lazy("行业大类"), max_length=60, required=False)
    ownership = forms.ChoiceField(label=gettext_lazy("单位性质"), required=False)
    size = forms.ChoiceField(label=gettext_lazy("规模"), required=False)
    scope = forms.ChoiceField(label=gettext_lazy("范围"), required=False)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=300, required=False)
    network_situation = _text(gettext_lazy("网络与服务现状"), 2000)
    innovation_goals = _text(gettext_lazy("技术创新目标"), 2000)
    decision_process = _text(gettext_lazy("决策过程"), 2000)
    latent_needs = _text(gettext_lazy("潜在需求"), 2000)
    background = _text(gettext_lazy("背景"), 2000)
    service_preference = _text(gettext_lazy("服务偏好"), 500)

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, choices in (("ownership", codes.OWNERSHIP), ("size", codes.SIZE), ("scope", codes.SCOPE)):
            self.fields[name].choices = choice_list(choices, _("还不知道"))  # type: ignore[attr-defined]

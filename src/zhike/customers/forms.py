"""Forms of the archive. Own what a person may type; refuse to decide what is allowed."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class AccountForm(forms.Form):
    """What a manager may change of an account."""

    short_name = forms.CharField(label=_("简称"), max_length=60, required=False)
    industry = forms.CharField(label=_("行业大类"), max_length=60, required=False)
    address = forms.CharField(label=_("地址"), max_length=300, required=False)
    employees = forms.IntegerField(label=_("员工数"), min_value=0, max_value=5_000_000, required=False)
    network_situation = forms.CharField(
        label=_("网络与服务现状"), max_length=2000, required=False, widget=forms.Textarea
    )
    innovation_goals = forms.CharField(label=_("技术创新目标"), max_length=2000, required=False, widget=forms.Textarea)
    decision_process = forms.CharField(label=_("决策过程"), max_length=2000, required=False, widget=forms.Textarea)
    latent_needs = forms.CharField(label=_("潜在需求"), max_length=2000, required=False, widget=forms.Textarea)
    background = forms.CharField(label=_("背景"), max_length=2000, required=False, widget=forms.Textarea)
    service_preference = forms.CharField(label=_("服务偏好"), max_length=500, required=False, widget=forms.Textarea)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput)

"""Forms of an account itself. Own what a person may type; refuse to decide what is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.forms_rows import RowForm
from zhike.customers.identity import fault_of, tidied
from zhike.customers.words import choice_list
from zhike_analytics.contracts import codes


def _text(label: Any, length: int) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=False, widget=forms.Textarea)


class CreditCodeField(forms.CharField):
    """A unified social credit code whose check sign fits; `kept` may stay although it does not (a file brought it)."""

    FAULTS = {
        "length": gettext_lazy("统一社会信用代码是 18 位。"),
        "letter": gettext_lazy("统一社会信用代码里没有 I、O、S、V、Z 和其他符号。"),
        "check": gettext_lazy("校验码不对，请核对营业执照上的 18 位代码。"),
    }
    kept = ""

    def clean(self, value: Any) -> str:
        """Return the code in capitals."""
        code = tidied(super().clean(value))
        fault = fault_of(code) if code and code != self.kept else ""
        if fault:
            raise forms.ValidationError(self.FAULTS[fault], code=fault)
        return code


def _credit_code() -> CreditCodeField:
    return CreditCodeField(label=gettext_lazy("统一社会信用代码"), max_length=40, required=False)


class AccountForm(RowForm):
    """What a manager may change of an account."""

    wide = (
        "address", "network_situation", "innovation_goals", "decision_process", "latent_needs", "background",
        "service_preference",
    )  # fmt: skip
    name = forms.CharField(label=gettext_lazy("名称"), max_length=160)
    short_name = forms.CharField(label=gettext_lazy("简称"), max_length=60, required=False)
    credit_code = _credit_code()
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

    def __init__(self, *args: Any, account: Any = None, **more: Any) -> None:
        super().__init__(*args, **more)
        if account is not None:
            self.fields["credit_code"].kept = account.credit_code  # type: ignore[attr-defined]
        for name, choices in (("ownership", codes.OWNERSHIP), ("size", codes.SIZE), ("scope", codes.SCOPE)):
            self.fields[name].choices = choice_list(choices, _("还不知道"))  # type: ignore[attr-defined]


class OpenForm(forms.Form):
    """A new account."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=160, help_text=gettext_lazy("营业执照上的全称。"))
    credit_code = _credit_code()
    region = forms.TypedChoiceField(label=gettext_lazy("区域"), coerce=int)
    lifecycle = forms.ChoiceField(label=gettext_lazy("在网状态"), initial="prospect")
    ownership = forms.ChoiceField(label=gettext_lazy("单位性质"), required=False)
    industry = forms.CharField(label=gettext_lazy("行业大类"), max_length=60, required=False)
    size = forms.ChoiceField(label=gettext_lazy("规模"), required=False)
    employees = forms.IntegerField(label=gettext_lazy("员工数"), min_value=0, max_value=5_000_000, required=False)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=300, required=False)
    parent_code = forms.CharField(
        label=gettext_lazy("上级客户编码"), max_length=40, required=False,
        help_text=gettext_lazy("是某个集团的分支机构时填。"),
    )  # fmt: skip
    confirmed = forms.CharField(label=gettext_lazy("为什么不是同一家"), max_length=300, required=False)

    def __init__(self, *args: Any, regions: Sequence[Any], leads: Sequence[Any], lead_needed: bool, **more: Any):
        super().__init__(*args, **more)
        depth = min((one.path.count("/") for one in regions), default=0)
        places = [(one.pk, "\u3000" * (one.path.count("/") - depth) + one.name) for one in regions]
        self._choose("region", places if len(places) == 1 else [("", _("请选择")), *places])
        self._choose("lifecycle", choice_list({key: codes.LIFECYCLE[key] for key in ("prospect", "active")}))
        self._choose("ownership", choice_list(codes.OWNERSHIP, _("还不知道")))
        self._choose("size", choice_list(codes.SIZE, _("还不知道")))
        if leads:
            self.fields["lead"] = forms.TypedChoiceField(
                label=_("首席客户经理"), coerce=int, empty_value=None, required=lead_needed,
                choices=[("", _("以后再分派")), *((one.pk, f"{one.name} · {one.code}") for one in leads)],
            )  # fmt: skip

    def _choose(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    def rows(self) -> list[tuple[forms.BoundField, bool]]:
        """Return the fields of the form's body, each with whether it takes both columns."""
        return [(field, field.name in {"name", "address"}) for field in self if field.name != "confirmed"]


class ReasonForm(forms.Form):
    """Why something is done, with the state that was seen."""

    reason = forms.CharField(label=gettext_lazy("原因"), min_length=4, max_length=300)
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)

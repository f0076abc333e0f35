"""What is asked when a request is taken in. Refuses to decide whose it is: the clues and the person do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from zhike.customers.queries_recognition import Clues
from zhike.service import codes
from zhike.service.actions import LONGEST_TEXT, Caller
from zhike.service.steps import Rules
from zhike.service.views_steps_forms import categories, listed


class IntakeForm(forms.Form):
    """Who calls, what about. Only the words are needed; `key` lets the same form be taken in once only."""

    key = forms.UUIDField(widget=forms.HiddenInput)
    channel = listed(_("渠道"), codes.CHANNELS)
    caller_phone = forms.CharField(
        label=_("来电号码"), max_length=30, required=False,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )  # fmt: skip
    caller_name = forms.CharField(
        label=_("来电人"), max_length=60, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    caller_address = forms.CharField(
        label=_("微信号或邮箱"), max_length=120, required=False, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    number = forms.CharField(
        label=_("客户编码、合同号或业务号码"), max_length=60, required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )  # fmt: skip
    kind = listed(_("类型"), codes.KINDS)
    category = forms.ChoiceField(label=_("事由类别"), required=False)
    priority = listed(_("优先级"), codes.PRIORITIES)
    text = forms.CharField(label=_("客户说了什么"), max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 5}))

    def prepare(self, rules: Rules) -> None:
        """Offer the categories."""
        field = self.fields["category"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("预处理时再定")), *categories(rules)]

    def told(self, name: str) -> str:
        """Return what was typed in a field, whether or not the form is whole."""
        given: Any = self.data.get(name, self.initial.get(name, ""))
        return str(given).replace("\0", "").strip()[:120]

    def caller(self) -> Caller:
        """Return who calls."""
        return Caller(self.told("caller_name"), self.told("caller_phone"), self.told("caller_address"))

    def clues(self) -> Clues:
        """Return what the customer may be recognised by."""
        caller, number = self.caller(), self.told("number")
        at = "email" if "@" in caller.address else "wechat"
        told = {at: caller.address}
        return Clues(account=number, subscription=number, contract=number, phone=caller.phone, **told)

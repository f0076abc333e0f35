"""What steps for many requests ask for: a department, a colleague, a reason, where to merge. Refuses to judge."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhike.core.actor import Actor
from zhike.service.models import Request
from zhike.service.queries_departments import departments, members_of, own_departments

LONGEST = 1000


class ManyForm(forms.Form):
    """A step for many: its name, what it does, what it asks for."""

    label: Any = ""
    hint: Any = ""

    def __init__(self, actor: Actor, found: Sequence[Request], data: Any = None) -> None:
        super().__init__(data)
        self.offer(actor, found)

    def offer(self, actor: Actor, found: Sequence[Request]) -> None:
        """Fill in what may be chosen."""

    def choose(self, name: str, values: list[tuple[Any, Any]]) -> None:
        """Offer values in a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("请选择")), *values]


class OwnMany(ManyForm):
    label = _("认领")
    hint = _("您成为这些工单的首问负责人，跟到底。别人已认领的不动。")


class OfferMany(ManyForm):
    label = _("派给部门")
    hint = _("工单进入部门的队列，由部门接单或退单。")
    department = forms.ChoiceField(label=_("部门"))
    words = forms.CharField(
        label=_("派单说明"), required=False, max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2})
    )

    def offer(self, actor: Actor, found: Sequence[Request]) -> None:
        self.choose("department", [(one.code, one.name) for one in departments(actor)])


class HandMany(ManyForm):
    label = _("转给同事")
    hint = _("由本部门的同事接着处理；还没有接单的请先接单。")
    handler_id = forms.TypedChoiceField(label=_("同事"), coerce=int)

    def offer(self, actor: Actor, found: Sequence[Request]) -> None:
        people = {
            one.staff_id: f"{one.staff.name} · {home.name}"
            for home in own_departments(actor)
            for one in members_of(actor, home)
        }
        self.choose("handler_id", list(people.items()))


class SuperviseMany(ManyForm):
    label = _("督办")
    hint = _("工单进入督办队列，处理人和首问负责人都看得到。")
    words = forms.CharField(label=_("督办要求"), max_length=LONGEST, widget=forms.Textarea(attrs={"rows": 2}))
    due_at = forms.DateTimeField(
        label=_("何时前办结"), required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"})
    )

    def clean_due_at(self) -> Any:
        """Refuse an instant that has passed."""
        due = self.cleaned_data["due_at"]
        if due is not None and due <= timezone.now():
            raise forms.ValidationError(_("时间已过"))
        return due


class MergeMany(ManyForm):
    label = _("并单")
    hint = _("其余的并入选定的这一张，只能是同一客户；以后都在那一张上办理和答复。")
    into = forms.ChoiceField(label=_("并入哪一张"))

    def offer(self, actor: Actor, found: Sequence[Request]) -> None:
        first = sorted(found, key=lambda one: (one.taken_at, one.pk))
        self.choose("into", [(one.number, f"{one.number} · {one.title}") for one in first])


FORMS: dict[str, type[ManyForm]] = {
    "own": OwnMany, "offer": OfferMany, "hand": HandMany, "supervise": SuperviseMany, "merge": MergeMany,
}  # fmt: skip

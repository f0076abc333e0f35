"""What each step asks for: one form a step. Refuses choices that are not on offer; judging steps is not theirs."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from zhike.core.actor import Actor
from zhike.service import codes
from zhike.service.present_words import category_path, choices
from zhike.service.queries import parts_of
from zhike.service.queries_colleagues import colleagues_here, colleagues_serving
from zhike.service.queries_departments import DESK
from zhike.service.queries_routes import suggested_departments
from zhike.service.steps import Rules

LONGEST = 4000


def words(label: Any, *, required: bool = True, rows: int = 3, **more: Any) -> forms.CharField:
    """Return a field for what somebody writes."""
    area = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=LONGEST, widget=area, **more)


def listed(label: Any, values: dict[str, Any], *, empty: Any = None, required: bool = True) -> forms.ChoiceField:
    """Return a choice among named values."""
    first = [("", empty)] if empty is not None else []
    return forms.ChoiceField(label=label, choices=[*first, *values.items()], required=required)


class StepForm(forms.Form):
    """The version that the person looked at; forms of steps add what they ask for."""

    seen = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Fill in what may be chosen for this request."""

    def choose(self, name: str, values: list[tuple[Any, Any]]) -> None:
        """Offer values in a field."""
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = values


class ReasonForm(StepForm):
    words = words(_("原因"))


class SplitForm(StepForm):
    title = forms.CharField(label=_("新工单标题"), max_length=120)
    text = words(_("另一件事是什么"), required=False)
    kind = listed(_("类型"), codes.KINDS)
    category = forms.ChoiceField(label=_("事由类别"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the categories."""
        self.choose("category", categories(rules))


class PlainForm(StepForm):
    """Asks for nothing but to be pressed."""


class OwnerForm(StepForm):
    owner = forms.ChoiceField(label=_("首问负责人"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the people of the desks that serve the region."""
        self.choose("owner", people_serving(actor, request, function=DESK))


class CustomerForm(StepForm):
    account_code = forms.CharField(label=_("客户编码"), max_length=40, help_text=_("客户页上的编码，如 C-00001"))


class TriageForm(StepForm):
    category = forms.ChoiceField(label=_("事由类别"))
    kind = listed(_("类型"), codes.KINDS)
    priority = listed(_("优先级"), codes.PRIORITIES)
    product_area = forms.CharField(label=_("产品"), max_length=40, required=False)
    need_scope = listed(_("需求归属"), codes.NEED_SCOPES, empty=_("不是需求"), required=False)
    need_side = listed(_("客户性质"), codes.NEED_SIDES, empty="–", required=False)
    need_class = listed(_("需求类别"), codes.NEED_CLASSES, empty="–", required=False)

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Begin with what stands; only a need is asked for its class."""
        self.choose("category", categories(rules, request.category))
        for name in ("category", "kind", "priority", "product_area", *codes.NEEDS):
            self.fields[name].initial = getattr(request, name)
        if request.kind != "need":
            for name in codes.NEEDS:
                del self.fields[name]


class PriorityForm(StepForm):
    priority = listed(_("优先级"), codes.PRIORITIES)
    words = words(_("原因"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the others."""
        self.choose("priority", [(one, text) for one, text in codes.PRIORITIES.items() if one != request.priority])


class OfferForm(StepForm):
    department = forms.ChoiceField(label=_("派给哪个部门"))
    words = words(_("交代"), required=False)

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the departments that serve the region, the nearest and those of the standard route first."""
        here = request.department_id if request.stage == "handle" else None
        found = [one for one in suggested_departments(actor, request) if one.pk != here]
        others = [one for one in found if one.function != DESK]
        self.choose("department", [(one.code, one.name) for one in [*others, *(o for o in found if o not in others)]])


class AcceptForm(StepForm):
    whose = forms.ChoiceField(
        label=_("谁来处理"), choices=[("mine", _("我来处理")), ("queue", _("放入部门队列"))], initial="mine",
        widget=forms.RadioSelect,
    )  # fmt: skip


class ReturnForm(StepForm):
    reason = forms.ChoiceField(label=_("退单原因"))
    words = words(_("说明"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the listed reasons."""
        self.choose("reason", list(choices("return", list(rules.return_reasons))))


class HandForm(StepForm):
    colleague = forms.ChoiceField(label=_("转给"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the colleagues of the department and its queue."""
        queue: list[tuple[Any, Any]] = [("", _("退回部门队列"))] if request.handler_id else []
        self.choose("colleague", [*((str(pk), name) for pk, name in colleagues_here(actor, request)), *queue])
        self.fields["colleague"].required = not queue


class WorkForm(StepForm):
    words = words(_("处理结果"))
    cause = forms.CharField(label=_("原因"), max_length=40, required=False)


class PauseForm(StepForm):
    reason = forms.ChoiceField(label=_("挂起原因"))
    words = words(_("说明"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the listed reasons."""
        self.choose("reason", list(choices("pause", list(rules.pause_reasons))))


class ContactForm(StepForm):
    words = words(_("联系情况"), required=False)


class AnswerForm(StepForm):
    words = words(_("答复内容"))
    via = forms.ChoiceField(label=_("怎样联系的"), choices=[("", "–"), *choices("via", None)], required=False)


class VerdictForm(StepForm):
    verdict = forms.ChoiceField(
        label=_("回访结果"), widget=forms.RadioSelect,
        choices=[
            ("satisfied", _("满意，归档")), ("dissatisfied", _("不满意，退回并升级")),
            ("missed", _("没接通，改日再访")),
        ],
    )  # fmt: skip
    score = forms.IntegerField(label=_("评分（1–10）"), min_value=1, max_value=10, required=False)
    words = words(_("客户怎么说"), required=False)


class ExceptionForm(StepForm):
    reason = forms.ChoiceField(label=_("例外原因"))
    words = words(_("说明"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the listed reasons."""
        self.choose("reason", list(choices("exception", list(rules.exception_reasons))))


class DecideForm(StepForm):
    decision = forms.ChoiceField(
        label=_("决定"), choices=[("grant", _("同意归档")), ("refuse", _("不同意"))], widget=forms.RadioSelect
    )
    words = words(_("理由"), required=False, help_text=_("不同意时须写明"))


class LevelForm(StepForm):
    level = forms.TypedChoiceField(label=_("升到"), coerce=int)
    words = words(_("原因"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the higher levels."""
        higher = range(request.escalation + 1, rules.top_level + 1)
        self.choose("level", [(one, str(_("{level} 级")).format(level=one)) for one in higher])


class SuperviseForm(StepForm):
    words = words(_("督办要求"))
    due_at = forms.DateTimeField(
        label=_("办结期限"), required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )  # fmt: skip

    def clean_due_at(self) -> Any:
        """Refuse a day that is past."""
        value = self.cleaned_data["due_at"]
        if value is not None and value <= timezone.now():
            raise forms.ValidationError(_("期限须在现在之后。"))
        return value


class JoinForm(StepForm):
    staff = forms.ChoiceField(label=_("请谁"))
    part = listed(_("加入"), {name: codes.PARTS[name] for name in codes.GROUPS})

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer the people of all departments that serve the region."""
        self.choose("staff", people_serving(actor, request))


class LeaveForm(StepForm):
    helper = forms.ChoiceField(label=_("谁退出"))

    def prepare(self, actor: Actor, request: Any, rules: Rules) -> None:
        """Offer those who help now."""
        self.choose(
            "helper",
            [
                (f"{one.staff_id}:{one.part}", f"{one.staff.name} · {codes.PARTS[one.part]}")
                for one in parts_of(actor, request) if one.until is None and one.part in codes.GROUPS
            ],
        )  # fmt: skip


class DeclareForm(StepForm):
    special = listed(_("设为"), codes.SPECIALS)
    words = words(_("原因"))


class TellForm(StepForm):
    words = words(_("告知内容"))


class NumberForm(StepForm):
    number = forms.CharField(label=_("工单号"), max_length=30, widget=forms.TextInput(attrs={"placeholder": "TS-"}))

    def clean_number(self) -> str:
        """Take a number as people write it."""
        return str(self.cleaned_data["number"]).strip().upper()


class ResultForm(StepForm):
    outcome = listed(_("结果"), codes.OUTCOMES)
    words = words(_("说明"))


def categories(rules: Rules, now: str = "") -> list[tuple[Any, Any]]:
    """Return the categories that may be chosen; the one that stands is always among them."""
    known = dict.fromkeys([*rules.categories, *([now] if now else [])])
    return [(code, category_path(code)) for code in known]


def people_serving(actor: Actor, request: Any, function: str = "") -> list[tuple[Any, Any]]:
    """Return the people of departments that serve the request's region, by department."""
    found = colleagues_serving(actor, request, function=function)
    return [(name, [(str(pk), person) for pk, person in people]) for name, people in found.items()]

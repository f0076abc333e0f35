"""Forms of the pages of people. Every choice comes from a query of what the actor may name. Refuses rules of change."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from zhike.core.actor import Actor
from zhike.people.actions import PersonFacts
from zhike.people.models import Region
from zhike.people.queries import PeopleFilter, regions, teams
from zhike.people.roles import ROLES

CODE = RegexValidator(r"^[0-9A-Za-z][0-9A-Za-z_.-]*$", _("只用字母、数字和 - _ . ，以字母或数字开头。"))
STATES = [("", _("全部")), ("active", _("在职")), ("no_sign_in", _("没有登录名")), ("inactive", _("已停用"))]


class _Chosen(forms.TypedChoiceField):
    """A choice among rows that a query gave; its value is the row itself."""

    def __init__(self, rows: list[Any], *, empty: Any, written: Any = str, **options: Any) -> None:
        self.rows = {str(row.pk): row for row in rows}
        choices = [("", empty), *((key, written(row)) for key, row in self.rows.items())]
        super().__init__(
            choices=choices, coerce=lambda key: self.rows[key], empty_value=None, required=False, **options
        )


def indented(region: Region) -> str:
    """Return a region's name moved in by its depth, for lists from the top down."""
    return "\u3000" * (region.path.count("/") - 1) + region.name


class PeopleFilterForm(forms.Form):
    """What the list of people is asked for; anything unknown counts as not asked."""

    q = forms.CharField(label=_("姓名或工号"), max_length=60, required=False)
    role = forms.ChoiceField(label=_("角色"), choices=[("", _("全部角色")), *ROLES.items()], required=False)
    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"] = _Chosen(regions(actor), empty=_("全部区域"), written=indented, label=_("区域"))
        self.fields["team"] = _Chosen(teams(actor), empty=_("全部班组"), label=_("班组"))

    def wanted(self) -> PeopleFilter:
        """Return the filter; fields that do not hold are left out."""
        self.is_valid()
        said = self.cleaned_data
        return PeopleFilter(
            text=(said.get("q") or "").strip(),
            role=said.get("role") or "",
            region=said.get("region") or None,
            team=said.get("team") or None,
            state=said.get("state") or "",
        )


class PersonForm(forms.Form):
    """One member of staff."""

    name = forms.CharField(label=_("姓名"), max_length=60)
    role = forms.ChoiceField(label=_("角色"), choices=list(ROLES.items()))
    mobile = forms.RegexField(
        r"^[0-9+() -]{5,30}$",
        label=_("手机"),
        max_length=30,
        required=False,
        error_messages={"invalid": _("号码只含数字、空格和 + - ( )。")},
    )
    email = forms.EmailField(label=_("邮箱"), max_length=120, required=False)

    field_order = ("code", "name", "role", "region", "team", "mobile", "email")

    def __init__(self, actor: Actor, *args: Any, new: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"] = _Chosen(
            regions(actor), empty=_("不限"), written=indented, label=_("区域"),
            help_text=_("区域主管、客服和后台支撑看得到这个区域及其下级的客户。"),
        )  # fmt: skip
        self.fields["team"] = _Chosen(
            teams(actor), empty=_("没有"), label=_("班组"), help_text=_("班组长看得到班组的客户。")
        )
        if new:
            self.fields["code"] = forms.CharField(
                label=_("工号"), max_length=40, validators=[CODE], help_text=_("也是登录名，以后不能改。")
            )
        self.order_fields(self.field_order)

    def facts(self) -> PersonFacts:
        """Return what was entered."""
        said = self.cleaned_data
        return PersonFacts(
            name=said["name"].strip(),
            role=said["role"],
            region=said["region"],
            team=said["team"],
            mobile=said["mobile"],
            email=said["email"],
        )


class RegionForm(forms.Form):
    """One region and what it lies in."""

    code = forms.CharField(label=_("编码"), max_length=40, validators=[CODE])
    name = forms.CharField(label=_("名称"), max_length=60)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"] = _Chosen(regions(actor), empty=_("最上级"), written=indented, label=_("上级区域"))


class TeamForm(forms.Form):
    """One team and its region."""

    code = forms.CharField(label=_("编码"), max_length=40, validators=[CODE])
    name = forms.CharField(label=_("名称"), max_length=60)

    def __init__(self, actor: Actor, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"] = _Chosen(regions(actor), empty=_("没有"), written=indented, label=_("区域"))


def initial_person(staff: Any) -> dict[str, Any]:
    """Return what the form of an existing person starts with."""
    return {
        "name": staff.name,
        "role": staff.role,
        "region": staff.region_id or "",
        "team": staff.team_id or "",
        "mobile": staff.mobile,
        "email": staff.email,
    }

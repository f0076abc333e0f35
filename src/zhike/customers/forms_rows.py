"""Forms of an account's rows. Own what a person may type; personal values never come back to the page.

Fields bear the names of the model's attributes, money without its ``_fen``: a form shows yuan and gives fen.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.customers.models import Contact
from zhike.customers.words import MASKS, choice_list
from zhike_analytics.contracts import codes

UNKNOWN = gettext_lazy("不清楚")
CLEAR = "-"
PHONE = r"^([0-9+() -]{5,30}|-)$"


class DayInput(forms.DateInput):
    """A date as browsers pick it."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class DayField(forms.DateField):
    """A date; `past` refuses days to come."""

    def __init__(self, *, past: bool = False, **options: Any) -> None:
        super().__init__(widget=DayInput(), **options)
        self.past = past

    def clean(self, value: Any) -> date | None:
        """Return the day."""
        day: date | None = super().clean(value)
        if day is not None and self.past and day > date.today():
            raise forms.ValidationError(_("这一天还没到。"))
        if day is not None and not 1900 <= day.year <= 2200:
            raise forms.ValidationError(_("年份不对。"))
        return day


class YuanField(forms.DecimalField):
    """An amount in yuan whose value is whole fen."""

    def __init__(self, **options: Any) -> None:
        super().__init__(min_value=0, max_value=Decimal("999999999.99"), decimal_places=2, required=False, **options)

    def clean(self, value: Any) -> int | None:  # type: ignore[override]
        """Return fen."""
        yuan = super().clean(value)
        return None if yuan is None else int(yuan * 100)


class YesNoField(forms.TypedChoiceField):
    """Yes, no, or not known."""

    def __init__(self, *, unknown: Any = UNKNOWN, **options: Any) -> None:
        super().__init__(
            choices=[("", unknown), ("True", gettext_lazy("是")), ("False", gettext_lazy("否"))],
            coerce=lambda said: said == "True", empty_value=None, required=False, **options,
        )  # fmt: skip


SEEN = ("seen_at", "seen_entry")  # which state of the row the person saw


class RowForm(forms.Form):
    """What all forms of rows share: start values from a row, and typed values as the row holds them."""

    money: tuple[str, ...] = ()
    wide: tuple[str, ...] = ()
    seen_at = forms.DateTimeField(widget=forms.HiddenInput, required=False)
    seen_entry = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**62)

    def values(self) -> dict[str, Any]:
        """Return what was typed by the model's names."""
        said = {name: value for name, value in self.cleaned_data.items() if name not in SEEN}
        return {f"{name}_fen" if name in self.money else name: value for name, value in said.items()}

    @classmethod
    def start(cls, row: Any, entry: int = 0) -> dict[str, Any]:
        """Return what the form of an existing row begins with; `entry` numbers the last change that it shows."""
        begun: dict[str, Any] = {"seen_at": row.updated_at.isoformat(), "seen_entry": entry}
        for name in cls.base_fields:
            if name not in (*SEEN, "renewed"):
                begun[name] = cls.shown(name, getattr(row, f"{name}_fen" if name in cls.money else name))
        return begun

    @classmethod
    def shown(cls, name: str, value: Any) -> Any:
        """Return a model's value as the form's field writes it."""
        if name in cls.money and value is not None:
            return Decimal(value) / 100
        if isinstance(value, bool):
            return str(value)
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        return value

    def rows(self) -> list[tuple[forms.BoundField, bool]]:
        """Return the visible fields, each with whether it takes both columns."""
        return [(field, field.name in self.wide) for field in self.visible_fields()]


class ContactForm(RowForm):
    """Somebody at the account. Personal fields start empty; empty leaves them as they are."""

    wide = ("traits",)
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=60)
    title = forms.CharField(label=gettext_lazy("职务"), max_length=60, required=False)
    department = forms.CharField(label=gettext_lazy("部门"), max_length=60, required=False)
    decision_role = forms.ChoiceField(label=gettext_lazy("角色"), required=False)
    reports_to_code = forms.ChoiceField(label=gettext_lazy("向谁汇报"), required=False)
    tie_staff_id = forms.TypedChoiceField(
        label=gettext_lazy("我方谁熟悉"), coerce=int, empty_value=None, required=False
    )
    tie_strength = forms.TypedChoiceField(
        label=gettext_lazy("关系强度"), coerce=int, empty_value=None, required=False,
        help_text=gettext_lazy("0 尚无联系，5 非常熟悉"),
    )  # fmt: skip
    last_met = DayField(label=gettext_lazy("上次会面"), required=False, past=True)
    mobile = forms.RegexField(
        PHONE, label=gettext_lazy("手机"), required=False,
        error_messages={"invalid": gettext_lazy("号码只含数字、空格和 + - ( )。")},
    )  # fmt: skip
    phone = forms.RegexField(
        PHONE, label=gettext_lazy("座机"), required=False,
        error_messages={"invalid": gettext_lazy("号码只含数字、空格和 + - ( )。")},
    )  # fmt: skip
    email = forms.CharField(label=gettext_lazy("邮箱"), max_length=120, required=False)
    wechat = forms.CharField(label=gettext_lazy("微信"), max_length=60, required=False)
    birthday = DayField(label=gettext_lazy("生日"), required=False, past=True)
    consent = YesNoField(label=gettext_lazy("同意营销联系"), unknown=gettext_lazy("没问过"))
    renewed = forms.BooleanField(label=gettext_lazy("本人已重新同意登记"), required=False)
    traits = forms.CharField(label=gettext_lazy("性格与偏好"), max_length=500, required=False, widget=forms.Textarea)

    def __init__(self, *args: Any, people: Sequence[Contact], ours: Sequence[Any], row: Any = None, **more: Any):
        super().__init__(*args, **more)
        self.people, self.row = people, row
        self._choices("decision_role", choice_list(codes.DECISION_ROLE, _("还不知道")))
        others = [one for one in people if row is None or one.pk != row.pk]
        named = [(one.code, " · ".join(part for part in (one.name, one.title) if part)) for one in others]
        self._choices("reports_to_code", [("", _("还不知道")), *named])
        self._choices("tie_staff_id", [("", _("没有")), *((one.pk, f"{one.name}（{one.code}）") for one in ours)])
        strengths = [_("尚无联系"), _("见过面"), _("认识"), _("常来往"), _("熟悉"), _("非常熟悉")]
        self._choices("tie_strength", [("", _("没评")), *((n, f"{n} {word}") for n, word in enumerate(strengths))])
        for name, mask in MASKS.items():
            kept = getattr(row, name, None)
            if kept:
                masked = mask(kept)
                self.fields[name].help_text = (
                    _("已填，留空不变。")
                    if name == "birthday"
                    else _("现为 %(masked)s。留空不变，填“-”清空。") % {"masked": masked}
                )

        self.ask_renewed = bool(self.data.get("renewed"))

    def rows(self) -> list[tuple[forms.BoundField, bool]]:
        """Return the visible fields; whether somebody agreed anew is asked only where they had left."""
        return [(field, wide) for field, wide in super().rows() if field.name != "renewed" or self.ask_renewed]

    def _choices(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]

    @classmethod
    def start(cls, row: Any, entry: int = 0) -> dict[str, Any]:
        """Return what the form begins with: nothing personal."""
        return {name: value for name, value in super().start(row, entry).items() if name not in MASKS}

    def refuse_erased(self, column: str) -> None:
        """Say that the owner of a number or address had it erased, and ask whether they agreed anew."""
        self.ask_renewed = True
        self.add_error(column, _("本人曾要求删除个人信息。重新同意登记后，勾选下面一项再保存。"))

    def values(self) -> dict[str, Any]:
        """Return what was typed; personal fields left empty are not among it."""
        said = super().values()
        for name in MASKS:
            if said[name] in ("", None):
                del said[name]
            elif said[name] == CLEAR:
                said[name] = ""
        return said

    def clean_email(self) -> str:
        """Return an address, or the sign that clears it."""
        said: str = self.cleaned_data["email"]
        return said if said in ("", CLEAR) else forms.EmailField(max_length=120).clean(said)

    def clean(self) -> dict[str, Any]:
        """Refuse a tie without anybody, and circles of reporting."""
        said = super().clean() or self.cleaned_data
        if said.get("tie_strength") and not said.get("tie_staff_id"):
            self.add_error("tie_staff_id", _("有关系强度，就要写明是谁的关系。"))
        boss, above = said.get("reports_to_code"), {one.code: one.reports_to_code for one in self.people}
        seen: set[str] = set()
        while boss and boss not in seen:
            if self.row is not None and boss == self.row.code:
                self.add_error("reports_to_code", _("这样汇报关系会绕成一圈。"))
                break
            seen.add(boss)
            boss = above.get(boss, "")
        return said


class SiteForm(RowForm):
    """A place where the account works."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=120)
    address = forms.CharField(label=gettext_lazy("地址"), max_length=300, required=False)
    longitude = forms.DecimalField(
        label=gettext_lazy("经度"), min_value=-180, max_value=180, decimal_places=6, required=False,
        help_text=gettext_lazy("带上经纬度，地图上就有它。"),
    )  # fmt: skip
    latitude = forms.DecimalField(
        label=gettext_lazy("纬度"), min_value=-90, max_value=90, decimal_places=6, required=False
    )
    employees = forms.IntegerField(label=gettext_lazy("人数"), min_value=0, max_value=5_000_000, required=False)
    covered = YesNoField(label=gettext_lazy("本网资源已覆盖"))

    def clean(self) -> dict[str, Any]:
        """Refuse half a position."""
        said = super().clean() or self.cleaned_data
        missing = [name for name in ("longitude", "latitude") if name in said and said[name] is None]
        if len(missing) == 1:
            self.add_error(missing[0], _("经度和纬度要一起填。"))
        return said


class RivalForm(RowForm):
    """What the account uses of a competitor."""

    money = ("monthly_fee",)
    business_class = forms.ChoiceField(label=gettext_lazy("业务大类"))
    operator = forms.ChoiceField(label=gettext_lazy("运营商"))
    product = forms.CharField(label=gettext_lazy("产品"), max_length=120)
    quantity = forms.DecimalField(
        label=gettext_lazy("规模"), min_value=0, max_value=1_000_000_000, decimal_places=6, required=False
    )
    unit = forms.CharField(
        label=gettext_lazy("单位"), max_length=20, required=False, help_text=gettext_lazy("如：条、席、部")
    )
    monthly_fee = YuanField(label=gettext_lazy("月费 元"))
    fee_estimated = YesNoField(label=gettext_lazy("月费是估计的"))
    ends_on = DayField(label=gettext_lazy("到期日"), required=False)
    source = forms.CharField(
        label=gettext_lazy("从哪里知道的"), max_length=120, help_text=gettext_lazy("如：采购转述、现场所见、招标公告")
    )
    seen_on = DayField(label=gettext_lazy("哪天知道的"), past=True)
    confidence = forms.ChoiceField(label=gettext_lazy("可信"))

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        for name, choices in (
            ("business_class", codes.BUSINESS_CLASS), ("operator", codes.OPERATOR), ("confidence", codes.CONFIDENCE),
        ):  # fmt: skip
            self.fields[name].choices = choice_list(choices, _("请选择"))  # type: ignore[attr-defined]


class ContractForm(RowForm):
    """A contract with its term."""

    money = ("monthly_minimum", "termination_charge")
    title = forms.CharField(label=gettext_lazy("名称"), max_length=160, required=False)
    signed_on = DayField(label=gettext_lazy("签订日"), required=False, past=True)
    starts_on = DayField(label=gettext_lazy("起始日"))
    ends_on = DayField(label=gettext_lazy("到期日"), required=False, help_text=gettext_lazy("无固定期限就留空。"))
    monthly_minimum = YuanField(label=gettext_lazy("保底月消费 元"))
    termination_charge = YuanField(label=gettext_lazy("违约金 元"))
    auto_renew = YesNoField(label=gettext_lazy("到期自动续约"))

    def __init__(self, *args: Any, new: bool = False, **more: Any) -> None:
        super().__init__(*args, **more)
        if new:
            code = forms.RegexField(
                r"^[^\s/]+$", label=gettext_lazy("合同编号"), max_length=60,
                error_messages={"invalid": gettext_lazy("编号里不能有空格和 / 。")},
            )  # fmt: skip
            self.fields = {"code": code, **self.fields}

    def clean(self) -> dict[str, Any]:
        """Refuse an end before the start."""
        said = super().clean() or self.cleaned_data
        if said.get("starts_on") and said.get("ends_on") and said["ends_on"] < said["starts_on"]:
            self.add_error("ends_on", _("到期日早于起始日。"))
        return said

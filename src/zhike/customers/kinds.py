"""The rows of an account that people keep by hand: which fields, which of them personal. Declares; reads nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from zhike.customers.models import AccountRow, CompetitorHolding, Contact, Contract, Site


@dataclass(frozen=True)
class RowKind:
    """One kind of row.

    `fields` are the model's attributes that people may write; `personal` ones are never shown in a form: an empty entry
    leaves them as they are. Codes of rows made here begin with :data:`OWN_CODES`, so that no file's code meets them by
    accident; a kind with `own_code` has its code typed by the person instead.
    """

    key: str  # in addresses
    noun: str  # in the names of audited actions
    model: type[AccountRow]
    fields: tuple[str, ...]
    tab: str  # page of the account where the rows stand; empty: the first one
    add: Any
    change: Any
    remove: Any
    personal: tuple[str, ...] = ()
    own_code: bool = False


OWN_CODES = "H-"

KINDS: dict[str, RowKind] = {
    one.key: one
    for one in (
        RowKind(
            "contacts", "contact", Contact,
            (
                "name", "title", "department", "decision_role", "mobile", "phone", "email", "wechat", "birthday",
                "reports_to_code", "traits", "consent", "tie_staff_id", "tie_strength", "last_met",
            ),
            "people", _("添加联系人"), _("改联系人"), _("移出联系人"),
            personal=("mobile", "phone", "email", "wechat", "birthday"),
        ),
        RowKind(
            "sites", "site", Site,
            ("name", "address", "longitude", "latitude", "employees", "covered"),
            "sites", _("添加场所"), _("改场所"), _("移除场所"),
        ),
        RowKind(
            "rivals", "rival", CompetitorHolding,
            (
                "business_class", "operator", "product", "quantity", "unit", "monthly_fee_fen", "fee_estimated",
                "ends_on", "source", "seen_on", "confidence",
            ),
            "", _("记异网业务"), _("改异网业务"), _("移除异网业务"),
        ),
        RowKind(
            "contracts", "contract", Contract,
            (
                "title", "signed_on", "starts_on", "ends_on", "monthly_minimum_fen", "termination_charge_fen",
                "auto_renew",
            ),
            "archive", _("登记合同"), _("改合同"), _("移除合同"), own_code=True,
        ),
    )
}  # fmt: skip

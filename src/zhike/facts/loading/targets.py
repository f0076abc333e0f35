"""Where each archive table of the contracts lands in the database. Owns names only; refuses to read or write."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db.models import CharField, Field, Model, TextField
from django.db.models.fields import NOT_PROVIDED

from zhike.catalogue.models import Product
from zhike.customers.models import (
    Account,
    AssociationMembership,
    CompetitorHolding,
    Contact,
    Contract,
    MemberLine,
    Site,
    Subscription,
    SupplyLink,
)
from zhike.people.models import Staff


@dataclass(frozen=True)
class Reference:
    """A column of the file that names a row elsewhere by its code."""

    column: str  # column of the file
    field: str  # foreign key of the model, without `_id`
    target: type[Model]

    @property
    def id_name(self) -> str:
        """Name of the resolved id among the prepared rows, and of the foreign key's column."""
        return f"{self.field}_id"


@dataclass(frozen=True)
class Target:
    """How rows of one archive table are written.

    ``fields`` maps a column's name in the lake to the model's field; ``key`` names the model's columns that make a row
    what it is; ``others`` are columns of the file that are not kept in this row (their own step reads them).
    """

    table: str
    model: type[Model]
    fields: dict[str, str]
    key: tuple[str, ...]
    references: tuple[Reference, ...] = ()
    others: tuple[str, ...] = field(default=())

    @property
    def database_table(self) -> str:
        """Name of the table in the database."""
        return self.model._meta.db_table

    def stored_fields(self) -> dict[str, Field]:
        """Return every column of the model but its id and provenance, by its name in the database."""
        return {
            one.column: one  # type: ignore[misc]
            for one in self.model._meta.concrete_fields
            if not one.primary_key and one.name != "provenance"
        }

    def model_field(self, name: str) -> Field:
        """Return a field of the model."""
        found = self.model._meta.get_field(name)
        assert isinstance(found, Field)
        return found


def empty_literal(one: Field) -> str:
    """Return the SQL literal of a column that nothing fills: its default, blank text or NULL.

    Raises
    ------
    ValueError
        When the column needs a value that only a file can give.
    """
    if getattr(one, "auto_now", False) or getattr(one, "auto_now_add", False):
        return "now()"
    default = None if one.default is NOT_PROVIDED else one.get_default()
    if default is None:
        if one.null:
            return "NULL"
        if isinstance(one, CharField | TextField):
            return "''"
        raise ValueError(f"{one} has no default")
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, dict):
        return "'{}'::jsonb"
    if isinstance(default, int):
        return str(default)
    return "'" + str(default).replace("'", "''") + "'"


def _same(*names: str, **renamed: str) -> dict[str, str]:
    return {**{name: name for name in names}, **renamed}


_ACCOUNT = Reference("account_code", "account", Account)

TARGETS: dict[str, Target] = {
    one.table: one
    for one in (
        Target(
            "staff", Staff,
            _same("name", "role", "mobile", "email", "active", staff_code="code"),
            ("code",),
            others=("region_code", "region_name", "parent_region_code", "team_code", "team_name"),
        ),
        Target(
            "accounts", Account,
            _same(
                "name", "short_name", "credit_code", "group_kind", "industry", "industry_section", "ownership", "size",
                "scope", "lifecycle", "tier", "service_level", "assurance_level", "credit_rating", "employees",
                "annual_revenue_fen", "registered_capital_fen", "legal_representative", "address", "since",
                "network_situation", "innovation_goals", "decision_process", "latent_needs", "background",
                "service_preference", "strategic", account_code="code",
            ),
            ("code",),
            others=("region_code", "region_name", "parent_code", "manager_code", "backup_code"),
        ),
        Target(
            "sites", Site,
            _same("name", "address", "longitude", "latitude", "employees", "covered", site_code="code"),
            ("account_id", "code"), (_ACCOUNT,),
        ),
        Target(
            "contacts", Contact,
            _same(
                "name", "title", "department", "decision_role", "mobile", "phone", "email", "wechat", "traits",
                "birthday", "tie_strength", "last_met", "consent", contact_code="code", reports_to="reports_to_code",
            ),
            ("account_id", "code"), (_ACCOUNT, Reference("tie_staff_code", "tie_staff", Staff)),
        ),
        Target(
            "products", Product,
            _same(
                "name", "name_en", "business_class", "charging", "unit", "list_price_fen", "floor_price_fen",
                "cost_percent", "core", "valid_from", "valid_to", product_code="code",
            ),
            ("code",),
        ),
        Target(
            "contracts", Contract,
            _same(
                "title", "signed_on", "starts_on", "ends_on", "monthly_minimum_fen", "termination_charge_fen",
                "auto_renew", contract_code="code",
            ),
            ("account_id", "code"), (_ACCOUNT,),
        ),
        Target(
            "subscriptions", Subscription,
            _same(
                "site_code", "contract_code", "bundle", "quantity", "unit", "monthly_fee_fen", "starts_on", "ends_on",
                "status", subscription_code="code",
            ),
            ("account_id", "code"), (_ACCOUNT, Reference("product_code", "product", Product)),
        ),
        Target(
            "member_lines", MemberLine,
            _same(
                "number", "member_name", "department", "plan", "paid_by", "monthly_fee_fen", "joined_on", "left_on",
                "status",
            ),
            ("account_id", "number"), (_ACCOUNT,),
        ),
        Target(
            "competitor_holdings", CompetitorHolding,
            _same(
                "business_class", "operator", "product", "quantity", "unit", "monthly_fee_fen", "fee_estimated",
                "ends_on", "source", "seen_on", "confidence", holding_code="code",
            ),
            ("account_id", "code"), (_ACCOUNT,),
        ),
        Target(
            "supply_links", SupplyLink,
            _same("supplier_name", "goods", "annual_amount_fen", "source", "seen_on"),
            ("account_id", "supplier_name"),
            (Reference("buyer_code", "account", Account), Reference("supplier_code", "supplier", Account)),
        ),
        Target(
            "associations", AssociationMembership,
            _same("association", "member_role", "joined_on"),
            ("account_id", "association"), (_ACCOUNT,),
        ),
    )
}  # fmt: skip

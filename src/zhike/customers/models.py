"""Tables of the archive. A child row is visible exactly when its account is. Refuses scores and figures of months.

Nothing that points at an account cascades: accounts close or merge, they are never deleted from under their history.
"""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.catalogue.models import Product
from zhike.core.scope import ScopedManager
from zhike.people.models import Region, Staff, Team


class Account(models.Model):
    """An enterprise customer (集团客户), a branch of one, or a prospect.

    `provenance` tells where the values came from (see `customers.provenance`): one entry for the row as it came, one
    for each field changed since: ``{"*": {"source": "import:3f2a…", "on": "2026-11-22"}, "name": {…}}``; people write
    ``staff:M0042``.
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=160)
    short_name = models.CharField(max_length=60, blank=True)
    pinyin_key = models.CharField(max_length=200, default="")
    credit_code = models.CharField(max_length=18, blank=True)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="branches")
    group_kind = models.CharField(max_length=20, blank=True)
    industry = models.CharField(max_length=60, blank=True)
    industry_section = models.CharField(max_length=60, blank=True)
    ownership = models.CharField(max_length=20, blank=True)
    size = models.CharField(max_length=20, blank=True)
    scope = models.CharField(max_length=20, blank=True)
    lifecycle = models.CharField(max_length=20, blank=True)
    tier = models.CharField(max_length=4, blank=True)
    service_level = models.CharField(max_length=20, blank=True)
    assurance_level = models.CharField(max_length=20, blank=True)
    credit_rating = models.CharField(max_length=4, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="accounts")
    employees = models.BigIntegerField(null=True)
    annual_revenue_fen = models.BigIntegerField(null=True)
    registered_capital_fen = models.BigIntegerField(null=True)
    legal_representative = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=300, blank=True)
    since = models.DateField(null=True)
    network_situation = models.TextField(blank=True)
    innovation_goals = models.TextField(blank=True)
    decision_process = models.TextField(blank=True)
    latent_needs = models.TextField(blank=True)
    background = models.TextField(blank=True)
    service_preference = models.TextField(blank=True)
    strategic = models.BooleanField(default=False)
    provenance = models.JSONField(default=dict)
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager(account="id", region="region_id")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("客户")
        indexes = [models.Index(fields=["credit_code"], name="account_credit_code")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parent__isnull=True) | ~models.Q(parent=models.F("id")),
                name="account_not_own_parent",
            ),
            models.CheckConstraint(condition=~models.Q(name=""), name="account_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ErasedIdentifier(models.Model):
    """A keyed hash of a number or address whose owner had it erased: no import may bring them back. Names nobody."""

    digest = models.CharField(max_length=64, unique=True)
    erased_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.digest[:8]


class AccountRow(models.Model):
    """What every row of the archive carries: its account, its provenance, when it changed."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    provenance = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager(account="account_id", region="account__region_id")
    plain = models.Manager()

    class Meta:
        abstract = True
        default_manager_name = "plain"


class Site(AccountRow):
    """A place where the account works."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    address = models.CharField(max_length=300, blank=True)
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    employees = models.BigIntegerField(null=True)
    covered = models.BooleanField(null=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("场所")
        constraints = [models.UniqueConstraint(fields=["account", "code"], name="site_once")]

    def __str__(self) -> str:
        return self.name


class Contact(AccountRow):
    """Somebody at the account. `name`, numbers and birthday are personal data: masked until asked for."""

    code = models.CharField(max_length=40)
    name = models.CharField(max_length=60)
    title = models.CharField(max_length=60, blank=True)
    department = models.CharField(max_length=60, blank=True)
    decision_role = models.CharField(max_length=20, blank=True)
    mobile = models.CharField(max_length=30, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=120, blank=True)
    wechat = models.CharField(max_length=60, blank=True)
    birthday = models.DateField(null=True)
    reports_to_code = models.CharField(max_length=40, blank=True)
    traits = models.TextField(blank=True)
    consent = models.BooleanField(null=True)
    tie_staff = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.SET_NULL, related_name="ties")
    tie_strength = models.PositiveSmallIntegerField(null=True)
    last_met = models.DateField(null=True)
    erased_at = models.DateTimeField(null=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("联系人")
        constraints = [
            models.UniqueConstraint(fields=["account", "code"], name="contact_once"),
            models.CheckConstraint(
                condition=models.Q(tie_strength__isnull=True) | models.Q(tie_strength__lte=5), name="tie_within"
            ),
        ]

    def __str__(self) -> str:
        return f"contact {self.code}"


class Contract(AccountRow):
    """A contract with its term."""

    code = models.CharField(max_length=60)
    title = models.CharField(max_length=160, blank=True)
    signed_on = models.DateField(null=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    monthly_minimum_fen = models.BigIntegerField(null=True)
    termination_charge_fen = models.BigIntegerField(null=True)
    auto_renew = models.BooleanField(null=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("合同")
        indexes = [models.Index(fields=["ends_on"], name="contract_ends")]
        constraints = [
            models.UniqueConstraint(fields=["account", "code"], name="contract_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=models.F("starts_on")),
                name="contract_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Subscription(AccountRow):
    """One of our products in use at the account."""

    code = models.CharField(max_length=60)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="subscriptions")
    site_code = models.CharField(max_length=40, blank=True)
    contract_code = models.CharField(max_length=60, blank=True)
    bundle = models.CharField(max_length=80, blank=True)
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    unit = models.CharField(max_length=20, blank=True)
    monthly_fee_fen = models.BigIntegerField(null=True)
    starts_on = models.DateField(null=True)
    ends_on = models.DateField(null=True)
    status = models.CharField(max_length=20, blank=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("在用产品")
        constraints = [models.UniqueConstraint(fields=["account", "code"], name="subscription_once")]

    def __str__(self) -> str:
        return self.code


class MemberLine(AccountRow):
    """An employee's line as a member of the account. Number and member's name are personal data."""

    number = models.CharField(max_length=30)
    member_name = models.CharField(max_length=60, blank=True)
    department = models.CharField(max_length=60, blank=True)
    plan = models.CharField(max_length=80, blank=True)
    paid_by = models.CharField(max_length=10, blank=True)
    monthly_fee_fen = models.BigIntegerField(null=True)
    joined_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    status = models.CharField(max_length=20, blank=True)
    erased_at = models.DateTimeField(null=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("成员号码")
        constraints = [models.UniqueConstraint(fields=["account", "number"], name="member_line_once")]

    def __str__(self) -> str:
        return f"member line {self.pk}"


class CompetitorHolding(AccountRow):
    """What the account uses of a competitor, in the shape of our own subscriptions, with source and confidence."""

    code = models.CharField(max_length=60)
    business_class = models.CharField(max_length=20)
    operator = models.CharField(max_length=20)
    product = models.CharField(max_length=120)
    quantity = models.DecimalField(max_digits=18, decimal_places=6, null=True)
    unit = models.CharField(max_length=20, blank=True)
    monthly_fee_fen = models.BigIntegerField(null=True)
    fee_estimated = models.BooleanField(null=True)
    ends_on = models.DateField(null=True)
    source = models.CharField(max_length=120, blank=True)
    seen_on = models.DateField(null=True)
    confidence = models.CharField(max_length=10, blank=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("异网业务")
        constraints = [models.UniqueConstraint(fields=["account", "code"], name="competitor_holding_once")]

    def __str__(self) -> str:
        return f"{self.operator} {self.product}"


class AssociationMembership(AccountRow):
    """An account's membership of an industry association."""

    association = models.CharField(max_length=120)
    member_role = models.CharField(max_length=20, blank=True)
    joined_on = models.DateField(null=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("协会")
        indexes = [models.Index(fields=["association"], name="association_name")]
        constraints = [models.UniqueConstraint(fields=["account", "association"], name="association_once")]

    def __str__(self) -> str:
        return self.association


class SupplyLink(AccountRow):
    """Who supplies the account (`account` is the buyer); the supplier need not be a customer yet."""

    supplier = models.ForeignKey(
        Account, null=True, blank=True, on_delete=models.PROTECT, related_name="supplies", db_index=True
    )
    supplier_name = models.CharField(max_length=160)
    goods = models.CharField(max_length=120, blank=True)
    annual_amount_fen = models.BigIntegerField(null=True)
    source = models.CharField(max_length=120, blank=True)
    seen_on = models.DateField(null=True)

    class Meta(AccountRow.Meta):
        verbose_name = _("供应关系")
        constraints = [models.UniqueConstraint(fields=["account", "supplier_name"], name="supply_link_once")]

    def __str__(self) -> str:
        return self.supplier_name


class TeamMembership(models.Model):
    """Somebody of ours in the team of an account, while it lasts. Ownership is a row here, never a column.

    `team` is the person's team when they were assigned: a lead sees the accounts of the team.
    """

    class Duty(models.TextChoices):
        """What the person does for the account."""

        LEAD = "lead", _("首席客户经理")
        BACKUP = "backup", _("后备客户经理")
        SERVICE = "service", _("服务支撑")

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="team_memberships")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="account_memberships")
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT)
    duty = models.CharField(max_length=10, choices=Duty.choices)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager(account="account_id", region="account__region_id")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("客户团队")
        indexes = [
            models.Index(fields=["staff", "account"], condition=models.Q(valid_to=None), name="membership_of_staff"),
            models.Index(fields=["team", "account"], condition=models.Q(valid_to=None), name="membership_of_team"),
            models.Index(fields=["account"], condition=models.Q(valid_to=None), name="membership_now"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["account"], condition=models.Q(duty="lead", valid_to=None), name="one_lead_an_account"
            ),
            models.UniqueConstraint(
                fields=["account", "staff", "duty"], condition=models.Q(valid_to=None), name="membership_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.staff_id} {self.duty}"

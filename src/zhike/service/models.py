"""Tables of departments and requests. A request's columns copy what its log says. Refuses scores and orders."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.customers.models import Account, Contact, Subscription
from zhike.people.models import Region, Staff
from zhike.service import codes
from zhike.service.reach import RequestManager

OPEN = models.Q(stage__in=codes.OPEN_STAGES)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Stands where no clock runs: a value, so that one comparison and one order serve every list."""


class Department(models.Model):
    """A desk or a back office that requests are given to. It serves its region and all below.

    `function` is what it does, by which commitments between departments are told (policy data); `calendar` names the
    working calendar by which its own clock runs.
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    function = models.CharField(max_length=30)
    calendar = models.CharField(max_length=40)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    active = models.BooleanField(default=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("部门")
        indexes = [models.Index(fields=["function", "region"], name="department_function")]

    def __str__(self) -> str:
        return self.name


class DepartmentMember(models.Model):
    """Somebody who works in a department, while they do; `leads` answers for it."""

    department = models.ForeignKey(Department, on_delete=models.PROTECT, related_name="members")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    leads = models.BooleanField(default=False)
    since = models.DateField()
    until = models.DateField(null=True)

    class Meta:
        verbose_name = _("部门成员")
        indexes = [models.Index(fields=["staff"], condition=models.Q(until=None), name="department_of_staff")]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "staff"], condition=models.Q(until=None), name="department_member_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.department_id} {self.staff_id}"


class Request(models.Model):
    """One concern of a customer from first word to closing, under one number (首问负责).

    All but the caller, the words, the region and the next due moments is folded from the log (`standing.fold`).
    `caller_*` are personal data: masked until asked for. `region` is the account's, or the desk's while nobody is
    recognised; it follows the account. `urgency` orders queues. `version` is the number of the log's last line.
    """

    number = models.CharField(max_length=30, unique=True)
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    caller_name = models.CharField(max_length=60, blank=True)
    caller_phone = models.CharField(max_length=30, blank=True)
    caller_address = models.CharField(max_length=120, blank=True)
    external_id = models.CharField(max_length=120, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)

    kind = models.CharField(max_length=12, choices=list(codes.KINDS.items()))
    category = models.CharField(max_length=40, blank=True)
    product_area = models.CharField(max_length=40, blank=True)
    segment = models.CharField(max_length=40, blank=True)
    need_scope = models.CharField(max_length=12, blank=True, choices=list(codes.NEED_SCOPES.items()))
    need_side = models.CharField(max_length=12, blank=True, choices=list(codes.NEED_SIDES.items()))
    need_class = models.CharField(max_length=16, blank=True, choices=list(codes.NEED_CLASSES.items()))
    channel = models.CharField(max_length=12, choices=list(codes.CHANNELS.items()))
    priority = models.CharField(max_length=10, choices=list(codes.PRIORITIES.items()), default="normal")
    urgency = models.SmallIntegerField(default=codes.URGENCY["normal"])
    account = models.ForeignKey(Account, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    subscription = models.ForeignKey(
        Subscription, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    recognised_by = models.CharField(max_length=20, blank=True)
    tier = models.CharField(max_length=4, blank=True)
    service_level = models.CharField(max_length=20, blank=True)
    assurance_level = models.CharField(max_length=20, blank=True)

    stage = models.CharField(max_length=10, choices=list(codes.STAGES.items()))
    owner = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    home = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    accepted = models.BooleanField(default=False)
    handler = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    caller_back = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken_at = models.DateTimeField()
    contacted_at = models.DateTimeField(null=True)
    replied_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_how = models.CharField(max_length=10, blank=True, choices=list(codes.CLOSED_HOW.items()))
    satisfied = models.BooleanField(null=True)
    score = models.SmallIntegerField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=40, blank=True)
    escalation = models.SmallIntegerField(default=0)
    supervised = models.BooleanField(default=False)
    exception_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    exception_reason = models.CharField(max_length=40, blank=True)
    returns = models.SmallIntegerField(default=0)
    reopens = models.SmallIntegerField(default=0)
    call_backs = models.SmallIntegerField(default=0)
    special = models.CharField(max_length=10, blank=True, choices=list(codes.SPECIALS.items()))
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    merged_into = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=10, blank=True, choices=list(codes.OUTCOMES.items()))
    signs = models.JSONField(default=list)
    version = models.IntegerField()
    changed_at = models.DateTimeField()

    next_due_at = models.DateTimeField(default=NEVER)
    next_due_kind = models.CharField(max_length=20, blank=True)
    warn_at = models.DateTimeField(default=NEVER)
    clock_version = models.CharField(max_length=80, blank=True)

    objects = RequestManager()
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("工单")
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "external_id"], condition=~models.Q(external_id=""), name="request_taken_once"
            ),
            models.CheckConstraint(
                condition=models.Q(stage="closed", closed_at__isnull=False)
                | ~models.Q(stage="closed") & models.Q(closed_at=None, closed_how=""),
                name="request_closed_at",
            ),
            models.CheckConstraint(
                condition=~models.Q(stage="closed")
                | models.Q(closed_how="satisfied", satisfied=True, answered_at__isnull=False)
                | models.Q(closed_how="exception", exception_by__isnull=False) & ~models.Q(exception_reason="")
                | models.Q(closed_how="merged", merged_into__isnull=False),
                name="request_closed_how",
            ),
            models.CheckConstraint(
                condition=models.Q(paused_at=None, pause_reason="")
                | models.Q(paused_at__isnull=False) & ~models.Q(pause_reason=""),
                name="request_pause_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(handler=None) | models.Q(stage="handle"), name="request_handler_stage"
            ),
        ]
        indexes = [
            models.Index(fields=["next_due_at", "id"], condition=OPEN, name="request_due_open"),
            models.Index(fields=["region", "next_due_at", "id"], condition=OPEN, name="request_region_open"),
            models.Index(fields=["owner", "next_due_at", "id"], condition=OPEN, name="request_owner_open"),
            models.Index(fields=["handler", "next_due_at", "id"], condition=OPEN, name="request_handler_open"),
            models.Index(fields=["department", "next_due_at", "id"], condition=OPEN, name="request_department_open"),
            models.Index(
                fields=["department", "urgency", "next_due_at", "id"],
                condition=models.Q(stage="handle", handler=None), name="request_queue",
            ),
            models.Index(
                fields=["urgency", "next_due_at", "id"], condition=OPEN & models.Q(owner=None), name="request_unowned"
            ),
            models.Index(fields=["warn_at", "id"], condition=OPEN, name="request_warn_open"),
            models.Index(
                fields=["next_due_at", "id"], condition=OPEN & models.Q(supervised=True), name="request_supervised"
            ),
            models.Index(
                fields=["next_due_at", "id"], condition=OPEN & ~models.Q(exception_reason=""), name="request_exception"
            ),
            models.Index(fields=["next_due_at", "id"], condition=models.Q(stage="call_back"), name="request_call_back"),
            models.Index(fields=["account", "-taken_at", "-id"], name="request_account"),
            models.Index(fields=["-taken_at", "-id"], name="request_recent"),
            models.Index(fields=["region", "-taken_at", "-id"], name="request_region_recent"),
            models.Index(
                fields=["parent"], condition=models.Q(parent__isnull=False), name="request_parent"
            ),
            models.Index(
                fields=["closed_at", "id"], condition=models.Q(stage="closed"), name="request_closed_recent"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def due_at(self) -> datetime | None:
        """When the next clock runs out; nothing where none runs."""
        return None if self.next_due_at == NEVER else self.next_due_at

    @property
    def is_open(self) -> bool:
        """Whether it still waits for anything."""
        return self.stage != "closed"


from zhike.service.models_log import (  # noqa: E402  Django looks here
    Attachment,
    Leg,
    Participation,
    QualitySample,
    RequestEvent,
)

__all__ = [
    "Attachment", "Department", "DepartmentMember", "Leg", "Participation", "QualitySample", "Request", "RequestEvent",
]  # fmt: skip

"""Tables of what happened to requests: the append-only log, legs, parts, attachments, samples. Refuses to be changed.

The log is the truth; legs and parts are copies of what it says, so that departments and people find theirs.
"""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from zhike.people.models import Staff
from zhike.service import codes, log
from zhike.service.reach import RequestManager


class RequestEvent(models.Model):
    """One line of a request's log. The database refuses to change or remove it."""

    request = models.ForeignKey("service.Request", on_delete=models.PROTECT, related_name="+", db_index=False)
    sequence = models.IntegerField()
    kind = models.CharField(max_length=24, choices=list(log.FACTS.items()))
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=80, blank=True)
    department_id = models.BigIntegerField(null=True)
    words = models.TextField(blank=True)
    to_customer = models.BooleanField(default=False)
    data = models.JSONField(default=dict)

    objects = RequestManager(request="request")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("工单经过")
        constraints = [models.UniqueConstraint(fields=["request", "sequence"], name="request_event_once")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.sequence} {self.kind}"

    def as_fact(self) -> log.Fact:
        """Return the line as the fold reads it."""
        return log.Fact(
            self.sequence, self.kind, self.at, self.by_id, self.by_name, self.department_id, self.words,
            self.to_customer, self.data,
        )  # fmt: skip


class Leg(models.Model):
    """One department's having of a request; legs of a request follow each other without gap or overlap."""

    request = models.ForeignKey("service.Request", on_delete=models.PROTECT, related_name="+", db_index=False)
    ordinal = models.SmallIntegerField()
    department = models.ForeignKey(
        "service.Department", null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    stage = models.CharField(max_length=10, choices=list(codes.STAGES.items()))
    began_at = models.DateTimeField()
    offered_by_id = models.BigIntegerField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by_id = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=10, blank=True, choices=list(codes.LEG_ENDS.items()))
    reason = models.CharField(max_length=40, blank=True)

    objects = RequestManager(request="request")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("部门用时")
        constraints = [
            models.UniqueConstraint(fields=["request", "ordinal"], name="leg_once"),
            models.UniqueConstraint(fields=["request"], condition=models.Q(ended_at=None), name="leg_one_runs"),
        ]
        indexes = [models.Index(fields=["department", "began_at"], name="leg_of_department")]

    def __str__(self) -> str:
        return f"{self.request_id} {self.ordinal} {self.department_id}"


class Participation(models.Model):
    """Somebody's part in a request, while it lasts: owner, handler, caller-back, or asked into a group."""

    request = models.ForeignKey("service.Request", on_delete=models.PROTECT, related_name="+", db_index=False)
    ordinal = models.SmallIntegerField()
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+", db_index=False)
    part = models.CharField(max_length=12, choices=list(codes.PARTS.items()))
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    objects = RequestManager(request="request")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("参与人")
        constraints = [models.UniqueConstraint(fields=["request", "ordinal"], name="part_once")]
        indexes = [
            models.Index(fields=["staff", "request"], condition=models.Q(until=None), name="part_of_staff"),
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.staff_id} {self.part}"


class Attachment(models.Model):
    """A file of a request, kept once under its fingerprint (`files`)."""

    request = models.ForeignKey("service.Request", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=80)
    sha256 = models.CharField(max_length=64)
    bytes = models.BigIntegerField()
    added_at = models.DateTimeField()
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=80, blank=True)

    objects = RequestManager(request="request")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("附件")
        indexes = [
            models.Index(fields=["request", "id"], name="attachment_request"),
            models.Index(fields=["sha256"], name="attachment_file"),
        ]

    def __str__(self) -> str:
        return self.name


class QualitySample(models.Model):
    """A closed request drawn for inspection (质检) and what the inspector made of it."""

    request = models.OneToOneField("service.Request", on_delete=models.PROTECT, related_name="+")
    drawn_at = models.DateTimeField()
    drawn_by_name = models.CharField(max_length=80)
    scored_at = models.DateTimeField(null=True)
    scored_by_id = models.BigIntegerField(null=True)
    scored_by_name = models.CharField(max_length=80, blank=True)
    score = models.SmallIntegerField(null=True)
    faults = models.JSONField(default=list)
    words = models.CharField(max_length=500, blank=True)

    objects = RequestManager(request="request")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("质检样本")
        indexes = [
            models.Index(fields=["-drawn_at", "-id"], name="sample_recent"),
            models.Index(fields=["drawn_at"], condition=models.Q(score=None), name="sample_waiting"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(score=None) | models.Q(score__gte=0, score__lte=100), name="sample_score_within"
            )
        ]

    def __str__(self) -> str:
        return f"{self.request_id} {self.score}"

"""Tables of the ground floor: audit, looks, policies, runs, preferences. Refuses anything about accounts."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditEntry(models.Model):
    """One change of one row, written by a database trigger: who, by which action, what it was and what it became.

    Append-only: the database refuses updates and deletes. `before` and `after` hold only the changed columns.
    """

    at = models.DateTimeField(db_default=Now())
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    action = models.CharField(max_length=80)
    reason = models.CharField(max_length=300, blank=True)
    table_name = models.CharField(max_length=80)
    row_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    operation = models.CharField(max_length=1)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="audit_recent"),
            models.Index(fields=["table_name", "row_id", "-id"], name="audit_row"),
            models.Index(fields=["account_id", "-id"], name="audit_account"),
            models.Index(fields=["actor_id", "-id"], name="audit_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.action} {self.table_name} {self.row_id}"


class Look(models.Model):
    """One look at unmasked personal data: who, whose, which field, why. Append-only."""

    at = models.DateTimeField(auto_now_add=True)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    subject_table = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    subject_name = models.CharField(max_length=80, blank=True)
    account_id = models.BigIntegerField(null=True)
    field = models.CharField(max_length=60)
    reason = models.CharField(max_length=300)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="look_recent"),
            models.Index(fields=["account_id", "-id"], name="look_account"),
            models.Index(fields=["actor_id", "-id"], name="look_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.subject_table}.{self.field} {self.subject_id}"


class PersonalColumn(models.Model):
    """A column that holds personal data; rooms name theirs in migrations. Only these can be erased from the audit."""

    table_name = models.CharField(max_length=80)
    column_name = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["table_name", "column_name"], name="personal_column_once")]

    def __str__(self) -> str:
        return f"{self.table_name}.{self.column_name}"


class Erasure(models.Model):
    """That the personal data of one row was erased: whose request, by whom, when, which columns. Append-only.

    It is the key to the audit: only entries of a row named here may lose values, and only of the columns named.
    """

    at = models.DateTimeField(db_default=Now())
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    subject_table = models.CharField(max_length=80)
    subject_id = models.BigIntegerField()
    account_id = models.BigIntegerField(null=True)
    columns = models.JSONField()

    class Meta:
        indexes = [models.Index(fields=["subject_table", "subject_id"], name="erasure_subject")]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.actor_name} {self.subject_table} {self.subject_id}"


class PolicyVersion(models.Model):
    """One version of a family of rules, never updated: a correction is a higher revision of the same valid_from.

    `second_person` says that the family asked for one when this was published; the database then refuses a version
    whose approver is its author.
    """

    family = models.CharField(max_length=60)
    valid_from = models.DateField()
    revision = models.PositiveIntegerField(default=1)
    body = models.JSONField()
    body_hash = models.CharField(max_length=64)
    author = models.CharField(max_length=80)
    author_id = models.BigIntegerField(null=True)
    approver = models.CharField(max_length=80, blank=True)
    approver_id = models.BigIntegerField(null=True)
    second_person = models.BooleanField(default=False, db_default=False)
    note = models.CharField(max_length=300, blank=True, db_default="")
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["family", "valid_from", "revision"], name="policy_version_once"),
            models.CheckConstraint(
                condition=models.Q(second_person=False)
                | models.Q(author_id__isnull=False, approver_id__isnull=False) & ~models.Q(approver_id=F("author_id")),
                name="policy_version_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.valid_from} r{self.revision}"


class PolicyDraft(models.Model):
    """Rules that somebody is changing: based on which version, from which day on they shall hold, where they stand.

    A draft is always a whole body that fits the schema of its family. `edition` counts its changes, so that what a
    second window or a slow approver looks at is what is decided upon.
    """

    class State(models.TextChoices):
        """Where it stands."""

        DRAFT = "draft", _("草稿")
        PROPOSED = "proposed", _("待批准")
        PUBLISHED = "published", _("已发布")
        WITHDRAWN = "withdrawn", _("已撤回")

    family = models.CharField(max_length=60)
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    body = models.JSONField()
    valid_from = models.DateField()
    base = models.ForeignKey(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="+")
    base_hash = models.CharField(max_length=64, blank=True)
    note = models.CharField(max_length=300, blank=True)
    edition = models.PositiveIntegerField(default=1)
    author = models.CharField(max_length=80)
    author_id = models.BigIntegerField(null=True)
    second_person = models.BooleanField(default=False)
    remark = models.CharField(max_length=300, blank=True)
    decided_by = models.CharField(max_length=80, blank=True)
    decided_by_id = models.BigIntegerField(null=True)
    version = models.OneToOneField(PolicyVersion, null=True, on_delete=models.PROTECT, related_name="draft")
    preview = models.OneToOneField("Run", null=True, on_delete=models.PROTECT, related_name="previewed")
    previewed_edition = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        indexes = [models.Index(fields=["family", "state", "-id"], name="policy_draft_open")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="published", version__isnull=False)
                | ~models.Q(state="published") & models.Q(version__isnull=True),
                name="policy_draft_version_if_published",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="published", second_person=True)
                | models.Q(author_id__isnull=False, decided_by_id__isnull=False)
                & ~models.Q(decided_by_id=F("author_id")),
                name="policy_draft_two_people",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.family} {self.valid_from} {self.state}"


class RunState(models.TextChoices):
    """Where long work stands."""

    QUEUED = "queued", _("排队")
    RUNNING = "running", _("进行中")
    DONE = "done", _("完成")
    FAILED = "failed", _("未完成")
    CANCELLED = "cancelled", _("已取消")


class Run(models.Model):
    """One piece of long work whose progress people watch and may leave."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=40)
    state = models.CharField(max_length=12, choices=RunState.choices, default=RunState.QUEUED)
    progress_permille = models.PositiveSmallIntegerField(default=0)
    stage = models.CharField(max_length=120, blank=True)
    started_by_id = models.BigIntegerField(null=True)
    started_by_name = models.CharField(max_length=80)
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(default=dict)
    error_zh = models.TextField(blank=True)
    error_en = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["kind", "-created_at"], name="run_recent")]
        constraints = [
            models.CheckConstraint(condition=models.Q(progress_permille__lte=1000), name="run_progress_within"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state} {self.progress_permille / 10:.0f} %"


class Preference(models.Model):
    """What one person chose for one page, e.g. the columns of a list."""

    user_id = models.BigIntegerField()
    key = models.CharField(max_length=60)
    value = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user_id", "key"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.key}"

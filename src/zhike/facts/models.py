"""Tables of imports and of imported events shown on timelines. Refuses to hold what the lake holds."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.models import Run
from zhike.core.scope import ScopedManager
from zhike.customers.models import Account


class Import(models.Model):
    """One set of files checked against one table (or several, through a mapping), then loaded or refused."""

    class Phase(models.TextChoices):
        """What the import has reached; a failed run says at which phase it stopped."""

        CHECKING = "checking", _("核对中")
        CHECKED = "checked", _("待确认")
        LOADING = "loading", _("装入中")
        LOADED = "loaded", _("已装入")
        REFUSED = "refused", _("已拒绝")
        CANCELLED = "cancelled", _("已取消")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="imported")
    table = models.CharField(max_length=40, blank=True)  # empty where a mapping fills several
    mapping = models.TextField(blank=True)
    mapping_name = models.CharField(max_length=120, blank=True)
    files = models.JSONField(default=list)  # [{"name", "path", "sha256", "bytes"}]
    strict = models.BooleanField(default=False)
    dry_run = models.BooleanField(default=False)
    phase = models.CharField(max_length=10, choices=Phase.choices, default=Phase.CHECKING)
    summary = models.JSONField(default=dict)
    rows_read = models.BigIntegerField(default=0)
    rows_accepted = models.BigIntegerField(default=0)
    rows_refused = models.BigIntegerField(default=0)
    rows_duplicate = models.BigIntegerField(default=0)
    rows_new = models.BigIntegerField(default=0)
    rows_changed = models.BigIntegerField(default=0)
    rows_unchanged = models.BigIntegerField(default=0)
    rejects_path = models.CharField(max_length=400, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    created_by_id = models.BigIntegerField(null=True)
    created_by_name = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["-created_at", "-id"], name="import_recent")]

    def __str__(self) -> str:
        return f"{self.table or self.mapping_name} {self.created_at:%Y-%m-%d %H:%M}"


class ImportedEvent(models.Model):
    """A complaint, visit or order from a file, as one line of the account's timeline.

    `detail` is the row as it stands in the lake. `key` is the row's own key within its table.
    """

    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="imported_events")
    table = models.CharField(max_length=20)
    key = models.CharField(max_length=80)
    at = models.DateTimeField()
    detail = models.JSONField()
    source = models.UUIDField()  # the import

    objects = ScopedManager(account="account_id", region="account__region_id")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        indexes = [models.Index(fields=["account", "-at", "-id"], name="imported_event_timeline")]
        constraints = [models.UniqueConstraint(fields=["account", "table", "key"], name="imported_event_once")]

    def __str__(self) -> str:
        return f"{self.table} {self.key}"

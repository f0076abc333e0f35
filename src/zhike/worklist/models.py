"""The table of work items. Refuses to know why something should be done: rooms above push that, with its figures."""

from __future__ import annotations

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.scope import ScopedManager
from zhike.customers.models import Account
from zhike.people.models import Region, Staff

AT_ONCE = date(1, 1, 1)
"""Stands in `until` where nothing was postponed: a value, so that one comparison with today tells what is shown."""
LIVE = ("open", "postponed")


class WorkItem(models.Model):
    """One thing to do for one account, by the stable key (source, account, rule, episode).

    What people decide (done, postponed, dismissed) belongs to the key, so it survives every later push; only a new
    episode makes a new item. Words are not kept: `rule` names them, `evidence` holds their figures (`worklist.words`).
    `expected_fen` is what acting now is worth, and orders the list. Region, assignee and tier are copies of the
    account's, so that one index answers any list.
    """

    class State(models.TextChoices):
        """Where an item stands; a postponed one is shown again from the day `until` on, nothing has to tick."""

        OPEN = "open", _("待办")
        POSTPONED = "postponed", _("已延后")
        DONE = "done", _("已办结")
        DISMISSED = "dismissed", _("不处理")
        OVER = "over", _("已消除")

    class Level(models.TextChoices):
        """How loudly the item speaks."""

        RED = "red", _("红色")
        YELLOW = "yellow", _("黄色")
        PLAIN = "plain", _("一般")

    source = models.CharField(max_length=20)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="work_items")
    rule = models.CharField(max_length=40)
    episode = models.CharField(max_length=40)
    kind = models.CharField(max_length=20)
    level = models.CharField(max_length=10, choices=Level.choices, default=Level.PLAIN)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+", db_index=False)
    assignee = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    tier_rank = models.SmallIntegerField()
    verb = models.CharField(max_length=30)
    advice = models.JSONField(default=dict)  # {"zh": …, "en": …, "playbook": …}
    evidence = models.JSONField(default=dict)
    stake_fen = models.BigIntegerField(default=0)
    expected_fen = models.BigIntegerField(default=0)
    due_on = models.DateField()
    first_seen = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    until = models.DateField(default=AT_ONCE)
    reason = models.CharField(max_length=300, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)

    objects = ScopedManager(account="account_id", region="region_id")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("待办")
        constraints = [
            models.UniqueConstraint(fields=["source", "account", "rule", "episode"], name="work_item_once"),
            models.CheckConstraint(condition=models.Q(state="postponed") ^ models.Q(until=AT_ONCE), name="work_until"),
            models.CheckConstraint(condition=~models.Q(state="dismissed") | ~models.Q(reason=""), name="work_reason"),
            models.CheckConstraint(condition=models.Q(expected_fen__gte=0), name="work_worth"),
        ]
        indexes = [
            models.Index(fields=["expected_fen", "id"], condition=models.Q(state__in=LIVE), name="work_worth_live"),
            models.Index(
                fields=["region", "expected_fen", "id"], condition=models.Q(state__in=LIVE), name="work_region_live"
            ),
            models.Index(
                fields=["assignee", "expected_fen", "id"], condition=models.Q(state__in=LIVE), name="work_assignee_live"
            ),
            models.Index(
                fields=["kind", "expected_fen", "id"], condition=models.Q(state__in=LIVE), name="work_kind_live"
            ),
            models.Index(
                fields=["tier_rank", "expected_fen", "id"], condition=models.Q(state__in=LIVE), name="work_tier_live"
            ),
            models.Index(fields=["due_on", "id"], condition=models.Q(state__in=LIVE), name="work_due_live"),
            models.Index(
                fields=["decided_by", "decided_at", "id"],
                condition=models.Q(decided_by__isnull=False),
                name="work_decided",
            ),
            models.Index(
                fields=["state", "decided_at"], condition=models.Q(decided_by__isnull=False), name="work_state_decided"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.rule} {self.episode} {self.state}"

    @property
    def is_live(self) -> bool:
        """Whether it still waits for somebody, now or on its day."""
        return self.state in LIVE

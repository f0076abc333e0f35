"""Tables of cycles: each run, its scores and alerts account by account, tiers as history. Refuses to compute any."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.models import Run
from zhike.core.scope import ScopedManager
from zhike.customers.models import Account


class Cycle(models.Model):
    """One run of the cycle; `current` marks the one whose results pages show.

    `about` is what the library wrote of the result (``cycle.json``): coverage table by table, which rules could not be
    judged and why, counts, digests. `parts` names the parts of each score in the order of the arrays of its rows.
    """

    class State(models.TextChoices):
        """How far it is, or what became of it."""

        QUEUED = "queued", _("排队")
        BUILDING = "building", _("进行中")
        CURRENT = "current", _("使用中")
        OLD = "old", _("已被接替")
        DROPPED = "dropped", _("只留汇总")
        FAILED = "failed", _("未完成")

    run = models.OneToOneField(Run, null=True, on_delete=models.PROTECT, related_name="cycle")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    engine = models.CharField(max_length=10, default="duckdb")
    as_of = models.DateField()
    last_period = models.IntegerField(null=True)  # the latest month of facts, YYYYMM
    previous = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="following")
    compared_with = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="compared")
    versions = models.JSONField(default=dict)  # {table: version or digest}
    policies = models.JSONField(default=dict)  # {family: {"hash", "valid_from", "revision"}}
    code = models.JSONField(default=dict)  # {"version", "fingerprint"}
    about = models.JSONField(default=dict)
    parts = models.JSONField(default=dict)  # {score: [names of its parts]}
    counts = models.JSONField(default=dict)  # what remains when the rows are dropped
    accounts = models.BigIntegerField(default=0)
    alerts = models.BigIntegerField(default=0)
    publication_id = models.BigIntegerField(null=True)
    started_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("周期")
        indexes = [models.Index(fields=["-as_of", "-id"], name="cycle_recent")]
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="current"), name="one_cycle_now"),
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="building"), name="one_cycle_at_once"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.as_of} {self.state}"


class AccountScore(models.Model):
    """Scores and tier of an account in one cycle. Scores and parts are hundredths of a point; NULL is unknown.

    Parts are signed and add up to the score with 5000 (value, loyalty) or 0 (lock_in) as their base. `moved` and
    `previous_tier` tell of the cycle before (`Cycle.previous`), each `…_change` of the last one of an earlier month
    (`Cycle.compared_with`).
    """

    account_id = models.BigIntegerField(primary_key=True)  # unique within a cycle
    cycle_id = models.BigIntegerField()
    region_id = models.BigIntegerField()
    lead_id = models.BigIntegerField(null=True)
    customer = models.BooleanField()
    value = models.IntegerField(null=True)
    value_confidence = models.SmallIntegerField()  # percent
    value_parts = ArrayField(models.IntegerField(null=True))
    value_unknown = models.TextField()  # names joined by commas
    value_change = models.IntegerField(null=True)
    value_top_permille = models.SmallIntegerField(null=True)  # among the first so many thousandths
    contribution_rate_permille = models.BigIntegerField(null=True)  # income per cost, drawn towards the peers'
    loyalty = models.IntegerField(null=True)
    loyalty_confidence = models.SmallIntegerField()
    loyalty_parts = ArrayField(models.IntegerField(null=True))
    loyalty_unknown = models.TextField()
    loyalty_change = models.IntegerField(null=True)
    loyalty_top_permille = models.SmallIntegerField(null=True)
    attitude = models.IntegerField(null=True)  # unknown until there are surveys
    lock_in = models.IntegerField(null=True)
    lock_in_confidence = models.SmallIntegerField()
    lock_in_parts = ArrayField(models.IntegerField(null=True))
    lock_in_unknown = models.TextField()
    lock_in_change = models.IntegerField(null=True)
    lock_in_top_permille = models.SmallIntegerField(null=True)
    win_back_permille = models.IntegerField(null=True)
    winnable_fen = models.BigIntegerField(null=True)
    quadrant = models.CharField(max_length=10)
    tier = models.CharField(max_length=4)
    tier_reason = models.CharField(max_length=12)
    by_score = models.CharField(max_length=4)
    by_bill = models.CharField(max_length=4)
    previous_tier = models.CharField(max_length=4)
    moved = models.CharField(max_length=8)
    moved_because = models.CharField(max_length=40)
    service_level = models.CharField(max_length=20)
    assurance_level = models.CharField(max_length=20)
    bill_mean3_fen = models.BigIntegerField(null=True)

    objects = ScopedManager(account="account_id", region="region_id")
    plain = models.Manager()

    class Meta:
        managed = False
        db_table = "insights_accountscore"
        default_manager_name = "plain"

    def __str__(self) -> str:
        return f"{self.cycle_id} {self.account_id}"


class Alert(models.Model):
    """One rule that an account crosses in a cycle, on what evidence, with how much money at stake.

    Account, rule and `since` (day of the first cycle of the episode) are the stable key of a work item.
    """

    pk = models.CompositePrimaryKey("cycle_id", "account_id", "rule")
    cycle_id = models.BigIntegerField()
    account_id = models.BigIntegerField()
    region_id = models.BigIntegerField()
    rule = models.CharField(max_length=40)
    level = models.CharField(max_length=8)  # yellow, red
    measure = models.FloatField()
    threshold = models.FloatField()
    unit = models.CharField(max_length=20)
    stake_fen = models.BigIntegerField(null=True)
    evidence = models.JSONField()  # {name of a feature: its value}
    since = models.DateField()

    objects = ScopedManager(account="account_id", region="region_id")
    plain = models.Manager()

    class Meta:
        managed = False
        db_table = "insights_alert"
        default_manager_name = "plain"

    def __str__(self) -> str:
        return f"{self.cycle_id} {self.account_id} {self.rule}"


class AccountTier(models.Model):
    """The tier of an account while it lasted: a row only when an account moved. What came before its row is unknown."""

    account = models.ForeignKey(Account, on_delete=models.PROTECT)
    tier = models.CharField(max_length=4)
    service_level = models.CharField(max_length=20)
    assurance_level = models.CharField(max_length=20)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)  # the day on which the next one began
    previous_tier = models.CharField(max_length=4)
    moved = models.CharField(max_length=8)  # first, up, down
    reason = models.CharField(max_length=12)  # score, bill, strategic, held, unknown, hand
    because = models.CharField(max_length=40)  # the part of value that moved it most; bill, list
    value = models.IntegerField(null=True)
    value_before = models.IntegerField(null=True)
    bill_mean3_fen = models.BigIntegerField(null=True)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT)

    objects = ScopedManager(account="account_id", region="account__region_id")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("级别沿革")
        indexes = [models.Index(fields=["valid_from", "account"], name="tier_moves")]
        constraints = [
            models.UniqueConstraint(fields=["account", "valid_from"], name="tier_once_a_day"),
            models.UniqueConstraint(fields=["account"], condition=models.Q(valid_to=None), name="one_tier_now"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.tier} {self.valid_from}"

"""Tables of published figures. Refuses to compute any: a publication is built aside and never changed by pages.

`insights_accountsummary` and `insights_accountseries` are partitioned by publication, the tables of scores (see
`models_scores`) by cycle: partitions are made and dropped by the builds, so Django's migrations do not manage them.
"""

from __future__ import annotations

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.scope import ScopedManager

UNKNOWN_MONEY = -(2**63)
UNKNOWN_PERMILLE = -(2**31)
UNKNOWN_RANK = 9
UNKNOWN_SCORE = -1
NEVER, NO_END = date(1, 1, 1), date(9999, 12, 31)
"""What stands in a sort key for "unknown": a value, because one index must serve both directions."""


class Publication(models.Model):
    """One whole set of figures; `current` marks the one that pages read."""

    class State(models.TextChoices):
        """How far it is."""

        BUILDING = "building", _("生成中")
        CURRENT = "current", _("使用中")
        OLD = "old", _("已被替换")
        DROPPED = "dropped", _("已清理")

    state = models.CharField(max_length=10, choices=State.choices, default=State.BUILDING)
    first_period = models.IntegerField()
    last_period = models.IntegerField()  # the latest month of facts, YYYYMM
    as_of = models.DateField()
    versions = models.JSONField(default=dict)  # {table of the lake: {"version", "fingerprint"}}
    policies = models.JSONField(default=dict)  # {family: hash of the body}
    cycle_id = models.BigIntegerField(null=True)  # whose scores, tiers and alerts the summaries carry
    rows = models.BigIntegerField(default=0)
    started_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["state"], condition=models.Q(state="current"), name="one_publication_now")
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.state} {self.last_period}"


class PublicationRequest(models.Model):
    """Facts were loaded that no publication holds yet; removed by the publication that does."""

    at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"


class TouchedAccount(models.Model):
    """An account that changed while a publication was being built, to be brought up to date before it is shown."""

    account_id = models.BigIntegerField()

    def __str__(self) -> str:
        return str(self.account_id)


class FrequentGram(models.Model):
    """A character or pair of characters that occurs in many names of a publication; routes the search of names."""

    publication_id = models.BigIntegerField()
    gram = models.CharField(max_length=2)
    accounts = models.IntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["publication_id", "gram"], name="frequent_gram_once")]

    def __str__(self) -> str:
        return f"{self.gram} {self.accounts}"


class AccountSummary(models.Model):
    """What lists show of an account, flat. Sort keys never hold NULL (see the sentinels above)."""

    account_id = models.BigIntegerField(primary_key=True)  # unique within a publication
    publication_id = models.BigIntegerField()
    region_id = models.BigIntegerField()
    lead_id = models.BigIntegerField(null=True)
    code = models.CharField(max_length=40)
    name = models.CharField(max_length=160)
    names = models.TextField()  # name and short name as search reads them
    pinyin_key = models.CharField(max_length=200)
    industry = models.CharField(max_length=60)
    ownership = models.CharField(max_length=20)
    size = models.CharField(max_length=20)
    lifecycle = models.CharField(max_length=20)
    tier = models.CharField(max_length=4)
    tier_rank = models.SmallIntegerField()
    service_level = models.CharField(max_length=20)
    credit_rating = models.CharField(max_length=4)
    employees = models.BigIntegerField()
    billed_fen = models.BigIntegerField()
    change_permille = models.IntegerField()
    margin_permille = models.IntegerField()
    ends_on = models.DateField()
    visited_on = models.DateField()
    overdue_fen = models.BigIntegerField()
    ours_fen = models.BigIntegerField()
    theirs_fen = models.BigIntegerField()
    share_permille = models.IntegerField()
    completeness = models.SmallIntegerField()
    complaints = models.IntegerField()
    decider_unknown = models.BooleanField()
    value = models.IntegerField()  # scores in hundredths of a point
    loyalty = models.IntegerField()
    lock_in = models.IntegerField()
    quadrant = models.CharField(max_length=10)  # keep, win, deepen, nurture; empty where unknown
    alert_level = models.SmallIntegerField()  # 0 none, 1 yellow, 2 red
    alert_count = models.SmallIntegerField()
    stake_fen = models.BigIntegerField()  # the most that one of its alerts puts at stake
    previous_tier = models.CharField(max_length=4)  # at the end of the month before
    moved = models.CharField(max_length=8)  # since then: first, up, down, same, ended; empty without a cycle

    objects = ScopedManager(account="account_id", region="region_id")
    plain = models.Manager()

    class Meta:
        managed = False
        db_table = "insights_accountsummary"
        default_manager_name = "plain"

    def __str__(self) -> str:
        return self.code

    @property
    def billed(self) -> int | None:
        """Fen billed in the last month; nothing where no bills were loaded."""
        return None if self.billed_fen == UNKNOWN_MONEY else self.billed_fen

    @property
    def change(self) -> float | None:
        """Change against the same month a year before."""
        return None if self.change_permille == UNKNOWN_PERMILLE else self.change_permille / 1000

    @property
    def margin(self) -> float | None:
        """Margin as a share of what was billed in the last month."""
        return None if self.margin_permille == UNKNOWN_PERMILLE else self.margin_permille / 1000

    @property
    def ends(self) -> date | None:
        """When the next running contract ends."""
        return None if self.ends_on == NO_END else self.ends_on

    @property
    def visited(self) -> date | None:
        """When somebody of ours was last there."""
        return None if self.visited_on == NEVER else self.visited_on

    @property
    def share(self) -> float | None:
        """Our part of what the account is known to spend a month."""
        return None if self.share_permille == UNKNOWN_PERMILLE else self.share_permille / 1000

    @property
    def value_score(self) -> int | None:
        """Value in hundredths of a point, where known."""
        return None if self.value == UNKNOWN_SCORE else self.value

    @property
    def loyalty_score(self) -> int | None:
        """Loyalty in hundredths of a point, where known."""
        return None if self.loyalty == UNKNOWN_SCORE else self.loyalty

    @property
    def lock_in_score(self) -> int | None:
        """Competitors' hold in hundredths of a point, where known."""
        return None if self.lock_in == UNKNOWN_SCORE else self.lock_in

    @property
    def staff_count(self) -> int | None:
        """Employees, where known."""
        return None if self.employees < 0 else self.employees


class AccountSeries(models.Model):
    """Months of an account from `first_period` to `last_period` of the publication, oldest first; NULL is unknown."""

    account_id = models.BigIntegerField(primary_key=True)
    publication_id = models.BigIntegerField()
    billed_fen = ArrayField(models.BigIntegerField(null=True))
    cost_fen = ArrayField(models.BigIntegerField(null=True))
    paid_fen = ArrayField(models.BigIntegerField(null=True))
    voice_seconds = ArrayField(models.BigIntegerField(null=True))
    events = ArrayField(models.BigIntegerField(null=True))
    megabytes = ArrayField(models.BigIntegerField(null=True))
    overdue_fen = models.BigIntegerField(null=True)

    objects = ScopedManager(account="account_id", region="")  # read for accounts whose summary the actor sees
    plain = models.Manager()

    class Meta:
        managed = False
        db_table = "insights_accountseries"
        default_manager_name = "plain"

    def __str__(self) -> str:
        return str(self.account_id)


from zhike.insights.models_portfolio import PortfolioCell  # noqa: E402, F401  Django looks here
from zhike.insights.models_scores import AccountScore, AccountTier, Alert, Cycle  # noqa: E402, F401  Django looks here

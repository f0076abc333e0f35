"""The portfolio added up once for each publication, region by region. Refuses single accounts."""

from __future__ import annotations

from django.db import models

from zhike.core.scope import ScopedManager


class PortfolioCell(models.Model):
    """Accounts of one region that share something, added up: the `key` of a `facet`.

    Facets: ``all``; ``quadrant``, ``tier``, ``lock`` (fifths of the lock-in score, ``-`` unknown), ``alert`` (worst
    level); ``move`` (tier and how it moved, ``A1.up``); ``rule`` (alerts of one rule and level, ``overdue.red``);
    ``standing`` (of those that have not left: ``every``, ``red``, ``red_before`` by the cycle compared with,
    ``overdue``, ``up``, ``down``, ``ends.2026-12-31``).
    Money is fen a month, of accounts of which it is known; `winnable_fen` is a year's.
    """

    publication_id = models.BigIntegerField()
    region_id = models.BigIntegerField()
    facet = models.CharField(max_length=10)
    key = models.CharField(max_length=50)
    accounts = models.BigIntegerField()
    billed_fen = models.BigIntegerField()
    comparable_fen = models.BigIntegerField()  # billed by those of whom the same month a year before is known
    before_fen = models.BigIntegerField()  # and what they were billed then
    margin_fen = models.BigIntegerField()
    margin_of_fen = models.BigIntegerField()
    ours_fen = models.BigIntegerField()
    theirs_fen = models.BigIntegerField()
    winnable_fen = models.BigIntegerField()
    stake_fen = models.BigIntegerField()
    overdue_fen = models.BigIntegerField(default=0)

    objects = ScopedManager(region="region_id")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        constraints = [
            models.UniqueConstraint(fields=["publication_id", "region_id", "facet", "key"], name="portfolio_cell_once")
        ]

    def __str__(self) -> str:
        return f"{self.publication_id} {self.region_id} {self.facet} {self.key}"

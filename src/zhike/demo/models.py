"""What marks an installation as a demonstration. Stands in the database, so that it goes where the data goes."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Demonstration(models.Model):
    """The one demonstration operator of an installation, and how far its building has come."""

    accounts = models.PositiveIntegerField()
    seed = models.BigIntegerField()
    done = models.JSONField(default=list)  # steps that are complete, so that a cut-off building goes on after them
    begun_at = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("演示")

    def __str__(self) -> str:
        return f"{self.accounts} accounts, seed {self.seed}"

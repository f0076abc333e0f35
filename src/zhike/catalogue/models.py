"""Tables of the catalogue. Refuses to know who bought what."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


class Product(models.Model):
    """Something the operator sells, with its list price, floor and cost share, while it is valid.

    The catalogue is no personal or account data: everybody signed in may read it.
    """

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    business_class = models.CharField(max_length=20)
    charging = models.CharField(max_length=20)
    unit = models.CharField(max_length=20, blank=True)
    list_price_fen = models.BigIntegerField(null=True)
    floor_price_fen = models.BigIntegerField(null=True)
    cost_percent = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    core = models.BooleanField(default=False)
    valid_from = models.DateField(null=True)
    valid_to = models.DateField(null=True)
    provenance = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("产品")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(business_class__in=["communication", "industry", "support"]),
                name="product_class_known",
            ),
        ]

    def __str__(self) -> str:
        """Return the name in the reader's language, where the catalogue has it."""
        return name_for_reader(self.name, self.name_en)


def name_for_reader(name: str, name_en: str) -> str:
    """Return the English name to whoever reads English, where there is one."""
    return name_en if name_en and (get_language() or "").startswith("en") else name

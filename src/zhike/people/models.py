"""Tables of people: sign-in users, staff, teams, regions. Refuses anything about accounts."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

from zhike.core.scope import ScopedManager
from zhike.people.roles import ROLES


class Region(models.Model):
    """A region of the operator: province, city, district. `path` holds the codes from the top, each with a slash."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    path = models.CharField(max_length=200, db_index=True)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A team of managers within a region."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    region = models.ForeignKey(Region, null=True, on_delete=models.PROTECT, related_name="teams")

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """Somebody who can sign in. What they may do and see is decided by their staff row."""

    must_change_password = models.BooleanField(default=False)


class Staff(models.Model):
    """Somebody who works for the operator; may or may not sign in."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    role = models.CharField(max_length=20, choices=[(key, label) for key, label in ROLES.items()])
    region = models.ForeignKey(Region, null=True, blank=True, on_delete=models.PROTECT, related_name="staff")
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="staff")
    mobile = models.CharField(max_length=30, blank=True)
    email = models.CharField(max_length=120, blank=True)
    active = models.BooleanField(default=True)
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="staff")
    provenance = models.JSONField(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    objects = ScopedManager(account="", region="region_id", team="team_id")
    plain = models.Manager()

    class Meta:
        default_manager_name = "plain"
        verbose_name = _("员工")
        indexes = [models.Index(fields=["region", "role"], name="staff_region_role")]

    def __str__(self) -> str:
        return self.name

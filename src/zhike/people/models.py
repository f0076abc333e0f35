"""Tables of people: sign-in users, staff, teams, regions, sessions, what happened to sign-in. Refuses accounts."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Now
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
    """Somebody who can sign in. What they may do and see is decided by their staff row.

    While `must_change_password` holds, the password is a one-time code: the first sign-in consumes it, and it no longer
    works after `code_expires_at`. `language` is what the person last chose, on whatever device.
    """

    must_change_password = models.BooleanField(default=False)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=10, blank=True)


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


class SignInSession(models.Model):
    """One sign-in on one device, while it lasts. The Django session carries its id, never the other way round."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sign_ins")
    method = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)
    started_at = models.DateTimeField(db_default=Now())
    seen_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["user", "-seen_at"], condition=models.Q(ended_at=None), name="sign_in_open"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.started_at:%Y-%m-%d %H:%M}"


class SecurityEvent(models.Model):
    """Something that happened to somebody's sign-in. Append-only: the database refuses updates and deletes.

    `name` is the login name; what was typed at a failed sign-in without such a user is masked, because people type
    passwords into the wrong field. `by_name` is empty where the person did it themselves.
    """

    class Kind(models.TextChoices):
        """What happened."""

        SIGNED_IN = "signed_in", _("登录成功")
        SIGNED_OUT = "signed_out", _("退出登录")
        IDLE_EXIT = "idle_exit", _("久未操作，自动退出")
        SESSION_ENDED = "session_ended", _("会话被结束")
        FAILED = "failed", _("登录失败")
        FACTOR_FAILED = "factor_failed", _("第二步验证失败")
        LOCKED = "locked", _("已锁定")
        REFUSED = "refused", _("拒绝登录")
        UNLOCKED = "unlocked", _("解除锁定")
        CODE_ISSUED = "code_issued", _("发放一次性口令")
        PASSWORD_CHANGED = "password_changed", _("修改密码")
        FACTOR_ADDED = "factor_added", _("启用第二步验证")
        FACTOR_REMOVED = "factor_removed", _("停用第二步验证")
        CODES_MADE = "codes_made", _("生成恢复码")
        COMPANY_LINKED = "company_linked", _("关联企业账号")

    at = models.DateTimeField(db_default=Now())
    kind = models.CharField(max_length=20, choices=Kind.choices)
    user_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=150, blank=True)
    by_id = models.BigIntegerField(null=True)
    by_name = models.CharField(max_length=80, blank=True)
    method = models.CharField(max_length=20, blank=True)
    address = models.CharField(max_length=45, blank=True)
    agent = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-at", "-id"], name="security_recent"),
            models.Index(fields=["user_id", "-id"], name="security_user"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.kind} {self.name}"

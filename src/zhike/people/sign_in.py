"""How people sign in: the house's rules for django-allauth. Refuses sign-up, and people without an active staff row."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from zhike.core.menu import MENU
from zhike.people.actors import actor_of_user
from zhike.people.events import client_address, write_event
from zhike.people.models import SecurityEvent, User


class StaffAccountAdapter(DefaultAccountAdapter):
    """Sign-in by login name and password, or by passkey."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("登录名或密码不对。"),
        "enter_current_password": _("现在的密码不对。"),
        "incorrect_code": _("验证码不对，或者已经过期。"),
        "incorrect_password": _("密码不对。"),
        "invalid_login": _("登录名或密码不对。"),
        "rate_limited": _("操作太快，请过一分钟再试。"),
        "same_as_current": _("新密码不能和现在的一样。"),
        "too_many_login_attempts": _("尝试太多，请过几分钟再试。"),
        "username_password_mismatch": _("登录名或密码不对。"),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Nobody opens an account for themselves: administrators do."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the address as the lock and the audit see it."""
        return client_address(request)

    def is_safe_url(self, url: str) -> bool:
        """Allow only addresses of this very host."""
        request = self.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Check name and password; a one-time code past its time counts as wrong."""
        user = super().authenticate(request, **credentials)
        if isinstance(user, User) and user.must_change_password and _code_is_over(user):
            write_event(SecurityEvent.Kind.REFUSED, request=request, user=user, method="one_time_code")
            return None
        return user

    def pre_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse | None:
        """Refuse whoever has no active staff row, before any second step is asked for."""
        response: HttpResponse | None = super().pre_login(request, user, **details)
        if response is None and actor_of_user(user) is None:
            write_event(SecurityEvent.Kind.REFUSED, request=request, user=user)
            return redirect(reverse("account_inactive"))
        return response

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in; a one-time code is used up by it, so that it opens exactly one session."""
        if user.must_change_password and user.has_usable_password():
            spent = make_password(None)
            mine = User.objects.filter(pk=user.pk, must_change_password=True, password=user.password)
            if mine.update(password=spent) != 1:
                raise ImmediateHttpResponse(redirect(reverse("account_login")))
            user.password = spent
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: Any, **details: Any) -> HttpResponse:
        """Go on in the language the person chose last."""
        response: HttpResponse = super().post_login(request, user, **details)
        if user.language:
            response.set_cookie(
                settings.LANGUAGE_COOKIE_NAME,
                user.language,
                samesite=settings.LANGUAGE_COOKIE_SAMESITE,
                secure=settings.LANGUAGE_COOKIE_SECURE,
            )
        return response

    def add_message(self, request: HttpRequest, level: int, *args: Any, **details: Any) -> None:
        """Say only what went wrong: that a sign-in worked is plain to see."""
        if details.get("message") is not None:
            super().add_message(request, level, *args, **details)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the first page of the person's own menu: an auditor has no accounts to start with."""
        user = request.user
        pages = MENU.entries_for(actor_of_user(user)) if isinstance(user, User) else []
        return pages[0].url if pages else "/"

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to where the change began."""
        return reverse("my_security")

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return how this person can prove once more who they are, in the house's words."""
        methods: list[dict[str, Any]] = super().get_reauthentication_methods(user)
        said = {
            "reauthenticate": _("用密码"),
            "mfa_reauthenticate": _("用验证器或恢复码"),
            "mfa_reauthenticate:webauthn": _("用通行密钥"),
        }
        for method in methods:
            method["description"] = said.get(method["id"], method["description"])
        return methods


def _code_is_over(user: User) -> bool:
    return user.code_expires_at is not None and user.code_expires_at < timezone.now()


class StaffSecondFactorAdapter(DefaultMFAAdapter):
    """Second factors: secrets lie encrypted in the database, names are in the person's language."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("验证码不对，或者已经过期。"),
        "cannot_generate_recovery_codes": _("先启用验证器或通行密钥，才能生成恢复码。"),
    }

    def encrypt(self, text: str) -> str:
        """Encrypt a secret with the installation's key."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return the secret; one that no key opens becomes a secret nobody knows, so that no code fits it."""
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            return get_random_string(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """Return a name for a new passkey."""
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return gettext("通行密钥 %(number)d") % {"number": count + 1}

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Name the product in the browser's dialog."""
        entity = super().get_public_key_credential_rp_entity()
        return {**entity, "name": gettext("知客")}


def _cipher() -> MultiFernet:
    """Return the cipher of second-factor secrets; older keys of the installation still open what they closed."""
    keys = [str(settings.SECRET_KEY), *(str(key) for key in settings.SECRET_KEY_FALLBACKS)]
    return MultiFernet(
        [Fernet(base64.urlsafe_b64encode(hashlib.sha256(b"zhike.second-factor:" + k.encode()).digest())) for k in keys]
    )

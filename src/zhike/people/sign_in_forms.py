"""Forms of signing in, worded by the house. Refuses rules: those are the adapters' and django-allauth's."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.webauthn import forms as webauthn
from axes.handlers.proxy import AxesProxyHandler
from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

PASSWORD_HELP = _("至少 10 个字符，不要用姓名、工号或常见密码。一句自己记得住的话最好。")


class SignInForm(account.LoginForm):
    """Login name and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, password = self.fields["login"], self.fields["password"]
        name.label, password.label, password.help_text = _("登录名"), _("密码"), ""
        name.widget.attrs = {"autocomplete": "username", "autocapitalize": "none"}
        password.widget.attrs = {"autocomplete": "current-password"}
        (password if self.is_bound else name).widget.attrs["autofocus"] = True


class ConfirmPasswordForm(account.ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"].label = _("密码")
        self.fields["password"].widget.attrs = {"autocomplete": "current-password", "autofocus": True}


class ChangePasswordForm(account.ChangePasswordForm):
    """A new password in place of the present one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_passwords(self.fields["password1"], self.fields["password2"])
        self.fields["oldpassword"].label = _("现在的密码")
        self.fields["oldpassword"].widget.attrs = {"autocomplete": "current-password"}


class FirstPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not generic when it runs
    """The password that replaces a one-time code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_passwords(self.fields["new_password1"], self.fields["new_password2"])


def _word_passwords(first: forms.Field, second: forms.Field) -> None:
    first.label, second.label = _("新密码"), _("再输一次新密码")
    first.help_text, second.help_text = PASSWORD_HELP, ""
    for field in (first, second):
        field.widget.attrs = {"autocomplete": "new-password"}


class _Guarded:
    """Refuses codes while the person is locked out for guessing, as passwords are refused."""

    def clean_code(self) -> str:
        """Return the code when it fits."""
        from allauth.core import context

        if AxesProxyHandler.is_locked(context.request, {"username": self.user.username}):  # type: ignore[attr-defined]
            raise ValidationError(_("尝试太多，请过 30 分钟再试，或请管理员解除锁定。"))
        return str(super().clean_code())  # type: ignore[misc]


def _word_code(field: forms.Field) -> None:
    field.label = _("验证码")
    field.widget.attrs = {"autocomplete": "one-time-code", "autofocus": True, "inputmode": "numeric"}


class SecondStepForm(_Guarded, mfa.AuthenticateForm):
    """The code of an authenticator app, or a recovery code, at sign-in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_code(self.fields["code"])


class ConfirmCodeForm(_Guarded, mfa.ReauthenticateForm):
    """A code once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_code(self.fields["code"])


class ActivateAppForm(totp.ActivateTOTPForm):
    """The first code of a new authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_code(self.fields["code"])


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """A new passkey and what its owner calls it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_name(self.fields["name"])
        alone = self.fields["passwordless"]
        alone.label = _("以后不输密码，只用它登录")
        alone.help_text = _("需要指纹、人脸或 PIN。不选时，它只作密码之后的第二步。")
        alone.initial = True


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word_name(self.fields["name"])


def _word_name(field: forms.Field) -> None:
    field.label, field.help_text = _("名称"), _("比如放在哪台设备上，以后好认。")
    field.max_length = 60  # type: ignore[attr-defined]
    field.widget.attrs = {"maxlength": "60", "autocomplete": "off"}

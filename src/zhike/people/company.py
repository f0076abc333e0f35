"""Company sign-on by OpenID Connect: finds the staff a claim names. Refuses to create staff or permissions."""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.http import HttpRequest
from django.shortcuts import render

from zhike.people.actions import open_company_sign_in
from zhike.people.events import write_event
from zhike.people.middleware import COMPANY_FACTOR
from zhike.people.models import SecurityEvent, Staff
from zhike.people.queries import staff_named_by_company

# Values of the amr claim that stand for a second factor (RFC 8176).
FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "fpt", "face", "sc", "pop"})


class CompanySignOnAdapter(DefaultSocialAccountAdapter):
    """The rules of company sign-on; docs/how-to/company-sign-on.md says how to set them."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Whoever is not in the list of staff stays outside."""
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Tie the company's identity to the member of staff its claim names, or refuse in words."""
        sociallogin.state["process"] = AuthProcess.LOGIN  # never "connect": the claim decides whose identity it is
        claims = claims_of(sociallogin)
        options = sociallogin.account.get_provider(request).app.settings
        staff = staff_of_claims(claims, options)
        if staff is None:
            self._refuse(request, str(claims.get(options.get("staff_claim", "employee_number")) or ""))
            return
        user = staff.user or open_company_sign_in(staff)
        if sociallogin.is_existing and sociallogin.user != user:
            self._refuse(request, staff.code)
        sociallogin.account.extra_data = {}  # what the company told is needed now and never again
        if not sociallogin.is_existing:
            sociallogin.connect(request, user)
            write_event(SecurityEvent.Kind.COMPANY_LINKED, request=request, user=user, method="company")
        else:
            SocialAccount.objects.filter(pk=sociallogin.account.pk).update(extra_data={})
        sociallogin.state[COMPANY_FACTOR] = bool(options.get("second_factor")) or bool(
            FACTORS.intersection(claims.get("amr") or ())
        )

    def _refuse(self, request: HttpRequest, told: str) -> None:
        write_event(SecurityEvent.Kind.REFUSED, request=request, name=told[:150], method="company")
        raise ImmediateHttpResponse(render(request, "socialaccount/not_registered.html", status=403))


def claims_of(sociallogin: SocialLogin) -> dict[str, Any]:
    """Return what the company says of the person; the signed token overrules the user-info answer."""
    told = sociallogin.account.extra_data
    return {**(told.get("userinfo") or {}), **(told.get("id_token") or {})}


def staff_of_claims(claims: dict[str, Any], options: dict[str, Any]) -> Staff | None:
    """Return the one active member of staff whom the claim names, or ``None``.

    `options` holds ``staff_claim`` (default ``employee_number``) and ``staff_field`` (``code`` or ``email``). An
    e-mail address counts only when the company has verified it, and only when one person has it.
    """
    field = options.get("staff_field", "code")
    value = str(claims.get(options.get("staff_claim", "employee_number")) or "").strip()
    if not value or (field == "email" and claims.get("email_verified") is not True):
        return None
    return staff_named_by_company(field, value)

"""Addresses of signing in: the parts of django-allauth that the house uses, and no others (no sign-up, no e-mail)."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from allauth.socialaccount import views as social
from django.contrib.auth.decorators import login_required
from django.urls import path
from django.views.generic import RedirectView

from zhike.people import sign_in_views

# Where django-allauth leads to after a step: its own lists are part of our one page.
to_my_security = login_required(RedirectView.as_view(pattern_name="my_security"))

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("me/", sign_in_views.my_security, name="my_security"),
    path("me/sessions/end/", sign_in_views.end_sign_ins, name="end_sign_ins"),
    path("me/sessions/<uuid:sign_in>/end/", sign_in_views.end_sign_ins, name="end_sign_in"),
    path("password/first/", sign_in_views.first_password, name="first_password"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", sign_in_views.no_password, name="account_set_password"),
    path("2fa/", to_my_security, name="mfa_index"),
    path("2fa/step/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/app/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/app/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/codes/generate/", codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/codes/download/", codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/passkeys/", to_my_security, name="mfa_list_webauthn"),
    path("2fa/passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("2fa/passkeys/confirm/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/passkeys/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("2fa/passkeys/<int:pk>/rename/", webauthn.edit_webauthn, name="mfa_edit_webauthn"),
    path("2fa/passkeys/<int:pk>/remove/", webauthn.remove_webauthn, name="mfa_remove_webauthn"),
    path("company/cancelled/", social.login_cancelled, name="socialaccount_login_cancelled"),
    path("company/error/", social.login_error, name="socialaccount_login_error"),
    path("company/<slug:provider_id>/login/", sign_in_views.company_login, name="openid_connect_login"),
    path("company/<slug:provider_id>/login/callback/", sign_in_views.company_callback, name="openid_connect_callback"),
]

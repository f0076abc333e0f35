"""Pages of signing in that django-allauth does not bring. Refuses rules."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.socialaccount.providers.openid_connect import views as company
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from requests import RequestException

from zhike.core.toasts import toast
from zhike.core.web import page
from zhike.people.actions import end_own_sign_ins, set_first_password
from zhike.people.security import security_of
from zhike.people.sign_in_forms import FirstPasswordForm

log = logging.getLogger(__name__)


@sensitive_post_parameters()
@never_cache
@login_required
@require_http_methods(["GET", "POST"])
def first_password(request: HttpRequest) -> HttpResponse:
    """Let somebody who came in with a one-time code choose a password."""
    user: Any = request.user
    if not user.must_change_password:
        raise Http404
    form = FirstPasswordForm(user, request.POST or None)
    if request.method == "POST" and form.is_valid():
        set_first_password(user, form.cleaned_data["new_password1"], request=request)
        update_session_auth_hash(request, user)
        toast(request, _("密码已设好。"))
        return redirect(get_adapter().get_login_redirect_url(request))
    return render(request, "people/first_password.html", {"form": form}, status=422 if form.errors else 200)


@login_required
@require_GET
def no_password(request: HttpRequest) -> HttpResponse:
    """Say who gives out passwords, to somebody who has none because the company signs them in."""
    return render(request, "people/no_password.html")


def company_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the company's sign-on."""
    return _through_company(company.login, request, provider_id)


def company_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Take in who comes back from the company."""
    return _through_company(company.callback, request, provider_id)


def _through_company(view: Callable[..., HttpResponse], request: HttpRequest, provider_id: str) -> HttpResponse:
    """Call a view that talks to the company's server; say in words when that server fails or answers nonsense."""
    try:
        return view(request, provider_id)
    except (RequestException, ValueError, KeyError) as failure:
        log.warning("company sign-on %s: %s", provider_id, type(failure).__name__)
        return render(request, "socialaccount/authentication_error.html", status=401)


@page("own.security")
@require_GET
def my_security(request: Any) -> HttpResponse:
    """My own security: password, second step, where I am signed in."""
    return render(request, "people/security.html", security_of(request))


@page("own.security")
@require_POST
def end_sign_ins(request: Any, sign_in: UUID | None = None) -> HttpResponse:
    """End one or all of my other sign-ins."""
    ended = end_own_sign_ins(request.user, request=request, only=sign_in)
    toast(request, _("已结束 %(count)d 处登录。") % {"count": ended})
    return redirect("my_security")

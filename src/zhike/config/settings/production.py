"""Settings of a server: everything that must be named is named by the environment. Refuses to start without it."""

import json
import os

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403


def required(name: str) -> str:
    """Return the environment variable, or say which one is missing and why."""
    value = os.environ.get(name, "").strip()
    if not value:
        raise ImproperlyConfigured(f"缺少环境变量 / missing environment variable: {name} (docs/how-to/server.md)")
    return value


DEBUG = False
SECRET_KEY = required("ZHIKE_SECRET_KEY")
ALLOWED_HOSTS = required("ZHIKE_HOSTS").split(",")
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = True
SECURE_HSTS_SECONDS = 31_536_000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = False

# Company sign-on: a JSON object as django-allauth's openid_connect provider takes it (docs/how-to/company-sign-on.md).
if _company := os.environ.get("ZHIKE_OIDC"):
    SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": [json.loads(_company)]}}

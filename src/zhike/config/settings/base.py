"""Settings that hold everywhere. Refuses anything permissive: no DEBUG, no key, no open host list."""

import json
import os
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from zhike.core.home import home
from zhike.core.postgres import django_database

ZHIKE_HOME = home()
PACKAGE = Path(__file__).resolve().parents[2]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_cotton",
    "django_htmx",
    "zhike.core",
    "zhike.people",  # before allauth: its pages are ours
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "axes",
    "procrastinate.contrib.django",
    "zhike.catalogue",
    "zhike.customers",
    "zhike.worklist",
    "zhike.facts",
    "zhike.insights",
    "zhike.playbooks",
    "zhike.service",
    "zhike.workbench",
    "zhike.demo",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhike.core.middleware.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "zhike.people.middleware.ActorMiddleware",
    "zhike.people.middleware.IdleExitMiddleware",
    "zhike.people.middleware.StepsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "zhike.config.urls"
WSGI_APPLICATION = "zhike.config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": False,
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "zhike.core.context.shell",
            ],
        },
    },
]
COTTON_DIR = "cotton"

DATABASES = {"default": django_database(ZHIKE_HOME)}

# Chinese is the source language; English stands beside it.
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("简体中文")), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

STATIC_URL = "/static/"
STATIC_ROOT = ZHIKE_HOME / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 3600

# People and sessions (limits: docs/security.md; idle exit, lock-out and length follow the field's common checks).
AUTH_USER_MODEL = "people.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "zhike.core.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
ZHIKE_IDLE_EXIT_SECONDS = 15 * 60
ZHIKE_REQUIRE_SECOND_FACTOR = True
ZHIKE_DEMONSTRATION = False
# How many proxies stand before this server, each adding its entry to X-Forwarded-For (people.events.client_address).
ZHIKE_TRUSTED_PROXIES = 0

# Who guesses five times is locked for 30 minutes, counted per login name from anywhere. What happened is written to
# people_securityevent (append-only), so axes keeps nothing but its counts.
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"], "username"]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_USERNAME_CALLABLE = "zhike.people.lockout.guarded_name"
AXES_CLIENT_IP_CALLABLE = "zhike.people.lockout.guarded_address"
AXES_LOCKOUT_CALLABLE = "zhike.people.lockout.locked_out"
AXES_SENSITIVE_PARAMETERS = [
    "username",
    "ip_address",
    "login",
    "code",
    "credential",
    "oldpassword",
    "password1",
    "password2",
    "csrfmiddlewaretoken",
]
AXES_VERBOSE = False

ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "zhike.people.sign_in.StaffAccountAdapter"
ACCOUNT_FORMS = {
    "login": "zhike.people.sign_in_forms.SignInForm",
    "reauthenticate": "zhike.people.sign_in_forms.ConfirmPasswordForm",
    "change_password": "zhike.people.sign_in_forms.ChangePasswordForm",
}
# A whole office may sit behind one address at nine in the morning; guessing one name is the lock's business above.
ACCOUNT_RATE_LIMITS = {"login": "300/m/ip", "login_failed": "60/m/ip,10/5m/key"}
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_PREVENT_ENUMERATION = True
SOCIALACCOUNT_ADAPTER = "zhike.people.company.CompanySignOnAdapter"
SOCIALACCOUNT_ONLY = False
# The way to the company's server begins with a link: our policy form-action 'self' would stop a form's redirect there.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_STORE_TOKENS = False
MFA_ADAPTER = "zhike.people.sign_in.StaffSecondFactorAdapter"
MFA_FORMS = {
    "authenticate": "zhike.people.sign_in_forms.SecondStepForm",
    "reauthenticate": "zhike.people.sign_in_forms.ConfirmCodeForm",
    "activate_totp": "zhike.people.sign_in_forms.ActivateAppForm",
    "add_webauthn": "zhike.people.sign_in_forms.AddPasskeyForm",
    "edit_webauthn": "zhike.people.sign_in_forms.RenamePasskeyForm",
}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "300/m/ip"}
MFA_TOTP_ISSUER = "Zhike"
MFA_TOTP_TOLERANCE = 1
MFA_ALLOW_UNVERIFIED_EMAIL = True

# Company sign-on: a JSON object as django-allauth's openid_connect provider takes it (docs/how-to/company-sign-on.md).
SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": []}}
if _company := os.environ.get("ZHIKE_OIDC"):
    SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"] = [json.loads(_company)]

DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["zhike.facts.files.LimitedUploadHandler"]
ZHIKE_UPLOAD_LIMIT_BYTES = 4 * 1024**3

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "INFO"},
    "loggers": {"axes": {"level": "WARNING"}, "procrastinate": {"level": "WARNING"}},
}

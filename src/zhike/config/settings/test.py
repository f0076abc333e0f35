"""Settings of the test suite: a cluster of its own, fast password hashing. Refuses to touch anybody's data."""

from .base import *  # noqa: F403

DEBUG = False
SECRET_KEY = "only-for-tests-" + "k" * 40
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ZHIKE_REQUIRE_SECOND_FACTOR = False
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True
WHITENOISE_AUTOREFRESH = True

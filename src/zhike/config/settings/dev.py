"""Settings of a laptop: served on loopback only, key made at first start. Refuses other hosts."""

import os

from zhike.core.home import secret

from .base import *  # noqa: F403
from .base import ZHIKE_HOME

DEBUG = False
SECRET_KEY = secret(ZHIKE_HOME)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
ZHIKE_REQUIRE_SECOND_FACTOR = os.environ.get("ZHIKE_REQUIRE_SECOND_FACTOR", "") == "1"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = True

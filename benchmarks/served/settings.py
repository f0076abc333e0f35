"""Settings of the served benchmark: a laptop's, with the yardstick among the addresses. Refuses anything else."""

from zhike.config.settings.dev import *  # noqa: F403

ROOT_URLCONF = "benchmarks.served.urls"

"""Starts the suite's own PostgreSQL cluster. Refuses to touch any other database."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ["ZHIKE_ENV"] = "test"
os.environ.setdefault("ZHIKE_HOME", str(Path(tempfile.gettempdir()) / f"zhike-test-{os.getuid()}"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Point Django at the suite's cluster, which the last worker stops."""
    from django.conf import settings
    from django.db import connections
    from tests.cluster import start_test_cluster

    with start_test_cluster() as database:
        settings.DATABASES["default"].update(database)
        connections["default"].settings_dict.update(database)
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Let the test database be dropped although threads of a live server still hold connections (they live 600 s)."""
    yield
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

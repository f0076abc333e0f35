"""The suite's own PostgreSQL cluster, shared by all its workers through kernel locks. Refuses to outlive them.

Several runs may share it at once: every run has databases of its own, and those of a run that crashed are dropped by
the next one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from zhike.core.postgres import BundledPostgres, PostgresFailed
from zhike.core.postgres.places import state_root

# A test cluster may lose its data at a power cut: it is then made anew.
FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "256MB",
    "max_connections": "200",
}
PREFIX = "test_zhike_"


@contextmanager
def start_test_cluster() -> Iterator[dict[str, Any]]:
    """Hold a share in the cluster under ZHIKE_HOME and yield what to change in Django's settings of the database."""
    from django.conf import settings

    home = Path(os.environ["ZHIKE_HOME"])
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", f"{os.getpid()}")[:12]
    worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
    with _running(home) as server, _only_ours(server, home / "runs", run):
        test = settings.DATABASES["default"].get("TEST", {}) | {"NAME": f"{PREFIX}{run}_{worker}"}
        yield {"NAME": "zhike", "USER": "postgres", "HOST": str(server.sockets), "PORT": "", "TEST": test}


@contextmanager
def _running(home: Path) -> Iterator[BundledPostgres]:
    server = BundledPostgres(home, settings=FAST)
    try:
        server.__enter__()
    except PostgresFailed:
        shutil.rmtree(state_root(home) / "data", ignore_errors=True)
        server.__enter__()
    try:
        yield server
    finally:
        server.__exit__(None, None, None)


@contextmanager
def _only_ours(server: BundledPostgres, runs: Path, run: str) -> Iterator[None]:
    """Hold our run's lock, and drop the databases of runs whose lock nobody holds any more."""
    runs.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(runs / run, "a") as ours:
        with open(runs / "sweep.lock", "a") as sweep:
            fcntl.flock(sweep, fcntl.LOCK_EX)
            fcntl.flock(ours, fcntl.LOCK_SH)
            with psycopg.connect(server.dsn(), autocommit=True) as connection:
                found = connection.execute(
                    "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PREFIX]
                ).fetchall()
                for (name,) in found:
                    owner = str(name).removeprefix(PREFIX).split("_")[0]
                    if owner != run and not _lives(runs / owner):
                        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
            for path in runs.iterdir():
                if path.name not in {run, "sweep.lock"} and not _lives(path):
                    path.unlink(missing_ok=True)
        yield


def _lives(path: Path) -> bool:
    """Return whether a run still holds its lock."""
    try:
        with open(path) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False

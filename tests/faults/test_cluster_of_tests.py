"""The suite's cluster is shared by runs at once, stops with the last one, and forgets runs that crashed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

from tests.faults.processes import environment, of_home, wait_until_nobody_is_left
from zhike.core.postgres import BundledPostgres

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]
RUN = """
import sys, django, psycopg
django.setup()
from tests.cluster import start_test_cluster
with start_test_cluster() as database:
    with psycopg.connect(host=database["HOST"], user="postgres", dbname="postgres", autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{database["TEST"]["NAME"]}"')
        names = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test%'").fetchall()
    print(sorted(name for (name,) in names), flush=True)
    sys.stdin.read()
"""


def start(home: Path, run: str, worker: str) -> subprocess.Popen[str]:
    settings = {"DJANGO_SETTINGS_MODULE": "zhike.config.settings.test", "PYTHONPATH": f"{ROOT}/src:{ROOT}"}
    who = {"PYTEST_XDIST_TESTRUNUID": run, "PYTEST_XDIST_WORKER": worker}
    return subprocess.Popen(
        [sys.executable, "-c", RUN],
        env=environment(home, **settings, **who),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def databases(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def test_runs_at_once_keep_apart_and_a_crashed_one_is_forgotten(home: Path) -> None:
    first = start(home, "aaa", "gw0")
    assert databases(first) == "['test_zhike_aaa_gw0']"
    second = start(home, "aaa", "gw1")
    assert databases(second) == "['test_zhike_aaa_gw0', 'test_zhike_aaa_gw1']"
    other = start(home, "bbb", "gw0")
    assert databases(other) == "['test_zhike_aaa_gw0', 'test_zhike_aaa_gw1', 'test_zhike_bbb_gw0']"
    for crashed in (first, second):
        crashed.kill()
        crashed.communicate()
    third = start(home, "ccc", "alone")
    assert databases(third) == "['test_zhike_bbb_gw0', 'test_zhike_ccc_alone']"
    for process in (other, third):
        process.communicate("")
        assert process.returncode == 0
    assert of_home(home) == []


def test_a_crash_of_all_workers_leaves_no_server(home: Path) -> None:
    run = start(home, "aaa", "gw0")
    databases(run)
    run.kill()
    run.communicate()
    wait_until_nobody_is_left(home)
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(BundledPostgres(home).dsn())

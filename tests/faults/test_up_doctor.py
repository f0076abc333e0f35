"""`zhike doctor` says what is wrong with an installation, and is content with one that runs."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.processes import environment, of_home, wait_until
from tests.faults.running import Up

pytestmark = pytest.mark.faults


def doctor(home: Path, **more: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "zhike.cli", "doctor"],
        env=environment(home, **more),
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_running_installation_is_healthy_and_a_stopped_one_is_only_stopped(home: Path, up: Callable[..., Up]) -> None:
    code, said = doctor(home)
    assert code == 1
    assert "✓ 数据库 / database: PostgreSQL 18" in said
    assert "run zhike up" in said
    running = up().wait_until_ready()
    wait_until(lambda: doctor(home)[0] == 0, "a worker's first heartbeat")
    assert "heartbeat" in doctor(home)[1]
    running.stop()
    code, said = doctor(home)
    assert (code, "✗" in said) == (0, False)
    assert "未启动" in said or "heartbeat" in said
    assert of_home(home) == []


def test_a_home_that_cannot_be_written_is_found(home: Path) -> None:
    home.parent.mkdir(exist_ok=True)
    home.write_text("a file stands where the folder should be")
    code, said = doctor(home)
    assert code == 1
    assert "✗ 数据目录可写 / data folder writable" in said
    assert "Traceback" not in said


@pytest.mark.parametrize("url", ["mysql://somewhere/else", "postgresql://nobody@127.0.0.1:9/none"])
def test_a_server_of_ones_own_that_cannot_be_reached_is_found(home: Path, url: str) -> None:
    code, said = doctor(home, DATABASE_URL=url)
    assert code == 1
    assert "✗" in said
    assert "Traceback" not in said
    assert of_home(home) == []

"""`zhike up` starts everything, stops everything, and leaves nothing behind when it is killed."""

from __future__ import annotations

import json
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
import pytest

from tests.faults.processes import (
    PATIENCE,
    ROUNDS,
    environment,
    of_home,
    postmaster,
    wait_until,
    wait_until_nobody_is_left,
)
from tests.faults.running import UP, Up, free_port
from zhike.config.tree import ProcessTree
from zhike.core.postgres import BundledPostgres

pytestmark = pytest.mark.faults


def test_ctrl_c_stops_everything_and_the_next_start_finds_the_data(home: Path, up: Callable[..., Up]) -> None:
    first = up().wait_until_ready()
    with psycopg.connect(BundledPostgres(home).dsn("zhike")) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")
    first.stop()
    assert first.process.returncode == 0, first.words()
    assert "Traceback" not in first.words()
    assert of_home(home) == []
    second = up(port=first.port).wait_until_ready()
    with psycopg.connect(BundledPostgres(home).dsn("zhike")) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    second.stop(signal.SIGTERM)
    assert of_home(home) == []


def test_a_kill_leaves_no_process_behind_and_the_next_start_works(home: Path, up: Callable[..., Up]) -> None:
    port = free_port()
    for _ in range(ROUNDS):  # each at once, while the children of the one that was killed are still ending
        up(port=port).wait_until_ready().process.kill()
    wait_until_nobody_is_left(home)
    up(port=port).wait_until_ready().stop()
    assert of_home(home) == []


@pytest.mark.parametrize("chance", range(ROUNDS))
def test_a_start_killed_at_any_instant_leaves_no_process_behind(home: Path, up: Callable[..., Up], chance: int) -> None:
    running = up()
    time.sleep(random.Random(chance).uniform(0.2, 6))
    running.process.kill()
    wait_until_nobody_is_left(home)
    up().wait_until_ready().stop()
    assert of_home(home) == []


def test_whatever_is_killed_below_comes_back(home: Path, up: Callable[..., Up]) -> None:
    running = up().wait_until_ready()
    for name in ("worker", "web"):
        before = running.child(name)
        before.kill()
        wait_until(lambda before=before: not before.is_running(), "its end")  # type: ignore[misc]
        wait_until(lambda name=name: has(running, name), f"another {name}")  # type: ignore[misc]
        wait_until(running.answers, "pages")
    for worker in running.child("web").children():
        worker.kill()
        wait_until(running.answers, "pages")
    postmaster(home).kill()
    wait_until(lambda: "the database had stopped" in running.words(), "the database's return")
    wait_until(running.answers, "pages")
    assert running.process.poll() is None
    running.stop()
    assert of_home(home) == []


def has(running: Up, name: str) -> bool:
    try:
        return running.child(name).is_running()
    except (StopIteration, psutil.Error):
        return False


def test_a_killed_make_takes_what_it_started_with_it(home: Path, tmp_path: Path) -> None:
    command = " ".join([*UP, "--port", str(free_port()), "--stop-with-parent"])
    (tmp_path / "Makefile").write_text(f"run:\n\t@exec {command}\n")
    with (tmp_path / "said").open("w") as said:
        make = subprocess.Popen(["make", "run"], cwd=tmp_path, env=environment(home), stdout=said, stderr=said)
    wait_until(lambda: "Ctrl-C" in (tmp_path / "said").read_text(), "ready")
    make.kill()
    make.wait()
    wait_until_nobody_is_left(home)


def test_two_starts_on_two_ports_share_one_database(home: Path, up: Callable[..., Up]) -> None:
    both = [up(), up()]
    for one in both:
        one.wait_until_ready()
    assert len(json.loads((home / "log" / "children.json").read_text())) == 2
    both[0].stop()
    assert both[1].answers()
    both[1].stop()
    assert of_home(home) == []


def test_a_port_in_use_is_answered_in_words(home: Path, up: Callable[..., Up]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        refused = up(port=int(other.getsockname()[1]))
        assert refused.process.wait(PATIENCE) == 1
    assert "无法使用" in refused.words()
    assert "--port" in refused.words()
    assert "Traceback" not in refused.words()
    assert of_home(home) == []


def test_other_machines_are_refused_outside_production(up: Callable[..., Up]) -> None:
    refused = up("--host", "0.0.0.0")
    assert refused.process.wait(PATIENCE) == 2
    assert "ZHIKE_ENV=production" in refused.words()


def test_a_server_of_ones_own_is_used_and_none_is_started(home: Path, tmp_path: Path, up: Callable[..., Up]) -> None:
    from tests.faults.processes import installation

    with installation(tmp_path / "theirs") as theirs, BundledPostgres(theirs) as server:
        server.ensure_database("b2b")
        folder = str(server.sockets).replace("/", "%2F")
        running = up(DATABASE_URL=f"postgresql://postgres@{folder}/b2b").wait_until_ready()
        assert not [process for process in of_home(home) if process.name() == "postgres"]
        with psycopg.connect(server.dsn("b2b")) as connection:
            assert connection.execute("SELECT count(*) > 0 FROM django_migrations").fetchone() == (True,)
        running.stop()
        assert server.status().answer.value == "up"


def test_survivors_are_ended_and_strangers_are_not(home: Path) -> None:
    sleepers = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"]) for _ in range(2)]
    survivor, stranger = (psutil.Process(sleeper.pid) for sleeper in sleepers)
    tree = ProcessTree(home)
    tree.record.write_text(
        json.dumps(
            [
                {
                    "main": [2**22 + 1, 0.0],
                    "children": [[survivor.pid, survivor.create_time()], [stranger.pid, stranger.create_time() - 60]],
                }
            ]
        )
    )
    try:
        tree.end_survivors()
        assert sleepers[0].wait(PATIENCE) is not None
        assert stranger.is_running()
    finally:
        for sleeper in sleepers:
            sleeper.kill()
            sleeper.wait()


def test_the_help_is_there_without_loading_django(home: Path) -> None:
    code = (
        "import sys, zhike.cli.main; from typer.testing import CliRunner; "
        "print(CliRunner().invoke(zhike.cli.main.app, ['--help']).output); "
        "print('loaded:', [name for name in ('django', 'duckdb', 'pyarrow', 'psycopg') if name in sys.modules])"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, text=True, check=True
    ).stdout
    assert {"up", "import", "schema", "demo", "doctor"} <= set(re.findall(r"[a-z]+", said))
    assert "'django'" not in said
    assert not home.exists()

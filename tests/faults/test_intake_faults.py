"""Whoever takes requests in, or the database under it, is killed at random: all that was accepted is there, whole."""

from __future__ import annotations

import contextlib
import hashlib
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.processes import PATIENCE, ROUNDS, Holder, environment, postmaster, wait_until

pytestmark = pytest.mark.faults
ROOT = Path(__file__).parents[2]


class Server:
    """The bundled server of a home, held by a process of ours; started again after it was killed."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.holders: list[Holder] = []
        self.start()

    def start(self) -> None:
        self.holders.append(Holder(self.home))
        self.dsn = self.holders[-1].wait_until_up().replace("dbname=postgres", "dbname=zhike")

    def kill(self) -> None:
        """Kill the postmaster as the kernel would, and start the server again."""
        postmaster(self.home).kill()
        self.start()

    def leave(self) -> None:
        for holder in self.holders:
            with contextlib.suppress(Exception):
                holder.leave()


@pytest.fixture
def server(home: Path) -> Iterator[Server]:
    made = Server(home)
    done = subprocess.run(
        [sys.executable, "-m", "zhike.cli", "manage", "migrate", "--verbosity", "0"], env=environment(home),
        cwd=home.parent, capture_output=True, text=True, timeout=PATIENCE * 2, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    yield made
    made.leave()


def taking(home: Path, run: str, told: Path) -> subprocess.Popen[bytes]:
    """Start a process that takes requests in."""
    with (home.parent / f"said-{run}").open("wb") as said:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.faults.taking", run, str(told)],
            env=environment(home, PYTHONPATH=str(ROOT), ZHIKE_ENV="dev"), cwd=home.parent,
            stdout=subprocess.DEVNULL, stderr=said,
        )  # fmt: skip


def lines(told: Path) -> list[list[str]]:
    if not told.exists():
        return []
    return [line.split("\t") for line in told.read_text(encoding="utf-8").splitlines()]


def all_is_there(home: Path, dsn: str, told: Path) -> int:
    """Assert that what was told stands in the tables, whole; return how many requests there are."""
    with psycopg.connect(dsn, autocommit=True) as connection:

        def rows(question: str) -> list[tuple[Any, ...]]:
            return connection.execute(question).fetchall()

        requests = {external: (pk, number) for pk, number, external in rows(
            "SELECT id, number, external_id FROM service_request"
        )}  # fmt: skip
        assert len({number for _, number in requests.values()}) == len(requests)
        logged: dict[int, list[str]] = {}
        for pk, sequence, kind in rows(
            "SELECT request_id, sequence, kind FROM service_requestevent ORDER BY request_id, sequence"
        ):
            logged.setdefault(pk, []).append(kind)
            assert sequence == len(logged[pk])
        assert set(logged) == {pk for pk, _ in requests.values()}, "no request without its log, no log without one"
        for kind, external, number in lines(told):
            pk, stored = requests[external]
            assert stored == number
            assert kind in logged[pk]
        assert not rows(
            "SELECT number FROM service_request r WHERE version <> (SELECT max(sequence) FROM service_requestevent e"
            " WHERE e.request_id = r.id) OR NOT EXISTS (SELECT FROM service_leg l WHERE l.request_id = r.id)"
            " OR NOT EXISTS (SELECT FROM service_participation p WHERE p.request_id = r.id)"
        )
        files = rows("SELECT sha256, external_id FROM service_attachment a JOIN service_request r ON r.id = request_id")
        assert {external for _, external in files} == {one for one in requests if int(one.split("-")[1]) % 3 == 0}
        for sha256, external in files:
            content = (home / "attachments" / sha256[:2] / sha256).read_bytes()
            assert content.decode() == external
            assert hashlib.sha256(content).hexdigest() == sha256
    return len(requests)


def test_the_process_that_takes_in_is_killed(home: Path, server: Server, tmp_path: Path) -> None:
    dice, told = random.Random(11), tmp_path / "told"
    for number in range(ROUNDS):
        before = len(lines(told))
        process = taking(home, f"{number}", told)
        wait_until(lambda before=before: len(lines(told)) > before + 3, "requests are taken in")  # type: ignore[misc]
        time.sleep(dice.uniform(0, 0.5))
        assert process.poll() is None, (home.parent / f"said-{number}").read_text()
        process.kill()
        process.wait()
        assert all_is_there(home, server.dsn, told) >= 2


def test_the_database_is_killed_under_it(home: Path, server: Server, tmp_path: Path) -> None:
    dice, told = random.Random(13), tmp_path / "told"
    process = taking(home, "7", told)
    try:
        for _ in range(ROUNDS):
            before = len(lines(told))
            wait_until(lambda before=before: len(lines(told)) > before + 3, "requests are taken in")  # type: ignore[misc]
            time.sleep(dice.uniform(0, 0.5))
            server.kill()
            assert process.poll() is None, (home.parent / "said-7").read_text()
        before = len(lines(told))
        wait_until(lambda: len(lines(told)) > before + 3, "it goes on")
    finally:
        process.kill()
        process.wait()
    found = all_is_there(home, server.dsn, told)
    given = [line for line in lines(told) if line[0] == "taken"]
    assert [external for _, external, _ in given] == [f"7-{n}" for n in range(1, len(given) + 1)]
    assert found - len(given) in {0, 1}, "a message delivered again became one request"

"""Imports killed at random instants, run twice, run at once, or out of room: nothing half-loaded, a rerun completes."""

from __future__ import annotations

import json
import os
import random
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pyarrow.parquet as pq
import pytest

from tests.faults.processes import PATIENCE, ROUNDS, Holder, environment, wait_until

pytestmark = pytest.mark.faults
ROWS = 20_000
MONTHS = (202607, 202608, 202609)


@pytest.fixture
def database(home: Path) -> Iterator[psycopg.Connection[Any]]:
    """Hold the server of the home, its tables made, one region known."""
    holder = Holder(home)
    dsn = holder.wait_until_up()
    code, words = said(zhike(home, "manage", "migrate", "--verbosity", "0"))
    assert code == 0, words
    with psycopg.connect(dsn.replace("dbname=postgres", "dbname=zhike"), autocommit=True) as connection:
        yield connection
    holder.leave()


def zhike(home: Path, *words: str, limit: int | None = None) -> subprocess.Popen[str]:
    """Start a command of the installation; `limit` is the largest file it may write, as a disk with no room left."""

    def out_of_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit or 0, limit or 0))

    return subprocess.Popen(
        [sys.executable, "-m", "zhike.cli", *words], env=environment(home), cwd=home.parent, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=out_of_room if limit else None,
    )  # fmt: skip


def said(process: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a command; return its exit code and what it said."""
    words = process.communicate(timeout=PATIENCE * 2)[0]
    return process.returncode, words


@pytest.fixture
def accounts(tmp_path: Path) -> Path:
    path = tmp_path / "accounts.csv"
    lines = (f"G{number:06d},公司{number},370203,教育\n" for number in range(ROWS))
    path.write_text("account_code,name,region_code,industry\n" + "".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def bills(tmp_path: Path) -> Path:
    path = tmp_path / "bills.csv"
    lines = (
        f"G{number:06d},{month},B{month}-{number},1,专线,{number + 1}.00\n"
        for number in range(ROWS)
        for month in MONTHS
    )
    path.write_text("account_code,period,bill_code,line,item,amount\n" + "".join(lines), encoding="utf-8")
    return path


def count(database: psycopg.Connection[Any], table: str = "customers_account") -> int:
    row = database.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert row is not None
    return int(row[0])


def months_in_lake(home: Path) -> dict[int, int]:
    """Return the rows that really stand in each month's file."""
    manifest = home / "lake" / "bills" / "manifest.json"
    if not manifest.exists():
        return {}
    parts = json.loads(manifest.read_text(encoding="utf-8"))["partitions"]
    return {one["period"]: pq.ParquetFile(manifest.parent / one["file"]).metadata.num_rows for one in parts}


class Killer:
    """Kills commands at random instants of their work; `whole` is how long one takes, in seconds."""

    def __init__(self, seed: int, whole: float) -> None:
        self.dice, self.whole, self.killed = random.Random(seed), whole, 0

    def kill(self, process: subprocess.Popen[str]) -> None:
        """Kill at a random instant; whoever was done before it shows that the instants lay too late."""
        time.sleep(self.dice.uniform(0.2, 0.95) * self.whole)
        if process.poll() is None:
            self.killed += 1
        else:
            self.whole *= 0.7
        process.kill()
        process.communicate()


def timed(begin: Callable[[], subprocess.Popen[str]]) -> float:
    began = time.monotonic()
    code, words = said(begin())
    assert code == 0, words
    return time.monotonic() - began


def test_accounts_killed_at_any_instant_load_whole_or_not_at_all(
    home: Path, database: psycopg.Connection[Any], accounts: Path
) -> None:
    killer = Killer(7, timed(lambda: zhike(home, "import", "accounts", str(accounts))))
    database.execute("TRUNCATE customers_account CASCADE")
    while killer.killed < ROUNDS:
        killer.kill(zhike(home, "import", "accounts", str(accounts)))
        assert count(database) in {0, ROWS}
        code, words = said(zhike(home, "import", "accounts", str(accounts)))
        assert code == 0, words
        assert count(database) == ROWS
        database.execute("TRUNCATE customers_account CASCADE")


def test_bills_killed_at_any_instant_leave_whole_months_and_a_rerun_doubles_nothing(
    home: Path, database: psycopg.Connection[Any], accounts: Path, bills: Path
) -> None:
    timed(lambda: zhike(home, "import", "accounts", str(accounts)))
    killer = Killer(8, timed(lambda: zhike(home, "import", "bills", str(bills))))
    lake = home / "lake" / "bills" / "manifest.json"
    while killer.killed < ROUNDS:
        lake.unlink()
        killer.kill(zhike(home, "import", "bills", str(bills)))
        assert months_in_lake(home) in ({}, dict.fromkeys(MONTHS, ROWS))
        code, words = said(zhike(home, "import", "bills", str(bills)))
        assert code == 0, words
        assert months_in_lake(home) == dict.fromkeys(MONTHS, ROWS)
    code, words = said(zhike(home, "import", "bills", str(bills)))
    assert "没有改变任何数据" in words


def test_two_imports_of_the_same_months_at_once_lose_and_double_nothing(
    home: Path, database: psycopg.Connection[Any], accounts: Path, bills: Path, tmp_path: Path
) -> None:
    timed(lambda: zhike(home, "import", "accounts", str(accounts)))
    head, *lines = bills.read_text(encoding="utf-8").splitlines(keepends=True)
    halves = [tmp_path / "first.csv", tmp_path / "second.csv"]
    for number, half in enumerate(halves):
        half.write_text(head + "".join(lines[number::2]), encoding="utf-8")
    both = [zhike(home, "import", "bills", str(half)) for half in halves]
    assert [said(one)[0] for one in both] == [0, 0]
    assert months_in_lake(home) == dict.fromkeys(MONTHS, ROWS)


def test_no_room_is_said_plainly_and_loads_nothing(
    home: Path, database: psycopg.Connection[Any], accounts: Path, bills: Path
) -> None:
    timed(lambda: zhike(home, "import", "accounts", str(accounts)))
    code, words = said(zhike(home, "import", "bills", str(bills), limit=120_000))
    assert code == 1
    assert "磁盘已满" in words
    assert months_in_lake(home) == {}
    assert said(zhike(home, "import", "bills", str(bills)))[0] == 0


def test_two_gigabytes_of_one_line_are_refused_in_bounded_memory(
    home: Path, database: psycopg.Connection[Any], tmp_path: Path
) -> None:
    head = b"account_code,name,region_code,industry\n"
    small, endless = tmp_path / "small.csv", tmp_path / "endless.csv"
    small.write_bytes(head + b"G1,x,370203,y\n")
    with endless.open("wb") as file:  # the rest of the line is a hole: as long to read, but no room on the disk
        file.write(head + b"G1," + b"x" * (4 << 20))
        file.truncate(2 << 30)
    peaks, words = {}, {}
    for path in (small, endless):
        process = zhike(home, "import", "accounts", str(path))
        assert process.stdout is not None
        with process.stdout:
            words[path] = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        peaks[path] = usage.ru_maxrss
    assert "第 2 行超过 1 MB" in words[endless], words[endless]
    assert peaks[endless] < peaks[small] + 64 * 1024, peaks  # kilobytes
    assert count(database) == 1


def test_a_killed_worker_s_import_is_taken_up_and_finished(
    home: Path, database: psycopg.Connection[Any], accounts: Path
) -> None:
    queue = (
        "from pathlib import Path; from zhike.core.actor import system_actor; from zhike.facts import actions, files;"
        f"given = [files.server_file(Path({str(accounts)!r}))];"
        "actions.start_import(system_actor('t'), table='accounts', files=given)"
    )
    dice = random.Random(9)

    def worker() -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "zhike.config.worker"], env=environment(home), cwd=home.parent,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def state() -> tuple[str, str, int]:
        row = database.execute(
            "SELECT r.state, i.phase, r.attempts FROM facts_import i JOIN core_run r ON r.id = i.run_id"
            " ORDER BY r.created_at DESC LIMIT 1"
        ).fetchone()
        assert row is not None
        return row

    for _ in range(ROUNDS):
        assert said(zhike(home, "manage", "shell", "-c", queue))[0] == 0
        first = worker()
        try:
            wait_until(lambda: state()[0] != "queued", "the check begins")
            time.sleep(dice.uniform(0, 0.2))
        finally:
            first.kill()
            first.wait()
        _, phase, attempts = state()
        second = worker()
        try:
            wait_until(lambda: state()[1] == "checked", "another worker finishes the check")
            assert state()[2] == (attempts + 1 if phase == "checking" else attempts)
            assert count(database) == 0
        finally:
            second.kill()
            second.wait()

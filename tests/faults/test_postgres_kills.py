"""The bundled server survives kills at any instant, and nothing of it outlives its users."""

from __future__ import annotations

import random
import signal
import threading
from pathlib import Path

import psycopg
import pytest

from tests.faults.processes import (
    ROUNDS,
    Holder,
    guard_of,
    installation,
    of_home,
    postmaster,
    wait_until,
    wait_until_nobody_is_left,
)
from zhike.core.postgres import Answer, BundledPostgres
from zhike.core.postgres.places import state_root

pytestmark = pytest.mark.faults
rounds = pytest.mark.parametrize("chance", range(ROUNDS))


def write(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (number int)")
        connection.execute("INSERT INTO kept SELECT count(*) + 1 FROM kept")


def kept(dsn: str) -> int:
    with psycopg.connect(dsn) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


@rounds
def test_five_starts_at_once_share_one_server(home: Path, chance: int) -> None:
    holders = [Holder(home) for _ in range(5)]
    addresses = {holder.wait_until_up() for holder in holders}
    assert len(addresses) == 1
    write(addresses.pop())
    for holder in holders:
        assert "Traceback" not in holder.leave()
    wait_until_nobody_is_left(home)


def test_the_last_one_out_stops_the_server_and_the_guard(home: Path) -> None:
    with BundledPostgres(home) as first:
        with BundledPostgres(home) as second:
            write(second.dsn())
        assert kept(first.dsn()) == 1
    assert of_home(home) == []
    assert first.answer() is Answer.SILENT


@rounds
def test_a_killed_holder_leaves_nothing_behind_and_loses_nothing(home: Path, chance: int) -> None:
    for number in (1, 2):
        holder = Holder(home)
        write(dsn := holder.wait_until_up())
        assert kept(dsn) == number
        holder.kill()
        wait_until_nobody_is_left(home)


def test_a_killed_holder_takes_nothing_from_the_others(home: Path) -> None:
    with BundledPostgres(home) as server:
        for _ in range(2):
            holder = Holder(home)
            holder.wait_until_up()
            holder.kill()
        before = postmaster(home)
        write(server.dsn())
        guard_of(home)
        assert postmaster(home) == before


@rounds
def test_a_killed_server_is_started_again_with_what_was_committed(home: Path, chance: int) -> None:
    with BundledPostgres(home) as server:
        for number in range(1, 4):
            write(server.dsn())
            postmaster(home).kill()
            assert server.revive()
            assert kept(server.dsn()) == number
        assert not server.revive()


def test_a_killed_server_whose_backend_is_busy_is_started_again(home: Path) -> None:
    with BundledPostgres(home) as server:
        busy = psycopg.connect(server.dsn(), autocommit=True)

        def work() -> None:
            with pytest.raises(psycopg.OperationalError):
                busy.execute("DO $$ BEGIN LOOP END LOOP; END $$")

        endless = threading.Thread(target=work)
        endless.start()
        wait_until(lambda: any(process.cpu_percent(0.1) > 10 for process in of_home(home)), "a busy backend")
        postmaster(home).kill()
        assert server.revive()
        write(server.dsn())
        endless.join()
        busy.close()


def test_a_server_whose_guard_and_holder_were_killed_is_adopted(home: Path) -> None:
    holder = Holder(home)
    write(holder.wait_until_up())
    orphan, guard = postmaster(home), guard_of(home)
    guard.kill()
    holder.kill()
    with BundledPostgres(home) as server:
        assert postmaster(home) == orphan
        assert guard_of(home) != guard
        assert kept(server.dsn()) == 1
    assert of_home(home) == []


@rounds
def test_a_start_killed_at_any_instant_can_be_run_again(home: Path, chance: int) -> None:
    moment = random.Random(chance)
    for _ in range(3):
        holder = Holder(home)
        threading.Event().wait(moment.uniform(0.1, 1.5))
        holder.kill()
    with BundledPostgres(home) as server:
        write(server.dsn())
    wait_until_nobody_is_left(home)  # making a cluster goes on to its end when its starter is killed
    with BundledPostgres(home) as server:
        assert kept(server.dsn()) == 1
    assert not list(state_root(home).glob("data.new-*"))


def test_an_exit_asked_for_by_signal_stops_the_server(home: Path) -> None:
    holder = Holder(home)
    holder.wait_until_up()
    holder.process.send_signal(signal.SIGINT)
    holder.leave()
    wait_until_nobody_is_left(home)


def test_a_pid_file_whose_number_belongs_to_a_stranger_does_not_stop_a_start(home: Path) -> None:
    with BundledPostgres(home) as server:
        write(server.dsn())
    file = state_root(home) / "data" / "postmaster.pid"
    with installation(home.with_name("other")) as other:
        stranger = Holder(other)  # a living process of ours that is no server
        stranger.wait_until_up()
        file.write_text(f"{stranger.process.pid}\n{file.parent}\n1700000000\n5432\n\n\n")
        with BundledPostgres(home) as server:
            assert kept(server.dsn()) == 1
        stranger.leave()


def test_a_server_without_a_free_seat_counts_as_running(home: Path) -> None:
    with BundledPostgres(home, settings={"max_connections": "5", "superuser_reserved_connections": "1"}) as server:
        seats = [psycopg.connect(server.dsn()) for _ in range(5)]
        with pytest.raises(psycopg.OperationalError, match="too many clients"):
            psycopg.connect(server.dsn())
        with BundledPostgres(home) as second:
            assert second.answer() is Answer.UP
        for seat in seats:
            seat.close()

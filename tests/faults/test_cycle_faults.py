"""Cycles killed at random instants, at once, out of room: the last whole results stay, the next run completes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.processes import ROUNDS
from tests.faults.test_import_faults import ROWS, Killer, accounts, bills, database, said, timed, zhike

__all__ = ["accounts", "bills", "database"]
pytestmark = pytest.mark.faults
MONTH = "202608"


def shown(database: psycopg.Connection[Any]) -> tuple[int, int, int, int]:
    """Return what pages read: the cycle, its rows of scores, summaries that carry them, accounts with a tier."""
    row = database.execute(
        "SELECT coalesce(max(c.id), 0),"
        " (SELECT count(*) FROM insights_accountscore WHERE cycle_id = max(c.id)),"
        " (SELECT count(*) FROM insights_accountsummary s JOIN insights_publication p ON p.id = s.publication_id"
        "  WHERE p.state = 'current' AND p.cycle_id = max(c.id)),"
        " (SELECT count(*) FROM customers_account WHERE tier <> '')"
        " FROM insights_cycle c WHERE c.state = 'current'"
    ).fetchone()
    assert row is not None
    return int(row[0]), int(row[1]), int(row[2]), int(row[3])


def leftovers(database: psycopg.Connection[Any], home: Path) -> set[str]:
    """Return tables and folders of cycles that have no result."""
    whole = {
        str(row[0])
        for row in database.execute("SELECT id FROM insights_cycle WHERE state IN ('current', 'old')").fetchall()
    }
    tables = database.execute(
        "SELECT tablename FROM pg_tables WHERE tablename ~ '^insights_(accountscore|alert)_p'"
    ).fetchall()
    folders = {path.name for path in (home / "cycles").iterdir()}
    return {row[0] for row in tables if row[0].rpartition("_p")[2] not in whole} | (folders - whole)


def test_killed_cycle_leaves_the_last_results_and_the_next_one_completes(
    home: Path, database: psycopg.Connection[Any], accounts: Path, bills: Path
) -> None:
    timed(lambda: zhike(home, "import", "accounts", str(accounts)))
    timed(lambda: zhike(home, "import", "bills", str(bills)))
    timed(lambda: zhike(home, "cycle", "--month", MONTH))
    assert shown(database)[1:] == (ROWS, ROWS, ROWS)
    killer = Killer(7, timed(lambda: zhike(home, "cycle")))
    while killer.killed < ROUNDS:
        before = shown(database)
        killer.kill(zhike(home, "cycle"))
        after = shown(database)
        assert after[1:] == (ROWS, ROWS, ROWS), "whole, the last one or the next"
        timed(lambda: zhike(home, "cycle"))
        assert shown(database)[0] > before[0]
        assert shown(database)[1:] == (ROWS, ROWS, ROWS)
        assert leftovers(database, home) == set()


def test_two_cycles_at_once_both_complete_one_after_the_other(
    home: Path, database: psycopg.Connection[Any], accounts: Path
) -> None:
    timed(lambda: zhike(home, "import", "accounts", str(accounts)))
    both = [zhike(home, "cycle"), zhike(home, "cycle")]
    assert [said(one)[0] for one in both] == [0, 0]
    states = database.execute("SELECT state FROM insights_cycle ORDER BY published_at").fetchall()
    assert [row[0] for row in states] == ["old", "current"]
    assert shown(database)[1:3] == (ROWS, ROWS)


def test_no_room_says_so_and_leaves_the_last_results(
    home: Path, database: psycopg.Connection[Any], accounts: Path
) -> None:
    timed(lambda: zhike(home, "import", "accounts", str(accounts)))
    timed(lambda: zhike(home, "cycle", "--month", MONTH))
    before = shown(database)
    code, words = said(zhike(home, "cycle", limit=200_000))
    assert code == 1, words
    assert "磁盘满了" in words
    assert "earlier results are untouched" in " ".join(words.split())
    assert shown(database) == before
    timed(lambda: zhike(home, "cycle"))
    assert shown(database)[0] > before[0]
    assert leftovers(database, home) == set()

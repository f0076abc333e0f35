"""Publishing killed at random instants: pages keep the last whole figures, the next build completes and clears up."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.faults.processes import ROUNDS
from tests.faults.test_import_faults import ROWS, Killer, accounts, bills, database, timed, zhike

__all__ = ["accounts", "bills", "database"]
pytestmark = pytest.mark.faults
PUBLISH = (
    "from datetime import date; from zhike.core.actor import system_actor; from zhike.insights.actions import publish;"
    "publish(system_actor('t'), today=date(2026, 10, 15))"
)


def publishing(home: Path) -> subprocess.Popen[str]:
    return zhike(home, "manage", "shell", "-c", PUBLISH)


def shown(database: psycopg.Connection[Any]) -> tuple[int, int, int]:
    """Return what pages read: the publication, its accounts, and what they were billed in all, in fen."""
    row = database.execute(
        "SELECT p.id, count(s.account_id), coalesce(sum(s.billed_fen), 0) FROM insights_publication p"
        " LEFT JOIN insights_accountsummary s ON s.publication_id = p.id WHERE p.state = 'current' GROUP BY p.id"
    ).fetchone()
    return (int(row[0]), int(row[1]), int(row[2])) if row else (0, 0, 0)


def leftovers(database: psycopg.Connection[Any]) -> set[str]:
    """Return the tables of publications that no longer count."""
    rows = database.execute(
        "SELECT tablename FROM pg_tables WHERE tablename ~ '^insights_account(summary|series)_p' AND split_part("
        "tablename, '_p', 2)::bigint NOT IN (SELECT id FROM insights_publication WHERE state IN ('current', 'old'))"
    ).fetchall()
    return {row[0] for row in rows}


def test_killed_build_leaves_the_last_figures_and_the_next_one_completes(
    home: Path, database: psycopg.Connection[Any], accounts: Path, bills: Path
) -> None:
    timed(lambda: zhike(home, "import", "accounts", str(accounts)))
    timed(lambda: zhike(home, "import", "bills", str(bills)))
    killer = Killer(9, timed(lambda: publishing(home)))
    billed = sum(range(1, ROWS + 1)) * 100
    assert shown(database)[1:] == (ROWS, billed)
    while killer.killed < ROUNDS:
        before = shown(database)
        killer.kill(publishing(home))
        after = shown(database)
        assert after[1:] == (ROWS, billed), "whole, the last one or the next"
        timed(lambda: publishing(home))
        assert shown(database)[0] > before[0]
        assert shown(database)[1:] == (ROWS, billed)
        assert leftovers(database) == set()

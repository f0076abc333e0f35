"""The cycle as a whole: the same to the bit, with any table missing, beside another, and stopped at any instant."""

from __future__ import annotations

import errno
import hashlib
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.engines import frames
from zhike_analytics.features import CycleInputs, inputs
from zhike_analytics.features.inputs import InputError
from zhike_analytics.features.tests.example import TODAY, Tables, account, ago, billed, write
from zhike_analytics.scoring import CycleResult, run_cycle
from zhike_analytics.scoring.cycle import FILES, CycleError
from zhike_analytics.scoring.tests.conftest import OPERATOR
from zhike_analytics.scoring.tests.example import cycle, rows_of

SCORES = ("value", "loyalty", "lock_in")
TABLES: Tables = {"accounts": [account("A"), account("B")], "bills": billed("A", *[500.0] * 13)}


def digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        whole.update(path.name.encode() + path.read_bytes())
    return whole.hexdigest()


def without(operator: Path, target: Path, *tables: str) -> CycleInputs:
    """Return the operator's tables but some."""
    target.mkdir()
    for path in operator.iterdir():
        if path.name.partition(".")[0] not in tables:
            (target / path.name).symlink_to(path)
    return CycleInputs.from_folder(target)


def confidence(result: CycleResult, name: str) -> float:
    return float(np.mean(pq.read_table(result.path("scores"))[f"{name}_confidence"].to_numpy()))


def test_the_same_input_gives_the_same_bytes(operator: Path, result: CycleResult, tmp_path: Path) -> None:
    again = run_cycle(CycleInputs.from_folder(operator), default_policies(), OPERATOR.today, tmp_path / "again")
    assert digest(again.folder) == digest(result.folder)


def test_the_size_of_a_piece_and_the_order_of_rows_change_nothing(
    operator: Path, result: CycleResult, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shuffled = tmp_path / "tables"
    shuffled.mkdir()
    for path in operator.glob("*.parquet"):
        rows = pq.read_table(path)
        order = np.random.default_rng(5).permutation(rows.num_rows)
        pq.write_table(rows.take(order), shuffled / path.name)
    monkeypatch.setattr("zhike_analytics.features.build.ACCOUNTS_AT_ONCE", 700)
    again = run_cycle(CycleInputs.from_folder(shuffled), default_policies(), OPERATOR.today, tmp_path / "again")
    for name in FILES:
        assert pq.read_table(again.path(name)).equals(pq.read_table(result.path(name))), name


def test_every_account_has_one_row_in_the_order_of_codes(result: CycleResult) -> None:
    for name in ("features", "scores", "tiers"):
        found = pq.read_table(result.path(name))["account_code"].to_pylist()
        assert len(found) == OPERATOR.accounts
        assert found == sorted(set(found))


def test_a_result_cites_the_versions_of_facts_rules_and_code(result: CycleResult) -> None:
    about = CycleResult.open(result.folder).about
    assert about["policies"] == default_policies().fingerprints
    assert len(about["code"]["fingerprint"]) == 64
    assert set(about["versions"]) >= {"bills", "costs", "payments", "usage_month", "accounts", "contracts"}
    assert about["weights"]["consistency_ratio"] < 0.1
    assert about["files"]["scores"] == hashlib.sha256(result.path("scores").read_bytes()).hexdigest()
    assert about["last_period"] == OPERATOR.last_period


LACKS: dict[str, tuple[str, ...]] = {
    "bills": ("value",), "costs": ("value",), "payments": ("value",), "associations": ("value",),
    "supply_links": ("value",), "subscriptions": ("loyalty", "lock_in"), "contracts": ("loyalty",),
    "contacts": ("loyalty",), "member_lines": ("loyalty",), "competitor_holdings": ("loyalty", "lock_in"),
    "usage_month": (), "complaints": (), "visits": (), "orders": (), "products": (),
}  # fmt: skip


@pytest.mark.parametrize("table", LACKS)
def test_without_a_table_the_cycle_runs_and_says_what_it_could_not_know(
    operator: Path, result: CycleResult, tmp_path: Path, table: str
) -> None:
    found = run_cycle(
        without(operator, tmp_path / "tables", table), default_policies(), OPERATOR.today, tmp_path / "result"
    )
    assert found.about["coverage"][table]["loaded"] is False
    for name in SCORES:
        if name in LACKS[table]:
            assert confidence(found, name) < confidence(result, name), name
        else:
            assert confidence(found, name) == confidence(result, name), name
    lacking = {rule for rule, told in found.about["rules"].items() if table in told}
    raised = set(pq.read_table(found.path("alerts"))["rule"].to_pylist())
    assert not lacking & raised


def test_with_nothing_but_the_archive_no_score_is_made_up(operator: Path, tmp_path: Path) -> None:
    facts = [name for name in LACKS if name != "products"]
    found = run_cycle(
        without(operator, tmp_path / "tables", *facts), default_policies(), OPERATOR.today, tmp_path / "result"
    )
    scores = pq.read_table(found.path("scores"))
    for name in ("loyalty", "lock_in", "contribution_rate_permille", "win_back_permille", "value_part_income"):
        assert scores[name].null_count == scores.num_rows, name
    assert scores["value"].null_count == 0  # what the archive tells of standing and ability
    assert max(scores["value_confidence"].to_pylist()) < 50
    assert pq.read_table(found.path("alerts")).num_rows == 0


def test_with_traffic_alone_accounts_are_valued_by_volume(tmp_path: Path) -> None:
    usage = [
        {"account_code": code, "period": 202610, "service": "voice_local", "seconds": seconds}
        for code, seconds in (("A", 60), ("B", 6_000), ("C", 600_000))
    ]
    accounts = [account(code) for code in "ABCD"]
    result = cycle(tmp_path, {"accounts": accounts, "usage_month": usage})
    scores = rows_of(result, "scores")
    assert scores["A"]["value"] < scores["B"]["value"] < scores["C"]["value"]
    assert scores["D"]["value"] is None  # without a single call nothing is known
    assert 0 < scores["C"]["value_confidence"] < 25
    tiers = rows_of(result, "tiers")
    assert tiers["C"]["tier"] == "A1"
    assert tiers["D"]["tier"] is None


def test_a_clock_moved_back_is_told_and_changes_nothing(tmp_path: Path) -> None:
    first = cycle(tmp_path, TABLES)
    before = digest(first.folder)
    with pytest.raises(CycleError, match="check the clock"):
        cycle(tmp_path, TABLES, name="second", as_of=TODAY - timedelta(days=40), previous=first)
    with pytest.raises(CycleError, match="check the clock"):
        cycle(tmp_path, TABLES, name="third", as_of=TODAY - timedelta(days=900))
    assert digest(first.folder) == before
    assert not (tmp_path / "second").exists()
    assert not (tmp_path / "third").exists()


def test_inputs_without_accounts_or_with_strange_tables_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="accounts"):
        CycleInputs.from_folder(write(tmp_path, {"bills": []}))
    known = CycleInputs.from_folder(write(tmp_path, TABLES))
    with pytest.raises(InputError, match="horoscopes"):
        inputs.CycleInputs({**known.facts, "horoscopes": known.facts["bills"]}, known.archive)


def test_a_result_is_never_written_over(tmp_path: Path) -> None:
    first = cycle(tmp_path, TABLES)
    before = digest(first.folder)
    with pytest.raises(CycleError, match="exists already"):
        cycle(tmp_path, TABLES)
    assert digest(first.folder) == before


def test_two_cycles_at_once_end_with_one_whole_result(tmp_path: Path) -> None:
    given = CycleInputs.from_folder(write(tmp_path / "tables", TABLES))
    told: list[str] = []

    def go() -> None:
        try:
            run_cycle(given, default_policies(), TODAY, tmp_path / "result")
            told.append("done")
        except CycleError as failure:
            told.append(str(failure))

    threads = [threading.Thread(target=go) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert told.count("done") == 1, told
    assert rows_of(CycleResult.open(tmp_path / "result"), "scores").keys() == {"A", "B"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["result", "tables"]


def test_a_folder_that_holds_no_whole_result_is_told(tmp_path: Path) -> None:
    with pytest.raises(CycleError, match="no whole result"):
        CycleResult.open(tmp_path)


@pytest.mark.parametrize("room", [0, 1, 2, 3])
def test_a_full_disk_is_told_and_leaves_the_last_result_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: int
) -> None:
    first = cycle(tmp_path, TABLES, as_of=ago(5))
    before, written = digest(first.folder), 0
    write_rows = frames.FrameWriter.write

    def no_room(self: frames.FrameWriter, table: Any) -> None:
        nonlocal written
        written += 1
        if written > room:
            raise OSError(errno.ENOSPC, "No space left on device")
        write_rows(self, table)

    monkeypatch.setattr(frames.FrameWriter, "write", no_room)
    with pytest.raises(CycleError, match="disk is full"):
        cycle(tmp_path, TABLES, name="second", previous=first)
    assert digest(first.folder) == before
    assert sorted(path.name for path in tmp_path.iterdir() if not path.name.endswith("-tables")) == ["result"]


KILLED_AT = """
import os, signal, sys
from datetime import date
from pathlib import Path
from zhike_analytics.contracts.policies_decisions import default_policies
from zhike_analytics.engines import frames
from zhike_analytics.features import CycleInputs
from zhike_analytics.scoring import CycleResult, cycle, run_cycle

folder, stage = Path(sys.argv[1]), sys.argv[2]

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def dying_after(function, calls):
    count = 0
    def wrapped(*args, **kwargs):
        nonlocal count
        count += 1
        if count > calls:
            die()
        return function(*args, **kwargs)
    return wrapped

stages = {
    "features": (frames.FrameWriter, "write", 0),
    "scores": (frames.FrameWriter, "write", 1),
    "alerts": (frames.FrameWriter, "write", 3),
    "ranks": (cycle, "_rank", 0),
    "about": (cycle, "_about", 0),
    "settling": (cycle, "_settle", 0),
    "moving": (Path, "rename", 0),
}
owner, name, calls = stages[stage]
setattr(owner, name, dying_after(getattr(owner, name), calls))
run_cycle(CycleInputs.from_folder(folder / "tables"), default_policies(), date(2026, 11, 2), folder / "next",
          previous=CycleResult.open(folder / "last"))
"""


@pytest.mark.faults
@pytest.mark.parametrize("stage", ["features", "scores", "alerts", "ranks", "about", "settling", "moving"])
def test_killed_at_any_stage_the_last_result_stays_and_a_new_run_completes(tmp_path: Path, stage: str) -> None:
    given = CycleInputs.from_folder(write(tmp_path / "tables", TABLES))
    last = run_cycle(given, default_policies(), ago(5), tmp_path / "last")
    before = digest(last.folder)
    died = subprocess.run([sys.executable, "-c", KILLED_AT, str(tmp_path), stage], capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert digest(last.folder) == before
    assert not (tmp_path / "next").exists()
    done = run_cycle(given, default_policies(), TODAY, tmp_path / "next", previous=last)
    untouched = run_cycle(given, default_policies(), TODAY, tmp_path / "other" / "next", previous=last)
    assert digest(done.folder) == digest(untouched.folder)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["last", "next", "other", "tables"]


@pytest.mark.faults
def test_killed_at_a_random_instant_there_is_no_half_result(operator: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from zhike_analytics.features import CycleInputs;"
        "from zhike_analytics.scoring import run_cycle;"
        "from zhike_analytics.contracts.policies_decisions import default_policies;"
        "from zhike_analytics.scoring.tests.conftest import OPERATOR;"
        "given = CycleInputs.from_folder(Path(sys.argv[1])); print('ready', flush=True);"
        "run_cycle(given, default_policies(), OPERATOR.today, Path(sys.argv[2]))"
    )
    for number, wait in enumerate((0.02, 0.1, 0.2, 0.3, 0.45)):
        target = tmp_path / f"result{number}"
        process = subprocess.Popen(
            [sys.executable, "-c", script, str(operator), str(target)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        time.sleep(wait)
        process.kill()
        process.wait()
        process.stdout.close()
        if target.exists():
            found = CycleResult.open(target)
            for name, expected in found.about["files"].items():
                assert hashlib.sha256(found.path(name).read_bytes()).hexdigest() == expected

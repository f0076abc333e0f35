"""Writes the results of a cycle as CSV that a database reads in bulk. Refuses to compute anything in them anew."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

from zhike_analytics.engines.duck import name, paths, rows, session, text

SCORES = ("value", "loyalty", "lock_in")
MEMORY_LIMIT = "1GB"


@dataclass(frozen=True)
class ResultFiles:
    """Files of one result, and who the accounts are: ``ids`` holds account_code, account_id, region_id and lead_id."""

    scores: Path
    tiers: Path
    alerts: Path
    ids: Path


def part_names(scores: Path) -> dict[str, list[str]]:
    """Return the names of the parts of each score, in the order in which they are written."""
    held = pq.read_schema(scores).names
    return {one: [c.removeprefix(f"{one}_part_") for c in held if c.startswith(f"{one}_part_")] for one in SCORES}


def write_score_rows(files: ResultFiles, target: Path, workdir: Path) -> tuple[list[str], int]:
    """Write one line per account of the result; return the names of the columns and how many lines.

    Parts of a score are one array ``{…}``; an account that `ids` does not hold is left out.
    """
    selected: dict[str, str] = {
        "account_id": "i.account_id", "region_id": "i.region_id", "lead_id": "i.lead_id", "customer": "s.customer",
    }  # fmt: skip
    for one, parts in part_names(files.scores).items():
        listed = ", ".join(f"coalesce(s.{name(f'{one}_part_{part}')}::VARCHAR, 'NULL')" for part in parts)
        selected |= {
            one: f"s.{one}",
            f"{one}_confidence": f"coalesce(s.{one}_confidence, 0)",
            f"{one}_parts": f"'{{' || concat_ws(',', {listed}) || '}}'",
            f"{one}_unknown": f"s.{one}_unknown",
            f"{one}_change": f"s.{one}_change",
            f"{one}_top_permille": f"s.{one}_top_permille",
        }
    for column in ("contribution_rate_permille", "attitude", "win_back_permille", "winnable_fen"):
        selected[column] = f"s.{column}"
    selected["quadrant"] = "coalesce(s.quadrant, '')"
    for column in (
        "tier", "by_score", "by_bill", "previous_tier", "moved", "moved_because", "service_level", "assurance_level",
    ):  # fmt: skip
        selected[column] = f"coalesce(t.{column}, '')"
    selected |= {"tier_reason": "t.reason", "bill_mean3_fen": "t.bill_mean3_fen"}
    query = (
        f"SELECT {', '.join(f'{expression} AS {column}' for column, expression in selected.items())}"
        f" FROM {_read(files.scores)} s JOIN {_read(files.tiers)} t USING (account_code)"
        f" JOIN {_read(files.ids)} i USING (account_code)"
    )
    return list(selected), _write(query, target, workdir)


def write_alert_rows(files: ResultFiles, target: Path, workdir: Path) -> tuple[list[str], int]:
    """Write one line per alert of the result; return the names of the columns and how many lines."""
    columns = ("rule", "level", "measure", "threshold", "unit", "stake_fen", "evidence", "since")
    query = (
        f"SELECT i.account_id, i.region_id, {', '.join(f'a.{column}' for column in columns)}"
        f" FROM {_read(files.alerts)} a JOIN {_read(files.ids)} i USING (account_code)"
    )
    return ["account_id", "region_id", *columns], _write(query, target, workdir)


def _read(file: Path) -> str:
    return f"read_parquet({paths([file])}, hive_partitioning = false)"


def _write(query: str, target: Path, workdir: Path) -> int:
    with session(workdir, memory_limit=MEMORY_LIMIT) as connection:
        return int(rows(connection, f"COPY ({query}) TO {text(str(target))} (FORMAT csv, HEADER false)")[0][0])

"""What a preview of drafted rules found, as far as its reader sees accounts. Refuses to score."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pyarrow.parquet as pq

from zhike.core.actor import Actor
from zhike.customers.models import Account
from zhike.insights.preview import preview_file
from zhike.insights.queries_scores import VIEW

SHOWN = 200
ROWS_AT_ONCE = 2_000
MOST_READ = 200  # times ROWS_AT_ONCE: how far one looks for accounts of a small region


@dataclass(frozen=True)
class Move:
    """One account that would move: the account, and what would become of it."""

    account: Account
    facts: dict[str, Any]


def moves_of(actor: Actor, run_id: UUID, *, limit: int = SHOWN) -> list[Move]:
    """Return the accounts in the actor's scope that would move, those with the largest bills first."""
    path = preview_file(run_id)
    if not actor.may(VIEW) or not path.exists():
        return []
    found: list[Move] = []
    with pq.ParquetFile(path) as file:
        for number, batch in enumerate(file.iter_batches(batch_size=ROWS_AT_ONCE)):
            rows = batch.to_pylist()
            codes = [row["account_code"] for row in rows]
            seen = Account.objects.for_actor(actor).select_related("region").filter(code__in=codes)
            accounts = {account.code: account for account in seen}
            found += [Move(accounts[row["account_code"]], row) for row in rows if row["account_code"] in accounts]
            if len(found) >= limit or number >= MOST_READ:
                break
    return found[:limit]

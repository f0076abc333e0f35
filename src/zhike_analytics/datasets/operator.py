"""Builds the demonstration operator: its twenty tables as typed Parquet, and the hidden truth beside them. Seeded.

Who the accounts are and what becomes of them is drawn for all at once (about 1 GB for a million accounts); the rows of
their tables are made in batches. Every number is a hash of what it is about, so neither the size of a batch nor the
order of work changes a value. Refuses to know what reads the files.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from zhike_analytics.datasets import (
    agreements,
    archive,
    charges,
    clusters,
    complaints,
    contacts,
    history,
    holdings,
    links,
    names,
    orders,
    payments,
    population,
    rivals,
    roster,
    staffing,
    truth,
    usage,
    visits,
)
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.spec import OperatorSpec

Report = Callable[[float, str], None]
ONE_FILE_ACCOUNTS = 50_000
LARGE_TABLES = ("bills", "costs", "payments", "usage_month")
"""Tables that grow with accounts and months: one file a month for operators of more than ``ONE_FILE_ACCOUNTS``."""


@dataclass(frozen=True)
class OperatorSummary:
    """What was built: rows per table."""

    rows: dict[str, int]


@dataclass(frozen=True)
class _Whole:
    """What is drawn for all accounts at once."""

    population: population.Population
    staffing: staffing.Staffing
    clusters: clusters.Clusters
    history: history.History
    names: names.Names


def build_operator(spec: OperatorSpec, target: Path, *, progress: Report | None = None) -> OperatorSummary:
    """Write every table of the operator into `target` and the truth into ``target/truth``.

    Parameters
    ----------
    progress
        Told the share done (0 to 1) and the stage in words.

    A table is ``<table>.parquet``; of large operators bills, costs, payments and usage are ``period=YYYYMM.parquet``
    in a folder of their name. Single calls and sessions (``usage_events``) are kept of a sample of accounts and the
    last days only, see :func:`zhike_analytics.datasets.usage.sampled`.

    >>> import tempfile
    >>> summary = build_operator(OperatorSpec(accounts=100), Path(tempfile.mkdtemp()))
    >>> summary.rows["accounts"], summary.rows["products"] > 50
    (100, True)
    """
    say = progress or (lambda share, stage: None)
    target.mkdir(parents=True, exist_ok=True)
    whole = _draw(spec, say)
    by_month = LARGE_TABLES if spec.accounts > ONE_FILE_ACCOUNTS else ()
    with Writers(target, by_month=by_month) as writers:
        roster.write_staff(spec, whole.staffing, writers)
        roster.write_products(writers)
        roster.write_resources(spec, writers)
        links.write_links(whole.population, whole.clusters, whole.names, writers)
        links.write_associations(whole.population, writers)
        truth.write_whole(whole.population, whole.names, writers)
        for first in range(0, spec.accounts, spec.batch):
            rows = np.arange(first, min(first + spec.batch, spec.accounts), dtype=np.int64)
            _write(whole, rows, writers)
            done = int(rows[-1]) + 1
            say(0.1 + 0.9 * done / spec.accounts, f"{done} / {spec.accounts}")
    return OperatorSummary(dict(writers.rows))


def _draw(spec: OperatorSpec, say: Report) -> _Whole:
    """Draw who the accounts are, who serves them, how they hang together and what becomes of them."""
    say(0.0, "accounts")
    everyone = population.build(spec)
    served = staffing.build(everyone)
    linked = clusters.build(everyone)
    say(0.03, "history")
    happened = history.simulate(everyone, served, linked)
    say(0.08, "names")
    return _Whole(everyone, served, linked, happened, names.build(everyone))


def _write(whole: _Whole, rows: np.ndarray[tuple[int], np.dtype[np.int64]], writers: Writers) -> None:
    """Write everything of `rows`."""
    held = holdings.build(whole.population, whole.history, rows)
    archive.write_accounts(held, whole.names, whole.staffing, writers)
    archive.write_sites(held, writers)
    contacts.write_contacts(held, whole.names, whole.staffing, writers)
    agreements.write_contracts(held, writers)
    agreements.write_subscriptions(held, writers)
    agreements.write_members(held, writers)
    rivals.write_holdings(held, writers)
    billed = charges.bills(held)
    charges.write_bills(held, billed, writers)
    charges.write_costs(held, charges.costs(held, billed), writers)
    payments.write_payments(held, billed, writers)
    usage.write_months(held, writers)
    usage.write_events(held, writers)
    complaints.write_complaints(held, writers)
    visits.write_visits(held, whole.staffing, writers)
    orders.write_orders(held, writers)
    truth.write_accounts(held, whole.clusters, writers)
    truth.write_peer_gaps(held, writers)

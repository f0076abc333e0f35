"""What the operator hides, written beside its tables so that models can be judged. Refuses to be read by them.

``accounts``: traits (0 to 1), place in its cluster, when and why each account leaves; ``planted``: causes planted on
purpose; ``duplicates``: accounts entered twice; ``peer_gaps``: what accounts of one trade, size and hidden style use
and one of them lacks; ``crowded_districts``: where ports run out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.contracts import periods
from zhike_analytics.datasets import mix
from zhike_analytics.datasets.clusters import Clusters
from zhike_analytics.datasets.history import CAUSES, NEVER
from zhike_analytics.datasets.holdings import Holdings
from zhike_analytics.datasets.names import Names
from zhike_analytics.datasets.planted import as_rows
from zhike_analytics.datasets.population import Population, account_codes, level
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.roster import CROWDED
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.seeds_reader import districts, kinds, styles
from zhike_analytics.datasets.spec import HORIZON, OperatorSpec
from zhike_analytics.datasets.text import numbers, pick, where

PEER_GAP = 0.5
"""A product that at least this share of an account's peers uses, and the account does not, is a gap."""


def _period(spec: OperatorSpec, month: Integers, known: Any) -> pa.Array:
    """Return month numbers as YYYYMM, empty where not `known`."""
    names = np.array(
        [periods.shift(spec.periods[0], step) for step in range(spec.months + HORIZON + 1)], dtype=np.int32
    )
    return pa.array(names[np.clip(month, 0, len(names) - 1)], mask=~known)


def write_accounts(held: Holdings, clusters: Clusters, writers: Writers) -> None:
    """Write the truth of the chunk's accounts."""
    population, history, rows = held.population, held.history, held.rows
    spec, left = population.spec, history.left[rows]
    gone, going = left < spec.months, (left >= spec.months) & (left != NEVER)
    buyer = clusters.main_buyer[rows]
    table = {
        "account_code": account_codes(rows),
        "kind": pick([one.code for one in kinds()], population.kind[rows]),
        "style": pick([one.code for one in styles()], population.style[rows]),
        **{
            name: level(getattr(population, name)[rows])
            for name in (
                "loyalty", "price_sensitivity", "payment_morale", "care_response", "irritability", "attraction",
            )
        },
        "growth": population.growth[rows],
        "value": population.true_value[rows],
        "left_period": _period(spec, left, gone),
        "leaving_period": _period(spec, left, going),
        "cause": where(gone | going, pick(CAUSES, np.maximum(history.cause[rows], 0))),
        "decline_months": pa.array(history.decline_months[rows], mask=~(gone | going)),
        "silent_months": pa.array(history.silent_months[rows], mask=~(gone | going)),
        "dormant_period": _period(spec, history.dormant_from[rows], history.dormant_from[rows] != NEVER),
        "lost_product_period": _period(spec, history.shrunk[rows], history.shrunk[rows] <= spec.months),
        "cluster": where(clusters.cluster[rows] >= 0, numbers(np.maximum(clusters.cluster[rows], 0))),
        "cluster_place": pa.array(clusters.place[rows], mask=clusters.place[rows] < 0),
        "main_buyer_code": where(buyer >= 0, account_codes(np.maximum(buyer, 0))),
    }  # fmt: skip
    writers.append("truth/accounts.parquet", pa.table(table))


def write_peer_gaps(held: Holdings, writers: Writers) -> None:
    """Write what the peers of the chunk's accounts use and they do not."""
    population, rows = held.population, held.rows
    likely = mix.likelihood(population, rows)
    likely[held.row, held.family] = 0.0
    likely[population.prospect[rows]] = 0.0
    row, family = np.nonzero(likely >= PEER_GAP)
    writers.append(
        "truth/peer_gaps.parquet",
        pa.table(
            {
                "account_code": account_codes(rows[row]),
                "family": pick(mix.families().names, family),
                "share_of_peers": likely[row, family],
            }
        ),
    )


def write_whole(population: Population, names: Names, writers: Writers) -> None:
    """Write what is true of the whole operator: planted causes, duplicates, crowded districts."""
    spec = population.spec
    second = np.flatnonzero(population.duplicate_of >= 0)
    first = population.duplicate_of[second]
    writers.append("truth/planted.parquet", pa.Table.from_pylist(as_rows(spec)))
    writers.append(
        "truth/duplicates.parquet",
        pa.table(
            {
                "account_code": account_codes(second), "same_as": account_codes(first),
                "name": names.full.take(pa.array(second)), "original_name": names.full.take(pa.array(first)),
            }
        ),
    )  # fmt: skip
    crowded = [one for one in districts() if one.short in CROWDED]
    writers.append("truth/crowded_districts.parquet", pa.table({"region_code": [one.code for one in crowded]}))

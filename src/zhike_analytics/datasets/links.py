"""Ties between accounts as rows: who supplies whom, who sits in which association. Refuses to choose suppliers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from zhike_analytics.datasets.clusters import Clusters
from zhike_analytics.datasets.names import Names, brands
from zhike_analytics.datasets.population import Population, account_codes
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.schema import Writers
from zhike_analytics.datasets.seeds_reader import cities, kinds, seed
from zhike_analytics.datasets.spec import dates
from zhike_analytics.datasets.text import join, pick, where

_OUTSIDERS = 0.07  # of the links, those whose supplier is no account of ours yet


def write_links(population: Population, clusters: Clusters, names: Names, writers: Writers) -> None:
    """Write the supply links; a buyer never names two suppliers alike."""
    spec, stream = population.spec, population.spec.stream("links")
    supplier, buyer = clusters.supplier, clusters.buyer
    index = supplier * 1_000_003 + buyer
    outside = stream.chance(index, _OUTSIDERS)
    kind = population.kind[buyer]
    goods = [list(one.goods) or seed("sentences")["goods_default"] for one in kinds()]
    lengths = np.array([len(one) for one in goods])
    which = (np.cumsum(lengths) - lengths)[kind] + np.floor(stream.uniform(supplier, 1) * lengths[kind]).astype(
        np.int64
    )
    amount = (
        population.employees[supplier]
        * np.array([max(one.revenue, 100_000) for one in kinds()])[population.kind[supplier]]
    )
    amount = np.rint(amount * (0.02 + 0.25 * stream.uniform(index, 2)) / 10_000).astype(np.int64) * 1_000_000
    name = pa.compute.if_else(
        pa.array(outside),
        _outsiders(population, stream.integers(index, 0, 1 << 40, 3), buyer),
        names.full.take(pa.array(supplier)),
    )
    code = name.dictionary_encode().indices.to_numpy()
    _, once = np.unique(buyer * (int(code.max(initial=0)) + 1) + code, return_index=True)
    take = np.sort(once)
    where_ = pa.array(take)
    columns: dict[str, Any] = {
        "supplier_code": where(~outside, account_codes(supplier)).take(where_),
        "supplier_name": name.take(where_),
        "buyer_code": account_codes(buyer[take]),
        "goods": pick([word for one in goods for word in one], which[take]),
        "annual_amount_fen": amount[take],
        "source": pick(("产业集群调研", "客户经理走访", "招投标公告"), stream.integers(index[take], 0, 3, 4)),
        "seen_on": dates(spec.today_day - 10 - stream.integers(index[take], 0, 500, 5)),
    }
    writers.write("supply_links", columns)


def _outsiders(population: Population, draw: Integers, buyer: Integers) -> pa.Array:
    """Return names of suppliers that are no accounts."""
    city = pick([one.short for one in cities()], population.city[buyer])
    words = ("机械", "材料", "包装", "模具", "电气", "科技", "贸易", "五金")
    return join(city, pick(brands()[0], draw % len(brands()[0])), pick(words, (draw >> 20) % len(words)), "有限公司")


def write_associations(population: Population, writers: Writers) -> None:
    """Write members of the trades' associations by city: the largest of a trade and city leads its association."""
    spec, stream = population.spec, population.spec.stream("associations")
    rows = np.arange(len(population), dtype=np.int64)
    named = np.array([one.association != "" for one in kinds()])
    group = population.kind * len(cities()) + population.city
    order = np.lexsort((-population.rank, group))
    ordered = group[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.arange(len(rows)) - np.repeat(starts, np.diff(np.append(starts, len(rows))))
    joins = np.array([0.95, 0.85, 0.6, 0.4, 0.12, 0.02])[population.tier]
    member = named[population.kind] & (stream.chance(rows, joins) | (place == 0)) & ~population.prospect
    rows = rows[member]
    role = np.where(place[rows] == 0, 0, np.where(place[rows] <= 4, 1, 2))
    name = join(
        pick([one.short for one in cities()], population.city[rows]),
        pick([one.association for one in kinds()], population.kind[rows]),
    )
    columns: dict[str, Any] = {
        "account_code": account_codes(rows),
        "association": name,
        "member_role": pick(("chair", "vice_chair", "member"), role),
        "joined_on": dates(spec.today_day - 200 - stream.integers(rows, 0, 4500, 1)),
    }
    writers.write("associations", columns)

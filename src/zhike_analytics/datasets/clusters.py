"""Industry clusters: who leads and who supplies whom. Refuses accounts whose trade forms no clusters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhike_analytics.datasets.population import Population
from zhike_analytics.datasets.randomness import Integers
from zhike_analytics.datasets.seeds_reader import cities, districts, kinds


@dataclass(frozen=True)
class Clusters:
    """Supply links between accounts, the main buyer of each supplier, and places in the clusters."""

    supplier: Integers
    buyer: Integers
    main_buyer: Integers  # of each account, −1 without
    cluster: Integers  # of each account: kind and city; −1 outside clusters
    place: Integers  # rank within the cluster, 0 the leader; −1 outside


def build(population: Population) -> Clusters:
    """Link the suppliers of each cluster to its leaders, mostly of the same city."""
    stream = population.spec.stream("clusters")
    rows = np.arange(len(population), dtype=np.int64)
    clustered = np.array([one.cluster for one in kinds()])[population.kind]
    city = np.array([one.city for one in districts()])[population.district]
    cluster = np.where(clustered, population.kind * len(cities()) + city, -1)
    order = np.lexsort((-population.rank, cluster))
    ordered = cluster[order]
    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1])))
    lengths = np.diff(np.append(starts, len(ordered)))
    place = np.empty(len(rows), dtype=np.int64)
    place[order] = np.arange(len(rows)) - np.repeat(starts, lengths)
    size = np.empty(len(rows), dtype=np.int64)
    size[order] = np.repeat(lengths, lengths)
    start = np.empty(len(rows), dtype=np.int64)
    start[order] = np.repeat(starts, lengths)
    leaders = np.maximum(1, size // 22)
    suppliers, buyers = [], []
    main = np.full(len(rows), -1, dtype=np.int64)
    for lane, probability in ((0, 0.55), (1, 0.22), (2, 0.10)):
        linked = (cluster >= 0) & (place >= leaders) & stream.chance(rows, probability, lane)
        chosen = np.floor(leaders * stream.uniform(rows, 10 + lane) ** 2).astype(np.int64)
        buyer = order[start + chosen]
        if lane == 0:
            main[linked] = buyer[linked]
        suppliers.append(rows[linked])
        buyers.append(buyer[linked])
    supplier, buyer = np.concatenate(suppliers), np.concatenate(buyers)
    _, once = np.unique(buyer * len(rows) + supplier, return_index=True)
    keep = once[supplier[once] != buyer[once]]
    return Clusters(
        supplier=supplier[keep],
        buyer=buyer[keep],
        main_buyer=main,
        cluster=cluster,
        place=np.where(cluster >= 0, place, -1),
    )

"""Clusters of accounts: fitted on a sample, given to all by a kernel over record batches. Refuses other columns."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

from zhike_analytics.contracts.segments import Attribute, Evidence, LeftOut, Reason, SegmentError
from zhike_analytics.segments.evidence import CHOICES, choose, fit_centres, nearest, weigh
from zhike_analytics.segments.labels import stable_labels
from zhike_analytics.segments.treatment import (
    Category,
    Quantity,
    Singles,
    Treatment,
    dense,
    learn,
    level_places,
    quantities_of,
)

SAMPLE_ROWS = 20_000
JOINT_LEVELS = 4_096
Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Assigned:
    """Label, second-nearest label (−1 when there is one cluster only) and distances of the accounts of a batch."""

    label: Labels
    second: Labels
    distance: Singles
    second_distance: Singles

    @property
    def clearness_permille(self) -> Labels:
        """How clearly an account belongs to its cluster: 0 halfway to the second, 1000 in the centre."""
        rate = self.distance / np.maximum(self.second_distance, 1e-9)
        return np.asarray(np.rint(1000.0 * np.clip(1.0 - rate, 0.0, 1.0)), dtype=np.int64)


@dataclass(frozen=True)
class ClusterModel:
    """Centres in the treated space, their labels, and the evidence for their number."""

    treatment: Treatment
    centres: Singles
    labels: tuple[int, ...]
    evidence: tuple[Evidence, ...]
    used: int

    @property
    def fingerprint(self) -> str:
        """Digest of columns, scales and centres: results cite it."""
        return hashlib.sha256(json.dumps(self._body(), sort_keys=True).encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Write the model as JSON with its fingerprint."""
        path.write_text(json.dumps({"fingerprint": self.fingerprint, **self._body()}, ensure_ascii=False, indent=1))

    @classmethod
    def load(cls, path: Path) -> Self:
        """Return a saved model.

        Raises
        ------
        SegmentError
            When the file is not what was saved.
        """
        try:
            body = json.loads(path.read_text())
            treatment = Treatment(
                tuple(Quantity(**one) for one in body["quantities"]),
                tuple(
                    Category(**{**one, "levels": tuple(one["levels"]), "shares": tuple(one["shares"])})
                    for one in body["categories"]
                ),
                tuple(LeftOut(**one) for one in body["left_out"]),
            )
            evidence = tuple(Evidence(**one) for one in body["evidence"])
            centres = np.asarray(body["centres"], dtype=np.float32)
            model = cls(treatment, centres, tuple(body["labels"]), evidence, body["used"])
        except (KeyError, TypeError, ValueError) as error:
            raise SegmentError(f"聚类模型文件无法读取 / {path.name} is no saved model: {error}") from error
        if model.fingerprint != body["fingerprint"]:
            raise SegmentError(f"聚类模型文件已被改动 / {path.name} was changed after it was saved")
        return model

    def assign(self, batch: pa.RecordBatch | pa.Table) -> Assigned:
        """Return the clusters of the accounts of a batch.

        Quantities go through one matrix product; each category adds what its level is worth, looked up in a table, so
        no level is ever laid out as a column.

        Raises
        ------
        SegmentError
            When a column that the model was fitted on is not there.
        """
        missing = [one for one in self.treatment.inputs if one not in batch.schema.names]
        if missing:
            raise SegmentError(f"缺少列 / columns are missing: {', '.join(missing)}")
        values = quantities_of(self.treatment, batch)
        weights, lookups = self._kernel
        # One column an account: |x - c|² less |x|² for each centre, and |x|² itself in the last row.
        # Products this small gain nothing from a second thread, which would wait busily for the next.
        with _threads().limit(limits=1):
            near = weights @ values
        near[-1] = _squares(values)
        places = level_places(self.treatment, batch)
        for members, worth in lookups:
            joint = places[members[0]]
            for one in members[1:]:
                joint = joint * (len(self.treatment.categories[one].levels) + 1) + places[one]
            for row, column in zip(near, worth, strict=True):
                row += column.take(joint, mode="clip")
        if not lookups:
            near[:-1] += np.square(self.centres).sum(axis=1)[:, None]
        return self._nearest_two(near)

    def _nearest_two(self, near: Singles) -> Assigned:
        """Return the nearest and second-nearest centre from centres × accounts."""
        whole, best = near[-1], near[0].copy()
        count = len(best)
        second = np.full(count, np.inf, dtype=np.float32)
        first_place, second_place = np.zeros(count, dtype=np.int16), np.full(count, -1, dtype=np.int16)
        for place in range(1, len(self.labels)):
            distance = near[place]
            closer = distance < best
            between = ~closer & (distance < second)
            np.copyto(second_place, first_place, where=closer)
            np.copyto(second_place, np.int16(place), where=between)
            np.copyto(first_place, np.int16(place), where=closer)
            # The second is the better of what it was and the worse of this one and the best so far.
            np.minimum(second, np.maximum(best, distance), out=second)
            np.minimum(best, distance, out=best)
        names = np.array([*self.labels, -1], dtype=np.int64)
        return Assigned(names[first_place], names[second_place], _root(best + whole), _root(second + whole))

    @cached_property
    def _kernel(self) -> tuple[Singles, list[tuple[list[int], Singles]]]:
        """Return weights of quantities, and for groups of categories what each joint level adds (constants: the first).

        Categories are joined while their levels together are few enough to stay in the processor's cache.
        """
        count = len(self.treatment.quantities)
        centres = self.centres[:, :count]
        constant = np.append(np.square(centres).sum(axis=1), 0.0).astype(np.float32)
        lookups: list[tuple[list[int], Singles]] = []
        start = count
        for number, one in enumerate(self.treatment.categories):
            size = len(one.levels)
            # The last row stands for a level that was never seen: the centre of the scale.
            point = np.vstack([np.eye(size, dtype=np.float32) - np.asarray(one.shares, np.float32), np.zeros(size)])
            point = point * np.float32(one.scale)
            centre = self.centres[:, start : start + size]
            worth = np.square(centre).sum(axis=1)[None, :] - 2.0 * point @ centre.T
            own = np.square(point).sum(axis=1)[:, None]
            made = np.concatenate([worth, own], axis=1).astype(np.float32)
            if lookups and len(lookups[-1][1]) * len(made) <= JOINT_LEVELS:
                members, before = lookups.pop()
                joint = (before[:, None, :] + made[None, :, :]).reshape(-1, made.shape[1])
                lookups.append(([*members, number], joint))
            else:
                lookups.append(([number], made))
            start += size
        if lookups:
            lookups[0] = (lookups[0][0], lookups[0][1] + constant)
        weights = np.vstack([-2.0 * centres, np.zeros((1, count), dtype=np.float32)])
        return weights, [(members, np.ascontiguousarray(worth.T)) for members, worth in lookups]

    def explain(self, batch: pa.Table, most: int = 3) -> list[list[Reason]]:
        """Return for each account what speaks most for its cluster rather than for the second nearest.

        The difference of both squared distances is a sum over attributes; each reason tells its part of all that speaks
        for the own cluster.
        """
        found = self.assign(batch)
        points = dense(self.treatment, batch)
        place = {label: number for number, label in enumerate(self.labels)}
        first = self.centres[[place[one] for one in found.label.tolist()]]
        second = self.centres[[place.get(one, 0) for one in found.second.tolist()]]
        gain = np.square(points - second) - np.square(points - first)
        owner = [name for name, _ in self.treatment.names]
        attributes = list(dict.fromkeys(owner))
        column = np.array([attributes.index(one) for one in owner])
        summed = np.zeros((len(points), len(attributes)))
        np.add.at(summed.T, column, gain.T)
        levels = {one.name: [*one.levels, ""] for one in self.treatment.categories}
        places = dict(zip(levels, level_places(self.treatment, batch), strict=True))
        made = []
        for row, gains in enumerate(summed):
            total = gains[gains > 0].sum()
            order = [one for one in np.argsort(-gains, kind="stable")[:most] if gains[one] > 0]
            made.append(
                [
                    Reason(
                        name := attributes[one],
                        levels[name][places[name][row]] if name in levels else "",
                        round(100.0 * float(gains[one] / total)),
                    )
                    for one in order
                ]
            )
        return made

    def _body(self) -> dict[str, Any]:
        return {
            "quantities": [asdict(one) for one in self.treatment.quantities],
            "categories": [asdict(one) for one in self.treatment.categories],
            "left_out": [asdict(one) for one in self.treatment.left_out],
            "centres": [[float(value) for value in row] for row in self.centres],
            "labels": list(self.labels),
            "evidence": [asdict(one) for one in self.evidence],
            "used": self.used,
        }


@cache
def _threads() -> ThreadpoolController:
    """Return what limits the threads of matrix products; looking for their libraries takes a while."""
    return ThreadpoolController()


def _squares(values: Singles) -> Singles:
    """Return the sum of squares of each column, row by row: in the order in which they lie."""
    total = np.zeros(values.shape[1], dtype=np.float32)
    buffer = np.empty_like(total)
    for row in values:
        np.multiply(row, row, out=buffer)
        total += buffer
    return total


def _root(squared: Singles) -> Singles:
    return np.sqrt(np.maximum(squared, 0.0))


def fit(
    accounts: pa.Table,
    attributes: Sequence[Attribute],
    *,
    clusters: int | None = None,
    choices: Sequence[int] = CHOICES,
    weights: Mapping[str, float] | None = None,
    before: Mapping[str, int] | None = None,
    used: int = 0,
    seed: int = 0,
) -> ClusterModel:
    """Return clusters of accounts, fitted on a sample of at most ``SAMPLE_ROWS``.

    Parameters
    ----------
    clusters
        The number, when people have decided it; evidence is returned all the same.
    before
        Account code → label of the month before: clusters begin from where their accounts stand now, and keep labels.
    used
        The highest label ever given.

    Raises
    ------
    SegmentError
        When accounts are too few or no column tells them apart.
    """
    if not accounts.num_rows:
        raise SegmentError("没有客户 / there are no accounts")
    draw = np.random.default_rng(seed)
    rows = np.sort(draw.permutation(accounts.num_rows)[:SAMPLE_ROWS])
    sample = accounts.take(pa.array(rows))
    treatment = learn(sample, attributes, weights)
    points = dense(treatment, sample)
    evidence = weigh(points, choices if clusters is None else sorted({*choices, clusters}), seed)
    codes = sample.column("account_code").to_pylist()
    earlier = np.array([(before or {}).get(code, -1) for code in codes], dtype=np.int64)
    names = np.unique(earlier[earlier >= 0])
    number = clusters or choose(evidence, len(names) or None).clusters
    if number not in {one.clusters for one in evidence}:
        raise SegmentError(f"客户不足以分成 {number} 类 / accounts are too few for {number} clusters")
    start = np.stack([points[earlier == one].mean(axis=0) for one in names]) if len(names) == number else None
    centres = fit_centres(points, number, seed, start)
    places = nearest(points, centres)
    labels = stable_labels(places, earlier, number, used)
    order = np.argsort(labels)
    return ClusterModel(
        treatment, centres[order], tuple(int(one) for one in labels[order]), evidence, max(used, int(labels.max()))
    )

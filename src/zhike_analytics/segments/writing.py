"""Gives every account of a file its cluster, group of rows by group of rows, into a file. Refuses to hold them all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from zhike_analytics.engines.frames import FrameWriter, pieces
from zhike_analytics.segments.model import ClusterModel

SCHEMA = pa.schema(
    [
        ("account_code", pa.string()),
        ("cluster", pa.int32()),
        ("second_cluster", pa.int32()),
        ("clearness_permille", pa.int32()),
    ]
)


def write_clusters(model: ClusterModel, attributes: Path, target: Path, *, customers: bool = True) -> dict[int, int]:
    """Write the cluster of each account to `target`, in their order, and return how many each label has.

    Parameters
    ----------
    attributes
        As :func:`zhike_analytics.segments.build_attributes` writes them.
    customers
        Leave out prospects and those who left: their columns are empty for another reason.
    """
    counts: Counter[int] = Counter(dict.fromkeys(model.labels, 0))
    with FrameWriter(target, SCHEMA, {"model": model.fingerprint}) as writer:
        for piece in pieces(attributes):
            held = piece.filter(pc.fill_null(piece.column("customer"), False)) if customers else piece
            found = model.assign(held)
            counts.update(found.label.tolist())
            second = pa.array(found.second, mask=found.second < 0)
            writer.write(
                pa.table(
                    {
                        "account_code": held.column("account_code"),
                        "cluster": pa.array(found.label),
                        "second_cluster": second,
                        "clearness_permille": pa.array(found.clearness_permille),
                    }
                )
            )
    return dict(sorted(counts.items()))

"""Turns a table that a database has written as CSV into one typed Parquet file. Refuses to change or order rows."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as csv

from zhike_analytics.engines.frames import FrameWriter

TYPES = {
    "text": pa.string(),
    "integer": pa.int64(),
    "boolean": pa.bool_(),
    "date": pa.date32(),
}  # fmt: skip


def write_snapshot(source: Path, columns: Mapping[str, str], target: Path) -> int:
    """Write the rows of a CSV without head to `target` and return how many; the same rows give the same bytes.

    Parameters
    ----------
    source
        As PostgreSQL's COPY writes it: nothing between commas is unknown, ``t`` and ``f`` are truth values.
    columns
        Name and type of each column, in order; types are those of :data:`TYPES`.
    """
    schema = pa.schema([(name, TYPES[kind]) for name, kind in columns.items()])
    with FrameWriter(target, schema) as writer:
        if source.stat().st_size:
            reader = csv.open_csv(
                source,
                read_options=csv.ReadOptions(column_names=list(columns), block_size=8 << 20),
                parse_options=csv.ParseOptions(newlines_in_values=True),
                convert_options=csv.ConvertOptions(
                    column_types=schema, null_values=[""], strings_can_be_null=True, true_values=["t"],
                    false_values=["f"],
                ),
            )  # fmt: skip
            for batch in reader:
                writer.write(pa.Table.from_batches([batch]))
        return writer.rows

"""Spark as the engine that sums facts and archive up to rows of accounts. Refuses to be needed: it is an optional part.

Installed with ``pip install zhike[spark]``; it needs Java 17. The query is the one DuckDB runs, in Spark's words.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa

LOCAL = "local[2]"
WORDS = ((r"\bdate_diff\('day', ", "date_diff(DAY, "), (r" // ", " div "), (r"\bVARCHAR\b", "STRING"))
"""What Spark calls otherwise than DuckDB."""


class SparkFailed(ValueError):
    """Spark or Java is not there, or Spark stopped; the message is for people, in both languages."""


@dataclass
class SparkRows:
    """A session of Spark as an engine that sums rows up."""

    session: Any
    views: dict[tuple[str, ...], str] = field(default_factory=dict)

    def source(self, files: Sequence[Path]) -> str:
        """Return files as a view; columns that some files lack are empty there."""
        key = tuple(str(file.absolute()) for file in files)
        if key not in self.views:
            self.views[key] = f"rows_{len(self.views)}"
            found = self.session.read.option("mergeSchema", "true").parquet(*key)
            found.createOrReplaceTempView(self.views[key])
        return self.views[key]

    def fetch(self, query: str) -> pa.Table:
        """Return the rows of a query."""
        from pyspark.errors import PySparkException

        try:
            table: pa.Table = self.session.sql(spoken(query)).toArrow()
        except PySparkException as failure:
            raise SparkFailed(f"Spark 中断了 / Spark stopped: {str(failure).splitlines()[0]}") from failure
        return table


def spoken(query: str) -> str:
    """Return a query of DuckDB in Spark's words.

    >>> spoken("SELECT date_diff('day', a, b)::VARCHAR, period // 100")
    'SELECT date_diff(DAY, a, b)::STRING, period div 100'
    """
    for theirs, ours in WORDS:
        query = re.sub(theirs, ours, query)
    return query


@contextmanager
def open_spark(workdir: Path, master: str = LOCAL) -> Iterator[SparkRows]:
    """Yield a session on `master`: ``local[n]``, or ``spark://host:port`` of a standalone cluster.

    Every worker must see the files at the same paths.

    Raises
    ------
    SparkFailed
        When Spark or Java is not there, or `master` is no address of Spark's.
    """
    if not re.fullmatch(r"local(\[[0-9*]+\])?|spark://[A-Za-z0-9.:-]+", master):
        raise SparkFailed(
            f"不认识的计算引擎 {master}：应为 duckdb、spark 或 spark://主机:端口"
            f" / no engine {master}: write duckdb, spark or spark://host:port"
        )
    try:
        from pyspark.errors import PySparkRuntimeError
        from pyspark.sql import SparkSession
    except ImportError as failure:
        raise SparkFailed("没有安装 Spark / Spark is not installed: pip install zhike[spark]") from failure
    logging.getLogger("py4j").setLevel(logging.WARNING)  # it tells of every connection
    workdir.mkdir(parents=True, exist_ok=True)
    settings = {
        "spark.sql.session.timeZone": "Asia/Shanghai",
        "spark.sql.execution.arrow.pyspark.enabled": "true",
        "spark.sql.shuffle.partitions": "8",
        "spark.sql.warehouse.dir": str(workdir / "warehouse"),
        "spark.local.dir": str(workdir / "local"),
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.log.level": "ERROR",
    }
    builder = SparkSession.builder.master(master).appName("zhike cycle")
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
    except (PySparkRuntimeError, OSError) as failure:
        raise SparkFailed("Spark 没有启动，它需要 Java 17 / Spark did not start; it needs Java 17") from failure
    try:
        yield SparkRows(session)
    finally:
        session.stop()

"""The suite's own PostgreSQL cluster, shared by all its workers through kernel locks. Refuses to outlive them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from zhike.core.postgres import BundledPostgres

# A test cluster may lose its data at a power cut: it is made anew for every run.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "256MB"}


@contextmanager
def start_test_cluster() -> Iterator[dict[str, Any]]:
    """Hold a share in the cluster under ZHIKE_HOME and yield Django's settings for it."""
    home = Path(os.environ["ZHIKE_HOME"])
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with BundledPostgres(home, settings=FAST) as server:
        yield {"NAME": "zhike", "USER": "postgres", "HOST": str(server.sockets), "PORT": ""}

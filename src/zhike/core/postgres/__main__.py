"""Holds a share in the server until standard input closes: ``python -m zhike.core.postgres``. Refuses options."""

from __future__ import annotations

import sys

from zhike.core.home import home
from zhike.core.postgres import BundledPostgres, PostgresFailed


def main() -> int:
    """Print ``up`` when the server answers, and wait."""
    try:
        with BundledPostgres(home(), say=lambda message: print(message, file=sys.stderr)) as server:  # noqa: T201
            print("up", server.dsn("postgres"), flush=True)  # noqa: T201
            sys.stdin.read()
    except PostgresFailed as failure:
        print(failure, file=sys.stderr)  # noqa: T201
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Serves the product and the yardstick as the product serves itself. Refuses to outlive its caller."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Serve on the port given, with two workers, until the caller ends."""
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    from zhike.cli.django_app import running_database
    from zhike.config.tree import die_with_parent

    os.environ["DJANGO_SETTINGS_MODULE"] = "benchmarks.served.settings"
    die_with_parent()
    server = Granian(
        "zhike.config.web_worker:application", address="127.0.0.1", port=int(sys.argv[1]), interface=Interfaces.WSGI,
        workers=2, blocking_threads=4, log_access=False, log_level=LogLevels.warning,
    )  # fmt: skip
    with running_database():
        server.serve()


if __name__ == "__main__":
    main()

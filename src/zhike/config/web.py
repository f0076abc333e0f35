"""The web server as a child process (arguments: host, port, workers). Refuses to outlive its parent."""

from __future__ import annotations

import os
import sys

from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from zhike.config.tree import die_with_parent


def main() -> None:
    """Serve until asked to stop."""
    host, port, workers = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"zhike.config.settings.{os.environ.get('ZHIKE_ENV', 'dev')}")
    die_with_parent()
    Granian(
        "zhike.config.web_worker:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=4,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        log_access=False,
        log_level=LogLevels.warning,
    ).serve()


if __name__ == "__main__":
    main()

"""Makes the database ready before pages open, as a child process: ``python -m zhike.config.prepare [ACCOUNTS]``.

A process of its own, so that the one that keeps the tree stays small. Refuses to outlive its parent. With ACCOUNTS an
empty database is filled with the demonstration operator.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from rich.console import Console

from zhike.config.tree import die_with_parent


def main() -> None:
    """Bring tables up to date, collect static files where pages need them collected, fill an empty database."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"zhike.config.settings.{os.environ.get('ZHIKE_ENV', 'dev')}")
    die_with_parent()
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection

    from zhike.core.actor import system_actor
    from zhike.core.policies import plant_seeds

    with connection.cursor() as cursor:  # two starts at once: one migrates, the other finds it done
        cursor.execute("SELECT pg_advisory_lock(hashtext('zhike.prepare'))")
    call_command("migrate", verbosity=0, interactive=False)
    plant_seeds(system_actor("installation"))
    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)
    if not settings.WHITENOISE_USE_FINDERS:
        call_command("collectstatic", verbosity=0, interactive=False)
    if len(sys.argv) > 1:
        from zhike.demo.actions import build_if_empty

        build_if_empty(accounts=int(sys.argv[1]), say=Console(stderr=True).print)


if __name__ == "__main__":
    main()

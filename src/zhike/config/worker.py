"""The job worker as a child process: ``python -m zhike.config.worker``. Refuses to outlive its parent."""

from __future__ import annotations

import os

from zhike.config.tree import die_with_parent


def main() -> None:
    """Run jobs until asked to stop."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"zhike.config.settings.{os.environ.get('ZHIKE_ENV', 'dev')}")
    die_with_parent()
    import django

    django.setup()
    from procrastinate.contrib.django import app

    with app.replace_connector(app.connector.get_worker_connector()) as worker:  # type: ignore[attr-defined]
        worker.run_worker(
            concurrency=2, install_signal_handlers=True, listen_notify=True, shutdown_graceful_timeout=5,
            delete_jobs="successful",
        )  # fmt: skip


if __name__ == "__main__":
    main()

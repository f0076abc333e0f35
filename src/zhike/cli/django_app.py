"""Starts Django inside a command, with the database running. Refuses to be imported by rooms."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import typer
from rich.console import Console

from zhike.core.home import home
from zhike.core.postgres import BundledPostgres, PostgresFailed, django_database, own_server

say = Console(stderr=True)


def name_settings() -> None:
    """Choose the settings module by ZHIKE_ENV unless one is named already."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", f"zhike.config.settings.{os.environ.get('ZHIKE_ENV', 'dev')}")


@contextmanager
def running_database() -> Iterator[BundledPostgres | None]:
    """Hold the bundled server while the block runs and yield it; with DATABASE_URL there is none to hold."""
    if own_server():
        yield None
        return
    try:
        with BundledPostgres(home(), say=lambda message: say.print(message, markup=False)) as server:
            server.ensure_database(str(django_database(home())["NAME"]))
            yield server
    except PostgresFailed as failure:
        say.print(str(failure), style="red", markup=False)
        raise typer.Exit(1) from failure


@contextmanager
def django_ready(*, migrate: bool = True) -> Iterator[None]:
    """Run the block with database and Django ready, tables up to date."""
    name_settings()
    with running_database():
        import django

        django.setup()
        if migrate:
            from django.core.management import call_command

            from zhike.core.actor import system_actor
            from zhike.core.policies import plant_seeds

            call_command("migrate", verbosity=0, interactive=False)
            plant_seeds(system_actor("installation"))
        try:
            yield
        finally:
            from django.db import connections

            connections.close_all()
            sys.stdout.flush()

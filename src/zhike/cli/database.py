"""Commands about the installation itself: what is wrong with it, and Django's own commands. Refuses anything else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable

import typer
from rich.console import Console

from zhike.cli.django_app import django_ready
from zhike.core.home import home

out = Console()
FREE_BYTES = 2 * 1024**3


def manage(context: typer.Context) -> None:
    """Django 管理命令 / run one of Django's own commands with the database running."""
    from django.core.management import execute_from_command_line

    with django_ready(migrate=False):
        execute_from_command_line(["zhike manage", *context.args])


def _python() -> str:
    return sys.version.split()[0]


def _folder() -> str:
    root = home()
    root.mkdir(parents=True, exist_ok=True, mode=0o700)
    probe = root / ".probe"
    probe.write_text("x", encoding="ascii")
    probe.unlink()
    return str(root)


def _space() -> str:
    free = shutil.disk_usage(home()).free
    if free < FREE_BYTES:
        raise RuntimeError(f"只剩 {free / 1024**3:.1f} GB / only so much is left")
    return f"{free / 1024**3:.0f} GB"


def _database() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def _migrations() -> str:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise RuntimeError(f"{len(missing)} 项未执行，运行 zhike up / not applied: run `zhike up`")
    return "✓"


def _pages() -> str:
    from django.contrib.staticfiles import finders

    for name in ("zhike/zhike.css", "vendor/htmx.min.js"):
        if not finders.find(name):
            raise RuntimeError(f"缺少 {name}，请重新安装 / missing: install again")
    return "✓"


def _time_zone() -> str:
    from zoneinfo import ZoneInfo

    return str(ZoneInfo("Asia/Shanghai"))


CHECKS: list[tuple[str, Callable[[], str]]] = [
    ("Python", _python),
    ("数据目录可写 / data folder writable", _folder),
    ("磁盘空间 / free space", _space),
    ("时区数据 / time zone data", _time_zone),
]
WITH_DATABASE: list[tuple[str, Callable[[], str]]] = [
    ("数据库 / database", _database),
    ("数据表为最新 / tables up to date", _migrations),
    ("页面文件 / page files", _pages),
]


def doctor() -> None:
    """检查安装并说明问题 / check the installation and say what is wrong."""
    wrong = 0

    def check(name: str, test: Callable[[], str]) -> None:
        nonlocal wrong
        try:
            out.print(f"[green]✓[/green] {name}: {test()}")
        except Exception as failure:
            wrong += 1
            out.print(f"[red]✗[/red] {name}: {failure}")

    for name, test in CHECKS:
        check(name, test)
    with django_ready(migrate=False):
        for name, test in WITH_DATABASE:
            check(name, test)
    raise typer.Exit(1 if wrong else 0)

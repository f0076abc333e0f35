"""Commands about the installation itself: what is wrong with it, and Django's own commands. Refuses anything else."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from functools import partial

import typer
from rich.console import Console

from zhike.cli.django_app import django_ready
from zhike.core.home import home

out = Console()
FREE_BYTES = 2 * 1024**3
BEAT_SECONDS = 60  # a worker writes its heartbeat every 10 seconds
OLDEST_PYTHON = (3, 11)
OLDEST_SERVER = 150000
PAGE_FILES = (
    "zhike/zhike.css",
    "zhike/app.js",
    "zhike/charts.js",
    "zhike/icons.svg",
    "vendor/htmx.min.js",
    "vendor/tabler.min.css",
    "vendor/echarts.min.js",
)


def manage(context: typer.Context) -> None:
    """Django 管理命令 / run one of Django's own commands with the database running."""
    from django.core.management import execute_from_command_line

    with django_ready(migrate=False):
        execute_from_command_line(["zhike manage", *context.args])


class Wrong(Exception):
    """Something is not as it must be; the message says what to do, in both languages."""


def _python() -> str:
    version = sys.version.split()[0]
    if sys.version_info < OLDEST_PYTHON:
        raise Wrong(f"{version}，需要 3.11 以上 / 3.11 or newer is needed")
    return version


def _folder() -> str:
    root = home()
    try:
        root.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = root / ".probe"
        probe.write_text("x", encoding="ascii")
        probe.unlink()
    except OSError as refusal:
        raise Wrong(f"{root}: {refusal.strerror}；请检查归属与权限 / check its owner and mode") from refusal
    return str(root)


def _space() -> str:
    free = shutil.disk_usage(home()).free
    if free < FREE_BYTES:
        raise Wrong(f"只剩 {free / 1024**3:.1f} GB，请腾出空间 / only so much is left, free some")
    return f"{free / 1024**3:.0f} GB"


def _time_zone() -> str:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return str(ZoneInfo("Asia/Shanghai"))
    except ZoneInfoNotFoundError as missing:
        raise Wrong("缺少时区数据，请安装 tzdata / missing: install tzdata") from missing


def _database() -> str:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version_num')::int, current_setting('server_version')")
        number, version = cursor.fetchone()
    if number < OLDEST_SERVER:
        raise Wrong(f"PostgreSQL {version}，需要 15 以上 / 15 or newer is needed")
    return f"PostgreSQL {version}"


def _migrations() -> str:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    missing = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if missing:
        raise Wrong(f"{len(missing)} 项未执行，运行 zhike up / not applied: run zhike up")
    return "最新 / up to date"


def _worker() -> str:
    from django.db import connection

    from zhike.config.tree import ProcessTree

    if "procrastinate_workers" not in connection.introspection.table_names():
        raise Wrong("还没有数据表，运行 zhike up / no tables yet: run zhike up")
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat))::int FROM procrastinate_workers")
        (age,) = cursor.fetchone()
    if age is None or age > BEAT_SECONDS:
        if ProcessTree(home()).is_running():
            raise Wrong("没有心跳，导入等任务会一直等待；请重新启动 / no heartbeat, jobs wait: stop and start zhike up")
        return "未启动（zhike up） / not started"
    return f"{age} 秒前有心跳 / heartbeat {age} s ago"


def _pages() -> str:
    from django.contrib.staticfiles import finders

    for name in PAGE_FILES:
        if not finders.find(name):
            raise Wrong(f"缺少 {name}，请重新安装 / missing: install again")
    return "齐全 / complete"


CHECKS: list[tuple[str, Callable[[], str]]] = [
    ("Python", _python),
    ("数据目录可写 / data folder writable", _folder),
    ("磁盘空间 / free space", _space),
    ("时区数据 / time zone data", _time_zone),
]
WITH_DATABASE: list[tuple[str, Callable[[], str]]] = [
    ("数据库 / database", _database),
    ("数据表 / tables", _migrations),
    ("后台任务进程 / worker", _worker),
    ("页面文件 / page files", _pages),
]


def _check(name: str, test: Callable[[], str]) -> bool:
    try:
        said, sign, style = test(), "✓", "green"
    except Exception as failure:
        said, sign, style = str(failure) or type(failure).__name__, "✗", "red"
    out.print(sign, style=style, end=" ")
    out.print(f"{name}: {said}", markup=False, highlight=False, soft_wrap=True)
    return sign == "✓"


def _fail(failure: Exception) -> str:
    raise failure


def doctor() -> None:
    """检查安装并说明问题 / check the installation and say what is wrong; exit 1 if something is."""
    good = [_check(name, test) for name, test in CHECKS]
    if all(good):
        try:
            with django_ready(migrate=False):
                good += [_check(name, test) for name, test in WITH_DATABASE]
        except Exception as failure:  # settings that refuse, a server that is not there: what they say is the finding
            good.append(_check("设置 / settings", partial(_fail, failure)))
    raise typer.Exit(0 if all(good) else 1)

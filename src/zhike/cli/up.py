"""`zhike up`: one process tree of database, worker and web server. Refuses to leave a process behind."""

from __future__ import annotations

import ipaddress
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from types import FrameType
from typing import Annotated

import typer

from zhike.cli.django_app import running_database, say
from zhike.core.home import home
from zhike.core.postgres import BundledPostgres

LINGERING_SECONDS = 12  # how long an earlier start of this installation may take to give up its port


class Stopped(BaseException):
    """Somebody asked us to stop."""


def up(
    port: Annotated[int, typer.Option(help="端口 / port", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="地址 / address")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="网页进程数 / web processes", min=1, max=64)] = 2,
    demo: Annotated[bool, typer.Option("--demo", help="库为空时建演示数据 / fill an empty database")] = False,
    accounts: Annotated[int, typer.Option(help="演示客户数 / demonstration accounts", min=100, max=1_000_000)] = 5000,
    stop_with_parent: Annotated[bool, typer.Option("--stop-with-parent", hidden=True)] = False,
) -> None:
    """启动数据库、后台任务与网页 / start database, worker and pages; Ctrl-C stops them."""
    from zhike.config.tree import ChildDied, PortTaken, ProcessTree, die_with_parent
    from zhike.core.postgres import PostgresFailed

    if stop_with_parent:
        die_with_parent(os.getppid(), patience=60)
    _refuse_open_host(host)
    _stop_on_signals()
    try:
        with ExitStack() as stack:
            tree = ProcessTree(home())
            tree.end_survivors()
            _wait_for_port(host, port)
            server = stack.enter_context(running_database())
            stack.callback(tree.stop)
            tree.run("prepare", ["-m", "zhike.config.prepare", *([str(accounts)] if demo else [])])
            tree.start("worker", ["-m", "zhike.config.worker"])
            tree.start("web", ["-m", "zhike.config.web", host, str(port), str(workers)])
            tree.wait_until_answering(host, port)
            _say_ready(host, port)
            tree.watch(_keep_database(server))
    except (Stopped, KeyboardInterrupt):
        say.print("\n已停止 / stopped")
    except (PortTaken, ChildDied, PostgresFailed) as failure:
        say.print(str(failure), style="red", markup=False)
        raise typer.Exit(1) from failure
    except OSError as failure:
        say.print(f"无法使用 / cannot use {failure.filename}: {failure.strerror}", style="red", markup=False)
        raise typer.Exit(1) from failure


def _refuse_open_host(host: str) -> None:
    """Refuse other machines unless the settings are a server's: a laptop's know neither hosts nor HTTPS."""
    try:
        private = ipaddress.ip_address(host).is_loopback
    except ValueError:
        private = host == "localhost"
    if not private and os.environ.get("ZHIKE_ENV", "dev") != "production":
        say.print(
            f"只有 ZHIKE_ENV=production 才能向其他机器开放（{host}），见 docs/how-to/server.md / "
            "only ZHIKE_ENV=production may be opened to other machines",
            style="red",
            markup=False,
        )
        raise typer.Exit(2)


def _pass(number: int, frame: FrameType | None) -> None:
    """Ignore a signal here, but unlike SIG_IGN not in the programs that are still started."""


def _stop_on_signals() -> None:
    """Turn the first Ctrl-C, SIGTERM or SIGHUP into an orderly stop; later ones do not disturb it."""

    def stop(number: int, frame: FrameType | None) -> None:
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, _pass)
        raise Stopped

    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)


def _wait_for_port(host: str, port: int) -> None:
    """Wait for an earlier start of ours that is just ending; refuse a port that somebody else has."""
    from zhike.config.tree import PortTaken, ProcessTree, refuse_taken_port

    until = time.monotonic() + LINGERING_SECONDS
    while True:
        try:
            refuse_taken_port(host, port)
        except PortTaken:
            if time.monotonic() > until or not ProcessTree(home()).is_ending():
                raise
            time.sleep(0.2)
        else:
            return


def _keep_database(server: BundledPostgres | None) -> Callable[[], None]:
    """Return what starts a killed server again; one of the operator's own is not ours to start."""

    def look() -> None:
        if server is not None and server.revive():
            say.print("数据库意外停止，已重新启动 / the database had stopped and was started again", style="yellow")

    return look


def _say_ready(host: str, port: int) -> None:
    shown = f"[{host}]" if ":" in host else host
    say.print(f"\n[bold]知客 Zhike[/bold]  http://{shown}:{port}   [dim]Ctrl-C 停止 / stops[/dim]", highlight=False)
    people = home() / "demo" / "people.txt"
    if people.exists():
        say.print(people.read_text(encoding="utf-8"), markup=False, highlight=False)
    else:
        say.print("建第一个账号 / make the first sign-in: zhike manage createsuperuser", markup=False, highlight=False)

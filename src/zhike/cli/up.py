"""`zhike up`: one process tree of database, worker and web server. Refuses to leave a process behind."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from zhike.cli.django_app import django_ready, say
from zhike.core.home import home


def up(
    port: Annotated[int, typer.Option(help="端口 / port", min=1, max=65535)] = 8000,
    host: Annotated[str, typer.Option(help="地址 / address")] = "127.0.0.1",
    workers: Annotated[int, typer.Option(help="网页进程数 / web processes", min=1, max=64)] = 2,
    demo: Annotated[bool, typer.Option("--demo", help="库为空时建演示数据 / fill an empty database")] = False,
    accounts: Annotated[int, typer.Option(help="演示客户数 / demonstration accounts", min=10)] = 5000,
) -> None:
    """启动数据库、后台任务与网页 / start database, worker and pages; Ctrl-C stops them."""
    from zhike.config.tree import PortTaken, ProcessTree, refuse_taken_port

    try:
        refuse_taken_port(host, port)
    except PortTaken as taken:
        say.print(str(taken), style="red")
        raise typer.Exit(1) from taken
    tree = ProcessTree(home())
    tree.end_survivors()
    with django_ready():
        if demo:
            from zhike.demo.actions import build_if_empty

            build_if_empty(accounts=accounts, say=say.print)
        tree.start("worker", ["-m", "zhike.config.worker"])
        tree.start("web", ["-m", "zhike.config.web", host, str(port), str(workers)])
        tree.wait_until_answering(host, port)
        say.print(
            f"\n[bold]知客 Zhike[/bold]  http://{host}:{port}   ([dim]Ctrl-C 停止 / stops[/dim], pid {os.getpid()})"
        )
        people = home() / "demo" / "people.txt"
        if people.exists():
            say.print(people.read_text(encoding="utf-8"))
        tree.watch()

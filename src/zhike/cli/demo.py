"""`zhike demo`: builds the demonstration operator. Refuses a database that holds real accounts."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from zhike.cli.django_app import django_ready, say


def demo(
    accounts: Annotated[int, typer.Option(help="客户数 / accounts", min=100, max=1_000_000)] = 5000,
    seed: Annotated[int, typer.Option(help="随机种子 / seed")] = 20261123,
) -> None:
    """建演示运营商（全是虚构） / build the demonstration operator; all of it is made up."""
    with django_ready():
        from zhike.core.home import home
        from zhike.demo.actions import DemonstrationRefused, build

        columns = (TextColumn("{task.description:<20}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
        try:
            with Progress(*columns, TimeElapsedColumn(), console=say, transient=True) as bar:
                task = bar.add_task("", total=1.0)
                build(
                    accounts=accounts,
                    seed=seed,
                    report=lambda share, stage: bar.update(task, completed=share, description=stage),
                )
        except DemonstrationRefused as refusal:
            say.print(str(refusal), style="red", markup=False)
            raise typer.Exit(1) from refusal
        say.print((home() / "demo" / "people.txt").read_text(encoding="utf-8"), markup=False, highlight=False)

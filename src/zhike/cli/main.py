"""The entry of the `zhike` command. Owns the list of commands; each loads what it needs only when it runs."""

from __future__ import annotations

import typer

from zhike.cli import cycle, database, demo, imports, schema, up

app = typer.Typer(
    name="zhike",
    help="知客：电信运营商的集团大客户系统 / the key-account system of telecom operators",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("up")(up.up)
app.command("import")(imports.import_files)
app.command("cycle")(cycle.cycle)
app.command("schema")(schema.schema)
app.command("demo")(demo.demo)
app.command("doctor")(database.doctor)
app.command("manage", context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(database.manage)

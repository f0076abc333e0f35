"""The `zhike` command as ``python -m zhike.cli``, where no script of that name is installed. Refuses anything else."""

from zhike.cli.main import app

app()

"""The WSGI application inside a web worker, which dies with the server that started it. Refuses anything else."""

from zhike.config.tree import die_with_parent

die_with_parent()

from zhike.config.wsgi import application  # noqa: E402  the watch comes first

__all__ = ["application"]

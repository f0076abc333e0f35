"""The bundled PostgreSQL and the addresses of databases. Refuses to know what is kept in them.

One server serves all processes of an installation, without lists of pids: every process holds a shared lock on the file
`use`; starting and stopping happen under an exclusive lock on `gate`; whoever can turn `use` exclusive is the last one
and stops the server; a guard does so when the last one was killed. Why: docs/adr/0001-bundled-postgresql.md.
"""

from zhike.core.postgres.addresses import django_database, own_server, parse_url
from zhike.core.postgres.cluster import Answer
from zhike.core.postgres.places import PostgresFailed
from zhike.core.postgres.share import BundledPostgres, ServerStatus

__all__ = [
    "Answer",
    "BundledPostgres",
    "PostgresFailed",
    "ServerStatus",
    "django_database",
    "own_server",
    "parse_url",
]

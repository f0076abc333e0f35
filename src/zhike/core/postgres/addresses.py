"""Which database Django uses: DATABASE_URL's, else the bundled server's. Refuses to start or reach anything."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from zhike.core.postgres.places import socket_folder

DATABASE = "zhike"
CANNOT_READ = "DATABASE_URL 应写作 / must be written as postgresql://user:password@host:port/name"


def own_server() -> str:
    """Return DATABASE_URL when the operator runs a PostgreSQL of their own, else an empty text."""
    return os.environ.get("DATABASE_URL", "").strip()


def django_database(home: Path) -> dict[str, Any]:
    """Return Django's ``DATABASES["default"]`` of the installation; starts nothing."""
    common: dict[str, Any] = {
        "ENGINE": "django.db.backends.postgresql",
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
    }
    if url := own_server():
        return common | parse_url(url)
    return common | {"NAME": DATABASE, "USER": "postgres", "HOST": str(socket_folder(home)), "PORT": ""}


def parse_url(url: str) -> dict[str, Any]:
    """Return Django's settings for a ``postgresql://`` URL; what follows the ``?`` goes to the driver as it stands.

    >>> parse_url("postgresql://me:p%40ss@db.example:5433/zhike?sslmode=require")["PASSWORD"]
    'p@ss'
    >>> parse_url("postgresql://%2Fvar%2Frun%2FPostgres/zhike")["HOST"]
    '/var/run/Postgres'

    Raises
    ------
    ValueError
        When the URL names another kind of database, no database, or a port that is no number.
    """
    parts = urlsplit(url)
    name = unquote(parts.path.strip("/"))
    if parts.scheme not in {"postgres", "postgresql"} or not name:
        raise ValueError(CANNOT_READ)
    # Not parts.hostname: it turns to lower case, which breaks the path of a socket.
    credentials, _, address = parts.netloc.rpartition("@")
    user, _, password = credentials.partition(":")
    if address.startswith("["):
        host, _, port = address[1:].partition("]")
        port = port.removeprefix(":")
    else:
        host, _, port = address.partition(":")
    if port and not port.isdecimal():
        raise ValueError(CANNOT_READ)
    return {
        "NAME": name,
        "USER": unquote(user),
        "PASSWORD": unquote(password),
        "HOST": unquote(host),
        "PORT": port,
        "OPTIONS": dict(parse_qsl(parts.query)),
    }

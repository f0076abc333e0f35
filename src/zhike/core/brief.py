"""Reading that may not take long: a statement that runs over its time is cut off, and the caller goes another way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TooLong(Exception):
    """The statement was cut off at its time."""


@contextmanager
def brief(milliseconds: int) -> Iterator[None]:
    """Cut off any statement of the block that takes longer.

    Raises
    ------
    TooLong
        When one did; what surrounds the block goes on as before.
    """
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL statement_timeout = {int(milliseconds)}")
            yield
            if connection.savepoint_ids:  # inside a larger transaction the setting would outlive the block
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL statement_timeout = DEFAULT")
    except OperationalError as failure:
        if isinstance(failure.__cause__, QueryCanceled):
            raise TooLong from failure
        raise

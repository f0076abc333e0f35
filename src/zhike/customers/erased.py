"""Keyed hashes of numbers and addresses that were erased, in Python and as SQL. Refuses to know whose they were.

HMAC-SHA256 under a key derived from the installation's secret: eleven digits alone could be tried out, without the key
they cannot. Older secrets named in ``SECRET_KEY_FALLBACKS`` still count.
"""

from __future__ import annotations

import hashlib
import hmac
import re

from django.conf import settings

PURPOSE = b"zhike.customers.erased"
MOBILE = "^1[0-9]{10}$"  # the same in Python and in PostgreSQL
WITH_COUNTRY = "^86(1[0-9]{10})$"
BLOCK = 64  # bytes of a block of SHA-256


def identifier(column: str, value: str) -> str:
    """Return what of a value tells a person: a mobile number, a member's own line, an address in small letters.

    Other telephone numbers of contacts are offices and switchboards, which many people share.

    >>> identifier("mobile", "+86 138-0000-1234"), identifier("phone", "0532-88880000")
    ('13800001234', '')
    >>> identifier("email", " Pei@A.cn ")
    'pei@a.cn'
    """
    if column in {"mobile", "phone", "number"}:
        digits = re.sub(WITH_COUNTRY, r"\1", re.sub("[^0-9]", "", value))
        return digits if column == "number" or re.match(MOBILE, digits) else ""
    return value.strip().lower()


def identifier_sql(column: str, expression: str) -> str:
    """Return the same in SQL; NULL where nobody is told."""
    if column in {"mobile", "phone", "number"}:
        digits = f"regexp_replace(regexp_replace({expression}, '[^0-9]', '', 'g'), '{WITH_COUNTRY}', '\\1')"
        return f"nullif({digits}, '')" if column == "number" else f"substring({digits} FROM '{MOBILE}')"
    return f"nullif(lower(btrim({expression})), '')"


def keys() -> list[bytes]:
    """Return the keys under which digests may have been made, the present one first."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return [hashlib.sha256(PURPOSE + str(secret).encode()).digest() for secret in secrets]


def digests(column: str, value: str) -> list[str]:
    """Return the digests of a value under each key, the present one first; none where it tells nobody."""
    said = identifier(column, value)
    return [hmac.new(key, said.encode(), hashlib.sha256).hexdigest() for key in keys()] if said else []


def digest_sql(column: str, expression: str) -> tuple[str, list[list[bytes]]]:
    """Return SQL for one digest of an expression, and its two parameters under each key (RFC 2104, spelt out)."""
    said = f"convert_to({identifier_sql(column, expression)}, 'UTF8')"
    sql = f"encode(sha256(%s::bytea || sha256(%s::bytea || {said})), 'hex')"
    blocks = [key.ljust(BLOCK, b"\0") for key in keys()]
    return sql, [[bytes(byte ^ 0x5C for byte in one), bytes(byte ^ 0x36 for byte in one)] for one in blocks]

"""How personal data looks until somebody asks for it with a reason. Owns the masks; refuses to log (see looks)."""

from __future__ import annotations

import re


def mask_phone(number: str) -> str:
    """Return the number with its middle hidden.

    >>> mask_phone("13800001234"), mask_phone("0532-88880000"), mask_phone("12345")
    ('138****1234', '053****0000', '****')
    """
    digits = re.sub(r"\D", "", number)
    return f"{digits[:3]}****{digits[-4:]}" if len(digits) >= 8 else ("****" if digits else "")


def mask_email(address: str) -> str:
    """Return the address with all but the first letter of its name hidden.

    >>> mask_email("pei@example.com"), mask_email("")
    ('p***@example.com', '')
    """
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if address else ""


def mask_name(name: str) -> str:
    """Return a person's name with all but the first character hidden.

    >>> mask_name("裴正山"), mask_name("")
    ('裴**', '')
    """
    return name[:1] + "*" * (len(name) - 1)


def mask_text(text: str) -> str:
    """Return any other personal text with only its first and last character left.

    >>> mask_text("pei_zs"), mask_text("ab")
    ('p****s', '**')
    """
    return f"{text[0]}****{text[-1]}" if len(text) > 2 else "*" * len(text)

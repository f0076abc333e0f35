"""Whether a unified social credit code can be right (GB 32100-2015). Plain values in and out; looks up nothing."""

from __future__ import annotations

LETTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
"""The 31 signs of the standard: digits and capitals without I, O, S, V and Z (its table 2)."""
LENGTH = 18


def tidied(code: str) -> str:
    """Return a code as it is kept: capitals, no blanks or dashes.

    >>> tidied(" 91350100m000100y43 ")
    '91350100M000100Y43'
    """
    return "".join(code.split()).replace("-", "").upper()


def check_sign(body: str) -> str:
    """Return the 18th sign that belongs to the first 17 (section 5: weights 3^(i-1) mod 31).

    >>> check_sign("91350100M000100Y4")
    '3'
    """
    total = sum(LETTERS.index(sign) * pow(3, place, 31) for place, sign in enumerate(body))
    return LETTERS[(31 - total % 31) % 31]


def fault_of(code: str) -> str:
    """Return what is wrong with a tidied code: ``length``, ``letter``, ``check``, or nothing.

    >>> fault_of("91350100M000100Y43"), fault_of("91350100M000100Y44"), fault_of("91350100I000100Y43")
    ('', 'check', 'letter')
    """
    if len(code) != LENGTH:
        return "length"
    if any(sign not in LETTERS for sign in code):
        return "letter"
    return "" if check_sign(code[:-1]) == code[-1] else "check"

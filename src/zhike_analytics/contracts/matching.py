"""What pairs of accounts that may be one are told in: codes and weights of evidence. Refuses sentences."""

from __future__ import annotations

from dataclasses import dataclass, field

EVIDENCE = (
    "credit_code", "credit_code_differs", "name", "name_core", "name_sound", "name_alike", "name_differs", "phone",
    "address", "address_differs", "region_differs", "same_group",
)  # fmt: skip
"""Codes of what speaks for or against a pair, in the order in which they are told."""


class MatchingError(ValueError):
    """Duplicates cannot be looked for; the message is for people, in both languages."""


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each piece of evidence counts: natural logarithm of how many times likelier it is in one and the same.

    Our defaults (Fellegi & Sunter 1969 for the form). A name that several accounts share counts less: the logarithm of
    how many others have it is taken off.
    """

    credit_code: float = 9.0
    credit_code_differs: float = -6.0
    name: float = 8.0
    name_core: float = 7.2
    name_sound: float = 6.2
    name_alike: float = 3.5
    name_differs: float = -5.0
    phone: float = 4.5
    address: float = 3.5
    address_differs: float = -1.0
    region_differs: float = -2.0
    same_group: float = -12.0
    prior: float = -6.0


@dataclass(frozen=True, slots=True)
class Found:
    """How a search went: accounts, pairs compared, pairs kept, and keys left out since too many accounts share them.

    ``too_common`` maps the kind of key to how many of its values were passed over: a phone of an agency, an address of
    a tower, a placeholder in place of a code.
    """

    accounts: int
    compared: int
    kept: int
    too_common: dict[str, int] = field(default_factory=dict)

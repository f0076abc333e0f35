"""Money as whole fen. Owns conversion and rounding (half up, once per bill line); refuses floats."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

FEN_PER_YUAN = 100


def to_fen(yuan: Decimal | int | str) -> int:
    """Return yuan as whole fen, rounded half up (away from zero for negative amounts).

    >>> to_fen("86414.00"), to_fen(Decimal("0.005")), to_fen(Decimal("-0.005"))
    (8641400, 1, -1)
    """
    if isinstance(yuan, float):
        raise TypeError("money is never a float: pass Decimal, int or text")
    return int((Decimal(yuan) * FEN_PER_YUAN).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def to_yuan(fen: int) -> Decimal:
    """Return whole fen as yuan with two decimals.

    >>> to_yuan(8641400)
    Decimal('86414.00')
    """
    return (Decimal(fen) / FEN_PER_YUAN).quantize(Decimal("0.01"))

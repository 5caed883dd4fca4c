"""Money: whole rupiah, integers only."""

from __future__ import annotations

from decimal import Decimal
from typing import TypeAlias

Rupiah: TypeAlias = int
"""An amount in whole rupiah; never a float."""

MOST: Rupiah = 2**53 - 1
"""The largest amount that every reader of JSON keeps exactly."""


def instalments(principal: Rupiah, count: int) -> tuple[Rupiah, ...]:
    """A principal divided into equal instalments (angsuran); the rest of the division stands in the last one.

    The sum is the principal, exactly.

    Raises:
        ValueError: fewer than one instalment, or a negative principal.
    """
    if count < 1 or principal < 0:
        raise ValueError(f"cannot divide {principal} rupiah into {count} instalments")
    each = principal // count
    return (each,) * (count - 1) + (principal - each * (count - 1),)


def percent(part: int, whole: int) -> Decimal | None:
    """How much `part` is of `whole`, in per cent with two decimals, half up; None when there is no whole.

    Computed in integers, so that no rounding happens twice. Neither number may be negative.
    """
    if part < 0 or whole < 0:
        raise ValueError("a percentage needs numbers that are not negative")
    if whole == 0:
        return None
    hundredths = (part * 20_000 + whole) // (2 * whole)
    return Decimal(hundredths).scaleb(-2)

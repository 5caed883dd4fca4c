"""The p% rule for sums of persons' amounts: nobody who gave a part of a sum may learn another's part from it."""

from __future__ import annotations

from policy.small_counts import DOMINANCE_PERCENT

_HUNDRED = 100


def dominates(total: int, largest: int, second: int, p: int = DOMINANCE_PERCENT) -> bool:
    """Whether who gave the second largest part can tell the largest within p%: by taking their own from the total.

    What remains of the total besides the two must be at least p% of the largest.
    """
    return (total - largest - second) * _HUNDRED < p * largest

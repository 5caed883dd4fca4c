"""The 10-5 rule: which number of persons may be told to whom may not see persons, and how it is rounded.

Source: the 10-5 rule of the Office for National Statistics; DOMAIN section 10.
"""

from __future__ import annotations

from fractions import Fraction

THRESHOLD = 10
"""No figure is told that counts fewer persons, or sums over fewer."""
ROUNDING = 5
"""Counts of persons that are told are multiples of this."""
AMOUNT_STEP = 5_000_000
"""Sums over persons, and generalised amounts, are multiples of this many rupiah (the width of the 2020 loan range)."""
DOMINANCE_PERCENT = 10
"""A sum is not told where the second largest part could estimate the largest to within this share of it (p% rule)."""
MOST_ADVERSE = Fraction(1, 2)
"""No group is told of which more than this share is in a state that harms who is known to be in it."""


def rounded(persons: int) -> int:
    """A count as it is told: the nearest multiple of `ROUNDING`."""
    return nearest(persons, ROUNDING)


def nearest(number: int, step: int) -> int:
    """The nearest multiple of a step, the upper one of two."""
    return (number + step // 2) // step * step

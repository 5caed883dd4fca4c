"""The 10-5 rule: which number of persons may be told to whom may not see persons, and how it is rounded.

Source: the 10-5 rule of the Office for National Statistics; DOMAIN section 10.
"""

from __future__ import annotations

THRESHOLD = 10
"""No figure is told that counts fewer persons, or sums over fewer."""
ROUNDING = 5
"""Counts of persons that are told are multiples of this."""


def rounded(persons: int) -> int:
    """A count as it is told: the nearest multiple of `ROUNDING`."""
    return nearest(persons, ROUNDING)


def nearest(number: int, step: int) -> int:
    """The nearest multiple of a step, the upper one of two."""
    return (number + step // 2) // step * step

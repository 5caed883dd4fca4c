"""Every number of disclosure control: what may be told to whom may not see persons, how coarse, how well hidden.

Nothing elsewhere carries a threshold of its own: a change here is a change of the policy of open data.

Source: the 10-5 rule of the Office for National Statistics; DOMAIN section 10; DESIGN section 8.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

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
NEARLY_ALL = Fraction(9, 10)
"""From this share on a state is said of everybody in a group: a smaller one may be in any one sensitive state."""
REQUIRED_WIDTH = 10
"""What is hidden stays open by at least so many persons, to whoever combines all figures: the interval of what it could
be is no narrower."""
SMALLEST_CLASS = 10
"""k: rows of microdata that look alike are at least so many."""
DISTINCT_STATES = 2
"""l: so many different sensitive values at least stand in each class of rows that look alike."""
MOST_WITHHELD = Fraction(25, 1_000)
"""A generalisation of all rows by one rule may withhold this share of them (`ksbb publish plan`)."""

_Value = TypeVar("_Value", bound=Hashable)


def rounded(persons: int) -> int:
    """A count as it is told: the nearest multiple of `ROUNDING`."""
    return nearest(persons, ROUNDING)


def nearest(number: int, step: int) -> int:
    """The nearest multiple of a step, the upper one of two."""
    return (number + step // 2) // step * step


def before_rounding(told: int) -> tuple[int, int]:
    """The smallest and the largest count that would be told like this."""
    smallest = told - ROUNDING // 2
    return smallest, smallest + ROUNDING - 1


def nested(levels: Sequence[Mapping[_Value, Hashable]]) -> bool:
    """Whether each level of a generalisation hierarchy joins whole classes of the level before.

    A level says for every value what it becomes there. Nested levels have the same values, and what is one on a level
    is one on all that follow: otherwise two levels side by side would tell their difference.
    """
    for finer, coarser in pairwise(levels):
        if finer.keys() != coarser.keys():
            return False
        becomes: dict[Hashable, Hashable] = {}
        if any(becomes.setdefault(finer[value], coarser[value]) != coarser[value] for value in finer):
            return False
    return True

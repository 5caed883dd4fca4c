"""Sums of persons' amounts: nobody who gave a part of one learns another's part within ten percent."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.control.dominance import dominates
from publishing.control.measures import Amount

amounts = st.lists(st.integers(0, 50_000_000), max_size=30)


def an_amount(parts: Sequence[int]) -> Amount:
    largest, second, *_ = [*sorted(parts, reverse=True), 0, 0]
    return Amount(sum(parts), largest, second, len(parts))


def error_of_the_second(parts: Sequence[int]) -> int:
    """By how much the second, who takes the own part from the total, overestimates the first."""
    first, *others = sorted(parts, reverse=True)
    return sum(parts) - max(others, default=0) - first


@given(amounts.filter(any))
def test_a_sum_is_dominated_where_the_second_can_tell_the_first_within_ten_percent(parts: list[int]) -> None:
    assert an_amount(parts).is_dominated == (10 * error_of_the_second(parts) < max(parts))


@given(amounts, amounts)
def test_cells_that_are_told_together_are_judged_as_one(some: list[int], more: list[int]) -> None:
    assert an_amount(some) + an_amount(more) == an_amount([*some, *more])


@pytest.mark.parametrize(
    ("parts", "dominated"),
    [
        ([], False),
        ([5_000_000], True),
        ([5_000_000, 5_000_000], True),
        ([100, 50, 9], True),
        ([100, 50, 10], False),
        ([5_000_000] * 3, False),
    ],
)
def test_what_remains_besides_the_two_largest_must_be_a_tenth_of_the_largest(parts: list[int], dominated: bool) -> None:
    assert an_amount(parts).is_dominated is dominated


def test_p_can_be_stricter() -> None:
    assert not dominates(160, 100, 50, p=10)
    assert dominates(160, 100, 50, p=11)

"""Money is whole rupiah, and nothing is lost in a division."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.money import instalments, percent


@given(principal=st.integers(0, 10**15), count=st.integers(1, 600))
def test_instalments_add_up_to_the_principal_and_only_the_last_one_differs(principal: int, count: int) -> None:
    parts = instalments(principal, count)
    assert sum(parts) == principal
    assert len(parts) == count
    assert len(set(parts[:-1])) <= 1
    assert 0 <= parts[-1] - principal // count < count


@pytest.mark.parametrize(("principal", "count"), [(100, 0), (-1, 3)])
def test_a_division_that_makes_no_sense_is_refused(principal: int, count: int) -> None:
    with pytest.raises(ValueError, match="cannot divide"):
        instalments(principal, count)


def test_percent_rounds_half_up_to_two_decimals() -> None:
    assert percent(15_000_000, 35_500_003) == Decimal("42.25")
    assert percent(1, 800) == Decimal("0.13")  # 0.125
    assert str(percent(1, 2)) == "50.00"


def test_a_percentage_of_nothing_is_empty() -> None:
    assert percent(0, 0) is None


def test_a_percentage_of_negative_numbers_is_refused() -> None:
    with pytest.raises(ValueError, match="not negative"):
        percent(-1, 10)


@given(part=st.integers(0, 10**18), whole=st.integers(1, 10**18))
def test_percent_is_never_further_than_half_a_hundredth_from_the_truth(part: int, whole: int) -> None:
    shown = percent(part, whole)
    assert shown is not None
    assert abs(Fraction(shown) - Fraction(100 * part, whole)) <= Fraction(1, 200)

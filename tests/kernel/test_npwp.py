"""Tax numbers of fifteen and sixteen digits; python-stdnum agrees where it is right."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.id import npwp as stdnum_npwp

from kernel import luhn
from kernel.npwp import UnusableNpwp, read_npwp

AS_OF = dt.date(2024, 7, 1)
JAKARTA = frozenset({"31", "31.71", "31.71.01"})


@st.composite
def old_numbers(draw: st.DrawFn) -> str:
    """A fifteen-digit number whose ninth digit checks the first eight."""
    body = draw(st.from_regex(r"[0-9]{8}", fullmatch=True))
    return body + luhn.check_character(body) + draw(st.from_regex(r"[0-9]{6}", fullmatch=True))


@given(old_numbers())
def test_an_old_number_is_read_with_and_without_the_leading_zero(number: str) -> None:
    for digits in (number, "0" + number):
        assert read_npwp(digits, JAKARTA, AS_OF) == digits == stdnum_npwp.validate(digits)


@given(st.from_regex(r"[0-9]{15}|0[0-9]{15}", fullmatch=True))
def test_stdnum_agrees_on_every_number_that_is_not_a_nik(digits: str) -> None:
    try:
        accepted = bool(read_npwp(digits, JAKARTA, AS_OF))
    except UnusableNpwp:
        accepted = False
    assert accepted == stdnum_npwp.is_valid(digits)


def test_a_nik_is_a_tax_number_since_2024() -> None:
    assert read_npwp("3171 0117 0880 9901", JAKARTA, AS_OF) == "3171011708809901"


@pytest.mark.parametrize("text", ["", "12345", "3171018108809908", "01.312.166.1-091.000", "not a number 123"])
def test_a_bad_number_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(UnusableNpwp) as refused:
        read_npwp(text, JAKARTA, AS_OF)
    assert not text or text not in refused.value.message


def test_dots_and_hyphens_as_printed_are_dropped() -> None:
    assert read_npwp("01.312.166.0-091.000", JAKARTA, AS_OF) == "013121660091000"

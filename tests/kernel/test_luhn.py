"""Our Luhn agrees with python-stdnum's, for decimal digits and for Crockford's alphabet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as stdnum_luhn

from kernel import luhn

ALPHABETS = pytest.mark.parametrize("alphabet", [luhn.DIGITS, luhn.CROCKFORD])


@ALPHABETS
@given(data=st.data())
def test_both_implementations_choose_the_same_check_character(alphabet: str, data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet, min_size=1, max_size=20))
    check = luhn.check_character(text, alphabet)
    assert check == stdnum_luhn.calc_check_digit(text, alphabet)
    assert luhn.is_valid(text + check, alphabet)
    assert luhn.is_valid(text, alphabet) == stdnum_luhn.is_valid(text, alphabet)


@ALPHABETS
@given(data=st.data())
def test_every_single_wrong_character_is_caught(alphabet: str, data: st.DataObject) -> None:
    text = data.draw(st.text(alphabet, min_size=1, max_size=20))
    text += luhn.check_character(text, alphabet)
    place = data.draw(st.integers(0, len(text) - 1))
    wrong = data.draw(st.sampled_from(alphabet.replace(text[place], "")))
    assert not luhn.is_valid(text[:place] + wrong + text[place + 1 :], alphabet)


def test_nothing_and_strange_characters_are_not_valid() -> None:
    assert not luhn.is_valid("")
    assert not luhn.is_valid("12x4")

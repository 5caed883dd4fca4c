"""Collaboration identifiers: made, typed by people, checked by others."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import luhn as stdnum_luhn

from kernel.collaboration_id import (
    CollaborationId,
    Programme,
    UnusableCollaborationId,
    new_collaboration_id,
    read_collaboration_id,
)
from kernel.luhn import CROCKFORD

IDS = st.builds(
    new_collaboration_id, st.sampled_from(Programme), st.integers(2020, 2099), st.builds(Random, st.integers())
)
EXAMPLE = CollaborationId(Programme.UMK, 2020, "7K3M9K")


@given(IDS)
def test_an_identifier_reads_back_and_stdnum_verifies_it(made: CollaborationId) -> None:
    assert read_collaboration_id(str(made)) == made
    assert stdnum_luhn.is_valid(made.token, CROCKFORD)


@given(IDS)
def test_reading_forgives_case_hyphens_and_letters_that_look_like_digits(made: CollaborationId) -> None:
    typed = str(made).replace("-", " ").replace("1", "l").replace("0", "o").lower()
    assert read_collaboration_id(typed) == made
    assert read_collaboration_id(str(made).replace("1", "I").replace("-", "")) == made


@given(IDS, st.integers(0, 5), st.sampled_from(CROCKFORD))
def test_one_mistyped_character_is_always_caught(made: CollaborationId, place: int, wrong: str) -> None:
    token = made.token[:place] + wrong + made.token[place + 1 :]
    if token != made.token:
        with pytest.raises(UnusableCollaborationId):
            read_collaboration_id(f"KSBB-{made.programme}-{made.year}-{token}")


def test_the_example_of_the_handbook_is_valid() -> None:
    assert read_collaboration_id("ksbb-umk-2o2o-7k3m9k") == EXAMPLE


@pytest.mark.parametrize(
    "text", ["", "KSBB-UMK-2020-7K3M9", "KSBB-XYZ-2020-7K3M9K", "KSBB-UMK-20-7K3M9K", "KSBB-UMK-2020-7K3M9U", "7K3M9K"]
)
def test_another_shape_is_refused(text: str) -> None:
    with pytest.raises(UnusableCollaborationId, match="ID kolaborasi"):
        read_collaboration_id(text)

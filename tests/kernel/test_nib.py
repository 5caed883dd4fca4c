"""A NIB is thirteen digits."""

import pytest

from kernel.nib import UnusableNib, read_nib


@pytest.mark.parametrize("text", ["9900000000002", " 990-0000-000002 ", "'9900000000002"])
def test_a_nib_is_read_as_typed(text: str) -> None:
    assert read_nib(text) == "9900000000002"


@pytest.mark.parametrize(
    "text", ["", "990000000000", "99000000000022", "1111111111111", "99000000000O2", "٩٩٠٠٠٠٠٠٠٠٠٠٢"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(UnusableNib):
        read_nib(text)

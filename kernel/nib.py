"""NIB: the business identification number (Nomor Induk Berusaha)."""

from __future__ import annotations

from kernel.errors import KsbbError

LENGTH = 13
_DECORATION = str.maketrans("", "", " .-'")


class UnusableNib(KsbbError):
    """A business number that cannot be one."""

    code = "UNUSABLE_NIB"

    def __init__(self) -> None:
        super().__init__(f"A NIB (Nomor Induk Berusaha) has exactly {LENGTH} digits and is not all one digit.")


def read_nib(text: str) -> str:
    """The thirteen digits of a NIB. They are random: beyond their number, only an obvious filler can be refused.

    Raises:
        UnusableNib: another length, something else than digits, or one digit thirteen times.
    """
    digits = text.translate(_DECORATION)
    if not (digits.isascii() and digits.isdigit() and len(digits) == LENGTH and len(set(digits)) > 1):
        raise UnusableNib
    return digits

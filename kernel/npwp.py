"""NPWP: the tax number (Nomor Pokok Wajib Pajak), fifteen digits before 2024, sixteen since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from kernel import luhn
from kernel.errors import KsbbError
from kernel.nik import UnusableNik, read_nik

OLD_LENGTH, LENGTH = 15, 16
CHECKED_DIGITS = 9  # the Luhn digit closes the first nine; branch and office follow
_DECORATION = str.maketrans("", "", " .-")


class UnusableNpwp(KsbbError):
    """A tax number that cannot be one. Says what is wrong, never the number: a person's may be a NIK."""

    code = "UNUSABLE_NPWP"

    def __init__(self, reason: str) -> None:
        super().__init__(f"This tax number (NPWP) cannot be used: {reason}.")


def read_npwp(text: str, known_regions: Collection[str], as_of: dt.date) -> str:
    """The digits of a tax number, as issued: 15 old, or 16 new (0 and the old number, or the owner's NIK).

    `known_regions` and `as_of` serve the NIK, see `read_nik`.

    Raises:
        UnusableNpwp: wrong length, wrong check digit, or a NIK that cannot be one.
    """
    digits = text.translate(_DECORATION)
    if not (digits.isascii() and digits.isdigit() and len(digits) in (OLD_LENGTH, LENGTH)):
        raise UnusableNpwp(f"it must have {OLD_LENGTH} digits (old) or {LENGTH} (new)")
    if len(digits) == LENGTH and digits[0] != "0":
        _check_nik(digits, known_regions, as_of)
    elif not luhn.is_valid(digits[-OLD_LENGTH:][:CHECKED_DIGITS]):
        raise UnusableNpwp("its check digit does not fit; compare it with the card")
    return digits


def _check_nik(digits: str, known_regions: Collection[str], as_of: dt.date) -> None:
    try:
        read_nik(digits, known_regions, as_of)
    except UnusableNik as refused:
        raise UnusableNpwp(
            f"sixteen digits that do not begin with 0 are a NIK; {refused.message}".rstrip(".")
        ) from None

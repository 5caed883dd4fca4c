"""No. KK: the number of a family card (nomor Kartu Keluarga)."""

from __future__ import annotations

from collections.abc import Collection

from kernel.errors import KsbbError
from kernel.population_number import SENTENCES, Fault, real_date, take_apart


class UnusableFamilyCard(KsbbError):
    """A family card number that cannot be one. Says what is wrong, never the number."""

    code = "UNUSABLE_FAMILY_CARD"

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"This family card number (No. KK) cannot be used: {SENTENCES[fault]}.", fault=fault)
        self.fault = fault


def read_family_card(text: str, known_regions: Collection[str]) -> str:
    """The sixteen digits of a family card: the place and day of issue, and a serial.

    The structure is that of a NIK, without the 40 added to the day. Cards were numbered so from the 1990s on; the
    century is not told apart. `known_regions`: see `take_apart`.

    Raises:
        UnusableFamilyCard: with the fault as a code.
    """
    parts = take_apart(text, known_regions)
    if isinstance(parts, Fault):
        raise UnusableFamilyCard(parts)
    if not any(real_date(century + parts.year, parts.month, parts.day) for century in (1900, 2000)):
        raise UnusableFamilyCard(Fault.TANGGAL)
    return parts.digits

"""The sixteen digits that NIK and family card share: six for a place, six for a date, four for a serial."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise

LENGTH = 16

PROVINCES = frozenset(
    str(code)
    for block in ((11, 19), (21, 21), (31, 36), (51, 53), (61, 65), (71, 76), (81, 82), (91, 96))
    for code in range(block[0], block[1] + 1)
)
"""The province codes of the Ministry of Home Affairs (Kemendagri): 38 since 2022."""

_EMPTY = frozenset({"", "tidakada", "belumada", "kosong", "nihil", "na", "n/a", "null"})
_SCIENTIFIC = re.compile(r"\d+([.,]\d+)?E\+?\d+", re.IGNORECASE)
_DECORATION = str.maketrans("", "", " \t\r\n\u00a0'\u2019.-")


class Fault(StrEnum):
    """Why a number was refused (alasan): the codes that an import report shows."""

    KOSONG = "KOSONG"
    NOTASI_ILMIAH = "NOTASI_ILMIAH"
    BUKAN_ANGKA = "BUKAN_ANGKA"
    PANJANG = "PANJANG"
    SEMU = "SEMU"
    PROVINSI = "PROVINSI"
    KABKOTA = "KABKOTA"
    KECAMATAN = "KECAMATAN"
    TANGGAL = "TANGGAL"
    URUT = "URUT"


SENTENCES: dict[Fault, str] = {
    Fault.KOSONG: "it is empty",
    Fault.NOTASI_ILMIAH: "a spreadsheet turned it into scientific notation; make the column text and enter it again",
    Fault.BUKAN_ANGKA: "it holds something else than digits",
    Fault.PANJANG: f"it must have exactly {LENGTH} digits",
    Fault.SEMU: "it is a filler (one digit repeated, or digits counting up or down), not a number that was issued",
    Fault.PROVINSI: "its first two digits are no province (provinsi) of Indonesia",
    Fault.KABKOTA: "digits 3-4 are no city or regency (kota/kabupaten) of that province",
    Fault.KECAMATAN: "digits 5-6 are no district (kecamatan) of that city or regency",
    Fault.TANGGAL: "digits 7-12 (DDMMYY) are no date that exists",
    Fault.URUT: "the serial (nomor urut, last four digits) is 0000",
}
"""What is wrong, as the second half of a sentence; never with a digit of the number itself."""


@dataclass(frozen=True)
class Parts:
    """A number taken apart; nothing of it shows in a `repr`."""

    digits: str = field(repr=False)
    region_code: str = field(repr=False)
    day: int = field(repr=False)
    month: int = field(repr=False)
    year: int = field(repr=False)


def digits_of(text: str) -> str | Fault:
    """The digits of a number as people type it (spaces, dots, hyphens, a leading quote), or why there are none."""
    bare = text.translate(_DECORATION)
    if bare.lower() in _EMPTY:
        return Fault.KOSONG
    if _SCIENTIFIC.fullmatch(text.strip()):
        return Fault.NOTASI_ILMIAH
    if not (bare.isascii() and bare.isdigit()):
        return Fault.BUKAN_ANGKA
    return bare


def take_apart(text: str, known_regions: Collection[str]) -> Parts | Fault:
    """The parts of a sixteen-digit number, or the first thing that is wrong with it.

    `known_regions` holds dotted Kemendagri codes. A province with a code in it is known completely: its cities and
    districts must exist. Elsewhere only the province is checked, since districts are split all the time.
    The date is left to the caller: a woman's NIK adds 40 to the day, a family card does not.
    """
    digits = digits_of(text)
    if isinstance(digits, Fault):
        return digits
    if len(digits) != LENGTH:
        return Fault.PANJANG
    if _is_filler(digits):
        return Fault.SEMU
    if place := _place_fault(digits, known_regions):
        return place
    if digits[12:] == "0000":
        return Fault.URUT
    return Parts(digits, ".".join(_pairs(digits[:6])), *map(int, _pairs(digits[6:12])))


def real_date(year: int, month: int, day: int) -> dt.date | None:
    """The date, or None when the calendar has no such day."""
    try:
        return dt.date(year, month, day)
    except ValueError:
        return None


def _is_filler(digits: str) -> bool:
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(digits)}
    return steps in ({0}, {1}, {9})


def _place_fault(digits: str, known_regions: Collection[str]) -> Fault | None:
    province, city, district = _pairs(digits[:6])
    if province not in PROVINCES:
        return Fault.PROVINSI
    strict = province in known_regions
    if city == "00" or (strict and f"{province}.{city}" not in known_regions):
        return Fault.KABKOTA
    if district == "00" or (strict and f"{province}.{city}.{district}" not in known_regions):
        return Fault.KECAMATAN
    return None


def _pairs(digits: str) -> tuple[str, ...]:
    return tuple(digits[i : i + 2] for i in range(0, len(digits), 2))

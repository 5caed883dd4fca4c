"""KBLI: the code of a business activity (Klasifikasi Baku Lapangan Usaha Indonesia), always with its version."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from kernel.errors import KsbbError

LENGTH = 5


class KbliVersion(StrEnum):
    """The year of the classification. The same five digits mean different things in different years."""

    V2017 = "2017"
    V2020 = "2020"
    V2025 = "2025"


class UnusableKbli(KsbbError):
    """A KBLI code that cannot be one."""

    code = "UNUSABLE_KBLI"


# The first division (golongan pokok) of each section (kategori), and its letter; a hyphen where no division exists.
_ISIC_4 = (
    "01A 04- 05B 10C 34- 35D 36E 40- 41F 44- 45G 48- 49H 54- 55I 57- 58J 64K 67- 68L 69M 76- 77N 83- 84O 85P 86Q 89- "
    "90R 94S 97T 99U"
)
_ISIC_5 = (
    "01A 04- 05B 10C 34- 35D 36E 40- 41F 44- 46G 48- 49H 54- 55I 57- 58J 61K 64L 67- 68M 69N 76- 77O 83- 84P 85Q 86R "
    "89- 90S 94T 97U 99V"
)
_SECTIONS = {KbliVersion.V2017: _ISIC_4, KbliVersion.V2020: _ISIC_4, KbliVersion.V2025: _ISIC_5}


@dataclass(frozen=True, order=True)
class Kbli:
    """Five digits (text: zeros lead) in one version of the classification."""

    version: KbliVersion
    code: str

    @property
    def section(self) -> str:
        """The section letter (kategori): KBLI 2017 and 2020 follow ISIC revision 4, KBLI 2025 revision 5."""
        return _section(self.version, self.code)


def read_kbli(code: str, version: str) -> Kbli:
    """A KBLI code with its version. Whether the code is on the list is for the imported list to say.

    Raises:
        UnusableKbli: not five digits, a division that does not exist, or an unknown version.
    """
    if version not in set(KbliVersion):
        raise UnusableKbli(
            f"KBLI version {version!r} is unknown; give one of {', '.join(KbliVersion)}.", version=version
        )
    digits = code.strip().removeprefix("'")
    if not (digits.isascii() and digits.isdigit() and len(digits) == LENGTH):
        hint = "" if len(digits) != LENGTH - 1 else " A spreadsheet may have dropped the leading zero."
        raise UnusableKbli(f"KBLI code {code!r} must have {LENGTH} digits.{hint}", code=code)
    if not _section(KbliVersion(version), digits):
        raise UnusableKbli(f"KBLI code {digits} begins with a division that KBLI {version} does not have.", code=digits)
    return Kbli(KbliVersion(version), digits)


def _section(version: KbliVersion, code: str) -> str:
    """The section letter of a code; empty where the classification has no such division."""
    starts = _SECTIONS[version].split()
    place = bisect_right(starts, code[:2], key=lambda start: start[:2])
    return starts[place - 1][2].strip("-") if place else ""

"""NIK: the number of a person in the population register (Nomor Induk Kependudukan)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from kernel.errors import KsbbError
from kernel.population_number import SENTENCES, Fault, Parts, real_date, take_apart

WOMAN_DAY_OFFSET = 40  # a woman's day of birth is written with 40 added
YOUNGEST_OWNER = 17  # the age from which a person has a KTP and thus can own a business here


class Sex(StrEnum):
    """Sex as the register writes it (jenis kelamin)."""

    L = "L"
    P = "P"


class UnusableNik(KsbbError):
    """A NIK that cannot be one. Says what is wrong, never the number."""

    code = "UNUSABLE_NIK"

    def __init__(self, fault: Fault) -> None:
        super().__init__(f"This NIK (Nomor Induk Kependudukan) cannot be used: {SENTENCES[fault]}.", fault=fault)
        self.fault = fault


@dataclass(frozen=True)
class Nik:
    """A NIK and what it tells. All of it is personal, so none of it shows in a `repr`.

    `region_code` is the district of the *first* registration: it says nothing about where the person lives now.
    """

    digits: str = field(repr=False)
    sex: Sex = field(repr=False)
    birth_date: dt.date = field(repr=False)
    region_code: str = field(repr=False)

    @property
    def last_four(self) -> str:
        """What a masked reader may see."""
        return self.digits[-4:]


def read_nik(text: str, known_regions: Collection[str], as_of: dt.date) -> Nik:
    """A NIK as typed, checked as far as its digits allow; it has no check digit.

    `known_regions`: dotted Kemendagri codes, see `take_apart`. `as_of`: the day of the record; the two-digit year is
    read as the birth of somebody who was at least 17 on that day.

    Raises:
        UnusableNik: with the fault as a code.
    """
    parts = take_apart(text, known_regions)
    if isinstance(parts, Fault):
        raise UnusableNik(parts)
    sex = Sex.P if parts.day > WOMAN_DAY_OFFSET else Sex.L
    born = _birth_date(parts, as_of)
    if born is None:
        raise UnusableNik(Fault.TANGGAL)
    return Nik(parts.digits, sex, born, parts.region_code)


def _birth_date(parts: Parts, as_of: dt.date) -> dt.date | None:
    """The birth that makes the person of age, the later century first; else any that is on the calendar."""
    day = parts.day - WOMAN_DAY_OFFSET if parts.day > WOMAN_DAY_OFFSET else parts.day
    dates = [found for century in (2000, 1900) if (found := real_date(century + parts.year, parts.month, day))]
    grown = (born for born in dates if (as_of.year - born.year, as_of.month, as_of.day) >= _coming_of_age(born))
    return next(grown, dates[-1] if dates else None)


def _coming_of_age(born: dt.date) -> tuple[int, int, int]:
    return YOUNGEST_OWNER, born.month, born.day

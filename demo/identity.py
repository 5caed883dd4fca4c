"""Numbers of people who do not exist: valid in form, with a serial that begins with 99."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import NamedTuple

from geo.regions import Level, at_level
from models.vocabulary import Sex

_FIRST_BIRTH = dt.date(1956, 1, 1).toordinal()
_BIRTHS = dt.date(2001, 12, 31).toordinal() - _FIRST_BIRTH + 1
_FIRST_CARD = dt.date(2005, 1, 1).toordinal()
_CARDS = dt.date(2019, 12, 31).toordinal() - _FIRST_CARD + 1
_SERIALS = 100
_WOMAN_DAY_OFFSET = 40
_SPREAD = 0x9E37_79B1  # a prime: each number below the product of all choices is met once


class Identity(NamedTuple):
    """A synthetic person's numbers."""

    nik: str
    family_card: str
    sex: Sex
    born_on: dt.date


def identity(number: int) -> Identity:
    """The numbers of person `number`: no two persons share a NIK (there are about 148 million)."""
    districts = _districts()
    spread = number * _SPREAD % (_SERIALS * 2 * _BIRTHS * len(districts))
    rest, serial = divmod(spread, _SERIALS)
    rest, woman = divmod(rest, 2)
    place, birth = divmod(rest, _BIRTHS)
    born_on = dt.date.fromordinal(_FIRST_BIRTH + birth)
    card_on = dt.date.fromordinal(_FIRST_CARD + spread % _CARDS)
    nik = f"{districts[place]}{born_on.day + _WOMAN_DAY_OFFSET * woman:02}{born_on:%m%y}99{serial:02}"
    return Identity(nik, f"{districts[place]}{card_on:%d%m%y}99{serial:02}", Sex.P if woman else Sex.L, born_on)


@cache
def _districts() -> list[str]:
    return [kecamatan.code.replace(".", "") for kecamatan in at_level(Level.KECAMATAN)]

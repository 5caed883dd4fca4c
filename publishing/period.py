"""Sealed periods: figures on persons are published by half-year, once it is over and late reports had their time."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

GRACE_DAYS = 14
"""How long after its end a period stays open for what was validated in time and reported late."""

_HALF = 6


@dataclass(frozen=True, order=True)
class HalfYear:
    """A half of a calendar year: `half` is 1 (January to June) or 2."""

    year: int
    half: int

    @property
    def starts_on(self) -> dt.date:
        """Its first day."""
        return dt.date(self.year, 1 + _HALF * (self.half - 1), 1)

    @property
    def ends_on(self) -> dt.date:
        """Its last day."""
        return dt.date(self.year, 6, 30) if self.half == 1 else dt.date(self.year, 12, 31)

    def is_sealed(self, today: dt.date) -> bool:
        """Whether the period and its days of grace are over."""
        return today > self.ends_on + dt.timedelta(days=GRACE_DAYS)

    def __str__(self) -> str:
        """Its last month as YYYYMM (periode_data of Satu Data Jakarta): `202012`."""
        return f"{self.ends_on:%Y%m}"


def half_year_of(day: dt.date) -> HalfYear:
    """The half-year in which a day lies."""
    return HalfYear(day.year, 1 if day.month <= _HALF else 2)


def read_half_year(text: str) -> HalfYear:
    """The half-year that `str` wrote."""
    return HalfYear(int(text[:4]), int(text[4:]) // _HALF)


def last_sealed(today: dt.date) -> HalfYear:
    """The latest half-year that is sealed on a day."""
    half_year = half_year_of(today)
    while not half_year.is_sealed(today):
        half_year = half_year_of(half_year.starts_on - dt.timedelta(days=1))
    return half_year

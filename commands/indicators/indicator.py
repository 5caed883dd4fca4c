"""What an indicator is: a figure with its definition, and the statement that measures it at the end of a day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Select

from kernel.clock import start_of_day
from kernel.keys import first_at
from models.vocabulary import Code


class Unit(Code):
    """Satuan. Source: our proposal."""

    JUMLAH = "JUMLAH", "Jumlah", "Number"
    RUPIAH = "RUPIAH", "Rupiah", "Rupiah"
    PERSEN = "PERSEN", "Persen", "Per cent"


class Basis(Code):
    """Dasar angka: who says so; figures of different bases are different figures. Source: our proposal."""

    DILAPORKAN = "DILAPORKAN", "Dilaporkan sendiri", "Reported by the party itself"
    TERVALIDASI = "TERVALIDASI", "Diperiksa petugas", "Validated by an officer"
    DIHITUNG = "DIHITUNG", "Dihitung sistem", "Computed by the system"


@dataclass(frozen=True)
class AsOf:
    """The end of a day in Jakarta. What was recorded later does not count, whatever day it speaks of."""

    day: dt.date

    @cached_property
    def before(self) -> dt.datetime:
        """The instant at which the day is over: what counts was recorded before it."""
        return start_of_day(self.day + dt.timedelta(days=1))

    @cached_property
    def first_later_key(self) -> UUID:
        """Rows that were made by then have smaller keys: a key tells when its row was made."""
        return first_at(self.before)


Measure = Callable[[AsOf], Select[Any]]
"""Rows of `part` (a code, empty for the whole), `value` (a whole number) and `persons`.

`persons` is how many persons stand behind the value, NULL where none does.
"""


@dataclass(frozen=True, kw_only=True)
class Indicator:
    """One indicator; `sources` are the columns that it rests on.

    `of_persons`: its small values would tell of single persons. `lasts`: it rests only on rows that keep what they said
    on the day, so that it can be told again, to the last digit, whatever is recorded later.
    """

    name: str
    english: str
    indonesian: str
    defined: str
    definisi: str
    unit: Unit
    basis: Basis
    sources: tuple[str, ...]
    measure: Measure
    of_persons: bool = False
    lasts: bool = True
    beside: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, kw_only=True)
class Share:
    """An indicator in per cent of two others, by their names; `rest`: what is left of the hundred.

    `beside` names those without which it would mislead: a small book is not to be read as a rate.
    """

    name: str
    english: str
    indonesian: str
    defined: str
    definisi: str
    part: str
    whole: str
    rest: bool = False
    beside: tuple[str, ...] = ()
    basis: Basis = Basis.DIHITUNG
    unit: Unit = Unit.PERSEN
    of_persons: ClassVar[bool] = False
    """Of itself it tells of nobody: it is made of what may be told of its two parts."""

    @property
    def sources(self) -> tuple[str, ...]:
        """The indicators that it rests on."""
        return self.part, self.whole

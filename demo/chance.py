"""Chance that is the same on every run: seeded draws and the keys of rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cache
from random import Random
from typing import TypeVar
from uuid import UUID
from zlib import crc32

from asyncpg.pgproto.pgproto import UUID as FastUUID  # noqa: N811  # made in a tenth of the time of the standard one

from kernel.clock import JAKARTA

T = TypeVar("T")

_TAIL_BITS = 74  # what a UUIDv7 leaves beside time, version and variant
_TAIL = (1 << _TAIL_BITS) - 1
_SPREAD = 0x9E37_79B9_7F4A_7C15_F39  # odd, near the golden part of 2^74: numbers one apart land far apart
_MORNING_MS = (8 - 7) * 3_600_000  # eight o'clock in Jakarta, counted from midnight in UTC
_MOMENTS = 997  # of a day at which something happens, over eight hours
_PAUSE_MS = 8 * 3_600_000 // _MOMENTS
_VERSION_AND_VARIANT = 0x7 << 76 | 0b10 << 62
_LOW = (1 << 62) - 1
_DAY_MS = 86_400_000
_EPOCH_DAY = dt.date(1970, 1, 1).toordinal()


class Chance:
    """The draws of one thing; `Chance(seed, "loan", 17)` draws the same in every run and in any order."""

    def __init__(self, seed: int, noun: str, number: int = 0) -> None:
        self.random = Random((seed << 64) ^ (crc32(noun.encode()) << 32) ^ number)  # noqa: S311  # nothing secret
        self.share = self.random.random

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the others."""
        return options[int(self.share() * len(options))]

    def between(self, low: int, high: int) -> int:
        """A whole number, both ends included."""
        return low + int(self.share() * (high - low + 1))

    def happens(self, share: float) -> bool:
        """Yes in this share of all cases."""
        return self.share() < share

    def rounded(self, low: int, high: int, step: int) -> int:
        """A multiple of `step` between two multiples of it."""
        return self.between(low // step, high // step) * step

    def digits(self, count: int) -> str:
        """So many digits, the first of them not zero."""
        return str(self.between(10 ** (count - 1), 10**count - 1))


def key(seed: int, table: str, number: int, day: dt.date) -> UUID:
    """The key of row `number` of a table: a UUIDv7 of that day, told from its arguments alone.

    So any part of the city can name any row without remembering it. Unlike the keys of `kernel.keys` it can be guessed,
    which does no harm: nobody in this city exists.
    """
    tail = (number * _SPREAD + _start(seed, table)) & _TAIL
    moment = (day.toordinal() - _EPOCH_DAY) * _DAY_MS + _MORNING_MS + number % _MOMENTS * _PAUSE_MS
    bits = moment << 80 | _VERSION_AND_VARIANT | (tail >> 62) << 64 | tail & _LOW
    made: UUID = FastUUID(bits.to_bytes(16, "big"))
    return made


@cache
def _start(seed: int, table: str) -> int:
    """Where the tails of a table begin."""
    return seed * _DAY_MS + crc32(table.encode())


def at(day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """An instant of a day in Jakarta."""
    return dt.datetime(day.year, day.month, day.day, hour, minute, tzinfo=JAKARTA)

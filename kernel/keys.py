"""Internal keys: UUID version 7, made by the application (RFC 9562 section 5.7)."""

from __future__ import annotations

import datetime as dt
from random import Random
from threading import Lock
from uuid import UUID

from kernel.clock import Clock

_TAIL_BITS = 74  # what a UUIDv7 leaves beside time, version and variant: 12 + 62
_STEP_BITS = 32  # how far one key jumps past the one before it in the same millisecond
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND = dt.timedelta(milliseconds=1)


class KeyMaker:
    """Makes keys in ascending order, also within one millisecond and when the clock steps back.

    With `random.SystemRandom()` and the system clock the keys are unguessable; with a seeded `Random` and a fixed
    clock they are the same on every run, as the demo city needs them. Safe to share between threads.
    A key tells when it was made: it is never shown outside.
    """

    def __init__(self, random: Random, clock: Clock) -> None:
        self._random = random
        self._clock = clock
        self._lock = Lock()
        self._last = 0  # milliseconds and tail as one number

    def new(self) -> UUID:
        """The next key, larger than all that this maker made with `new` before."""
        moment = _milliseconds(self._clock.now()) << _TAIL_BITS
        with self._lock:
            if moment > self._last:
                self._last = moment | self._random.getrandbits(_TAIL_BITS)
            else:
                self._last += 1 + self._random.getrandbits(_STEP_BITS)
            return _uuid(self._last)

    def at(self, instant: dt.datetime) -> UUID:
        """A key for something that happened at an instant; ordered by that instant, not by the order of making."""
        with self._lock:
            return _uuid(_milliseconds(instant) << _TAIL_BITS | self._random.getrandbits(_TAIL_BITS))


def first_at(instant: dt.datetime) -> UUID:
    """The smallest key of an instant: what was made before has a smaller one. Keys begin in 1970."""
    return _uuid(max(0, _milliseconds(instant)) << _TAIL_BITS)


def made_at(key: UUID) -> dt.datetime:
    """The instant, in UTC to the millisecond, that a key carries."""
    return _EPOCH + (key.int >> 80) * _MILLISECOND


def _milliseconds(instant: dt.datetime) -> int:
    return (instant - _EPOCH) // _MILLISECOND


def _uuid(number: int) -> UUID:
    """Spread time (48 bits) and tail (12 + 62 bits) around version 7 and the RFC 9562 variant."""
    head, low = number >> 62, number & (1 << 62) - 1
    time, high = head >> 12, head & 0xFFF
    return UUID(int=time << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)

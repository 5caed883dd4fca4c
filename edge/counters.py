"""Counts of the last minute in the memory of this process, by sliding window as the library `limits` counts in Redis.

The library's own memory walks through all that it counts at every request: with 20,000 callers that took 2 ms of each
(its rate limiter by sliding windows, version 5.8). It also asks the wall clock, which can be set back; and it asks a
storage twice for what is said in one step here, which was a tenth of a short request.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

CALLERS_KEPT = 100_000
"""Those who asked last; some 20 MB."""


@dataclass(slots=True)
class _Windows:
    """What was counted in a window of time and in the one before it."""

    number: int
    before: int = 0
    now: int = 0


class Count(NamedTuple):
    """What there is to say when something was counted, or was one too many."""

    is_within: bool
    remaining: int
    reset_s: float
    """Until one more is free, at the latest."""


class Counters:
    """Counts by sliding window: of the window before this one, as much counts as has not yet slid out."""

    def __init__(self, most: int = CALLERS_KEPT, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._clock = clock
        self._windows: OrderedDict[str, _Windows] = OrderedDict()

    def count(self, key: str, limit: int, window_s: int, cost: int = 1) -> Count:
        """Count so many more for a key, if that is within the limit."""
        windows, slid_s = self._at(key, window_s)
        left_s = window_s - slid_s
        before = windows.before * left_s / window_s
        used = int(before + windows.now)
        is_within = used + cost <= limit
        if is_within:
            windows.now += cost
            used += cost
        free_s = left_s if windows.now else window_s
        if windows.before:
            free_s = min(free_s, left_s % (window_s / windows.before))
        return Count(is_within, max(0, limit - used), free_s)

    def __len__(self) -> int:
        return len(self._windows)

    def _at(self, key: str, window_s: int) -> tuple[_Windows, float]:
        number, slid_s = divmod(self._clock(), window_s)
        windows = self._windows.get(key)
        if windows is None:
            windows = self._windows[key] = _Windows(int(number))
            if len(self._windows) > self._most:
                self._windows.popitem(last=False)
        else:
            self._windows.move_to_end(key)
            if windows.number != number:
                windows.before = windows.now if windows.number == number - 1 else 0
                windows.number, windows.now = int(number), 0
        return windows, slid_s

"""Counts of the last minute in the memory of this process, as a storage of the library `limits`.

The library's own memory walks through all that it counts at every request: with 20,000 callers that took 2 ms of each
(its rate limiter by sliding windows, version 5.8). It also asks the wall clock, which can be set back.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from math import floor

from limits.aio.storage import SlidingWindowCounterSupport, Storage

CALLERS_KEPT = 100_000
"""Those who asked last; some 20 MB."""


@dataclass(slots=True)
class _Windows:
    """What was counted in a window of time and in the one before it."""

    number: int
    before: int = 0
    now: int = 0


class Counters(Storage, SlidingWindowCounterSupport):
    """Counts by sliding window: of the window before this one, as much counts as has not yet slid out."""

    STORAGE_SCHEME = None  # not found by an address

    def __init__(self, most: int = CALLERS_KEPT, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._most = most
        self._clock = clock
        self._windows: OrderedDict[str, _Windows] = OrderedDict()

    @property
    def base_exceptions(self) -> type[Exception]:
        """What can go wrong here: nothing that the caller could answer."""
        return ValueError

    async def acquire_sliding_window_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        """Count `amount` more, if that is within the limit."""
        windows, slid_s = self._at(key, expiry)
        if floor(windows.before * (1 - slid_s / expiry) + windows.now) + amount > limit:
            return False
        windows.now += amount
        return True

    async def get_sliding_window(self, key: str, expiry: int) -> tuple[int, float, int, float]:
        """Count of the window before and seconds until it has slid out, then the same of this one."""
        windows, slid_s = self._at(key, expiry)
        return windows.before, expiry - slid_s, windows.now, 2 * expiry - slid_s

    async def clear_sliding_window(self, key: str, expiry: int) -> None:  # noqa: ARG002  # as the library calls it
        """Forget a caller."""
        self._windows.pop(key, None)

    def _at(self, key: str, expiry: int) -> tuple[_Windows, float]:
        number, slid_s = divmod(self._clock(), expiry)
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

    # ---- what other strategies than the sliding window would need

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Not used by sliding windows."""
        raise NotImplementedError

    async def get(self, key: str) -> int:
        """Not used by sliding windows."""
        raise NotImplementedError

    async def get_expiry(self, key: str) -> float:
        """Not used by sliding windows."""
        raise NotImplementedError

    async def clear(self, key: str) -> None:
        """Not used by sliding windows."""
        raise NotImplementedError

    async def check(self) -> bool:
        """Memory is there."""
        return True

    async def reset(self) -> int | None:
        """Forget everybody; how many that were."""
        count = len(self._windows)
        self._windows.clear()
        return count

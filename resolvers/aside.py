"""Work that takes long is done aside, one after the other, while the loop goes on answering those whose work is known.

To read a document that is new, or to compile its plan, takes up to 50 ms of the processor. A thread for it shares the
interpreter with the loop, which gets it back within `SHARE_S`: so whoever asks what is known waits for moments only,
whatever others send, and those who send what is new wait for each other.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

SHARE_S = 0.0002
"""The longest that the loop waits for the thread, each time that it has something to do; Python's own is 5 ms."""

T = TypeVar("T")


class Aside:
    """One thread, and whoever waits for it in the order in which they came."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, "aside")

    async def do(self, work: Callable[[], T]) -> T:
        """What work gives. It is done to its end even when nobody waits for it any more."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def close(self) -> None:
        """Begin no more work."""
        self._thread.shutdown(wait=False, cancel_futures=True)


def share_the_interpreter() -> None:
    """Let the loop of this process take turns with its threads every `SHARE_S`."""
    sys.setswitchinterval(SHARE_S)

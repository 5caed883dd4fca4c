"""Work that takes long is done aside, one after the other, while the loop goes on answering those whose work is known.

To read a document that is new, or to compile its plan, takes up to 50 ms of the processor. A thread for it shares the
interpreter with the loop, which gets it back within `SHARE_S`, and rests while others wait for the database. So whoever
asks what is known waits for moments only, whatever others send, and those who send what is new wait for each other.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, sleep
from typing import TypeVar

SHARE_S = 0.0002
"""The longest that the loop waits for the thread, each time that it has something to do; Python's own is 5 ms."""

WORK_S, LONGEST_REST_S = 0.0005, 0.0015
"""The thread works so long before it rests, and goes on after so long at the latest: a quarter of its time is its own,
however many others there are."""

_NAP_S = 0.0002

T = TypeVar("T")


class Aside:
    """One thread, and whoever waits for it in the order in which they came.

    `others` tells whether anybody is waiting for the database, who has the interpreter for himself when it answers.
    """

    def __init__(self, others: Callable[[], bool]) -> None:
        self._thread = ThreadPoolExecutor(1, "aside")
        self._others = others

    async def do(self, work: Callable[[], T]) -> T:
        """What work gives. It is done to its end even when nobody waits for it any more."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._done, work)

    def close(self) -> None:
        """Begin no more work."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _done(self, work: Callable[[], T]) -> T:
        """What work gives, with the garbage collector off: it would go through all that is being made, again and again,
        while everybody waits; most of it is gone at the end.
        """
        _here.others, was_on = self._others, gc.isenabled()
        gc.disable()
        try:
            return work()
        finally:
            if was_on:
                gc.enable()


class _Here(threading.local):
    """What a thread knows of those whom it lets go first; nothing where work is not done aside."""

    others: Callable[[], bool] | None = None
    rested = 0.0
    """When it rested last."""


_here = _Here()


def rest() -> None:
    """Let others go first for a moment. Called at every step of work that may be done aside."""
    if _here.others is None or (now := perf_counter()) - _here.rested < WORK_S:
        return
    until = now + LONGEST_REST_S
    while now < until and _here.others():
        sleep(_NAP_S)
        now = perf_counter()
    _here.rested = now


def share_the_interpreter() -> None:
    """Let the loop of this process take turns with its threads every `SHARE_S`."""
    sys.setswitchinterval(SHARE_S)

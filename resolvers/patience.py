"""Patience with a database that does not answer: what waits for too long is cut off.

A timer for each read would be a tenth of a short one; here one timer looks after all that wait.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

T = TypeVar("T")

_LOOK_EVERY_S = 0.25


class Patience:
    """Waits for reads, each for `limit_s` at most and a look longer; None: for ever."""

    def __init__(self, limit_s: float | None) -> None:
        self._limit_s = limit_s
        self._since: dict[asyncio.Task[object], float] = {}
        self._cut_off: set[asyncio.Task[object]] = set()
        self._next_look: asyncio.TimerHandle | None = None

    async def wait_for(self, read: Awaitable[T]) -> T:
        """What a read gives; a task waits for one at a time.

        Raises:
            TimeoutError: nothing came within the limit.
        """
        task = asyncio.current_task()
        if self._limit_s is None or task is None:
            return await read
        loop, cancelled = task.get_loop(), task.cancelling()
        self._since[task] = loop.time()
        if self._next_look is None:
            self._next_look = loop.call_later(_LOOK_EVERY_S, self._look, loop, self._limit_s)
        try:
            return await read
        except asyncio.CancelledError:
            if self._was_late(task) and task.cancelling() <= cancelled:  # more: somebody else cancelled it too
                raise TimeoutError from None
            raise
        finally:
            del self._since[task]
            self._was_late(task)

    def _was_late(self, task: asyncio.Task[object]) -> bool:
        """Whether a task was cut off; asked for the first time, its cancellation is taken back."""
        if task not in self._cut_off:
            return False
        self._cut_off.remove(task)
        task.uncancel()
        return True

    def _look(self, loop: asyncio.AbstractEventLoop, limit_s: float) -> None:
        latest = loop.time() - limit_s
        for task, since in self._since.items():
            if since < latest and task not in self._cut_off:
                self._cut_off.add(task)
                task.cancel()
        self._next_look = loop.call_later(_LOOK_EVERY_S, self._look, loop, limit_s) if self._since else None

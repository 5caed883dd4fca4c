"""A bell between two tasks of a process: it wakes whoever waits, and says nothing but that."""

from __future__ import annotations

import asyncio


class Bell:
    """Rung by any task, waited for by one."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Wake who waits, or who waits next; safe to repeat."""
        self._rung.set()

    async def wait(self, at_most_s: float) -> None:
        """Wait until it rings, or that long."""
        try:
            async with asyncio.timeout(at_most_s):
                await self._rung.wait()
        except TimeoutError:
            return
        finally:
            self._rung.clear()

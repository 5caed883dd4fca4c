"""What goes on beside something else, and ends with it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any


@asynccontextmanager
async def going_on(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """A task for the time of a block; what it raised comes out at the end of that."""
    task = asyncio.create_task(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])  # unlike awaiting the task, this tells its end from a cancellation of our own
        if not task.cancelled() and (failure := task.exception()) is not None:
            raise failure

"""What delivers events in one process, put together: sequencer, hub, and who opens streams on them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

from events.database import sequencer_engine
from events.hub import Hub
from events.log import EventLog
from events.sequencer import Sequencer
from events.sight import Sights
from kernel.clock import Clock
from kernel.settings import Settings
from policy.secrets import Secrets
from resolvers.execute import QueryReader
from resolvers.feed import Feeds


class Updates:
    """The deliveries of one process; the sequencer works in it while it holds the lock.

    Use it in an `async with`: at the end every stream is sent away, to come again.
    """

    def __init__(self, settings: Settings, clock: Clock, reader: QueryReader, dsn: str) -> None:
        self._engine = sequencer_engine(settings, dsn)
        self.log = EventLog(self._engine)
        self.hub = Hub(self.log, queue=settings.stream_queue)
        self.sequencer = Sequencer(dsn)
        sights = Sights(self._engine, self.log)
        self.feeds = Feeds(reader, Secrets.of(settings), clock, self.log, sights, self.hub)
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Updates:
        await self.hub.start()
        self._tasks = [asyncio.create_task(self.sequencer.run()), asyncio.create_task(self.hub.run(_looks()))]
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hub.close()
        for task in self._tasks:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        await self._engine.dispose()


async def _looks() -> AsyncIterator[int]:
    while True:
        yield 0
        await asyncio.sleep(0.1)

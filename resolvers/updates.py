"""What delivers events in one process, put together: sequencer, hub, and who opens streams on them."""

from __future__ import annotations

from contextlib import AsyncExitStack

from events.archive import Archive
from events.beside import going_on
from events.database import sequencer_engine
from events.hub import Hub
from events.log import EventLog
from events.relay import relay_of
from events.sequencer import Sequencer
from events.sight import Sights
from kernel.clock import Clock
from kernel.settings import Settings
from policy.secrets import Secrets
from resolvers.execute import QueryReader
from resolvers.feed import Feeds
from resolvers.newest import Newest


class Updates:
    """The deliveries of one process; the sequencer works in it while it holds the lock.

    Use it in an `async with`: at the end every stream is sent away, to come again.
    """

    def __init__(self, settings: Settings, clock: Clock, reader: QueryReader, dsn: str) -> None:
        self._engine = sequencer_engine(settings, dsn)
        self._relay = relay_of(settings, self._engine)
        self.log = EventLog(self._engine)
        self.hub = Hub(self.log, queue=settings.stream_queue)
        archive = Archive(settings, self._engine, clock)
        self.sequencer = Sequencer(dsn, announce=self._relay.announce, beside=archive.keep_up)
        sights = Sights(self._engine, self.log)
        self.feeds = Feeds(reader, Secrets.of(settings), clock, self.log, sights, self.hub)
        self._work = AsyncExitStack()
        self.newest = Newest(self.feeds, self.log)

    async def __aenter__(self) -> Updates:
        await self.hub.start()
        await self._work.enter_async_context(going_on(self.hub.run(self._relay.follow())))
        await self._work.enter_async_context(going_on(self.sequencer.run()))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hub.close()
        await self._work.aclose()
        await self._relay.close()
        await self._engine.dispose()

"""What delivers events in one process, put together: sequencer, hub, streams, feeds and webhooks."""

from __future__ import annotations

from contextlib import AsyncExitStack

from events.archive import Archive
from events.beside import going_on
from events.database import sequencer_engine
from events.hub import Hub
from events.lag import Lag
from events.log import EventLog
from events.relay import relay_of
from events.sequencer import Sequencer
from events.sight import Sights
from events.webhook_lane import Patience
from events.webhooks import Office, Webhooks
from kernel.clock import Clock
from kernel.settings import Settings
from kernel.targets import Targets
from policy.secrets import Secrets
from policy.viewer import Role
from resolvers.execute import QueryReader
from resolvers.feed import Feeds
from resolvers.newest import Newest
from resolvers.webhooks import WebhookAudience


class Updates:
    """The deliveries of one process; the sequencer works in it while it holds the lock.

    Use it in an `async with`: at the end every stream is sent away, to come again.
    """

    def __init__(self, settings: Settings, clock: Clock, reader: QueryReader, dsn: str) -> None:
        self._engine = sequencer_engine(settings, dsn)
        self._relay = relay_of(settings, self._engine)
        self.log = EventLog(self._engine)
        self.lag = Lag(self._engine)
        self.hub = Hub(self.log, queue=settings.stream_queue)
        secrets = Secrets.of(settings)
        sights = Sights(self._engine, self.log)
        self.feeds = Feeds(reader, secrets, clock, self.log, sights, self.hub)
        self.newest = Newest(self.feeds, self.log)
        self._archive = Archive(settings, self._engine, clock)
        nouns = reader.preparing.schema_of(Role.PUBLIK).catalogue.nouns.values()
        office = Office(
            engine=self._engine,
            audience=WebhookAudience(self.feeds, {noun.table.name: noun.name for noun in nouns}),
            secrets=secrets,
            clock=clock,
            targets=Targets(allow_private=bool(settings.webhook_allow_private)),
            log_days=settings.webhook_log_days,
            patience=Patience(),
        )
        self._webhooks = Webhooks(office)
        self.sequencer = Sequencer(dsn, announce=self._announce, beside=self._beside)
        self._work = AsyncExitStack()

    async def __aenter__(self) -> Updates:
        await self.hub.start()
        await self._work.enter_async_context(going_on(self.hub.run(self._relay.follow())))
        await self._work.enter_async_context(going_on(self.sequencer.run()))
        return self

    async def _announce(self, last_position: int) -> None:
        self._webhooks.wake()
        await self._relay.announce(last_position)

    async def _beside(self) -> None:
        """What only the process that gives the positions does."""
        async with going_on(self._archive.keep_up()):
            await self._webhooks.run()

    async def __aexit__(self, *_: object) -> None:
        await self.hub.close()
        await self._work.aclose()
        await self._relay.close()
        await self._engine.dispose()

"""Hints by NATS JetStream (extra `nats`), where a city has many processes and wants none of them to listen by itself.

The stream keeps the positions that were told, each once: its message id is the position. Who delivers events still
reads them from the table, so a NATS server that is gone costs a second for each event and loses none.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING, Any

from sqlalchemy.ext.asyncio import AsyncEngine

from events.bell import Bell
from events.log import EventLog
from events.relay import newest
from kernel.settings import UnusableSetting

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext

KEPT = 10_000
"""Positions that the stream keeps."""
_ANSWER_WITHIN_S = 1.0
_AGAIN_AFTER_S = 0.5

_log = logging.getLogger("ksbb.relay")


class NatsRelay:
    """Hints by a stream of NATS, beside looking at the table."""

    def __init__(self, engine: AsyncEngine, url: str, channel: str) -> None:
        try:
            import nats  # noqa: F401  # said now, not in the middle of the work
        except ImportError:
            raise UnusableSetting(
                "KSBB_NATS_URL needs the package nats-py: install `ksbb-terbuka[nats]`.", name="KSBB_NATS_URL"
            ) from None
        self._events = EventLog(engine)
        self._url = url
        self._channel = channel
        self._connecting: asyncio.Task[Client] | None = None
        self._has_stream = False
        self._is_lost = False

    async def announce(self, last_position: int) -> None:
        """Add the position to the stream."""
        stream = (await self._connected()).jetstream(timeout=_ANSWER_WITHIN_S)
        if not self._has_stream:
            await self._make(stream)
        self._has_stream = False  # unless the server says that it is there
        await stream.publish(self._channel, str(last_position).encode(), headers={"Nats-Msg-Id": str(last_position)})
        self._has_stream = True

    async def _make(self, stream: JetStreamContext) -> None:
        """Make the stream if it is not there, and give it the form that this release knows."""
        from nats.js import api, errors

        form = api.StreamConfig(self._channel, subjects=[self._channel], max_msgs=KEPT)
        try:
            await stream.add_stream(form)
        except errors.BadRequestError:
            await stream.update_stream(form)

    async def follow(self) -> AsyncIterator[int]:
        """See `Relay`."""
        bell = Bell()

        async def ring(_: object) -> None:
            bell.ring()

        subscribed = asyncio.create_task(self._subscribe(ring))
        try:
            async for last in newest(self._events, bell):
                yield last
        finally:
            subscribed.cancel()

    async def _subscribe(self, ring: Any) -> None:
        """Hear of positions as soon as the server can be reached; after a break the client does so by itself."""
        client = await asyncio.shield(self._opening())
        await client.subscribe(self._channel, cb=ring)

    async def _connected(self) -> Client:
        """The client, once it reached the server for the first time."""
        async with asyncio.timeout(_ANSWER_WITHIN_S):
            return await asyncio.shield(self._opening())

    def _opening(self) -> asyncio.Task[Client]:
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._open())
        return self._connecting

    async def _open(self) -> Client:
        """Connect, however long it takes."""
        import nats

        return await nats.connect(
            self._url,
            name="ksbb-events",
            error_cb=self._lost,
            reconnected_cb=self._found,
            connect_timeout=2,
            max_reconnect_attempts=-1,
            reconnect_time_wait=_AGAIN_AFTER_S,
            pending_size=0,  # what cannot be told now is not told later: it is old by then
        )

    async def _lost(self, failure: Exception) -> None:
        """Said once, however often the client tries."""
        if not self._is_lost:
            _log.warning("the NATS server does not answer", exc_info=failure)
        self._is_lost = True

    async def _found(self) -> None:
        _log.info("the NATS server answers again")
        self._is_lost = False

    async def close(self) -> None:
        """Leave the server."""
        if self._connecting is None:
            return
        if self._connecting.done() and not self._connecting.cancelled() and self._connecting.exception() is None:
            await self._connecting.result().close()
        self._connecting.cancel()
        self._connecting = None

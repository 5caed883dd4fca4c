"""How the processes of an installation learn that there are new events: a hint travels, the table is the truth.

A hint that is lost costs a second and no event, because everybody looks at the table too.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from events.bell import Bell
from events.beside import going_on
from events.database import session
from events.log import EventLog
from kernel.settings import Settings
from policy.secrets import Secrets

LOOK_EVERY_S = 1.0
"""The longest that a lost hint costs."""
_ANSWER_WITHIN_S = 3.0
_ALIVE_EVERY_S = 10.0
"""How often a listening connection is asked whether it is still there."""

_log = logging.getLogger("ksbb.relay")


class Relay(Protocol):
    """Tells the processes of an installation of new positions."""

    async def announce(self, last_position: int) -> None:
        """Tell the newest position, once it is committed. May fail: it is a hint."""

    def follow(self) -> AsyncIterator[int]:
        """The newest position, now and whenever there is a newer one; some are passed over. It goes on for ever.

        Close it at the end (`contextlib.aclosing`), unless the task that reads it is cancelled.
        """

    async def close(self) -> None:
        """Let go of what it is connected to; safe to repeat."""


def relay_of(settings: Settings, engine: AsyncEngine) -> Relay:
    """The relay that the settings name, on the sequencer's login.

    Raises:
        UnusableSetting: a NATS server, but the package nats-py is not installed.
    """
    channel = channel_of(Secrets.of(settings))
    if not settings.nats_url:
        return PostgresRelay(engine, channel)
    from events.nats_relay import NatsRelay

    return NatsRelay(engine, settings.nats_url, channel)


def channel_of(secrets: Secrets) -> str:
    """Where hints are told: a name that no database role can guess, since each may listen and would count them."""
    return f"ksbb_event_{secrets.blind('channel', 'event_log.channel').hex()[:32]}"


class PostgresRelay:
    """Hints by NOTIFY, on the database itself."""

    def __init__(self, engine: AsyncEngine, channel: str) -> None:
        self._engine = engine
        self._log = EventLog(engine)
        self._channel = channel

    async def announce(self, last_position: int) -> None:
        """Notify who listens."""
        async with self._engine.begin() as connection:
            await connection.execute(select(func.pg_notify(self._channel, str(last_position))))

    async def follow(self) -> AsyncIterator[int]:
        """See `Relay`."""
        bell = Bell()
        async with going_on(self._listening(bell)):
            async for last in newest(self._log, bell):
                yield last

    async def _listening(self, bell: Bell) -> None:
        """Ring when notified; a connection that is lost is opened again."""
        while True:
            try:
                async with session(self._engine) as connection:
                    raw = await connection.get_raw_connection()
                    assert raw.driver_connection is not None
                    await raw.driver_connection.add_listener(self._channel, lambda *_: bell.ring())
                    while True:
                        bell.ring()  # what was told before this connection was there
                        await asyncio.sleep(_ALIVE_EVERY_S)
                        async with asyncio.timeout(_ANSWER_WITHIN_S), connection.begin():  # PostgreSQL tells between
                            await connection.execute(select(1))  # transactions only: end it at once
            except (SQLAlchemyError, OSError) as failure:
                _log.warning("the connection that listens was lost; a new one is opened", exc_info=failure)
            await asyncio.sleep(LOOK_EVERY_S)

    async def close(self) -> None:
        """Nothing of its own is open: the engine belongs to who gave it."""


async def newest(log: EventLog, bell: Bell) -> AsyncIterator[int]:
    """The newest position whenever the bell tells of it, and by looking each second."""
    known = -1
    while True:
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                last, _ = await log.state()
        except (SQLAlchemyError, OSError) as failure:
            _log.warning("the log cannot be looked at; tried again", exc_info=failure)
            last = known
        if last > known:
            known = last
            yield last
        await bell.wait(LOOK_EVERY_S)

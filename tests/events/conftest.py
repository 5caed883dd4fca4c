"""An event log of a module's own, and ways to write into it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID, uuid4

import asyncpg
import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine

from events.database import sequencer_engine
from events.log import EventLog, Logged
from server import sequencer_dsn
from tests.acting import Acting

WRITE = (
    "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
    " values ($1, clock_timestamp(), 'ContohTerjadi', 1, 'contoh', $2, '{}', $3)"
)


@dataclass
class Log:
    """The event log of one city."""

    acting: Acting
    dsn: str
    engine: AsyncEngine
    events: EventLog

    async def connect(self) -> asyncpg.Connection:
        """A connection that writes, as the owner of the tables."""
        return await asyncpg.connect(self.acting.city.server.uri())

    async def write(self, count: int = 1, subject: UUID | None = None) -> list[UUID]:
        """Write events, each in a transaction of its own."""
        return [await written(self.acting.tables, subject or uuid4(), number) for number in range(count)]

    async def all(self, after: int = 0) -> list[Logged]:
        """Everything behind a position."""
        found: list[Logged] = []
        while more := await self.events.after(found[-1].position if found else after):
            found += more
        return found

    async def waiting(self) -> int:
        """How many events have no position."""
        count: int = await self.acting.tables.fetchval("select count(*) from ksbb.event where position is null")
        return count

    async def none_waits(self) -> bool:
        """Whether all have one."""
        return await self.waiting() == 0


async def written(connection: asyncpg.Connection, subject: UUID, number: int = 0) -> UUID:
    """One event about a subject."""
    key = uuid4()
    await connection.execute(WRITE, key, subject, f'{{"number": {number}}}')
    return key


async def until(is_so: Callable[[], Awaitable[bool]], at_most_s: float = 20.0) -> float:
    """Wait until something is so; the seconds that it took."""
    started = time.monotonic()
    while not await is_so():
        assert time.monotonic() - started < at_most_s, "it never became so"
        await asyncio.sleep(0.01)
    return time.monotonic() - started


@pytest_asyncio.fixture(loop_scope="session")
async def log(acting: Acting) -> AsyncIterator[Log]:
    """The log of the module's city."""
    dsn = sequencer_dsn(acting.city.settings, acting.city.server)
    engine = sequencer_engine(acting.city.settings, dsn)
    yield Log(acting, dsn, engine, EventLog(engine))
    await engine.dispose()

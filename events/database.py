"""How the event log is reached: on the sequencer's login."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from kernel.settings import Settings

_UTC: Mapping[str, str] = {"timezone": "UTC", "default_transaction_isolation": "read committed"}


_BOUNDS_TRANSACTIONS = (17,)
"""The first version of PostgreSQL with `transaction_timeout`."""
_CONNECTED_WITHIN_S = 10.0
_ANSWERED_WITHIN_S = 30.0
"""A database that is cut off without a word is given up after so long; what was asked of it is asked again."""


def sequencer_engine(settings: Settings, dsn: str) -> AsyncEngine:
    """Connections for those who read the log and deliver what is in it (`EventLog`)."""

    async def connect() -> asyncpg.Connection:
        own = {"application_name": "ksbb-events", **_UTC}
        patience = {"timeout": _CONNECTED_WITHIN_S, "command_timeout": _ANSWERED_WITHIN_S}
        return await asyncpg.connect(dsn, server_settings=own, **patience)

    return create_async_engine("postgresql+asyncpg://", async_creator=connect, pool_size=settings.pool_size)


def session_engine(dsn: str, name: str, silence_s: float) -> AsyncEngine:
    """Sessions of their own, which the two ends let go of when the other is silent for so long.

    PostgreSQL ends the session of a process that is frozen or cut off, and with it its locks; the process gives up on a
    database that does not answer. A process may also fall silent in the middle of a statement: between the first half,
    by which it is prepared, and the second. There no idle time-out runs, but a transaction does; PostgreSQL bounds its
    time from version 17 on.
    """
    silence_ms, keepalive_s = f"{silence_s * 1e3:.0f}", f"{max(silence_s / 3, 1):.0f}"
    own = {
        "application_name": name,
        "idle_session_timeout": silence_ms,
        "idle_in_transaction_session_timeout": silence_ms,
        "tcp_keepalives_idle": keepalive_s,
        "tcp_keepalives_interval": keepalive_s,
        "tcp_keepalives_count": "2",
        "tcp_user_timeout": silence_ms,
        "synchronous_commit": "on",  # a position that was told is not lost with the power
        **_UTC,
    }

    async def connect() -> asyncpg.Connection:
        opened = await asyncpg.connect(dsn, timeout=silence_s, command_timeout=silence_s, server_settings=own)
        if opened.get_server_version() >= _BOUNDS_TRANSACTIONS:
            await opened.execute(f"SET transaction_timeout = {silence_ms}")  # as one message: nothing to freeze between
        return opened

    return create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)


@asynccontextmanager
async def session(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A session of PostgreSQL that is cut when the block ends: nothing that it holds or hears outlives it."""
    async with engine.connect() as connection:
        try:
            yield connection
        finally:
            await asyncio.shield(connection.invalidate())

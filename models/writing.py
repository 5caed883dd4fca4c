"""A connection that writes, as the owner of the tables: for commands that have no viewer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool


@asynccontextmanager
async def writing(uri: str) -> AsyncIterator[AsyncConnection]:
    """One connection and one transaction: what is written inside is kept when the block ends, all of it or nothing."""
    async with connected(uri) as connection, connection.begin():
        yield connection


@asynccontextmanager
async def connected(uri: str) -> AsyncIterator[AsyncConnection]:
    """One connection without a transaction: for work that begins its own, and temporary tables beyond it."""

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(uri)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()

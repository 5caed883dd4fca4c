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

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(uri)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    try:
        async with engine.begin() as connection:
            yield connection
    finally:
        await engine.dispose()

"""A connection behind the back of all guards, whose writing is undone."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from models.base import SCHEMA


@asynccontextmanager
async def undone(uri: str) -> AsyncIterator[AsyncConnection]:
    """As the owner of the tables, past the triggers that keep facts; nothing is kept."""
    settings = {"search_path": SCHEMA, "session_replication_role": "replica"}

    async def connect() -> asyncpg.Connection:
        return await asyncpg.connect(uri, server_settings=settings)

    engine = create_async_engine("postgresql+asyncpg://", async_creator=connect, poolclass=NullPool)
    async with engine.connect() as connection:
        yield connection
        await connection.rollback()
    await engine.dispose()

"""The tables of the walled city, read by their owner."""

from __future__ import annotations

from collections.abc import AsyncIterator

import asyncpg
import pytest_asyncio

from models.base import SCHEMA
from tests.conftest import City


@pytest_asyncio.fixture(loop_scope="session")
async def tables(walled_city: City) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the tables, past the wall."""
    session = {"search_path": SCHEMA, "timezone": "UTC"}
    connection = await asyncpg.connect(walled_city.server.uri(), server_settings=session)
    yield connection
    await connection.close()

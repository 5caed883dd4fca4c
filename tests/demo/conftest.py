"""A PostgreSQL with a small demo city in it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest
import pytest_asyncio

from demo.city import SMALL, CitySize, CitySummary, build
from kernel.settings import Settings
from models import migrate
from models.base import SCHEMA
from models.server import Server
from policy.secrets import Secrets
from tests.folders import a_data_folder

SECRETS = Secrets(bytes(range(32)))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL for the tests of the demo city."""
    with a_data_folder() as folder, Server.open(Settings(data_dir=folder)) as running:
        yield running


async def a_city(server: Server, database: str, size: CitySize) -> CitySummary:
    """A new database with a city."""
    owner = await asyncpg.connect(server.uri("postgres"))
    await owner.execute(f"create database {database}")
    await owner.close()
    await migrate.upgrade(server.uri(database))
    connection = await asyncpg.connect(server.uri(database))
    try:
        return await build(connection, size, SECRETS)
    finally:
        await connection.close()


@pytest_asyncio.fixture(scope="session")
async def summary(server: Server) -> CitySummary:
    """What was written into the small city, which stands in the database `small`."""
    return await a_city(server, "small", SMALL)


@pytest_asyncio.fixture
async def city(server: Server, summary: CitySummary) -> AsyncIterator[asyncpg.Connection]:
    """A connection to the small city, as the owner of its tables."""
    connection = await asyncpg.connect(server.uri("small"), server_settings={"search_path": SCHEMA})
    yield connection
    await connection.close()

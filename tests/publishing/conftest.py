"""A PostgreSQL with a city in it, and a folder for its releases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio

from kernel.settings import Settings
from models.server import Server
from tests.folders import a_data_folder, a_folder
from tests.publishing.city import LOGIN, Publisher, as_owner, found


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    """A PostgreSQL for the tests of publishing."""
    with a_data_folder() as folder, Server.open(Settings(data_dir=folder)) as running:
        yield running


@pytest_asyncio.fixture(scope="session")
async def template(server: Server) -> str:
    """The name of a database with a city, to make others from."""
    await as_owner(server.uri("postgres"), "create database founded")
    await found(server.uri("founded"))
    return "founded"


@pytest_asyncio.fixture
async def publisher(server: Server, template: str) -> AsyncIterator[Publisher]:
    """A city of its own for a test."""
    await as_owner(server.uri("postgres"), f"create database a_city template {template}")
    yield Publisher(server.uri("a_city"), server.uri("a_city", LOGIN))
    await as_owner(server.uri("postgres"), "drop database a_city with (force)")


@pytest.fixture
def root() -> Iterator[Path]:
    """A folder for releases."""
    with a_folder() as folder:
        yield folder

"""One PostgreSQL with a small demo city behind the wall, shared by the tests that read."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from demo.cast import Cast, cast
from demo.city import SMALL, CitySize, build
from kernel.settings import Settings
from models import migrate
from models.server import Server
from policy import wall
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from resolvers.execute import QueryReader
from resolvers.request import GraphQLRequest
from server import reader_of
from tests.folders import a_data_folder

pytest_plugins = ["tests.acting"]


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--renew` writes the golden files anew, to be read in review."""
    parser.addoption("--renew", action="store_true", help="write golden files anew")


@dataclass(frozen=True)
class City:
    """A walled city: its settings, server, secrets and well-known people."""

    settings: Settings
    server: Server
    secrets: Secrets
    cast: Cast

    def viewer(self, role: Role) -> Viewer:
        """Somebody of a role."""
        return self.cast.viewer(role)


@pytest.fixture(scope="session")
def renew(request: pytest.FixtureRequest) -> bool:
    """Whether golden files are to be written anew."""
    return bool(request.config.getoption("--renew"))


SECRET_KEY = "5ec4e7" * 10 + "0000"
"""Fixed, so that identifiers and cursors of the demo city are the same in every run."""


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def walled_city() -> AsyncIterator[City]:
    """The small demo city behind the wall. Tests that write make a database of their own."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        with Server.open(settings) as server:
            yield await a_walled_city(settings, server)


async def a_walled_city(settings: Settings, server: Server, size: CitySize = SMALL) -> City:
    """A migrated, filled and walled database on a new server."""
    secrets = Secrets.of(settings)
    await migrate.upgrade(server.uri())
    connection = await asyncpg.connect(server.uri())
    try:
        await build(connection, size, secrets)
        people = await cast(connection)
    finally:
        await connection.close()
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)
    return City(settings, server, secrets, people)


class Asking:
    """Asks questions as a role and gives back the parsed answer."""

    def __init__(self, city: City, reader: QueryReader) -> None:
        self.city = city
        self.reader = reader

    async def __call__(self, who: Role | Viewer, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The whole answer, `data` or `errors`."""
        viewer = self.city.viewer(who) if isinstance(who, Role) else who
        answer = await self.reader.answer(viewer, GraphQLRequest(query, variables=variables or {}))
        return json.loads(answer.body)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def ask(walled_city: City) -> AsyncIterator[Asking]:
    """Ask the walled city as a role."""
    reader = reader_of(walled_city.settings, walled_city.server)
    yield Asking(walled_city, reader)
    await reader.close()

"""A walled city that may be changed, and a way to give commands in it over GraphQL."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from commands.bus import Bus
from demo.city import SMALL, CitySize
from kernel.clock import FixedClock
from kernel.settings import Settings
from models.server import Server
from policy.viewer import Role, Viewer
from resolvers.execute import QueryReader
from resolvers.request import GraphQLRequest
from server import bus_of, reader_of
from tests.conftest import SECRET_KEY, City, a_walled_city
from tests.folders import a_data_folder


@dataclass
class Acting:
    """Gives commands and asks questions in one city, at a time that the test sets."""

    city: City
    clock: FixedClock
    bus: Bus
    reader: QueryReader
    tables: asyncpg.Connection
    """As the owner of the tables: to look behind the wall."""

    async def __call__(self, who: Role | Viewer, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The whole answer, `data` or `errors`."""
        viewer = self.city.viewer(who) if isinstance(who, Role) else who
        answer = await self.reader.answer(viewer, GraphQLRequest(query, variables=variables or {}))
        return json.loads(answer.body)

    async def do(self, who: Role | Viewer, mutation: str, selection: str = "", **given: Any) -> Any:
        """The payload of one mutation, with what is selected of it beside `userErrors`."""
        input_type = f"{mutation[0].upper()}{mutation[1:]}Input!"
        query = f"""mutation ($input: {input_type}) {{
          {mutation}(input: $input) {{ userErrors {{ code message messageId path }} {selection} }}
        }}"""
        answer = await self(who, query, {"input": given})
        assert "errors" not in answer, answer
        return answer["data"][mutation]

    @asynccontextmanager
    async def under(self, settings: Settings) -> AsyncIterator[Acting]:
        """The same city under other settings."""
        bus = bus_of(settings, self.city.server, self.clock)
        reader = reader_of(settings, self.city.server, bus)
        try:
            yield replace(self, bus=bus, reader=reader)
        finally:
            await reader.close()
            await bus.close()


@asynccontextmanager
async def an_acting_city(size: CitySize = SMALL) -> AsyncIterator[Acting]:
    """A city of its own, on the third day of 2022."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        with Server.open(settings) as server:
            async with _acting_in(await a_walled_city(settings, server, size)) as made:
                yield made


@asynccontextmanager
async def _acting_in(city: City) -> AsyncIterator[Acting]:
    clock = FixedClock(dt.datetime(2022, 1, 3, 2, tzinfo=dt.UTC))
    bus = bus_of(city.settings, city.server, clock)
    tables = await asyncpg.connect(city.server.uri())
    reader = reader_of(city.settings, city.server, bus)
    yield Acting(city, clock, bus, reader, tables)
    await reader.close()
    await bus.close()
    await tables.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def city_to_copy() -> AsyncIterator[City]:
    """A small city that nobody enters: PostgreSQL copies a database only while it is alone with it."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        with Server.open(settings) as server:
            yield await a_walled_city(settings, server)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def acting(city_to_copy: City, request: pytest.FixtureRequest) -> AsyncIterator[Acting]:
    """A small city of the module's own, for tests that write: whatever others do, it begins alike."""
    name = request.module.__name__.rpartition(".")[2]
    maintenance = await asyncpg.connect(city_to_copy.server.uri("postgres"))
    await maintenance.execute(f"create database {name} template ksbb")
    async with _acting_in(replace(city_to_copy, server=Server(city_to_copy.server.uri(name)))) as made:
        yield made
    await maintenance.execute(f"drop database {name} with (force)")
    await maintenance.close()

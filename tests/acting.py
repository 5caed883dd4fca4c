"""A walled city that may be changed, and a way to give commands in it over GraphQL."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
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
            city = await a_walled_city(settings, server, size)
            clock = FixedClock(dt.datetime(2022, 1, 3, 2, tzinfo=dt.UTC))
            bus = bus_of(settings, server, clock)
            tables = await asyncpg.connect(server.uri())
            reader = reader_of(settings, server, bus)
            yield Acting(city, clock, bus, reader, tables)
            await reader.close()
            await bus.close()
            await tables.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def acting() -> AsyncIterator[Acting]:
    """A small city of its own, for tests that write."""
    async with an_acting_city() as made:
        yield made

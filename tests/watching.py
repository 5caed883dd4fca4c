"""A reader whose statements are counted at the driver."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
import pytest

from policy.viewer import Role, Viewer
from resolvers.pools import RolePool
from server import reader_of
from tests.conftest import Asking, City


@dataclass
class Watched:
    """A reader of its own, and the statements that it sent."""

    ask: Asking
    sent: list[str] = field(default_factory=list)

    async def answer(self, who: Role | Viewer, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        """The data of an answer; `sent` holds what was sent for it."""
        self.sent.clear()
        answer = await self.ask(who, query, variables)
        assert "errors" not in answer, answer["errors"]
        await asyncio.sleep(0)  # the driver tells its loggers in the next turn of the loop
        return answer["data"]

    @property
    def reading(self) -> list[str]:
        """The statements that read data; the others set the scope, or learn a type once per connection."""
        return [s for s in self.sent if "set_config" not in s and "typeinfo_tree" not in s]


@asynccontextmanager
async def watching(city: City) -> AsyncIterator[Watched]:
    """Watch a new reader of a city."""
    connect = RolePool._connect
    found = Watched(Asking(city, reader_of(city.settings, city.server)))

    async def connect_watched(pool: RolePool) -> Any:
        connection: asyncpg.Connection = await connect(pool)
        connection.add_query_logger(lambda logged: found.sent.append(logged.query))
        return connection

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(RolePool, "_connect", connect_watched)
        yield found
    await found.ask.reader.close()

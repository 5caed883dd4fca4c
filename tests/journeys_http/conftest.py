"""A city of today behind a real server process, asked over HTTP with a bearer token for each role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from kernel.clock import FixedClock, SystemClock
from kernel.settings import Settings
from models.server import Server
from policy.tokens import issue
from policy.viewer import Role, Viewer
from server import bus_of, reader_of
from tests.acting import Acting
from tests.conftest import SECRET_KEY, a_walled_city
from tests.folders import a_data_folder
from tests.serving import free_port, served, until_ready


@dataclass
class OverHttp(Acting):
    """Acts as anybody through the server process; `tables` still looks behind the wall. The time is the machine's."""

    client: httpx.AsyncClient

    async def __call__(self, who: Role | Viewer, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        viewer = self.city.viewer(who) if isinstance(who, Role) else who
        headers = {}
        if viewer.role is not Role.PUBLIK:
            token = issue(self.city.settings, SystemClock(), viewer, timedelta(minutes=10))
            headers["authorization"] = f"Bearer {token}"
        answer = await self.client.post(
            "/graphql", json={"query": query, "variables": variables or {}}, headers=headers
        )
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def http() -> AsyncIterator[OverHttp]:
    """The city; its agreements are prolonged, since the server's clock is that of the machine."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        with Server.open(settings) as server:
            city = await a_walled_city(settings, server)
            tables = await asyncpg.connect(server.uri())
            await tables.execute("update ksbb.agreement set ends_on = current_date + 365 where ends_on > '2022-01-01'")
            clock, port = FixedClock(SystemClock().now()), free_port()
            bus = bus_of(settings, server, clock)
            reader = reader_of(settings, server, bus)
            url = f"http://127.0.0.1:{port}"
            with served(settings, port):
                await until_ready(url)
                async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
                    yield OverHttp(city, clock, bus, reader, tables, client)
            await reader.close()
            await bus.close()
            await tables.close()

"""A city of today behind a real server process, asked over HTTP with a bearer token for each role."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest_asyncio

from commands.upload import JPEG, PDF, PHOTOS
from kernel.clock import FixedClock, SystemClock
from kernel.settings import Settings
from models.server import Server
from models.vocabulary import DocumentKind
from policy.tokens import issue
from policy.viewer import Role, Viewer
from server import bus_of, reader_of
from tests.acting import Acting
from tests.conftest import SECRET_KEY, a_walled_city
from tests.edge.test_evidence import PAGE, a_photo
from tests.folders import a_data_folder
from tests.serving import free_port, served, until_ready


@dataclass
class OverHttp(Acting):
    """Acts as anybody through the server process; `tables` still looks behind the wall. The time is the machine's."""

    client: httpx.AsyncClient
    log: Path
    """Whatever the server wrote to stderr, from the lowest level on."""

    async def __call__(self, who: Role | Viewer, query: str, variables: Mapping[str, Any] | None = None) -> Any:
        asked = {"query": query, "variables": variables or {}}
        answer = await self.client.post("/graphql", json=asked, headers=self.bearer(who))
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def sent(self, who: Role | Viewer, kind: DocumentKind, content: bytes | None = None) -> str:
        """The id of a file of evidence that was sent by PUT, for `documentIds`; a page or a photo of its own."""
        media_type = JPEG if kind in PHOTOS else PDF
        content = content or (a_photo() if kind in PHOTOS else PAGE)
        announced = {"kind": kind.value, "mediaType": media_type, "sizeBytes": len(content)}
        asked = await self.do(who, "requestUpload", "id url", **announced)
        assert asked["userErrors"] == [], asked
        arrived = await self.client.put(asked["url"], content=content)
        assert (arrived.status_code, arrived.json()["id"]) == (201, asked["id"]), arrived.text
        identifier: str = asked["id"]
        return identifier

    async def fetched(self, who: Role | Viewer, document: str) -> httpx.Response:
        """A file of evidence as somebody gets it."""
        return await self.client.get(f"/evidence/{document}", headers=self.bearer(who))

    def bearer(self, who: Role | Viewer) -> dict[str, str]:
        """The header by which somebody is known; none for the public."""
        viewer = self.city.viewer(who) if isinstance(who, Role) else who
        if viewer.role is Role.PUBLIK:
            return {}
        token = issue(self.city.settings, SystemClock(), viewer, timedelta(minutes=10))
        return {"authorization": f"Bearer {token}"}


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
            log = folder / "stderr"
            with log.open("wb") as stderr, served(settings, port, stderr, "DEBUG"):
                await until_ready(url)
                async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
                    yield OverHttp(city, clock, bus, reader, tables, client, log)
            await reader.close()
            await bus.close()
            await tables.close()

"""API keys at the terminal and at two servers: made, used, replaced, and gone within seconds of their revocation."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from kernel.settings import Settings
from models.server import Server
from tests.conftest import SECRET_KEY, City, a_walled_city
from tests.folders import a_data_folder
from tests.serving import ROOT, free_port, served, until_ready

ENDS_WITHIN_S = 5.0
STREAM = "subscription { events { id } }"
QUERY = {"query": "{ loans(first: 1) { nodes { id } } }"}


@dataclass
class Town:
    """A city with two servers."""

    city: City
    addresses: list[str]

    def ksbb(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run `ksbb key ...` as whoever keeps the city."""
        settings = self.city.settings
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
        environment |= {"KSBB_DATA_DIR": str(settings.data_dir), "KSBB_SECRET_KEY": settings.secret_key}
        command = [sys.executable, "-m", "cli", "key", *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)

    def told(self, *arguments: str) -> Any:
        answer = self.ksbb(*arguments, "--json")
        assert answer.returncode == 0, answer.stderr
        return json.loads(answer.stdout)

    def made(self, *arguments: str) -> dict[str, Any]:
        given = ("--for", "contoh-inspeksi", "--role", "INSPEKTORAT", "--scope", "read", "--scope", "subscribe")
        made: dict[str, Any] = self.told("create", *(arguments or given))
        time.sleep(2)
        return made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def town() -> AsyncIterator[Town]:
    with a_data_folder() as folder, ExitStack() as processes:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        with Server.open(settings) as server:
            city, ports = await a_walled_city(settings, server), [free_port(), free_port()]
            for port in ports:
                processes.enter_context(served(settings, port))
            addresses = [f"http://127.0.0.1:{port}" for port in ports]
            await asyncio.gather(*map(until_ready, addresses))
            yield Town(city, addresses)
            processes.close()


async def asked(address: str, key: str) -> int:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{address}/graphql", json=QUERY, headers={"authorization": f"Bearer {key}"})
    return answer.status_code


async def sse_until_end(address: str, key: str, opened: asyncio.Event) -> str:
    """What a stream of events says, up to its end."""
    headers = {"authorization": f"Bearer {key}", "accept": "text/event-stream"}
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as http,
        http.stream("POST", f"{address}/graphql", json={"query": STREAM}, headers=headers) as answer,
    ):
        assert answer.status_code == 200
        opened.set()
        return "".join([piece async for piece in answer.aiter_text()])


async def socket_until_end(address: str, key: str, opened: asyncio.Event) -> str:
    """What a websocket with an open subscription says, up to its end, and with which code that comes."""
    said = []
    where = f"{address.replace('http', 'ws')}/graphql"
    async with connect(where, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {key}"}}
        await socket.send(json.dumps(init))
        await socket.recv()
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": STREAM}}))
        opened.set()
        with suppress(ConnectionClosed):
            while True:
                said.append(str(await socket.recv()))
    return f"{said} {socket.close_code}"


@pytest.mark.slow
async def test_a_revoked_key_ends_open_streams_of_every_server_within_five_seconds(town: Town) -> None:
    key = (await asyncio.to_thread(town.made))["key"]
    assert [await asked(address, key) for address in town.addresses] == [200, 200]
    opened = [asyncio.Event() for _ in range(3)]
    first, second = town.addresses
    streams = [
        asyncio.create_task(sse_until_end(first, key, opened[0])),
        asyncio.create_task(sse_until_end(second, key, opened[1])),
        asyncio.create_task(socket_until_end(second, key, opened[2])),
    ]
    async with asyncio.timeout(30):
        await asyncio.gather(*(event.wait() for event in opened))
    await asyncio.sleep(3)
    assert not any(stream.done() for stream in streams)
    answer = await asyncio.to_thread(town.ksbb, "revoke", key.rpartition("_")[0])
    revoked = time.monotonic()
    assert answer.returncode == 0, answer.stderr
    async with asyncio.timeout(30):
        said = await asyncio.gather(*streams)
    assert time.monotonic() - revoked < ENDS_WITHIN_S
    assert all("TOKEN_ENDED" in words for words in said), said
    assert said[2].endswith("4403")
    assert [await asked(address, key) for address in town.addresses] == [401, 401]


@pytest.mark.slow
async def test_a_key_at_the_terminal_is_shown_once_and_its_use_is_listed(town: Town) -> None:
    made = await asyncio.to_thread(town.made)
    secret = made["key"].rpartition("_")[2]
    assert await asked(town.addresses[0], made["key"]) == 200
    await asyncio.sleep(1)
    (shown,) = [row for row in await asyncio.to_thread(town.told, "list") if row["id"] == made["id"]]
    assert made["key"].startswith(f"{made['id']}_")
    assert (shown["for"], shown["role"], shown["scopes"]) == ("contoh-inspeksi", "INSPEKTORAT", "read subscribe")
    assert shown["lastUsed"] is not None
    assert secret not in json.dumps(shown)
    await asyncio.to_thread(town.ksbb, "revoke", made["id"])
    assert made["id"] not in (await asyncio.to_thread(town.ksbb, "list")).stdout
    assert made["id"] in (await asyncio.to_thread(town.ksbb, "list", "--all")).stdout
    again = await asyncio.to_thread(town.ksbb, "revoke", made["id"])
    assert (again.returncode, "revoked" in again.stderr) == (1, True)


@pytest.mark.slow
async def test_a_replaced_key_and_its_successor_hold_at_a_server_together(town: Town) -> None:
    old = await asyncio.to_thread(town.made)
    new = await asyncio.to_thread(town.made, "--replaces", old["id"], "--overlap-hours", "1", "--days", "30")
    assert [await asked(address, k["key"]) for address in town.addresses for k in (old, new)] == [200] * 4
    assert new["scopes"] == old["scopes"]
    connection = await asyncpg.connect(town.city.server.uri())
    try:
        await connection.execute(
            "update ksbb.api_key set expires_at = now(), changed_at = now() where public_id like $1",
            f"%{old['id'].removeprefix('ksbb_')}",
        )
    finally:
        await connection.close()
    await asyncio.sleep(3)
    statuses = [await asked(address, k["key"]) for address in town.addresses for k in (old, new)]
    assert statuses == [401, 200, 401, 200]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "--for"),
        (("--for", "contoh", "--role", "FINTECH", "--scope", "read"), "FINTECH needs --institution"),
        (("--for", "contoh", "--role", "ADMIN", "--scope", "read"), "one of these roles"),
        (("--for", "contoh", "--role", "DINAS", "--scope", "read", "--replaces", "ksbb_x"), "old key"),
        (("--replaces", "contoh"), "ksbb key list"),
    ],
)
async def test_a_key_that_cannot_be_made_says_what_is_missing(
    town: Town, arguments: tuple[str, ...], says: str
) -> None:
    answer = await asyncio.to_thread(town.ksbb, "create", *arguments)
    assert (answer.returncode, answer.stdout) == (1, "")
    assert says in answer.stderr

"""Clients written by others follow the events of a running server, and are told what goes wrong."""

from __future__ import annotations

import asyncio
import json
import signal
import subprocess
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from gql import Client, gql
from gql.transport.websockets import WebsocketsTransport
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from kernel.clock import SystemClock
from policy.tokens import issue
from policy.viewer import Role
from tests.acting import Acting, an_acting_city
from tests.clients.test_clients import HERE, tool
from tests.serving import free_port, served, until_ready

PROGRAMS = ("graphql_ws", "graphql_sse", "apollo", "urql_ws", "urql_sse")
EVENTS = "subscription ($after: String) { events(after: $after, types: [ComplaintFiled]) { id cursor type } }"
OF_THE_PUBLIC = "subscription { events { id } }"
FILE = "mutation ($input: FileComplaintInput!) { fileComplaint(input: $input) { userErrors { code } } }"
COMPLAINT = {"category": "PUNGUTAN", "regionCode": "31.71.01.1001", "text": "Petugas meminta uang."}


@dataclass
class Running:
    """A server process on a city of its own, with an inspector who listens."""

    url: str
    token: str
    process: subprocess.Popen[bytes]

    async def file(self, count: int) -> None:
        """File complaints, as the public."""
        async with httpx.AsyncClient(trust_env=False, timeout=60) as http:
            for _ in range(count):
                answer = await http.post(self.url, json={"query": FILE, "variables": {"input": COMPLAINT}})
                assert answer.json()["data"]["fileComplaint"]["userErrors"] == [], answer.text


@asynccontextmanager
async def running_on(acting: Acting) -> AsyncIterator[Running]:
    settings, port = acting.city.settings, free_port()
    token = issue(settings, SystemClock(), acting.city.viewer(Role.INSPEKTORAT), timedelta(hours=1))
    with served(settings, port) as process:
        await until_ready(f"http://127.0.0.1:{port}")
        yield Running(f"http://127.0.0.1:{port}/graphql", token, process)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[Acting]:
    async with an_acting_city() as acting:
        yield acting


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def running(city: Acting) -> AsyncIterator[Running]:
    async with running_on(city) as server:
        yield server


@asynccontextmanager
async def listening(name: str, running: Running, *arguments: str, token: str | None = None) -> AsyncIterator[Process]:
    """A program of `streams/` while it runs."""
    node, program = tool("tsc")[0], HERE / "streams" / f"{name}.mjs"
    process = await asyncio.create_subprocess_exec(
        node, program, running.url, token or running.token, *arguments, stdout=PIPE, cwd=Path(HERE)
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def line(process: Process) -> Any:
    """What a program prints next."""
    assert process.stdout is not None
    printed = await asyncio.wait_for(process.stdout.readline(), 60)
    assert printed, "the program ended"
    return json.loads(printed)


async def past(running: Running) -> int:
    """How many complaints were filed; at least two."""
    await running.file(2)
    async with (
        httpx.AsyncClient(trust_env=False, timeout=60) as http,
        http.stream(
            "POST",
            running.url,
            json={"query": EVENTS, "variables": {"after": "BEGINNING"}},
            headers={"accept": "text/event-stream", "authorization": f"Bearer {running.token}"},
        ) as answer,
    ):
        count, lines = 0, answer.aiter_lines()
        while True:
            try:
                text = await asyncio.wait_for(anext(lines), 2)
            except TimeoutError:
                return count
            count += text.startswith("data: ")


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_client_gets_what_is_past_and_what_happens_then_once_and_in_order(name: str, running: Running) -> None:
    count = await past(running)
    async with listening(name, running, str(count + 3)) as process:
        heard = [await line(process) for _ in range(count)]
        await running.file(3)
        heard += [await line(process) for _ in range(3)]
        assert await asyncio.wait_for(process.wait(), 30) == 0
    assert {event["type"] for event in heard} == {"ComplaintFiled"}
    assert all(event["subject"]["status"] for event in heard)
    assert len({event["id"] for event in heard}) == count + 3


@pytest.mark.parametrize("name", PROGRAMS)
async def test_a_document_that_does_not_validate_is_told_to_who_sent_it(name: str, running: Running) -> None:
    async with listening(name, running, "1", "subscription { events { nonsense } }") as process:
        failed = (await line(process))["failed"]
    assert failed.get("code") == "GRAPHQL_VALIDATION_FAILED", failed


@pytest.mark.parametrize("name", ["graphql_ws", "apollo", "urql_ws"])
async def test_a_token_that_does_not_hold_closes_the_socket_with_a_code(name: str, running: Running) -> None:
    async with listening(name, running, "1", token="nonsense") as process:
        failed = (await line(process))["failed"]
    assert failed.get("code") == 4403 or "4403" in failed["text"]  # Apollo makes a sentence of it


@pytest.mark.parametrize("name", ["graphql_sse", "urql_sse"])
async def test_a_token_that_does_not_hold_is_told_before_the_stream(name: str, running: Running) -> None:
    async with listening(name, running, "1", token="nonsense") as process:
        failed = (await line(process))["failed"]
    assert failed.get("code") == "UNAUTHENTICATED" or "401" in failed["text"]


async def test_gql_of_python_goes_on_after_its_cursor(running: Running) -> None:
    await running.file(3)
    transport = WebsocketsTransport(
        url=running.url.replace("http", "ws"),
        init_payload={"Authorization": f"Bearer {running.token}"},
        connect_args={"proxy": None},
    )
    heard: list[dict[str, Any]] = []
    async with Client(transport=transport) as session:
        document = gql(EVENTS)
        for wanted, more in ((2, 0), (4, 3)):
            document.variable_values = {"after": heard[-1]["cursor"] if heard else "BEGINNING"}
            async for result in session.subscribe(document):
                heard.append(result["events"])
                if len(heard) == wanted:
                    break
            await running.file(more)
    assert len({event["id"] for event in heard}) == len(heard) == 4


async def test_a_server_that_is_stopped_says_where_to_go_on(city: Acting) -> None:
    async with running_on(city) as running:
        url = running.url.replace("http", "ws")
        async with connect(url, subprotocols=[Subprotocol("graphql-transport-ws")], proxy=None) as socket:
            await socket.send(
                json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {running.token}"}})
            )
            await socket.recv()
            await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": {"query": EVENTS}}))
            async with httpx.AsyncClient(trust_env=False) as http:
                answer = http.stream(
                    "POST", running.url, json={"query": OF_THE_PUBLIC}, headers={"accept": "text/event-stream"}
                )
                async with answer as events:
                    lines = events.aiter_lines()
                    assert (await anext(lines)).startswith("id: ")
                    await running.file(1)
                    told = json.loads(await asyncio.wait_for(socket.recv(decode=True), 10))
                    cursor = told["payload"]["data"]["events"]["cursor"]
                    running.process.send_signal(signal.SIGTERM)
                    told = json.loads(await asyncio.wait_for(socket.recv(decode=True), 10))
                    assert told["payload"][0]["extensions"] == {"code": "SERVER_STOPS", "cursor": cursor}
                    with pytest.raises(ConnectionClosed):
                        await socket.recv()
                    assert socket.close_code == 1012
                    rest = [text async for text in lines]
                    assert any('"SERVER_STOPS"' in text for text in rest)
                    assert rest[-3:-1] == ["event: complete", "data:"]
        assert await asyncio.to_thread(running.process.wait, 15) == 0

"""GraphQL over server-sent events: what is delivered, how it resumes, and how it ends."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from edge.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, graphql_media_type
from edge.revocations import RELIED_ON_FOR, RevocationsUnknown
from edge.streams import StreamLimits
from events.stream import ServerStops, TooSlowConsumer

from .conftest import CANARY, Held, Register, Streaming, eventually, streaming

SUBSCRIPTION = {"query": "subscription { events { cursor } }"}
AS_EVENTS = {"accept": EVENT_STREAM}
START = "id: c0\nretry: 2000"
COMPLETE = "event: complete\ndata:"


class Blocks:
    """An event stream, read block by block."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._parts = answer.aiter_text()
        self._text = ""

    async def next(self) -> str:
        async with asyncio.timeout(10):
            while "\n\n" not in self._text:
                self._text += await anext(self._parts)
        block, _, self._text = self._text.partition("\n\n")
        return block

    async def rest(self) -> list[str]:
        """What is left until the server ends the response."""
        async with asyncio.timeout(10):
            async for part in self._parts:
                self._text += part
        return self._text.split("\n\n")[:-1]


@asynccontextmanager
async def listening_to(edge: Streaming, body: object = SUBSCRIPTION, **headers: str) -> AsyncIterator[Blocks]:
    async with (
        httpx.AsyncClient(base_url=f"http://{edge.address}", trust_env=False) as http,
        http.stream("POST", "/graphql", json=body, headers={**AS_EVENTS, **headers}) as answer,
    ):
        yield Blocks(answer)


async def asked(edge: Streaming, query: str, accept: str = EVENT_STREAM, **headers: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://{edge.address}", trust_env=False) as http:
        return await http.post("/graphql", json={"query": query}, headers={"accept": accept, **headers})


def a_result(block: str) -> Any:
    """The result in an event that can be resumed from, or not."""
    event, _, data = block[block.index("event: ") :].partition("\n")
    assert event == "event: next"
    return json.loads(data.removeprefix("data: "))


async def test_a_subscriber_gets_where_it_begins_and_each_event_with_its_cursor(edge: Streaming) -> None:
    async with listening_to(edge) as blocks:
        assert blocks.answer.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert blocks.answer.headers["cache-control"] == "no-store"
        assert blocks.answer.headers["x-accel-buffering"] == "no"
        assert await blocks.next() == START
        stream = await edge.stream()
        stream.give(("c1", {"n": 1}), ("c2", {"n": 2}))
        assert await blocks.next() == 'id: c1\nevent: next\ndata: {"data": {"n": 1}}'
        assert await blocks.next() == 'id: c2\nevent: next\ndata: {"data": {"n": 2}}'
    await eventually(lambda: stream.is_closed and len(edge.connections) == 0)


async def test_a_get_of_an_event_source_subscribes_too(edge: Streaming) -> None:
    async with (
        httpx.AsyncClient(base_url=f"http://{edge.address}", trust_env=False) as http,
        http.stream("GET", "/graphql", params=SUBSCRIPTION, headers=AS_EVENTS) as answer,
    ):
        assert await Blocks(answer).next() == START


async def test_the_last_id_says_after_what_to_go_on(edge: Streaming) -> None:
    async with listening_to(edge, **{"last-event-id": "c41"}) as blocks:
        assert (await blocks.next()).startswith("id: c41\n")


async def test_line_ends_between_the_tokens_of_a_result_do_not_end_an_event(edge: Streaming) -> None:
    async with listening_to(edge) as blocks:
        await blocks.next()
        (await edge.stream()).give(("c1", b'{"data":[1, \n 2,"a\\nb"]}'))
        assert a_result(await blocks.next()) == {"data": [1, 2, "a\nb"]}


@pytest.mark.parametrize("query", ["{ a }", "mutation { a }"])
async def test_queries_and_mutations_are_one_event(edge: Streaming, query: str) -> None:
    answer = await asked(edge, query)
    result, complete = answer.text.split("\n\n")[:-1]
    assert (answer.status_code, a_result(result)["data"]["role"], complete) == (200, "PUBLIK", COMPLETE)


async def test_a_mutation_does_not_come_by_get(edge: Streaming) -> None:
    async with httpx.AsyncClient(base_url=f"http://{edge.address}", trust_env=False) as http:
        answer = await http.get("/graphql", params={"query": "mutation { a }"}, headers=AS_EVENTS)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (405, "QUERIES_ONLY")


@pytest.mark.parametrize("query", ["subscription { unknown }", "{ unknown }", "subscription { refused }", "{ a"])
async def test_what_is_wrong_with_a_document_is_an_event_of_errors(edge: Streaming, query: str) -> None:
    answer = await asked(edge, query)
    result, complete = answer.text.split("\n\n")[:-1]
    assert (answer.status_code, list(a_result(result)), complete) == (200, ["errors"], COMPLETE)


async def test_what_is_wrong_with_a_request_has_its_status(edge: Streaming) -> None:
    answer = await asked(edge, SUBSCRIPTION["query"], authorization="Bearer nonsense")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "UNAUTHENTICATED")
    answer = await asked(edge, "subscription { crash }")
    assert (answer.status_code, CANARY in answer.text) == (500, False)


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE, "*/*"])
async def test_a_subscription_that_asks_for_one_answer_is_told_how_to_ask(edge: Streaming, accept: str) -> None:
    answer = await asked(edge, SUBSCRIPTION["query"], accept)
    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["extensions"]["code"]) == (406, "SUBSCRIPTION_NEEDS_STREAM")
    assert "text/event-stream" in error["message"]
    assert "graphql-transport-ws" in error["message"]


URQL = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream"


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (EVENT_STREAM, EVENT_STREAM),
        ("text/event-stream, multipart/mixed", EVENT_STREAM),
        ("text/event-stream, */*", EVENT_STREAM),
        ("text/event-stream, application/json;q=0.9", EVENT_STREAM),
        (URQL, GRAPHQL_RESPONSE),
        ("text/event-stream;q=0.5, */*", JSON),
        ("text/event-stream;q=0, */*", JSON),
        ("text/*", None),
        ("*/*", JSON),
    ],
)
def test_events_are_for_who_names_them_and_likes_nothing_as_well(accept: str, media_type: str | None) -> None:
    assert graphql_media_type(accept.encode()) == media_type


async def test_a_subscription_of_who_takes_both_is_a_stream(edge: Streaming) -> None:
    async with listening_to(edge, accept=URQL) as blocks:
        assert await blocks.next() == START


async def test_a_silent_stream_has_a_heartbeat(tmp_path: Path) -> None:
    limits = StreamLimits(heartbeat_s=0.2, look_every_s=0.05)
    async with streaming(tmp_path, limits) as edge, listening_to(edge) as blocks:
        assert await blocks.next() == START
        assert [await blocks.next(), await blocks.next()] == [":", ":"]


async def test_a_slow_consumer_is_told_its_cursor_at_the_end(edge: Streaming) -> None:
    async with listening_to(edge) as blocks:
        await blocks.next()
        stream = await edge.stream()
        stream.give(("c7", 7))
        stream.fail(TooSlowConsumer("c7"))
        _, last, complete = await blocks.rest()
    assert not last.startswith("id")
    assert a_result(last)["errors"][0]["extensions"] == {"code": "SLOW_CONSUMER", "cursor": "c7"}
    assert complete == COMPLETE


async def test_a_stream_that_breaks_shows_an_id_only(edge: Streaming) -> None:
    async with listening_to(edge) as blocks:
        await blocks.next()
        stream = await edge.stream()
        stream.fail(RuntimeError(CANARY))
        last, complete = await blocks.rest()
    extensions = a_result(last)["errors"][0]["extensions"]
    assert (extensions["code"], extensions["cursor"]) == ("INTERNAL_SERVER_ERROR", stream.start)
    assert (CANARY in last, complete) == (False, COMPLETE)


@pytest.mark.parametrize("is_idle", [True, False])
async def test_a_token_that_runs_out_ends_the_stream(edge: Streaming, is_idle: bool) -> None:
    token = edge.token(lifetime=dt.timedelta(minutes=1))
    async with listening_to(edge, authorization=f"Bearer {token}") as blocks:
        await blocks.next()
        stream = await edge.stream()
        try:
            edge.clock.move(dt.timedelta(minutes=2))
            if not is_idle:
                stream.give(("c1", 1))
            last, complete = await blocks.rest()
        finally:
            edge.clock.move(dt.timedelta(minutes=-2))
    assert a_result(last)["errors"][0]["extensions"] == {"code": "TOKEN_ENDED", "cursor": "c0"}
    assert complete == COMPLETE


@pytest.mark.parametrize("is_down", [False, True])
async def test_a_token_that_is_revoked_or_cannot_be_checked_ends_the_stream(tmp_path: Path, is_down: bool) -> None:
    register = Register()
    async with (
        streaming(tmp_path, register=register) as edge,
        listening_to(edge, authorization=f"Bearer {edge.token()}") as blocks,
    ):
        await blocks.next()
        register.revoke("contoh", edge.clock.now())
        register.is_down = is_down
        edge.clock.move(RELIED_ON_FOR)
        last, complete = await blocks.rest()
    code = RevocationsUnknown.code if is_down else "TOKEN_ENDED"
    assert a_result(last)["errors"][0]["extensions"] == {"code": code, "cursor": "c0"}
    assert complete == COMPLETE


async def test_a_server_that_stops_tells_every_stream_its_cursor(tmp_path: Path) -> None:
    async with streaming(tmp_path) as edge, listening_to(edge) as blocks:
        await blocks.next()
        (await edge.stream()).give(("c5", 5))
        await blocks.next()
        edge.server.should_exit = True
        last, complete = await blocks.rest()
        assert a_result(last)["errors"][0]["extensions"] == {"code": ServerStops.code, "cursor": "c5"}
        assert complete == COMPLETE


async def test_connections_over_the_limit_of_a_role_are_429(tmp_path: Path) -> None:
    async with streaming(tmp_path, StreamLimits(connections=1, look_every_s=0.05)) as edge:
        async with listening_to(edge) as blocks:
            await blocks.next()
            answer = await asked(edge, SUBSCRIPTION["query"])
            assert (answer.status_code, answer.headers["retry-after"]) == (429, "10")
        await eventually(lambda: len(edge.connections) == 0)
        async with listening_to(edge) as blocks:
            await blocks.next()


async def test_who_takes_nothing_is_let_go(edge: Streaming) -> None:
    body = json.dumps(SUBSCRIPTION).encode()
    head = f"POST /graphql HTTP/1.1\r\nhost: x\r\naccept: {EVENT_STREAM}\r\ncontent-type: {JSON}\r\n"
    host, _, port = edge.address.partition(":")
    with socket.create_connection((host, int(port))) as caller:
        caller.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        caller.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        stream = await edge.stream()
        for number in range(400):
            stream.give((f"c{number}", "x" * 50_000))
            await asyncio.sleep(0)
        await eventually(lambda: stream.is_closed and len(edge.connections) == 0)


async def test_streams_leave_nothing_behind(tmp_path: Path) -> None:
    async with streaming(tmp_path, StreamLimits(heartbeat_s=0.1, look_every_s=0.05)) as edge:
        before = Held.now()
        for _ in range(2):
            streams = [listening_to(edge) for _ in range(100)]
            blocks = [await stream.__aenter__() for stream in streams]
            for _ in range(4):
                for block in blocks:
                    await block.next()
            for stream in streams:
                await stream.__aexit__(None, None, None)
            await eventually(lambda: len(edge.connections) == 0)
            await before.again()
        assert all(stream.is_closed for stream in edge.reader.streams)

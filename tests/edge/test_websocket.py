"""GraphQL over websockets: what each message is answered with, and how each connection ends."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.typing import Subprotocol

from edge.revocations import FRESH_FOR, RELIED_ON_FOR, RevocationsUnknown
from edge.streams import StreamLimits
from edge.websocket import SUBPROTOCOL
from events.stream import Delivery, ServerStops, TooSlowConsumer
from policy.viewer import PUBLIC, Role, Viewer

from .conftest import CANARY, QUICK, Held, Register, Streaming, eventually, streaming

SUBSCRIPTION = {"query": "subscription Dengar { events { cursor } }", "operationName": "Dengar"}


@asynccontextmanager
async def opened(edge: Streaming, subprotocol: str = SUBPROTOCOL, **more: Any) -> AsyncIterator[ClientConnection]:
    url = f"ws://{edge.address}/graphql"
    async with connect(url, subprotocols=[Subprotocol(subprotocol)], proxy=None, close_timeout=2, **more) as socket:
        yield socket


@asynccontextmanager
async def acknowledged(edge: Streaming, payload: object = None, **more: Any) -> AsyncIterator[ClientConnection]:
    async with opened(edge, **more) as socket:
        await say(
            socket, {"type": "connection_init"} if payload is None else {"type": "connection_init", "payload": payload}
        )
        assert await heard(socket) == {"type": "connection_ack", "payload": {"cursor": "c-now"}}
        yield socket


async def say(socket: ClientConnection, message: object) -> None:
    await socket.send(json.dumps(message))


async def heard(socket: ClientConnection) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(decode=True), 10))


async def end_of(socket: ClientConnection) -> tuple[int | None, str]:
    """Code and reason with which the server closes; what it says before is passed over."""
    try:
        while True:
            await asyncio.wait_for(socket.recv(), 10)
    except ConnectionClosed:
        return socket.close_code, socket.close_reason or ""


def subscribe(id_: str, query: str | dict[str, Any] = SUBSCRIPTION["query"]) -> dict[str, Any]:
    return {"id": id_, "type": "subscribe", "payload": {"query": query} if isinstance(query, str) else query}


async def test_a_subscriber_gets_each_event_as_one_message_in_order(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("satu", SUBSCRIPTION))
        stream = await edge.stream()
        stream.give(("c1", {"n": 1}), ("c2", {"n": 2}))
        stream.give(("c3", {"n": 3}))
        for n in (1, 2, 3):
            assert await heard(socket) == {"id": "satu", "type": "next", "payload": {"data": {"n": n}}}
        viewer, request = edge.reader.seen[-1]
        assert (viewer, request.operation_name) == (PUBLIC, "Dengar")
        await say(socket, {"id": "satu", "type": "complete"})
        await eventually(lambda: stream.is_closed)
        await say(socket, subscribe("satu"))  # the id is free again
        await edge.stream()


async def test_queries_and_mutations_are_answered_once(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        for query in ("{ a }", "mutation { a }"):
            await say(socket, subscribe("q", query))
            assert (await heard(socket))["payload"]["data"]["role"] == "PUBLIK"
            assert await heard(socket) == {"id": "q", "type": "complete"}


@pytest.mark.parametrize("length", [1, 125, 126, 65_400, 65_600, 150_000])
async def test_results_of_any_length_arrive_whole(edge: Streaming, length: int) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1"))
        (await edge.stream()).give(("c1", "é" * length))
        assert (await heard(socket))["payload"] == {"data": "é" * length}


@pytest.mark.parametrize(
    ("query", "code"),
    [("subscription { refused }", "BAD_USER_INPUT"), ("{ a", "GRAPHQL_PARSE_FAILED")],
)
async def test_what_is_wrong_with_an_operation_is_its_error(edge: Streaming, query: str, code: str) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1", query))
        told = await heard(socket)
        assert (told["id"], told["type"], told["payload"][0]["extensions"]["code"]) == ("1", "error", code)
        await say(socket, subscribe("1", "{ a }"))  # the connection goes on, and the id is free
        assert (await heard(socket))["type"] == "next"


async def test_a_document_that_does_not_validate_is_an_error_of_all_its_errors(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        for query in ("subscription { unknown }", "{ unknown }"):
            await say(socket, subscribe("1", query))
            assert await heard(socket) == {"id": "1", "type": "error", "payload": [{"message": "Cannot query field"}]}


@pytest.mark.parametrize("query", ["crash", "subscription { crash }"])
async def test_an_error_of_ours_shows_an_id_only(edge: Streaming, query: str) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1", query))
        told = await heard(socket)
        assert told["payload"][0]["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
        assert CANARY not in json.dumps(told)


@pytest.mark.parametrize("name", ["Authorization", "authorization"])
async def test_the_token_may_come_with_the_first_message(edge: Streaming, name: str) -> None:
    async with acknowledged(edge, {name: f"Bearer {edge.token()}"}) as socket:
        await say(socket, subscribe("1", "{ a }"))
        assert (await heard(socket))["payload"]["data"]["role"] == "DINAS"


async def test_the_token_may_come_with_the_upgrade(edge: Streaming) -> None:
    async with acknowledged(edge, additional_headers={"Authorization": f"Bearer {edge.token()}"}) as socket:
        await say(socket, subscribe("1", "{ a }"))
        assert (await heard(socket))["payload"]["data"]["role"] == "DINAS"


async def test_a_token_that_does_not_hold_is_4403(edge: Streaming) -> None:
    async with opened(edge) as socket:
        await say(socket, {"type": "connection_init", "payload": {"Authorization": "Bearer nonsense"}})
        code, reason = await end_of(socket)
        assert (code, "bearer token is not valid" in reason) == (4403, True)


VIOLATIONS: list[tuple[str, list[object], int]] = [
    ("no JSON", ["{"], 4400),
    ("no object", ["[]"], 4400),
    ("binary", [b"\x00\x01"], 4400),
    ("no type", ["{}"], 4400),
    ("a message of servers", [{"type": "next", "id": "1"}], 4400),
    ("an id that is no text", [{"type": "connection_init"}, {**subscribe("1"), "id": 1}], 4400),
    ("an endless id", [{"type": "connection_init"}, subscribe("x" * 1_000)], 4400),
    ("no query", [{"type": "connection_init"}, subscribe("1", {})], 4400),
    ("payload of the wrong type", [{"type": "connection_init", "payload": []}], 4400),
    ("token of the wrong type", [{"type": "connection_init", "payload": {"Authorization": 1}}], 4400),
    ("subscribing before saying who", [subscribe("1")], 4401),
    ("saying nothing", [], 4408),
    ("one id twice", [{"type": "connection_init"}, subscribe("1"), subscribe("1")], 4409),
    ("one id twice, with letters of two bytes", [{"type": "connection_init"}, *[subscribe("é" * 150)] * 2], 4409),
    ("saying who twice", [{"type": "connection_init"}, {"type": "connection_init"}], 4429),
    ("a message that is too long", [{"type": "ping", "payload": {"a": "x" * 1_000_100}}], 1009),
]


@pytest.mark.parametrize(("messages", "code"), [v[1:] for v in VIOLATIONS], ids=[v[0] for v in VIOLATIONS])
async def test_what_the_protocol_forbids_closes_the_connection(
    edge: Streaming, messages: list[object], code: int
) -> None:
    async with opened(edge) as socket:
        for message in messages:
            await socket.send(message if isinstance(message, str | bytes) else json.dumps(message))
        assert (await end_of(socket))[0] == code
    await eventually(lambda: len(edge.connections) == 0)


async def test_another_subprotocol_is_4406(edge: Streaming) -> None:
    url = f"ws://{edge.address}/graphql"
    for offered in (None, [Subprotocol("graphql-ws")]):
        async with connect(url, subprotocols=offered, proxy=None) as socket:
            assert (await end_of(socket))[0] == 4406


async def test_another_address_is_no_websocket(edge: Streaming) -> None:
    with pytest.raises(InvalidStatus):
        await connect(f"ws://{edge.address}/lain", proxy=None)


async def test_pings_are_answered_with_their_payload(edge: Streaming) -> None:
    async with opened(edge) as socket:
        await say(socket, {"type": "ping", "payload": {"a": [1]}})
        assert await heard(socket) == {"type": "pong", "payload": {"a": [1]}}
        await say(socket, {"type": "ping"})
        assert await heard(socket) == {"type": "pong"}


async def test_who_is_silent_is_pinged_and_who_does_not_answer_is_closed(tmp_path: Path) -> None:
    limits = StreamLimits(ping_after_s=0.3, look_every_s=0.05)
    async with streaming(tmp_path, limits) as edge, acknowledged(edge) as socket:
        for _ in range(3):
            assert await heard(socket) == {"type": "ping"}
            await say(socket, {"type": "pong"})
        assert await heard(socket) == {"type": "ping"}
        assert (await end_of(socket))[0] == 4499


async def test_pages_of_other_origins_are_refused_when_origins_are_named(tmp_path: Path) -> None:
    async with streaming(tmp_path, origins=frozenset({"https://umkm.example"})) as edge:
        for origin in ("https://umkm.example", None):
            async with acknowledged(edge, origin=origin):
                pass
        for origin in ("https://lain.example", "https://umkm.example.lain.example", "http://umkm.example", "null", ""):
            with pytest.raises(InvalidStatus):
                async with opened(edge, origin=origin):
                    pass


async def test_operations_over_the_limit_are_refused_and_the_others_go_on(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        for number in range(QUICK.operations + 1):
            await say(socket, subscribe(str(number)))
        told = await heard(socket)
        assert (told["id"], told["payload"][0]["extensions"]["code"]) == (str(QUICK.operations), "TOO_MANY_OPERATIONS")
        (await edge.stream()).give(("c1", 1))
        assert (await heard(socket))["type"] == "next"


async def test_connections_over_the_limit_of_a_role_are_told_to_come_later(tmp_path: Path) -> None:
    async with streaming(tmp_path, StreamLimits(connections=2, look_every_s=0.05)) as edge:
        async with acknowledged(edge), acknowledged(edge), opened(edge) as third:
            await say(third, {"type": "connection_init"})
            code, reason = await end_of(third)
            assert (code, "connections of your role" in reason) == (1013, True)
            async with acknowledged(edge, {"Authorization": f"Bearer {edge.token()}"}):
                pass  # another role has its own
        await eventually(lambda: len(edge.connections) == 0)
        async with acknowledged(edge):
            pass


async def test_a_slow_consumer_is_told_its_cursor_and_closed(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1"))
        stream = await edge.stream()
        stream.give(("c7", 7))
        stream.fail(TooSlowConsumer("c7"))
        assert (await heard(socket))["type"] == "next"
        told = await heard(socket)
        assert (told["id"], told["type"]) == ("1", "error")
        assert told["payload"][0]["extensions"] == {"code": "SLOW_CONSUMER", "cursor": "c7"}
        assert await end_of(socket) == (1013, "resume after c7")
    assert stream.is_closed


async def test_who_takes_nothing_is_closed_too(edge: Streaming) -> None:
    async with acknowledged(edge, max_queue=1) as socket:
        await say(socket, subscribe("1"))
        stream = await edge.stream()
        for number in range(400):
            stream.give((f"c{number}", "x" * 50_000))
            await asyncio.sleep(0)
        await eventually(lambda: stream.is_closed)
        await eventually(lambda: len(edge.connections) == 0)
        code, reason = await end_of(socket)
        assert (code, reason.startswith("resume after c")) == (1013, True)


async def test_a_reason_is_never_longer_than_a_closing_frame_takes(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1"))
        stream = await edge.stream()
        stream.give(("c" * 200, 1))
        stream.fail(TooSlowConsumer("c" * 200))
        assert await end_of(socket) == (1013, "resume after the last cursor")


async def test_a_stream_that_breaks_is_an_error_of_its_operation(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1"))
        stream = await edge.stream()
        stream.fail(RuntimeError(CANARY))
        told = await heard(socket)
        extensions = told["payload"][0]["extensions"]
        assert (extensions["code"], extensions["cursor"]) == ("INTERNAL_SERVER_ERROR", stream.start)
        assert CANARY not in json.dumps(told)


async def test_nothing_is_delivered_once_the_token_ran_out(edge: Streaming) -> None:
    token = edge.token(lifetime=dt.timedelta(minutes=1))
    async with acknowledged(edge, {"Authorization": f"Bearer {token}"}) as socket:
        await say(socket, subscribe("1"))
        stream = await edge.stream()
        stream.give(("c1", 1))
        assert (await heard(socket))["type"] == "next"
        try:
            edge.clock.move(dt.timedelta(minutes=2))
            stream.give(("c2", 2))
            told = await heard(socket)
            assert (told["type"], told["payload"][0]["extensions"]) == (
                "error",
                {"code": "TOKEN_ENDED", "cursor": "c1"},
            )
            assert (await end_of(socket))[0] == 4403
        finally:
            edge.clock.move(dt.timedelta(minutes=-2))


async def test_what_comes_live_is_not_taken_once_the_token_ran_out(edge: Streaming) -> None:
    token = edge.token(lifetime=dt.timedelta(minutes=1))
    async with acknowledged(edge, {"Authorization": f"Bearer {token}"}) as socket:
        await say(socket, subscribe("1"))
        stream = await edge.stream()
        await eventually(lambda: stream.sink is not None)
        assert stream.sink is not None
        assert stream.sink([Delivery("c1", b'{"data":1}')])
        assert (await heard(socket))["payload"] == {"data": 1}
        try:
            edge.clock.move(dt.timedelta(minutes=2))
            assert not stream.sink([Delivery("c2", b'{"data":2}')])
            told = await heard(socket)
            assert told["payload"][0]["extensions"] == {"code": "TOKEN_ENDED", "cursor": "c1"}
        finally:
            edge.clock.move(dt.timedelta(minutes=-2))


async def test_a_token_that_runs_out_ends_idle_connections_and_one_that_holds_does_not(edge: Streaming) -> None:
    short, long = edge.token(lifetime=dt.timedelta(minutes=1)), edge.token(Viewer(Role.ADMIN, "lama"))
    async with (
        acknowledged(edge, {"Authorization": f"Bearer {short}"}) as ending,
        acknowledged(edge, {"Authorization": f"Bearer {long}"}) as lasting,
    ):
        try:
            edge.clock.move(dt.timedelta(minutes=7))  # longer than a token is relied on unchecked
            assert (await end_of(ending))[0] == 4403
            await say(lasting, subscribe("1", "{ a }"))
            assert (await heard(lasting))["payload"]["data"]["role"] == "ADMIN"
        finally:
            edge.clock.move(dt.timedelta(minutes=-7))


async def test_a_token_that_is_revoked_ends_its_connections_and_tells_its_streams_their_cursors(tmp_path: Path) -> None:
    register = Register()
    async with streaming(tmp_path, register=register) as edge:
        said = {"Authorization": f"Bearer {edge.token()}"}
        async with acknowledged(edge, said) as idle, acknowledged(edge, said) as socket, acknowledged(edge) as public:
            await say(socket, subscribe("1"))
            (await edge.stream()).give(("c1", 1))
            assert (await heard(socket))["type"] == "next"
            register.revoke("contoh", edge.clock.now())
            edge.clock.move(FRESH_FOR)
            told = await heard(socket)
            assert told["payload"][0]["extensions"] == {"code": "TOKEN_ENDED", "cursor": "c1"}
            assert [(await end_of(one))[0] for one in (socket, idle)] == [4403, 4403]
            await say(public, subscribe("1", "{ a }"))
            assert (await heard(public))["type"] == "next"
        async with opened(edge) as again:
            await say(again, {"type": "connection_init", "payload": said})
            assert (await end_of(again))[0] == 4403


async def test_while_tokens_cannot_be_checked_who_has_one_is_told_to_come_later(tmp_path: Path) -> None:
    register = Register()
    async with streaming(tmp_path, register=register) as edge:
        said = {"Authorization": f"Bearer {edge.token()}"}
        async with acknowledged(edge, said) as socket:
            await say(socket, subscribe("1"))
            (await edge.stream()).give(("c1", 1))
            assert (await heard(socket))["type"] == "next"
            register.is_down = True
            edge.clock.move(RELIED_ON_FOR)
            told = await heard(socket)
            assert told["payload"][0]["extensions"] == {"code": RevocationsUnknown.code, "cursor": "c1"}
            assert (await end_of(socket))[0] == 1013
        async with opened(edge) as another:
            await say(another, {"type": "connection_init", "payload": said})
            assert (await end_of(another))[0] == 1013
        async with acknowledged(edge):
            pass  # the public needs no token


async def test_a_server_that_stops_tells_every_stream_its_cursor(tmp_path: Path) -> None:
    async with streaming(tmp_path) as edge, acknowledged(edge) as idle, acknowledged(edge) as socket:
        await say(socket, subscribe("1"))
        (await edge.stream()).give(("c5", 5))
        assert (await heard(socket))["type"] == "next"
        edge.server.should_exit = True
        told = await heard(socket)
        assert told["payload"][0]["extensions"] == {"code": ServerStops.code, "cursor": "c5"}
        assert (await end_of(socket))[0] == 1012
        assert (await end_of(idle))[0] == 1012


async def test_a_peer_that_vanishes_leaves_nothing(edge: Streaming) -> None:
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1"))
        stream = await edge.stream()
        socket.transport.abort()
        await eventually(lambda: stream.is_closed and len(edge.connections) == 0)


async def test_two_hundred_sockets_leave_nothing_behind(tmp_path: Path) -> None:
    pings: Counter[int] = Counter()

    async def idle(number: int, leave: asyncio.Event) -> None:
        """Subscribe, hear of nothing, and answer pings until it is time to leave."""
        async with opened(edge) as peer:
            await say(peer, {"type": "connection_init"})
            await say(peer, subscribe(str(number)))
            while not leave.is_set():
                if (await heard(peer))["type"] == "ping":
                    pings[number] += 1
                    await say(peer, {"type": "pong"})

    async with streaming(tmp_path, StreamLimits(ping_after_s=1.5, look_every_s=0.1)) as edge:
        before = Held.now()
        for _ in range(2):
            pings.clear()
            leave = asyncio.Event()
            peers = [asyncio.create_task(idle(number, leave)) for number in range(200)]
            await eventually(lambda: sum(not s.is_closed for s in edge.reader.streams) == 200)
            await eventually(lambda: len(pings) == 200, 30)
            idling = Held.now()
            await eventually(lambda: min(pings.values()) >= 2, 30)
            await idling.again()
            assert len(edge.connections) == 200
            leave.set()
            await asyncio.gather(*peers)
            await eventually(lambda: len(edge.connections) == 0)
            await before.again()
        assert all(stream.is_closed for stream in edge.reader.streams)


async def test_operations_are_logged_without_what_was_asked(edge: Streaming, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "ksbb.request")
    async with acknowledged(edge) as socket:
        before = len(edge.lines)
        await say(
            socket, subscribe("1", {"query": "query Cari { a }", "operationName": "Cari", "variables": {"a": CANARY}})
        )
        await heard(socket)
        await heard(socket)
        await eventually(lambda: len(edge.lines) > before)
    assert not any(asked in "".join(edge.lines) for asked in (CANARY, "Cari"))


async def test_operations_are_counted_and_what_is_refused_of_them(edge: Streaming) -> None:
    def counted(name: str, **labels: str) -> float:
        return edge.traffic.registry.get_sample_value(name, labels) or 0

    asked = {"door": "websocket", "role": "PUBLIK", "operation": "other"}
    answered, refused = {**asked, "status": "2xx"}, {"code": "BAD_USER_INPUT"}
    before = counted("ksbb_requests_total", **answered), counted("ksbb_refused_total", **refused)
    async with acknowledged(edge) as socket:
        await say(socket, subscribe("1", {"query": "{ a }"}))
        await heard(socket)
        await heard(socket)
        await say(socket, subscribe("2", {"query": "subscription { refused }"}))
        await heard(socket)
    after = counted("ksbb_requests_total", **answered), counted("ksbb_refused_total", **refused)
    assert after == (before[0] + 1, before[1] + 1)

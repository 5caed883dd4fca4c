"""How often a caller may ask, and what it is told."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from math import ceil
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.routing import Route
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from commands.all import REGISTRY
from edge.authentication import Authentication
from edge.counters import Counters
from edge.documents import documents_of
from edge.evidence import EvidenceFiles
from edge.export import export_route
from edge.rates import COPY_COSTS, COST_OF_A_REQUEST, GUESSING, REFUSED_AFTER_S, Rates, rates_of
from edge.sdl import sdl_route
from edge.streams import OpenConnections, StreamLimits
from edge.view import GraphQLView
from edge.websocket import TRY_LATER
from kernel.clock import FixedClock
from kernel.settings import Settings, UnusableSetting
from policy.secrets import Secrets
from policy.tokens import Verifier, issue
from policy.viewer import PUBLIC, Role, Viewer
from tests.needs import program
from tests.serving import free_port

from .conftest import NOON, FakeReader, streaming
from .test_view import AS_JSON, QUERY, code

SECRETS = Secrets(b"5" * 32)
OFFICER = Viewer(role=Role.DINAS, subject="contoh")


@asynccontextmanager
async def limited(folder: Path, rates: Rates, client: str = "192.0.2.1") -> AsyncIterator[httpx.AsyncClient]:
    """The edge with limits, asked from an address."""
    settings, clock, reader = Settings(data_dir=folder), FixedClock(NOON), FakeReader()
    authentication = Authentication(Verifier(settings, clock), clock)
    view = GraphQLView(reader, reader, authentication, OpenConnections(StreamLimits()), documents_of(settings), rates)
    transport = httpx.ASGITransport(view, client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://ksbb") as http:
        yield http


def token(folder: Path, viewer: Viewer = OFFICER) -> dict[str, str]:
    text = issue(Settings(data_dir=folder), FixedClock(NOON), viewer, timedelta(hours=1))
    return {"authorization": f"Bearer {text}"}


def some_rates(limits: str = "PUBLIK=3,*=5", tracking: int = 0, **settings: Any) -> Rates:
    return rates_of(Settings(rate_limits=limits, tracking_limit=tracking, **settings), SECRETS)


async def test_who_asks_too_often_is_told_when_to_come_back(tmp_path: Path) -> None:
    async with limited(tmp_path, some_rates()) as http:
        answers = [await http.post("/graphql", json=QUERY) for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=2", "r=1", "r=0", "r=0", "r=0"]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"requests";q=3;w=60'}
    refused = answers[-1]
    assert code(refused) == "TOO_MANY_REQUESTS"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json()["errors"][0]["extensions"]["retryAfter"] == int(refused.headers["retry-after"])
    assert refused.headers["cache-control"] == "no-store"
    assert "retry-after" not in answers[0].headers


async def test_who_is_over_a_limit_is_told_so_a_moment_later_and_nobody_else_waits(tmp_path: Path) -> None:
    async with limited(tmp_path, some_rates("PUBLIK=3", failure_limit=1)) as http:

        async def took(headers: dict[str, str]) -> tuple[int, bool]:
            started = time.monotonic()
            answer = await http.post("/graphql", json=QUERY, headers=headers)
            return answer.status_code, time.monotonic() - started >= REFUSED_AFTER_S

        bad = {"authorization": "Bearer x"}
        assert [await took(bad), await took(bad)] == [(401, False), (429, True)]
        assert [await took({}), await took({})] == [(200, False)] * 2  # the token that did not hold was one of three
        started = time.monotonic()
        assert await asyncio.gather(*(took({}) for _ in range(20))) == [(429, True)] * 20
        assert time.monotonic() - started < 10 * REFUSED_AFTER_S


async def test_what_costs_much_counts_for_more(tmp_path: Path) -> None:
    costly = {"query": "{ costly }"}  # 25,000
    async with limited(tmp_path, some_rates("PUBLIK=10")) as http:
        answers = [await http.post("/graphql", json=query) for query in (QUERY, costly, costly, costly, costly)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429]
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers[:-1]] == ["r=9", "r=6", "r=3", "r=0"]


async def test_one_operation_never_counts_for_more_than_half_of_a_minute() -> None:
    rates = some_rates("PUBLIK=4")
    standing = await rates.charge(PUBLIC, {"client": ("192.0.2.1", 1)}, 1_000_000)
    assert standing is not None
    assert standing.cost_left == 2 * COST_OF_A_REQUEST


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
async def test_every_way_to_ask_is_counted(tmp_path: Path, method: str) -> None:
    async with limited(tmp_path, some_rates()) as http:
        ways = [("GET", 200), ("POST", 200), ("HEAD", 200), (method, 429)]
        for way, status in ways:
            answer = await http.request(way, "/graphql?query={a}", json=QUERY)
            assert answer.status_code == status
        assert (await http.options("/graphql")).status_code == 204


async def test_callers_are_counted_each_by_itself(tmp_path: Path) -> None:
    rates = some_rates()
    async with limited(tmp_path, rates) as here, limited(tmp_path, rates, "192.0.2.2") as there:
        other = Viewer(role=Role.DINAS, subject="orang lain")
        for http, headers, most in (
            (here, {}, 3),
            (there, {}, 3),
            (here, token(tmp_path), 5),
            (there, token(tmp_path, other), 5),
        ):
            statuses = [(await http.post("/graphql", json=QUERY, headers=headers)).status_code for _ in range(most + 1)]
            assert statuses == [200] * most + [429]
        assert (await there.post("/graphql", json=QUERY, headers=token(tmp_path))).status_code == 429


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
    ],
)
async def test_an_address_is_a_subscribers_network(tmp_path: Path, one: str, other: str, are_one: bool) -> None:
    rates = some_rates()
    async with limited(tmp_path, rates, one) as first, limited(tmp_path, rates, other) as second:
        for _ in range(3):
            await first.post("/graphql", json=QUERY)
        assert ((await second.post("/graphql", json=QUERY)).status_code == 429) == are_one


async def test_a_token_that_does_not_hold_is_counted_for_its_address(tmp_path: Path) -> None:
    async with limited(tmp_path, some_rates()) as http:
        bad = [await http.post("/graphql", json=QUERY, headers={"authorization": f"Bearer {n}"}) for n in range(5)]
        assert [answer.status_code for answer in bad] == [401, 401, 401, 429, 429]
        assert (await http.post("/graphql", json=QUERY, headers=token(tmp_path))).status_code == 200


async def test_tokens_that_do_not_hold_have_a_limit_of_their_own_and_lock_nobody_out(tmp_path: Path) -> None:
    rates = some_rates("", failure_limit=3)
    async with limited(tmp_path, rates) as here, limited(tmp_path, rates, "192.0.2.2") as there:
        bad = [await here.post("/graphql", json=QUERY, headers={"authorization": f"Bearer {n}"}) for n in range(5)]
        assert [answer.status_code for answer in bad] == [401, 401, 401, 429, 429]
        assert code(bad[-1]) == "TOO_MANY_REQUESTS"
        assert "did not hold" in bad[-1].json()["errors"][0]["message"]
        assert 1 <= int(bad[-1].headers["retry-after"]) <= 60
        assert bad[-1].headers["ratelimit-policy"] == '"failures";q=3;w=60'
        assert (await here.post("/graphql", json=QUERY, headers=token(tmp_path))).status_code == 200
        assert (await there.post("/graphql", json=QUERY, headers={"authorization": "Bearer 1"})).status_code == 401


async def test_no_limit_of_tokens_that_do_not_hold_where_the_setting_is_0(tmp_path: Path) -> None:
    async with limited(tmp_path, some_rates("", failure_limit=0)) as http:
        bad = [await http.post("/graphql", json=QUERY, headers={"authorization": "Bearer x"}) for _ in range(30)]
    assert {answer.status_code for answer in bad} == {401}


@pytest.mark.parametrize("path", ["/graphql/schema.publik.graphql", "/me/export/x", "/evidence/x"])
async def test_tokens_that_do_not_hold_are_counted_at_every_door(tmp_path: Path, path: str) -> None:
    settings, clock, rates = Settings(data_dir=tmp_path), FixedClock(NOON), some_rates("", failure_limit=2)
    authentication = Authentication(Verifier(settings, clock), clock)

    async def export(_: Viewer, __: str) -> bytes:
        return b"{}"

    nothing: Any = None
    files = EvidenceFiles(nothing, FakeReader(), nothing, SECRETS, authentication, rates=rates)
    routes = [
        sdl_route(authentication, lambda _: "", rates),
        export_route(authentication, export, rates),
        Route("/evidence/{name}", files),
    ]
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(Starlette(routes=routes)), base_url="http://ksbb"
    ) as http:
        bad = [await http.get(path, headers={"authorization": "Bearer x"}) for _ in range(4)]
    assert [answer.status_code for answer in bad] == [401, 401, 429, 429]
    assert int(bad[-1].headers["retry-after"]) >= 1


async def test_a_role_without_a_limit_is_not_counted(tmp_path: Path) -> None:
    for limits in ("", "PUBLIK=0,*=5", "DINAS=5"):
        async with limited(tmp_path, some_rates(limits)) as http:
            answers = [await http.post("/graphql", json=QUERY) for _ in range(9)]
            assert {answer.status_code for answer in answers} == {200}
            assert "ratelimit" not in answers[0].headers


async def test_tracking_codes_cannot_be_tried_by_the_hundred(tmp_path: Path) -> None:
    many = " ".join(f'a{n}: trackComplaint(input: {{trackingCode: "{n}"}}) {{ __typename }}' for n in range(4))
    async with limited(tmp_path, some_rates("", tracking=6)) as http:
        answers = [await http.post("/graphql", json={"query": f"mutation {{ {many} }}"}) for _ in range(2)]
        once = await http.post("/graphql", json={"query": "mutation { trackComplaint }"})
        other = await http.post("/graphql", json={"query": "mutation { fileComplaint }"})
    assert [answer.status_code for answer in (*answers, once, other)] == [200, 429, 200, 200]
    assert answers[1].headers["ratelimit-policy"] == '"tracking-codes";q=6;w=60'
    assert int(answers[1].headers["retry-after"]) >= 1


async def test_introspection_counts_for_many_requests(tmp_path: Path) -> None:
    async with limited(tmp_path, some_rates("PUBLIK=120")) as http:
        answers = [
            await http.post("/graphql", json={"query": query})
            for query in (
                "{ __typename }",
                "{ __schema { types { name } } }",
                '{ __type(name: "A") { name } }',
                "{ a }",
            )
        ]
        over = await http.post("/graphql", json={"query": "{ __schema { types { name } } }"})
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == ["r=119", "r=68", "r=17", "r=16"]
    assert over.status_code == 429


def test_every_command_that_takes_a_tracking_code_is_counted() -> None:
    taking = [command.__name__ for command in REGISTRY if "tracking_code" in command.__dataclass_fields__]
    assert sorted(name[0].lower() + name[1:] for name in taking) == sorted(GUESSING)


async def test_a_copy_of_the_own_data_counts_for_many_requests(tmp_path: Path) -> None:
    settings, clock = Settings(data_dir=tmp_path), FixedClock(NOON)

    async def export(_: Viewer, __: str) -> bytes:
        return b"{}"

    rates = some_rates(f"PUBLIK=2,*={2 * COPY_COSTS}")
    app = Starlette(routes=[export_route(Authentication(Verifier(settings, clock), clock), export, rates)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ksbb") as http:
        answers = [await http.get("/me/export/x", headers=token(tmp_path)) for _ in range(3)]
        bad = [await http.get("/me/export/x", headers={"authorization": "Bearer x"}) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[0].headers["ratelimit"].startswith(f'"requests";r={COPY_COSTS};')
    assert (code(answers[2]), int(answers[2].headers["retry-after"]) >= 1) == ("TOO_MANY_REQUESTS", True)
    assert [answer.status_code for answer in bad] == [401, 401, 429]


async def test_operations_over_a_websocket_are_counted(tmp_path: Path) -> None:
    async with streaming(tmp_path, rates=some_rates()) as edge:
        address = f"ws://{edge.address}/graphql"
        async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
            await socket.send(json.dumps({"type": "connection_init"}))
            await socket.recv()
            answers = []
            for number in range(5):
                await socket.send(json.dumps({"id": str(number), "type": "subscribe", "payload": QUERY}))
                answers.append(json.loads(await asyncio.wait_for(socket.recv(), 5)))
                if answers[-1]["type"] == "next":
                    await socket.recv()
    assert [answer["type"] for answer in answers] == ["next"] * 3 + ["error"] * 2
    assert answers[-1]["payload"][0]["extensions"]["code"] == "TOO_MANY_REQUESTS"


async def test_tokens_that_do_not_hold_are_counted_over_websockets_too(tmp_path: Path) -> None:
    codes = []
    async with streaming(tmp_path, rates=some_rates()) as edge:
        for number in range(5):
            address = f"ws://{edge.address}/graphql"
            async with connect(address, subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
                init = {"type": "connection_init", "payload": {"Authorization": f"Bearer {number}"}}
                await socket.send(json.dumps(init))
                with pytest.raises(ConnectionClosed):
                    await asyncio.wait_for(socket.recv(), 5)
                codes.append(socket.close_code)
    assert codes == [4403] * 3 + [TRY_LATER] * 2


async def test_only_a_trusted_proxy_says_from_where_a_request_comes(tmp_path: Path) -> None:
    for trusted, statuses in (("", [200, 200, 200, 429]), ("127.0.0.1", [200] * 4), ("192.0.2.9", [200] * 3 + [429])):
        async with (
            streaming(tmp_path, rates=some_rates(), trusted_proxies=trusted) as edge,
            httpx.AsyncClient(base_url=f"http://{edge.address}", trust_env=False) as http,
        ):
            answers = [
                await http.post("/graphql", json=QUERY, headers={"x-forwarded-for": f"198.51.100.{n}"})
                for n in range(4)
            ]
        assert [answer.status_code for answer in answers] == statuses


@pytest.mark.parametrize("limits", ["RAJA=1", "PUBLIK=1,raja=2", "*=1,RAJA=2"])
def test_a_limit_of_a_role_that_there_is_not_is_refused(limits: str) -> None:
    with pytest.raises(UnusableSetting):
        some_rates(limits) if "raja" not in limits else Settings.read({"KSBB_RATE_LIMITS": limits})


# ---- counting


@given(st.lists(st.tuples(st.floats(0, 50), st.integers(1, 3)), max_size=60))
def test_no_window_holds_more_than_the_limit(steps: list[tuple[float, int]]) -> None:
    limit, now = 10, [1_000.0]
    counters = Counters(clock=lambda: now[0])
    taken: list[tuple[float, int]] = []
    for pause, cost in steps:
        now[0] += pause
        counted = counters.count("x", limit, 60, cost)
        if counted.is_within:
            taken.append((now[0], cost))
        aligned = now[0] // 60 * 60
        assert sum(cost for at, cost in taken if at >= aligned) <= limit
        assert 0 <= counted.remaining <= limit
        assert 0 <= counted.reset_s <= 60


def test_after_a_minute_of_silence_all_is_free_again() -> None:
    now = [1_000.0]
    counters = Counters(clock=lambda: now[0])

    def asked(times: int) -> list[bool]:
        return [counters.count("x", 4, 60).is_within for _ in range(times)]

    assert asked(5) == [True] * 4 + [False]
    now[0] += 60
    assert not all(asked(4))  # what was counted slides out
    now[0] += 120
    assert all(asked(4))


def test_who_is_over_the_limit_may_ask_again_when_it_was_told() -> None:
    now = [1_000.0]
    counters = Counters(clock=lambda: now[0])
    for _ in range(3):
        while (counted := counters.count("x", 10, 60)).is_within:
            now[0] += 0.1
        for _ in range(2):  # once for this window, once for what is left of it then
            now[0] += max(1, ceil(counted.reset_s))
            counted = counters.count("x", 10, 60)
        assert counted.is_within


def test_who_did_not_ask_for_longest_is_forgotten_first() -> None:
    counters = Counters(most=2)
    for caller in ("a", "b", "a", "c"):
        counters.count(caller, 1, 60)
    assert len(counters) == 2
    assert not counters.count("a", 1, 60).is_within
    assert counters.count("b", 1, 60).is_within


def test_counting_costs_the_same_however_many_are_counted() -> None:
    counters = Counters()
    took = []
    for callers in (1, 20_000):
        for number in range(callers):
            counters.count(str(number), 1_000_000, 60)
        started = time.process_time()
        for _ in range(2_000):
            counters.count("x", 1_000_000, 60)
        took.append(time.process_time() - started)
    assert took[1] < 5 * took[0]


# ---- Redis


@contextmanager
def redis_server(port: int, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [
        program("redis-server"),
        "--port",
        str(port),
        "--save",
        "",
        "--dir",
        str(folder),
        "--loglevel",
        "warning",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until_it_answers(port: int) -> None:
    async with asyncio.timeout(20):
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                await asyncio.sleep(0.02)
            else:
                writer.close()
                await writer.wait_closed()
                return


@asynccontextmanager
async def two_processes(port: int) -> AsyncIterator[tuple[Rates, Rates]]:
    """Two processes that count in one Redis, as far as counting goes."""
    both = (some_rates(redis_url=f"redis://127.0.0.1:{port}/0"), some_rates(redis_url=f"redis://127.0.0.1:{port}/0"))
    try:
        yield both
    finally:
        for rates in both:
            await rates.close()


async def test_processes_count_together_in_redis_and_it_holds_no_address(tmp_path: Path) -> None:
    import redis.asyncio

    port, address = free_port(), f"192.0.2.{uuid4().int % 200}"
    with redis_server(port, tmp_path):
        await until_it_answers(port)
        async with (
            two_processes(port) as (one, other),
            limited(tmp_path, one, address) as here,
            limited(tmp_path, other, address) as there,
        ):
            statuses = [(await http.post("/graphql", json=QUERY)).status_code for http in (here, there) * 2]
            assert statuses == [200, 200, 200, 429]
            async with redis.asyncio.Redis(port=port) as looking:
                keys = str(await looking.keys("*"))
            assert "ksbb" in keys
            assert address not in keys


async def test_without_redis_each_process_counts_for_itself_and_goes_back_when_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("edge.rates.REDIS_SPARED_S", 0.2)
    port = free_port()
    async with (
        two_processes(port) as (one, other),
        limited(tmp_path, one) as here,
        limited(tmp_path, other) as there,
    ):
        for _ in range(2):
            statuses = [(await http.post("/graphql", json=QUERY)).status_code for http in (here, there) * 4]
            assert statuses.count(200) in (6, 0)
            with redis_server(port, tmp_path):
                await until_it_answers(port)
                await asyncio.sleep(0.3)
                statuses = [(await http.post("/graphql", json=QUERY)).status_code for http in (here, there) * 3]
                assert statuses == [200] * 3 + [429] * 3
            await asyncio.sleep(0.1)


async def test_a_redis_that_is_stuck_keeps_nobody_waiting(tmp_path: Path) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    async with server, two_processes(server.sockets[0].getsockname()[1]) as (one, _), limited(tmp_path, one) as http:
        started = time.monotonic()
        statuses = [(await http.post("/graphql", json=QUERY, headers=AS_JSON)).status_code for _ in range(4)]
        assert time.monotonic() - started < 3
    assert statuses == [200, 200, 200, 429]


async def test_a_document_that_is_refused_counts_for_many_requests(tmp_path: Path) -> None:
    async with limited(tmp_path, some_rates("PUBLIK=100")) as http:
        queries = ("{ a }", "{ unknown }", "{ a }", *["{ unknown }"] * 20)
        answers = [await http.post("/graphql", json={"query": query}) for query in queries]
    left = [int(answer.headers["ratelimit"].split(";")[1][2:]) for answer in answers]
    assert left[:3] == [99, 98, 87]
    assert answers[-1].status_code == 429

"""Spans as a collector gets them: how they hang together, that nobody waits for them, and that nobody is in them."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import logging
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from edge.trace import Trace, trace_of
from edge.tracing import FLUSH_S, Tracing
from edge.trusted import Trusted, documents_folder
from edge.websocket import SUBPROTOCOL
from kernel.clock import SystemClock
from kernel.settings import Settings, UnusableSetting
from models.server import Server
from policy.tokens import issue
from policy.viewer import Role
from server import tracing_of
from tests.conftest import SECRET_KEY, City, a_walled_city
from tests.folders import a_data_folder
from tests.serving import ROOT, free_port, served, until_ready

from .conftest import CANARY, Streaming, eventually, streaming

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACED = {"traceparent": f"00-{TRACE}-{SPAN}-01"}
TRUSTED = "query DaftarWilayah { regions(first: 1) { nodes { name } } }"
NAME, NIK = "Siti_KENARI", "3171019901019999"
ANSWERED = {"http.response.status_code": 200, "ksbb.role": "PUBLIK"}


@dataclass(frozen=True)
class Told:
    """A span as the collector reads it; `parent` is empty where there is none."""

    name: str
    trace: str
    id: str
    parent: str
    failed: bool
    attributes: dict[str, str | int]


@dataclass
class Collector:
    """What was sent to a collector, as bytes and as spans."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)

    def spans(self) -> list[Told]:
        """All that came, in the order of their ends."""
        sent = [ExportTraceServiceRequest.FromString(body).resource_spans for body in self.bodies]
        scopes = [scope for resources in sent for resource in resources for scope in resource.scope_spans]
        return [_told(span) for scope in scopes for span in scope.spans]

    async def named(self, name: str, number: int = 1) -> list[Told]:
        """The spans of a name, once there are as many."""
        await eventually(lambda: len([span for span in self.spans() if span.name == name]) >= number)
        return [span for span in self.spans() if span.name == name]


def _told(span: Any) -> Told:
    attributes = {a.key: a.value.string_value or a.value.int_value for a in span.attributes}
    assert (len(span.events), span.status.message, span.trace_state) == (0, "", "")
    ids = (span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex())
    return Told(span.name, *ids, bool(span.status.code), attributes)


@contextmanager
def collecting() -> Iterator[Collector]:
    """A collector on a free port of loopback."""
    collector = Collector()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/traces"
            collector.bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield collector
        server.shutdown()
        thread.join()


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[City]:
    """A city of its own, with a trusted document."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        Trusted(documents_folder(settings)).add(TRUSTED)
        with Server.open(settings) as server:
            yield await a_walled_city(settings, server)


@asynccontextmanager
async def traced(city: City, collector: Collector) -> AsyncIterator[tuple[httpx.AsyncClient, subprocess.Popen[bytes]]]:
    """`ksbb serve` that tells a collector."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with served(city.settings, port, KSBB_OTLP_ENDPOINT=collector.url) as process:
        await until_ready(url)
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as http:
            yield http, process


@asynccontextmanager
async def edge_of(folder: Path, url: str) -> AsyncIterator[tuple[Streaming, httpx.AsyncClient]]:
    """An edge without a database, and what asks it; when it is left, what was to be sent is sent."""
    tracing = Tracing(url)
    async with (
        streaming(folder, tracing=tracing) as edge,
        httpx.AsyncClient(base_url=f"http://{edge.address}", trust_env=False) as http,
    ):
        yield edge, http
    await tracing.close()


def token(city: City) -> str:
    return issue(city.settings, SystemClock(), city.viewer(Role.DINAS), dt.timedelta(minutes=10))


@asynccontextmanager
async def a_socket(url: str, authorization: str | None = None) -> AsyncIterator[Callable[[Any], Any]]:
    """A websocket within the trace; what asks an operation by it and gives its first answer."""
    address = f"{url}".replace("http", "ws").rstrip("/") + "/graphql"
    protocols = [Subprotocol(SUBPROTOCOL)]
    async with connect(address, subprotocols=protocols, proxy=None, additional_headers=TRACED) as line:
        payload = {} if authorization is None else {"Authorization": authorization}
        await line.send(json.dumps({"type": "connection_init", "payload": payload}))
        await line.recv()

        async def ask(asked: Any) -> Any:
            await line.send(json.dumps({"id": NAME, "type": "subscribe", "payload": asked}))
            return json.loads(await asyncio.wait_for(line.recv(decode=True), 10))

        yield ask


async def test_what_the_server_tells_hangs_together_and_holds_nothing_that_callers_wrote(
    city: City, collector: Collector
) -> None:
    bearer = token(city)
    async with traced(city, collector) as (http, process):
        answer = await http.post("/graphql", json={"query": TRUSTED}, headers=TRACED | {"tracestate": f"a={CANARY}"})
        assert answer.status_code == 200
        for headers in ({"authorization": f"Bearer {bearer}"}, {"authorization": f"Bearer {NAME}"}, {}):
            await _said_in_every_place(http, headers | {"x-request-id": NAME})
        async with a_socket(f"{http.base_url}", f"Bearer {bearer}") as ask:
            query = f"query {NAME}($s: String!) {{ recipients(filter: {{search: $s}}) {{ nodes {{ id }} }} }}"
            told = await ask({"query": query, "operationName": NAME, "variables": {"s": NIK}})
            assert told["type"] == "next"
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 15) == 0  # what is left was sent before
    spans = collector.spans()
    by_id = {span.id: span for span in spans}
    (request,) = [span for span in spans if span.name == "DaftarWilayah"]
    assert (request.trace, request.parent, request.failed) == (TRACE, SPAN, False)
    assert request.attributes == {**ANSWERED, "ksbb.door": "graphql"}
    assert answer.headers["traceresponse"] == f"00-{TRACE}-{request.id}-01"
    (operation,) = [span for span in spans if span.attributes.get("ksbb.door") == "websocket"]
    assert (operation.name, operation.trace, operation.parent) == ("graphql", TRACE, SPAN)
    statements = [span for span in spans if span.name == "database"]
    assert {request.id, operation.id} <= {span.parent for span in statements} <= by_id.keys()
    assert all(by_id[span.parent].trace == span.trace for span in statements)
    assert all(span.attributes.keys() == {"db.system.name", "ksbb.statement"} for span in statements)
    assert {len(str(span.attributes["ksbb.statement"])) for span in statements} == {16}
    assert {span.name for span in spans} == {"DaftarWilayah", "graphql", "database"}
    assert {"UNAUTHENTICATED", None} <= {span.attributes.get("error.type") for span in spans}
    subject = city.viewer(Role.DINAS).subject
    hidden = ("KENARI", NIK, bearer, bearer[-20:], subject, SECRET_KEY, "SELECT", "select", "regions", "127.0.0.1")
    for secret in hidden:
        assert secret.encode() not in b"".join(collector.bodies), secret


async def _said_in_every_place(http: httpx.AsyncClient, headers: dict[str, str]) -> None:
    """Names and numbers wherever they can be put, in what is answered and in what is refused."""
    search = "recipients(first: 1, filter: {search: $s}) { nodes { id } }"
    for query in (
        f"query {NAME}($s: String!) {{ {search} }}",
        f"query {NAME} {{ {NAME}: {search.replace('$s', json.dumps(NIK))} }}",
        f"{{ {NAME} }}",
        f"{NAME} {NIK}",
        f'mutation {{ fileComplaint(input: {{ {NAME}: "{NIK}" }}) {{ userErrors {{ code }} }} }}',
    ):
        asked = {"query": query, "variables": {"s": NIK}, "operationName": NAME}
        await http.post("/graphql", json=asked, headers=headers)
        await http.get("/graphql", params={"query": query}, headers=headers)
    await http.post("/graphql", json={"query": TRUSTED, "operationName": NAME}, headers=headers)
    await http.request(NAME, f"/graphql?{NIK}", content=NAME, headers=headers)


async def test_refusals_and_internal_errors_are_told_by_their_codes(tmp_path: Path, collector: Collector) -> None:
    async with edge_of(tmp_path, collector.url) as (edge, http):
        await http.post("/graphql", json={"query": "crash"})
        await http.request("PUT", "/graphql")
        async with a_socket(f"{http.base_url}") as ask:
            await ask({"query": "crash"})
        edge.reader.seen.clear()
    told = [span.attributes for span in collector.spans()]
    codes = [(attributes["error.type"], attributes["http.response.status_code"]) for attributes in told]
    internal = ("INTERNAL_SERVER_ERROR", 500)
    assert codes == [internal, ("METHOD_NOT_ALLOWED", 405), internal]
    assert [span.failed for span in collector.spans()] == [True, False, True]
    assert CANARY.encode() not in b"".join(collector.bodies)


async def test_the_span_of_a_stream_ends_when_it_begins(tmp_path: Path, collector: Collector) -> None:
    stream = {"query": "subscription { events { cursor } }"}
    async with edge_of(tmp_path, collector.url) as (edge, http):
        async with http.stream("POST", "/graphql", json=stream, headers={"accept": "text/event-stream"}) as answer:
            assert answer.status_code == 200
            (span,) = await collector.named("graphql")
            (await edge.stream()).give(("c1", 1))
        async with a_socket(f"{http.base_url}") as ask:
            asked = asyncio.create_task(ask(stream))
            _, of_socket = await collector.named("graphql", 2)
            (await edge.stream()).give(("c1", 1))
            await asked
    assert span.attributes == of_socket.attributes == {**ANSWERED, "ksbb.door": "stream"}
    assert len(collector.spans()) == 2


async def test_who_is_not_sampled_is_not_recorded(tmp_path: Path, collector: Collector) -> None:
    async with edge_of(tmp_path, collector.url) as (_, http):
        unsampled = {"traceparent": f"00-{TRACE}-{SPAN}-00"}
        answer = await http.post("/graphql", json={"query": "{ a }"}, headers=unsampled)
        root = await http.post("/graphql", json={"query": "{ a }"})
    assert answer.headers["traceresponse"].endswith("-00")
    (span,) = collector.spans()
    assert (span.parent, root.headers["traceresponse"]) == ("", f"00-{span.trace}-{span.id}-01")


async def test_of_a_statement_that_fails_the_class_of_its_error_is_told(collector: Collector) -> None:
    tracing = Tracing(collector.url)
    span = tracing.begin(Trace(TRACE, SPAN, SPAN, caller_records=True))
    with pytest.raises(ValueError, match=CANARY), tracing.database(f"SELECT '{CANARY}'"):
        raise ValueError(CANARY)
    span.end("graphql", "PUBLIK", 200, None, None)
    with tracing.database("SELECT 1"):  # for nobody: the request is over
        pass
    await tracing.close()
    statement, request = collector.spans()
    assert (statement.parent, request.parent) == (request.id, SPAN)
    assert statement.attributes["error.type"] == "ValueError"
    assert CANARY.encode() not in b"".join(collector.bodies)


async def test_requests_go_on_while_the_collector_is_away_and_one_warning_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("edge.tracing.SENT_WITHIN_S", 0.2)
    monkeypatch.setattr("edge.tracing.SENT_EACH_S", 0.01)
    port = free_port()
    async with edge_of(tmp_path, f"http://127.0.0.1:{port}") as (_, http):
        for _ in range(20):
            answer = await http.post("/graphql", json={"query": "{ a }"})
            assert answer.status_code == 200
            await asyncio.sleep(0.02)
    warnings = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [record.name for record in warnings] == ["ksbb.tracing"]
    assert "KSBB_OTLP_ENDPOINT" in warnings[0].getMessage()
    assert str(port) not in caplog.text


async def test_a_collector_that_hangs_keeps_neither_a_request_nor_the_end_waiting(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        async with edge_of(tmp_path, f"http://127.0.0.1:{silent.getsockname()[1]}") as (_, http):
            for _ in range(3):
                async with asyncio.timeout(1):
                    assert (await http.post("/graphql", json={"query": "{ a }"})).status_code == 200
            started = time.monotonic()
        assert time.monotonic() - started < FLUSH_S + 1


@pytest.mark.parametrize(("flags", "records"), [("00", False), ("01", True), ("02", False), ("ff", True)])
def test_the_last_bit_of_the_flags_says_whether_the_caller_records(flags: str, records: bool) -> None:
    trace = trace_of(f"00-{TRACE}-{SPAN}-{flags}".encode())
    assert trace is not None
    assert (trace.caller, trace.caller_records) == (SPAN, records)


def test_without_the_setting_nothing_of_it_is_loaded() -> None:
    asked = "import sys, server; print([name for name in sys.modules if name.split('.')[0] == 'opentelemetry'])"
    found = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
    assert tracing_of(Settings()) is None


def test_without_its_library_the_setting_is_refused_with_the_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "edge.tracing")
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
    with pytest.raises(UnusableSetting, match="ksbb-terbuka\\[otel\\]"):
        tracing_of(Settings(otlp_endpoint="http://127.0.0.1:4318"))

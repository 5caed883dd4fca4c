"""The edge on a real server on loopback, with a reader that needs no database."""

from __future__ import annotations

import asyncio
import datetime as dt
import gc
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette
from starlette.types import ASGIApp

from edge.app import Edge, routes
from edge.authentication import Authentication
from edge.body import BODY_TIMEOUT_S
from edge.documents import documents_of
from edge.guard import Limits, read_document
from edge.listening import Listening, listening
from edge.log import RequestLog
from edge.rates import Rates
from edge.revocations import Revocations, Told
from edge.streams import OpenConnections, StreamLimits
from edge.traffic import Traffic
from edge.view import GraphQLView
from edge.websocket import Websockets
from events.stream import Delivery, Sink
from kernel.clock import FixedClock
from kernel.errors import BadInput, KsbbError
from kernel.settings import Settings
from models.account import TokenRevocation
from policy.tokens import Verifier, issue
from policy.viewer import Role, Viewer
from resolvers.request import Answer, Charge, GraphQLRequest, NeedsStream, QueriesOnly

if TYPE_CHECKING:
    from edge.tracing import Tracing

NOON = dt.datetime(2021, 3, 1, 5, 0, tzinfo=dt.UTC)
CANARY = "KENARI-3171019901019999"
QUICK = StreamLimits(
    operations=3, init_timeout_s=0.4, ping_after_s=60, heartbeat_s=60, stuck_s=0.5, farewell_s=0.3, look_every_s=0.05
)
"""Limits for tests that wait."""


@dataclass
class FakeReader:
    """Answers with what it was asked; a document that starts with a keyword has its own fate."""

    seen: list[tuple[Viewer, GraphQLRequest]] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)

    async def answer(
        self, viewer: Viewer, request: GraphQLRequest, *, only_queries: bool, charge: Charge | None = None
    ) -> Answer:
        self.seen.append((viewer, request))
        if charge is not None and "costly" in request.query:
            await charge(25_000)
        if "mutation" in request.query and only_queries:
            raise QueriesOnly
        if request.query == "crash":
            raise RuntimeError(CANARY)
        if request.query == "{ unknown }":
            return Answer(b'{"errors":[{"message":"Cannot query field"}]}', executed=False)
        if request.query.startswith("subscription"):
            raise NeedsStream
        read_document(request.query, Limits())
        told = {"role": viewer.role, "operation": request.operation_name, "variables": dict(request.variables)}
        return Answer(json.dumps({"data": told}).encode(), executed=True)

    def start_cursor(self, _: Viewer) -> str:
        return "c-now"

    async def subscribe(self, viewer: Viewer, request: GraphQLRequest, after: str | None) -> FakeStream | Answer:
        self.seen.append((viewer, request))
        if "crash" in request.query:
            raise RuntimeError(CANARY)
        if "unknown" in request.query:
            return Answer(b'{"errors":[{"message":"Cannot query field"}]}', executed=False)
        if "refused" in request.query:
            raise BadInput("This cursor is none of yours.")
        self.streams.append(FakeStream(after or "c0"))
        return self.streams[-1]


@dataclass
class FakeStream:
    """A stream that delivers what the test gives it, and ends as the test says."""

    start: str
    is_closed: bool = False
    waiting: list[Delivery] = field(default_factory=list)
    error: Exception | None = None
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    sink: Sink | None = None
    """Where what comes live is offered first."""

    def give(self, *deliveries: tuple[str, object]) -> None:
        """Deliver results, each with its cursor; bytes are a result as it is."""
        for cursor, data in deliveries:
            body = data if isinstance(data, bytes) else json.dumps({"data": data}).encode()
            self.waiting.append(Delivery(cursor, body))
        self.changed.set()

    def fail(self, error: Exception) -> None:
        self.error = error
        self.changed.set()

    def pour_into(self, sink: Sink) -> None:
        self.sink = sink

    async def take(self) -> list[Delivery]:
        while not self.waiting:
            if self.error is not None:
                raise self.error
            self.changed.clear()
            await self.changed.wait()
        taken, self.waiting = self.waiting, []
        return taken

    async def close(self) -> None:
        self.is_closed = True


@dataclass
class Streaming:
    """An edge with streams, served in the loop of the test."""

    reader: FakeReader
    settings: Settings
    clock: FixedClock
    connections: OpenConnections
    server: Listening
    lines: list[str]
    address: str
    traffic: Traffic

    def token(self, viewer: Viewer | None = None, lifetime: dt.timedelta = dt.timedelta(hours=1)) -> str:
        return issue(self.settings, self.clock, viewer or Viewer(role=Role.DINAS, subject="contoh"), lifetime)

    async def stream(self, number: int = -1) -> FakeStream:
        """The stream that was opened last, once there is one that is open."""
        await eventually(lambda: bool(self.reader.streams) and not self.reader.streams[number].is_closed)
        return self.reader.streams[number]


async def eventually(is_so: Callable[[], bool], within_s: float = 10) -> None:
    """Wait until something is so, but not for ever."""
    async with asyncio.timeout(within_s):
        while not is_so():  # noqa: ASYNC110  # what it waits for does not tell
            await asyncio.sleep(0.005)


@dataclass(frozen=True)
class Held:
    """Tasks and file descriptors of this process."""

    tasks: int
    files: int

    @classmethod
    def now(cls) -> Held:
        gc.collect()
        return cls(len(asyncio.all_tasks()), len(list(Path("/proc/self/fd").iterdir())))

    async def again(self) -> None:
        """Wait until no more is held than was; what was ending then may be gone."""
        await eventually(lambda: (now := Held.now()).tasks <= self.tasks and now.files <= self.files)


@dataclass
class Register:
    """What the database knows of revoked tokens, or that it does not answer."""

    known: list[TokenRevocation] = field(default_factory=list)
    is_down: bool = False

    def revoke(self, subject: str, at: dt.datetime) -> None:
        """Let no token of a login hold that was issued until now."""
        self.known.append(TokenRevocation(id=uuid4(), at=at, subject=subject, role=None, issued_before=at))

    async def look(self, _: object) -> Told:
        if self.is_down:
            raise KsbbError("Contoh: the database does not answer.")
        return Told(self.known)


@asynccontextmanager
async def streaming(
    folder: Path,
    limits: StreamLimits | None = None,
    origins: frozenset[str] = frozenset(),
    register: Register | None = None,
    rates: Rates | None = None,
    trusted_proxies: str = "",
    body_timeout_s: float = BODY_TIMEOUT_S,
    tracing: Tracing | None = None,
) -> AsyncIterator[Streaming]:
    """The edge while it is served on loopback as `ksbb serve` does it."""
    settings, clock, reader, lines = Settings(data_dir=folder), FixedClock(NOON), FakeReader(), list[str]()
    revocations = None if register is None else Revocations(register, clock)
    authentication = Authentication(Verifier(settings, clock), clock, revocations)
    connections = OpenConnections(limits or QUICK)
    documents, rates = documents_of(settings), rates or Rates()
    log, traffic = RequestLog(lines.append), Traffic()
    asked = (reader, reader, authentication, connections, documents, rates)
    app = Edge(
        GraphQLView(*asked, body_timeout_s=body_timeout_s, log=log, traffic=traffic, tracing=tracing),
        Starlette(),
        Websockets(*asked, origins=origins, log=log, traffic=traffic, tracing=tracing),
        connections.stop,
    )
    server = listening(app, lifespan=False, trusted_proxies=trusted_proxies)
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listener:
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await eventually(lambda: server.started)
        try:
            yield Streaming(reader, settings, clock, connections, server, lines, where, traffic)
        finally:
            server.should_exit = True
            await serving
            log.flush()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def edge(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Streaming]:
    async with streaming(tmp_path_factory.mktemp("streams")) as served_edge:
        yield served_edge


@dataclass
class Installation:
    """One edge with its parts at hand."""

    settings: Settings
    clock: FixedClock
    reader: FakeReader
    releases: Path
    checks: dict[str, str]
    lines: list[str]
    log: RequestLog
    app: ASGIApp

    def token(self, viewer: Viewer | None = None, lifetime: dt.timedelta = dt.timedelta(hours=1)) -> str:
        return issue(self.settings, self.clock, viewer or Viewer(role=Role.DINAS, subject="contoh"), lifetime)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    folder = tmp_path_factory.mktemp("edge")
    settings, clock, reader = Settings(data_dir=folder, trusted_only="SATPOL_PP"), FixedClock(NOON), FakeReader()
    releases, checks = folder / "releases", {"database": "ok"}
    releases.mkdir()

    async def ready() -> dict[str, str]:
        return checks

    lines: list[str] = []
    log = RequestLog(lines.append)
    authentication = Authentication(Verifier(settings, clock), clock)
    view = GraphQLView(
        reader,
        reader,
        authentication,
        OpenConnections(StreamLimits()),
        documents_of(settings),
        Rates(),
        body_bytes=100_000,
        body_timeout_s=0.5,
        log=log,
    )
    app = Edge(view, Starlette(routes=routes(ready, releases)))
    return Installation(settings, clock, reader, releases, checks, lines, log, app)


@contextmanager
def served(app: ASGIApp) -> Iterator[tuple[str, int]]:
    """The application on a free port of loopback, served as `ksbb serve` does it."""
    server = listening(app, lifespan=False)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield listener.getsockname()
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture(scope="session")
def address(installation: Installation) -> Iterator[tuple[str, int]]:
    with served(installation.app) as where:
        yield where


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def http(address: tuple[str, int]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", trust_env=False) as client:
        yield client


@pytest.fixture(scope="session")
def raw(address: tuple[str, int]) -> Callable[[bytes], bytes]:
    """Send bytes as they are and read until the server stops talking."""

    def exchange(sent: bytes) -> bytes:
        with socket.create_connection(address, timeout=5) as connection:
            connection.sendall(sent)
            connection.settimeout(2)
            received = b""
            while b"\r\n\r\n" not in received or b"}" not in received:
                piece = connection.recv(65_536)
                if not piece:
                    break
                received += piece
            return received

    return exchange

"""The edge on a real server on loopback, with a reader that needs no database."""

from __future__ import annotations

import datetime as dt
import json
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp

from edge.app import edge, routes
from edge.authentication import Authentication
from edge.guard import Limits, read_document
from edge.log import RequestLog
from edge.view import GraphQLView
from kernel.clock import FixedClock
from kernel.settings import Settings
from policy.tokens import Verifier, issue
from policy.viewer import Role, Viewer
from resolvers.request import Answer, GraphQLRequest, QueriesOnly

NOON = dt.datetime(2021, 3, 1, 5, 0, tzinfo=dt.UTC)
CANARY = "KENARI-3171019901019999"


@dataclass
class FakeReader:
    """Answers with what it was asked; a document that starts with a keyword has its own fate."""

    seen: list[tuple[Viewer, GraphQLRequest]] = field(default_factory=list)

    async def answer(self, viewer: Viewer, request: GraphQLRequest, *, only_queries: bool) -> Answer:
        self.seen.append((viewer, request))
        if "mutation" in request.query and only_queries:
            raise QueriesOnly
        if request.query == "crash":
            raise RuntimeError(CANARY)
        if request.query == "{ unknown }":
            return Answer(b'{"errors":[{"message":"Cannot query field"}]}', executed=False)
        read_document(request.query, Limits())
        told = {"role": viewer.role, "operation": request.operation_name, "variables": dict(request.variables)}
        return Answer(json.dumps({"data": told}).encode(), executed=True)


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
    settings, clock, reader = Settings(data_dir=folder), FixedClock(NOON), FakeReader()
    releases, checks = folder / "releases", {"database": "ok"}
    releases.mkdir()

    async def ready() -> dict[str, str]:
        return checks

    lines: list[str] = []
    log = RequestLog(lines.append)
    authentication = Authentication(Verifier(settings, clock), clock)
    view = GraphQLView(reader, authentication, body_bytes=100_000, body_timeout_s=0.5, log=log)
    app = edge(view, Starlette(routes=routes(ready, releases)))
    return Installation(settings, clock, reader, releases, checks, lines, log, app)


@contextmanager
def served(app: ASGIApp) -> Iterator[tuple[str, int]]:
    """The application behind uvicorn on a free port of loopback."""
    server = uvicorn.Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", loop="uvloop", http="httptools")
    )
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

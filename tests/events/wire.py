"""A network to the database that can be cut: connections stay open on both sides, and nothing comes through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass
class Wire:
    """Carries bytes between a port of loopback and the socket of the database."""

    socket: Path
    dsn: str = ""
    hides_ends: bool = False
    """Whether the far end is not told that a connection ended."""
    cut_at: bytes | None = None
    """What is sent with these words still comes through, and nothing after it."""
    last: bytes = b""
    """What it was cut at, from its first byte to its last."""
    _whole: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> None:
        """From now on nothing comes through."""
        self._whole.clear()

    def mend(self) -> None:
        """From now on everything does."""
        self._whole.set()

    async def is_cut(self) -> bool:
        """Whether nothing comes through."""
        return not self._whole.is_set()

    async def connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, both ways."""
        there, back = await asyncio.open_unix_connection(str(self.socket))
        for source, sink in ((reader, back), (there, writer)):
            self._tasks.add(asyncio.create_task(self._carry(source, sink)))

    async def _carry(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        try:
            while some := await source.read(65_536):
                await self._whole.wait()
                if self.cut_at is not None and self.cut_at in some:
                    self.cut_at, self.last = None, some
                    self.cut()
                sink.write(some)
                await sink.drain()
        except ConnectionError:
            pass
        finally:
            try:
                while self.hides_ends:  # noqa: ASYNC110  # a test tells
                    await asyncio.sleep(0.02)
            finally:
                sink.close()

    async def close(self) -> None:
        """End all connections."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@asynccontextmanager
async def a_wire(dsn: str) -> AsyncIterator[Wire]:
    """A wire to the database of an address on a socket, and the address behind the wire."""
    parts = urlsplit(dsn)
    query = parse_qs(parts.query)
    folder, port = unquote(query["host"][0]), query.get("port", ["5432"])[0]
    wire = Wire(Path(folder) / f".s.PGSQL.{port}")
    wire.mend()
    server = await asyncio.start_server(wire.connect, "127.0.0.1")
    login = parts.netloc.rpartition("@")[0]
    wire.dsn = f"postgresql://{login}@127.0.0.1:{server.sockets[0].getsockname()[1]}{parts.path}"
    try:
        yield wire
    finally:
        server.close()
        await wire.close()

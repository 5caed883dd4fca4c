"""A receiver of webhooks on loopback, which verifies what it gets and answers as a test wants it to."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks import Webhook

HANGS, CLOSES = -1, -2
"""Instead of a status: no answer, and a connection that breaks."""


@dataclass
class Got:
    """One message as it came."""

    id: str
    type: str
    data: Mapping[str, Any]
    headers: Mapping[str, str]
    body: bytes
    status: int
    at: float


@dataclass
class Receiver:
    """What came, and how it was answered; `answer` gives a status, or HANGS or CLOSES, for a message."""

    url: str = ""
    secret: str = ""
    answer: Callable[[Got], int] = lambda _: 204
    headers: str = ""
    got: list[Got] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0
    takes_s: float = 0.0

    def taken(self) -> list[Got]:
        """What was answered with 2xx."""
        return [one for one in self.got if 200 <= one.status < 300]

    def order(self) -> dict[str, list[str]]:
        """Per subject the messages that were taken, in their order, each once."""
        found: dict[str, list[str]] = defaultdict(list)
        for one in self.taken():
            if one.id not in found[one.data["subjectId"]]:
                found[one.data["subjectId"]].append(one.id)
        return found

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until the sender has enough."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await self._one(reader, writer):
                pass
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().splitlines()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in head[1:] if line)}
        body = await reader.readexactly(int(headers["content-length"]))
        told = Webhook(self.secret).verify(body, headers) if self.secret else json.loads(body)
        one = Got(
            headers["webhook-id"], told["type"], told["data"], headers, body, 0, asyncio.get_running_loop().time()
        )
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        await asyncio.sleep(self.takes_s)
        self.at_once -= 1
        one.status = self.answer(one)
        self.got.append(one)
        if one.status == HANGS:
            await reader.read()
        if one.status < 0:
            return False
        writer.write(f"HTTP/1.1 {one.status} X\r\nContent-Length: 2\r\n{self.headers}\r\n".encode())
        if one.status != 204:
            writer.write(b"ok")
        await writer.drain()
        return one.status != 204  # a 204 has no body, whatever its headers say: so they end the connection


@asynccontextmanager
async def receiving(
    answer: Callable[[Got], int] | None = None, *, tls: ssl.SSLContext | None = None, headers: str = ""
) -> AsyncIterator[Receiver]:
    """A receiver that listens."""
    receiver = Receiver(headers=headers)
    receiver.answer = answer or (lambda _: 200)
    server = await asyncio.start_server(receiver.serve, "127.0.0.1", 0, ssl=tls)
    receiver.url = f"http{'s' if tls else ''}://127.0.0.1:{server.sockets[0].getsockname()[1]}/hook"
    try:
        yield receiver
    finally:
        server.close()

"""Thousands of websockets of one process: lean subscribers that note when each event came.

`python -m bench.sockets PORT COUNT`: opens them, then obeys lines on stdin (`expect N`, `close`) and answers in JSON.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import resource
import sys
import time
from array import array
from typing import Any

import uvloop

AT_ONCE = 200
"""Connections that are opened at a time."""
_SHORT = 126


def text_frame(content: str) -> bytes:
    """A masked text frame of a client; the mask is zero, which the protocol allows."""
    data = content.encode()
    head = bytes((0x81, 0x80 | len(data))) if len(data) < _SHORT else bytes((0x81, 0xFE)) + len(data).to_bytes(2, "big")
    return head + b"\0\0\0\0" + data


PONG = text_frame('{"type":"pong"}')


class Subscriber(asyncio.Protocol):
    """One websocket that subscribes and counts what comes."""

    def __init__(self, crowd: Crowd) -> None:
        self._crowd = crowd
        self._buffer = b""
        self._is_open = False
        self.count = 0
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the protocol."""
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        request = (
            f"GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
        )
        transport.write(request.encode())  # type: ignore[attr-defined]  # a stream

    def data_received(self, data: bytes) -> None:
        """Take frames; the time is that at which the bytes came."""
        now = time.monotonic()
        buffer = self._buffer + data if self._buffer else data
        start = 0
        if not self._is_open:
            head, found, rest = buffer.partition(b"\r\n\r\n")
            if not found:
                self._buffer = buffer
                return
            assert b" 101 " in head, head
            self._is_open = True
            self._transport.write(text_frame('{"type":"connection_init"}'))  # type: ignore[attr-defined]
            buffer = rest
        while len(buffer) - start >= 2:
            length, begins = buffer[start + 1], start + 2
            if length == _SHORT:
                length, begins = int.from_bytes(buffer[start + 2 : start + 4], "big"), start + 4
            if len(buffer) < begins + length:
                break
            self._frame(buffer, begins, begins + length, now)
            start = begins + length
        self._buffer = buffer[start:]

    def _frame(self, buffer: bytes, begins: int, ends: int, now: float) -> None:
        if buffer.startswith(b'{"id"', begins):
            self._crowd.note(self.count, now)
            self.count += 1
            if self._crowd.sample is None:
                self._crowd.sample = buffer[begins:ends]
        elif buffer.startswith(b'{"type":"ping"', begins) or buffer.startswith(b'{"type": "ping"', begins):
            self._transport.write(PONG)  # type: ignore[attr-defined]
        elif buffer.find(b"connection_ack", begins, ends) >= 0:
            message = {"id": "1", "type": "subscribe", "payload": {"query": self._crowd.query}}
            self._transport.write(text_frame(json.dumps(message)))  # type: ignore[attr-defined]
            self.ready.set_result(None)

    def connection_lost(self, _: Exception | None) -> None:
        """Count who was cut."""
        self._crowd.lost += 1
        if not self.ready.done():
            self.ready.set_exception(ConnectionError("cut before it was ready"))


class Crowd:
    """All subscribers of this process and what they got."""

    def __init__(self, query: str) -> None:
        self.query = query
        self.received: list[array[float]] = []
        self.total = 0
        self.lost = 0
        self.sample: bytes | None = None
        self._members: list[Any] = []

    def note(self, number: int, at: float) -> None:
        """Note that somebody got its event of a number."""
        while len(self.received) <= number:
            self.received.append(array("d"))
        self.received[number].append(at)
        self.total += 1

    async def open(self, port: int, count: int) -> None:
        """Connect all and wait until every one has subscribed."""
        loop = asyncio.get_running_loop()
        for start in range(0, count, AT_ONCE):
            some = range(start, min(start + AT_ONCE, count))
            made = await asyncio.gather(
                *(loop.create_connection(lambda: Subscriber(self), "127.0.0.1", port) for _ in some)
            )
            await asyncio.gather(*(subscriber.ready for _, subscriber in made))
            self._members += [transport for transport, _ in made]

    def close(self) -> None:
        """Cut all."""
        for transport in self._members:
            transport.abort()

    async def expect(self, events: int, count: int, within_s: float) -> None:
        """Wait until everybody got so many events since the last time."""
        until = time.monotonic() + within_s
        while self.total < events * count:
            assert time.monotonic() < until, f"{events * count - self.total} deliveries are missing"
            await asyncio.sleep(0.005)


async def _main(port: int, count: int, query: str) -> None:
    crowd = Crowd(query)
    await crowd.open(port, count)
    await asyncio.sleep(0.5)  # what was subscribed last is under way
    _say({"open": count})
    loop = asyncio.get_running_loop()
    expected = 0
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        what, *numbers = line.split()
        if what == "close":
            crowd.close()
            await asyncio.sleep(1)
            break
        expected += int(numbers[0])
        await crowd.expect(expected, count, float(numbers[1]))
        recent = crowd.received[expected - int(numbers[0]) : expected]
        _say({"times": [list(times) for times in recent], "lost": crowd.lost, "sample": (crowd.sample or b"").decode()})


def _say(content: object) -> None:
    sys.stdout.write(json.dumps(content) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run until told to close."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    port, count, query = sys.argv[1:]
    uvloop.run(_main(int(port), int(count), query))


if __name__ == "__main__":
    main()

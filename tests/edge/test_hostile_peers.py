"""Peers of websockets that send without end and take nothing: what they cost stays small."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from edge.listening import Frames
from edge.streams import StreamLimits
from edge.websocket import SUBPROTOCOL

from .conftest import Streaming, eventually, streaming

PATIENT = StreamLimits(stuck_s=60, look_every_s=0.1)
"""Limits under which nobody is closed while a test lasts."""

_TEXT, _PING = 1, 9


def frame(content: bytes, kind: int = _TEXT) -> bytes:
    """A whole message of a client, masked with zeros."""
    length = bytes([0x80 | len(content)]) if len(content) < 126 else b"\xfe" + len(content).to_bytes(2, "big")
    return bytes([0x80 | kind]) + length + bytes(4) + content


@asynccontextmanager
async def deaf(edge: Streaming) -> AsyncIterator[asyncio.StreamWriter]:
    """A peer that was acknowledged, and from then on takes nothing."""
    host, _, port = edge.address.partition(":")
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
    line.setblocking(False)
    await asyncio.get_running_loop().sock_connect(line, (host, int(port)))
    reader, writer = await asyncio.open_connection(sock=line)
    key = base64.b64encode(bytes(16)).decode()
    writer.write(
        f"GET /graphql HTTP/1.1\r\nHost: {edge.address}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Protocol: {SUBPROTOCOL}\r\n\r\n".encode()
    )
    await reader.readuntil(b"\r\n\r\n")
    writer.write(frame(b'{"type":"connection_init"}'))
    await reader.readuntil(b'"connection_ack"')
    writer.transport.pause_reading()  # type: ignore[attr-defined]  # a transport of a socket
    try:
        yield writer
    finally:
        writer.transport.abort()
        await eventually(lambda: not edge.connections)
        await asyncio.sleep(0.05)


@pytest.mark.parametrize("query", ["{ unknown }", "{ answered }", "subscription { events { cursor } }"])
async def test_operations_of_who_takes_no_answers_do_not_pile_up(tmp_path: Path, query: str) -> None:
    async with streaming(tmp_path, PATIENT) as edge, deaf(edge) as writer:
        for number in range(60_000):
            message = {"id": f"{number:0200}", "type": "subscribe", "payload": {"query": query}}
            writer.write(frame(json.dumps(message).encode()))
            if number % 100 == 0:
                try:
                    async with asyncio.timeout(1):
                        await writer.drain()
                except TimeoutError:  # the server takes no more, as it should
                    break
                assert len(asyncio.all_tasks()) < PATIENT.operations + 20


async def test_answers_to_pings_of_who_takes_none_do_not_pile_up(tmp_path: Path) -> None:
    async with streaming(tmp_path, PATIENT) as edge, deaf(edge) as writer:
        (line,) = [f for f in gc.get_objects() if isinstance(f, Frames) and not f.disconnected]
        for _ in range(200):
            writer.write(frame(bytes(125), _PING) * 1_000)
            await writer.drain()
        await asyncio.sleep(0.2)
        assert not line.writable.is_set()
        assert line.transport.get_write_buffer_size() < 1_000_000

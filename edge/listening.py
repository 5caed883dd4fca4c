"""Uvicorn as this server runs it: its settings, a lean way out for websockets, and an end that tells the streams.

Which of its websocket implementations is fastest was measured, by a broadcast of 600 bytes to 1,000 sockets of loopback
whose clients are in another process, without compression, in deliveries per second: websockets 62,000, wsproto 71,000,
websockets-sansio 71,000 to 83,000; with the frames of `Frames` below, on top of the last, 125,000.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache

import uvicorn
from starlette.types import ASGIApp
from uvicorn.config import STARTUP_FAILURE
from uvicorn.protocols.utils import ClientDisconnected
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State

from edge.app import Stop
from edge.heads import Heads
from edge.line import EXTENSION, LONGEST_KEPT, TEXTS_KEPT, fitting
from edge.streams import StreamLimits

STOPS_WITHIN_S = 10
"""Answers that are not finished when the server has been stopping for so long are cut."""
CUT_AFTER_S = 5.0
"""Of a closed websocket whose peer does not close it in turn."""
UNTAKEN_MS = 60_000
"""For which the peer of any connection may leave what was sent untaken: then the system cuts it."""
BACKLOG = 4_096
"""Connections that wait to be taken: many come back at once after a restart."""

_SHORT, _MEDIUM = 126, 1 << 16
_TEXT = 0x81
"""First byte of a text frame that is a whole message (RFC 6455, section 5.2)."""


class Frames(WebSocketsSansIOProtocol):
    """Uvicorn's websocket, which the application may write finished text frames to: an `edge.line.Outlet`.

    ASGI takes one message at a time as a dict, and the protocol's library makes of it an object per frame: twice the
    cost of the write itself.
    """

    async def run_asgi(self) -> None:
        """Run the application, with this way out in its scope."""
        self.scope["extensions"][EXTENSION] = self  # type: ignore[assignment]  # ours
        await super().run_asgi()

    def handle_ping(self) -> None:
        """Answer a ping, unless the peer takes no answers: they would pile up."""
        pong = b"".join(self.conn.data_to_send())
        if self.writable.is_set():
            self.transport.write(pong)

    def offer_texts(self, texts: Sequence[bytes]) -> bool:
        """Send text frames in one write, unless the peer takes nothing or is gone."""
        if self.disconnected or self.close_sent or not self.writable.is_set():
            return False
        self.transport.write(_frame(texts[0]) if len(texts) == 1 else b"".join(map(_frame, texts)))
        return True

    async def send_texts(self, texts: Sequence[bytes]) -> None:
        """Send text frames in one write; waits while the peer takes nothing."""
        while not self.offer_texts(texts):
            if self.disconnected or self.close_sent:
                raise ClientDisconnected
            await self.writable.wait()

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye past everything that waits, and cut the line soon."""
        if self.close_sent or self.transport.is_closing() or self.conn.state is not State.OPEN:
            return
        self.conn.send_close(code, fitting(reason))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": reason})
        self.writable.set()  # who waits to send finds the line closed
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(CUT_AFTER_S, self.transport.abort)


def _frame(text: bytes) -> bytes:
    return _kept_frame(text) if len(text) < LONGEST_KEPT else _head(len(text)) + text


@lru_cache(maxsize=TEXTS_KEPT)
def _kept_frame(text: bytes) -> bytes:
    """The frame of a text that goes to many."""
    return _head(len(text)) + text


def _head(length: int) -> bytes:
    """The head of an unmasked text frame."""
    if length < _SHORT:
        return bytes((_TEXT, length))
    if length < _MEDIUM:
        return bytes((_TEXT, 126)) + length.to_bytes(2, "big")
    return bytes((_TEXT, 127)) + length.to_bytes(8, "big")


class Listening(uvicorn.Server):
    """A server that lets the application say goodbye to its streams before it closes their connections."""

    def __init__(self, config: uvicorn.Config, stop: Stop | None) -> None:
        super().__init__(config)
        self._stop = stop

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen, on sockets whose connections are cut when their peers take nothing."""
        await super().startup(sockets)
        for listener in [listener for server in self.servers for listener in server.sockets]:
            with socket.socket(fileno=os.dup(listener.fileno())) as ours:
                if hasattr(socket, "TCP_USER_TIMEOUT"):  # of Linux; connections have it from their listener
                    ours.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNTAKEN_MS)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then everything else."""
        if self._stop is not None:
            for server in self.servers:
                server.close()  # nobody comes back here before the next start
            await self._stop()
        await super().shutdown(sockets)


def listening(
    app: ASGIApp, host: str = "127.0.0.1", port: int = 0, *, lifespan: bool = True, trusted_proxies: str = ""
) -> Listening:
    """The server of an application; an application with a method `stop` is told when it ends.

    `trusted_proxies`: the addresses, parted by commas, from which `X-Forwarded-For` and `-Proto` are believed.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        log_config=None,
        access_log=False,
        lifespan="auto" if lifespan else "off",
        loop="uvloop",
        http=Heads,
        ws=Frames,
        ws_max_size=StreamLimits.message_bytes,
        ws_ping_interval=None,  # the application pings, so that a peer's silence is known there
        ws_per_message_deflate=False,  # it costs more than all the rest, per socket and message
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=trusted_proxies,
        backlog=BACKLOG,
        timeout_graceful_shutdown=STOPS_WITHIN_S,
    )
    return Listening(config, getattr(app, "stop", None))


def listen(app: ASGIApp, host: str, port: int, trusted_proxies: str = "") -> None:
    """Serve until interrupted; the exit code says whether the start succeeded."""
    server = listening(app, host, port, trusted_proxies=trusted_proxies)
    with suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(STARTUP_FAILURE)

"""The beginnings of HTTP requests: what is none is refused in JSON, and nobody waits for ever for the rest of one.

And the shorter way out for answers that are there whole (`edge/whole.py`).

Uvicorn answers bad framing in plain text, takes headers of any size, and waits without end for the first request of a
connection: sixty half requests would hold sixty connections for as long as their senders like.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from weakref import ref

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol, RequestResponseCycle

from edge.errors import STATUS_OF, BadRequest, BodyTooSlow, HeadersTooLarge, entry, error_body
from edge.negotiation import JSON
from edge.safety import SAFE, Header
from edge.whole import EXTENSION
from kernel.errors import KsbbError

HEAD_WITHIN_S = 10.0
"""From the connection, or the first byte of a later request, to the end of its headers."""
HEAD_BYTES = 65_536
"""Of address and headers: twice the longest query string that is taken (`edge/body.py`)."""

_SAFE = b"".join(b"%s: %s\r\n" % header for header in SAFE)


class Heads(HttpToolsProtocol):
    """Uvicorn's HTTP protocol, with limits on what comes before a body."""

    _is_in_head = True
    _head_bytes = 0
    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        """Begin to wait for the first request."""
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what stays half is waited for, but not for ever, and not without end."""
        super().data_received(data)
        if not self._is_in_head:
            self._stop_waiting()
            self._head_bytes = 0
            return
        self._head_bytes += len(data)
        if self.transport.is_closing():
            return
        if self._head_bytes > HEAD_BYTES:
            self._refuse(HeadersTooLarge(f"Address and headers may have {HEAD_BYTES:,} bytes.", limit=HEAD_BYTES))
        elif self._timer is None:
            self._wait()

    def on_message_begin(self) -> None:
        """A request begins."""
        self._is_in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The application has it from here on."""
        self._is_in_head = False
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        way_out = partial(_send_whole, ref(cycle))  # which its own scope must not keep
        cycle.scope["extensions"] = {EXTENSION: way_out}  # type: ignore[dict-item]  # ours
        super()._start_asgi_task(cycle, app)

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP."""
        self._refuse(BadRequest(msg))

    def _wait(self) -> None:
        self._timer = self.loop.call_later(HEAD_WITHIN_S, self._give_up)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _give_up(self) -> None:
        self._timer = None
        self._refuse(BodyTooSlow(f"No request arrived within {HEAD_WITHIN_S:g} seconds.", seconds=HEAD_WITHIN_S))

    def _refuse(self, refused: KsbbError) -> None:
        """Answer and close; an answer under way to an earlier request is cut with it."""
        body = error_body([entry(refused)])
        head = f"content-type: {JSON}; charset=utf-8\r\ncontent-length: {len(body)}\r\nconnection: close\r\n\r\n"
        self.transport.write(STATUS_LINE[STATUS_OF[refused.code]] + _SAFE + head.encode() + body)
        self.transport.close()


def _send_whole(of: ref[RequestResponseCycle], status: int, headers: Sequence[Header], body: bytes) -> bool:
    """What the two messages would do to the cycle, in one step; where anything is unusual, nothing."""
    cycle = of()
    if cycle is None or cycle.disconnected or cycle.response_started or not cycle.keep_alive or cycle.flow.write_paused:
        return False
    lines = [b": ".join(header) for header in (*cycle.default_headers, *headers)]
    head = STATUS_LINE[status] + b"\r\n".join((*lines, b"", b""))
    if head.count(b"\n") != len(lines) + 2 or head.count(b"\r") != len(lines) + 2:
        return False  # a line break in a header: uvicorn refuses it
    cycle.transport.writelines((head, body) if body else (head,))
    cycle.response_started = cycle.response_complete = True
    cycle.message_event.set()
    cycle.on_response()
    return True

"""An answer that is there whole, sent in one piece.

ASGI takes head and body as two messages. Uvicorn looks through every header of the one, and sends each by itself: a
tenth of what a short answer costs. Our own protocol (`edge/heads.py`) offers a shorter way; any other server is spoken
to as ASGI says.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from starlette.types import Scope, Send

from edge.safety import Header

EXTENSION = "ksbb.whole"
"""Under this name of `scope["extensions"]` a server offers its `SendWhole`."""

SendWhole = Callable[[int, Sequence[Header], bytes], bool]
"""Sends status, headers and body, if that can be done without waiting; whether it was."""


async def send_whole(scope: Scope, send: Send, status: int, headers: Sequence[Header], body: bytes) -> None:
    """Send an answer; its headers are complete, with lower-case names, and none of them ends the connection."""
    offered: SendWhole | None = scope.get("extensions", {}).get(EXTENSION)
    if offered is None or not offered(status, headers, body):
        await send_in_parts(send, status, headers, body)


async def send_in_parts(send: Send, status: int, headers: Sequence[Header], body: bytes) -> None:
    """Send an answer as ASGI says."""
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

"""The limit of a fan-out: all websockets get the same bytes, by the same server and way out, and nothing else is done.

Whoever POSTs to `/broadcast` has the body sent to all as one text frame each. It speaks as much of graphql-transport-ws
as the sockets of the benchmark need to subscribe.
"""

from __future__ import annotations

import asyncio
import json

from starlette.types import ASGIApp, Receive, Scope, Send

from edge.line import Outlet, outlet_of


def create_app() -> ASGIApp:
    """The application; it keeps the open lines in memory."""
    lines: set[Outlet] = set()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await _listen(lines, scope, receive, send)
        elif scope["type"] == "http":
            body = (await receive())["body"]
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})
            if body:
                frame = [body]
                for number, line in enumerate(lines):
                    await line.send_texts(frame)
                    if number % 500 == 499:
                        await asyncio.sleep(0)  # let the transport write

    return application


async def _listen(lines: set[Outlet], scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept", "subprotocol": "graphql-transport-ws"})
    line = outlet_of(scope, send)
    try:
        while (message := await receive())["type"] != "websocket.disconnect":
            match json.loads(message["text"])["type"]:
                case "connection_init":
                    await line.send_texts([b'{"type":"connection_ack"}'])
                case "subscribe":
                    lines.add(line)
    finally:
        lines.discard(line)

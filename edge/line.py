"""The line to a websocket's peer: text out, messages in, and an end that nobody can delay by not listening.

Uvicorn's own protocol gives more than ASGI has (see `edge/listening.py`); any other server is spoken to as ASGI says.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Protocol

from starlette.types import Receive, Scope, Send

EXTENSION = "ksbb.line"
"""Under this name of `scope["extensions"]` a server offers its `Outlet`."""

TEXTS_KEPT = 128
LONGEST_KEPT = 8_192
"""Texts that went out last are kept, if they are not longer: the next subscriber most likely gets the same."""

REASON_BYTES = 123
"""RFC 6455, section 5.5.1: two bytes of a control frame's 125 are the code."""


class Outlet(Protocol):
    """What goes out to a peer."""

    def offer_texts(self, texts: Sequence[bytes]) -> bool:
        """Send text frames if that can be done without waiting; whether it was. Costs less than to await."""
        ...

    async def send_texts(self, texts: Sequence[bytes]) -> None:
        """Send text frames; waits while the peer takes nothing.

        Raises:
            OSError: the peer is gone, or the line was closed.
        """
        ...

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye and cut the line soon, whatever still waits to be taken; safe to repeat."""
        ...


def outlet_of(scope: Scope, send: Send) -> Outlet:
    """The way out to the peer of a websocket."""
    offered: Outlet | None = scope.get("extensions", {}).get(EXTENSION)
    return offered or AsgiOutlet(send)


def fitting(reason: str) -> str:
    """A reason that fits into a closing frame."""
    return reason.encode()[:REASON_BYTES].decode(errors="ignore")


class AsgiOutlet:
    """The way out as ASGI has it: frame by frame, and closed as fast as the server can."""

    def __init__(self, send: Send, patience_s: float = 1.0) -> None:
        self._send = send
        self._patience_s = patience_s

    def offer_texts(self, _: Sequence[bytes]) -> bool:
        """Nothing is sent without waiting."""
        return False

    async def send_texts(self, texts: Sequence[bytes]) -> None:
        """Send text frames one by one."""
        for text in texts:
            await self._send({"type": "websocket.send", "text": text.decode()})

    async def close(self, code: int, reason: str) -> None:
        """Say goodbye; a server that cannot pass it on in time is left to notice by itself."""
        with suppress(OSError, RuntimeError, TimeoutError):
            async with asyncio.timeout(self._patience_s):
                await self._send({"type": "websocket.close", "code": code, "reason": fitting(reason)})


async def received(receive: Receive) -> str | bytes | None:
    """The next message; None: the line is closed."""
    message = await receive()
    if message["type"] == "websocket.disconnect":
        return None
    text: str | None = message.get("text")
    return text if text is not None else message.get("bytes", b"")


async def while_there(work: Callable[[], Awaitable[None]]) -> None:
    """Work for a peer; that it is gone is noticed where its messages are taken."""
    with suppress(OSError):
        await work()


async def cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    """Cancel what is done for a peer and wait for its end; not for that of the task that asks."""
    others = [task for task in tasks if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)

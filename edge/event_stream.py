"""GraphQL over server-sent events, in the distinct connections mode of the npm package graphql-sse: one operation each.

Every event is `id: <cursor>`, `event: next`, `data: <result>`. First comes a block with the cursor at which the stream
began, so that who was told nothing yet can resume too: `Last-Event-ID` overrides the document's `after`.

A stream that cannot go on (slow consumer, server stops, token ended) says so in a last `next` that has `errors` and no
id, and then completes. It does not just break off: graphql-sse would send the same document again by itself, without a
cursor, and lose what happened in between. So it hands the error to its caller, and urql does; an EventSource of a
browser comes back by itself, with the last id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from typing import Any

from starlette.types import Receive, Send

from edge.authentication import Right
from edge.errors import error_body, internal_entry
from edge.log import log_failure
from edge.streams import OpenConnections, TokenEnded, resumable, with_cursor
from events.stream import ServerStops, Stream, TooSlowConsumer
from kernel.errors import KsbbError

RETRY_MS = 2_000
"""After which an EventSource comes back."""

COMPLETE = b"event: complete\ndata:\n\n"  # without a space: urql would read one as JSON
HEARTBEAT = b":\n\n"


def result_block(body: bytes, cursor: str | None = None) -> bytes:
    """One result as an event. Line ends in JSON stand between its tokens only (PostgreSQL writes some): they go."""
    if b"\n" in body:
        body = body.replace(b"\n", b"")
    head = b"" if cursor is None else b"id: " + cursor.encode() + b"\n"
    return head + b"event: next\ndata: " + body + b"\n\n"


def start_block(cursor: str) -> bytes:
    """Where a stream begins; no event by itself."""
    return f"id: {cursor}\nretry: {RETRY_MS}\n\n".encode()


class EventStream:
    """A subscription that is answered as server-sent events."""

    def __init__(self, stream: Stream, right: Right, connections: OpenConnections, request_id: str, send: Send) -> None:
        self._stream = stream
        self._right = right
        self._connections = connections
        self._limits = connections.limits
        self._id = request_id
        self._send_message = send
        self._cursor = stream.start
        self._ending: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        """The last result, without an id, once there is one."""
        self._sent_at = asyncio.get_running_loop().time()
        self._blocked_since: float | None = None
        self._beside: set[asyncio.Task[None]] = set()

    async def run(self, receive: Receive) -> None:
        """Deliver until the caller is gone or the stream ends; the response has started."""
        gone = asyncio.create_task(_until_gone(receive))
        self._spawn(self._pump)
        try:
            await self._send(start_block(self._cursor))
            until: list[asyncio.Future[Any]] = [gone, self._ending]
            await asyncio.wait(until, return_when=asyncio.FIRST_COMPLETED)
            if self._ending.done():
                await self._farewell(self._ending.result())
        finally:
            self._ending.cancel()
            tasks = [gone, *self._beside]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def look(self, now: float) -> None:
        """Keep the connection alive, check the right, and end what takes nothing."""
        if self._right.is_due():
            self._spawn(self._check_right)
        if self._blocked_since is not None:
            if now - self._blocked_since >= self._limits.stuck_s:
                self._end(TooSlowConsumer)
        elif now - self._sent_at >= self._limits.heartbeat_s:
            self._spawn(partial(self._send, HEARTBEAT))

    def stop(self) -> None:
        """Say that the server stops, with the cursor to go on after."""
        self._end(ServerStops)

    async def _check_right(self) -> None:
        try:
            if not await self._right.still_holds():
                self._end(TokenEnded)
        except KsbbError as unknown:
            self._finish(error_body([resumable(unknown, self._cursor)]))

    async def _pump(self) -> None:
        try:
            while True:
                deliveries = await self._stream.take()
                if self._right.is_due() and not await self._right.still_holds():
                    raise TokenEnded(self._cursor)
                await self._send(b"".join([result_block(d.body, d.cursor) for d in deliveries]))
                self._cursor = deliveries[-1].cursor
        except KsbbError as ended:
            self._finish(error_body([resumable(ended, self._cursor)]))
        except Exception as failure:  # noqa: BLE001  # the outermost layer of the stream
            log_failure(self._id, failure)
            self._finish(error_body([with_cursor(internal_entry(self._id), self._cursor)]))

    def _end(self, why: Callable[[str], KsbbError]) -> None:
        self._finish(error_body([resumable(why(self._cursor), self._cursor)]))

    def _finish(self, last_result: bytes) -> None:
        if not self._ending.done():
            self._ending.set_result(last_result)

    async def _farewell(self, last_result: bytes) -> None:
        with suppress(OSError, TimeoutError):
            async with asyncio.timeout(self._limits.farewell_s):
                await self._send(result_block(last_result) + COMPLETE)
                await self._send_message({"type": "http.response.body", "body": b""})

    async def _send(self, body: bytes) -> None:
        self._blocked_since = self._sent_at = asyncio.get_running_loop().time()
        try:
            await self._send_message({"type": "http.response.body", "body": body, "more_body": True})
        finally:
            self._blocked_since = None

    def _spawn(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        task = asyncio.create_task(work())
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass

"""GraphQL over websockets: the protocol graphql-transport-ws, as the npm package graphql-ws defines it.

It answers queries and mutations too. Closing codes beside those of the protocol: 1013 to a slow consumer, with
`resume after <cursor>` as its reason, to who finds no place, and while tokens cannot be checked; 1012 when the server
stops; 4403 when the token ends.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from time import perf_counter
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from edge.authentication import Authentication, Right
from edge.body import read_json, request_of
from edge.documents import DocumentNotFound, DocumentNotTrusted, Documents
from edge.errors import INTERNAL as INTERNAL_ERROR
from edge.errors import BadRequest, entry, internal_entry
from edge.line import Outlet, cancel, fitting, outlet_of, received, while_there
from edge.log import RequestLog, log_failure, within
from edge.messages import Violation, an_id, an_object, error_text, next_head, next_text, resume_after
from edge.operation import Operation
from edge.rates import Rates, TooManyRequests
from edge.reader import Feeds, Reader
from edge.streams import OpenConnections, TokenEnded, TooManyConnections, TooManyOperations, resumable, with_cursor
from edge.trace import request_id, trace_of
from edge.traffic import OTHER, STREAM, WEBSOCKET, Traffic
from events.stream import Delivery, ServerStops, Stream, StreamEnded, TooSlowConsumer
from kernel.errors import KsbbError
from policy.token_errors import BadToken
from resolvers.request import Answer, GraphQLRequest, NeedsStream

if TYPE_CHECKING:
    from edge.tracing import Tracing

SUBPROTOCOL = "graphql-transport-ws"

TOO_BIG, RESTART, TRY_LATER = 1009, 1012, 1013
BAD_REQUEST, UNAUTHORIZED, FORBIDDEN, NO_SUBPROTOCOL = 4400, 4401, 4403, 4406
NO_INIT, TAKEN, TWO_INITS, INTERNAL, SILENT = 4408, 4409, 4429, 4500, 4499

_PING = b'{"type":"ping"}'


class Websockets:
    """The ASGI application behind websockets at /graphql.

    `origins`: whose pages may connect; none: any, which is safe because callers are known by a token that they send
    and never by a cookie that a browser adds.
    """

    def __init__(
        self,
        reader: Reader,
        feeds: Feeds,
        authentication: Authentication,
        connections: OpenConnections,
        documents: Documents,
        rates: Rates,
        *,
        origins: frozenset[str] = frozenset(),
        log: RequestLog | None = None,
        traffic: Traffic | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self.reader = reader
        self.feeds = feeds
        self.authentication = authentication
        self.connections = connections
        self.documents = documents
        self.rates = rates
        self.log = log or RequestLog()
        self.traffic = traffic or Traffic()
        self.tracing = tracing
        self._origins = origins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hold one connection until it closes."""
        await receive()  # websocket.connect
        headers: dict[bytes, bytes] = dict(scope["headers"])
        origin = headers.get(b"origin")  # only browsers send one, and they always do
        if self._origins and origin is not None and origin.decode("latin-1") not in self._origins:
            await send({"type": "websocket.close"})  # before the handshake: answered with 403
            return
        if SUBPROTOCOL not in scope["subprotocols"]:
            await send({"type": "websocket.accept"})
            await outlet_of(scope, send).close(NO_SUBPROTOCOL, f"Subprotocol not acceptable; name {SUBPROTOCOL}.")
            return
        await send({"type": "websocket.accept", "subprotocol": SUBPROTOCOL})
        identifier = request_id(headers)
        within(identifier)
        connection = _Connection(self, outlet_of(scope, send), scope, identifier)
        await connection.run(receive)


class _Connection:
    """One websocket: what it may, what runs on it, and when it was heard of."""

    def __init__(self, server: Websockets, out: Outlet, scope: Scope, request_id: str) -> None:
        self._server = server
        self._limits = server.connections.limits
        self._out = out
        self._id = request_id
        self._scope = scope
        headers: dict[bytes, bytes] = dict(scope["headers"])
        self._authorization = headers.get(b"authorization")
        self._trace = trace_of(headers.get(b"traceparent"))
        self._right: Right | None = None
        """None until the caller said who it is."""
        self._operations: dict[str, Operation] = {}
        self._number = 0
        self._running: set[asyncio.Task[None]] = set()
        """Of all operations, those too whose last words a peer that takes nothing keeps waiting."""
        self._beside: set[asyncio.Task[None]] = set()
        self._heard_at = self._opened_at = asyncio.get_running_loop().time()
        self._was_pinged = self._is_ending = False
        self._blocked_since: float | None = None

    async def run(self, receive: Receive) -> None:
        """Take messages until the line is closed; leave nothing behind."""
        try:
            self._server.connections.admit(self, None)
            while (message := await received(receive)) is not None:
                self._heard_at = asyncio.get_running_loop().time()
                self._was_pinged = False
                if not self._is_ending:
                    await self._take(message)
        except Violation as refused:
            await self._out.close(refused.code, refused.reason)
        except TooManyConnections as refused:
            await self._out.close(TRY_LATER, fitting(refused.message))
        except OSError:
            pass  # the peer is gone
        except Exception as failure:  # noqa: BLE001  # the outermost layer: nothing of it may reach the caller
            log_failure(self._id, failure)
            await self._out.close(INTERNAL, internal_entry(self._id)["message"])  # type: ignore[arg-type]  # a text
        finally:
            self._server.connections.leave(self)
            await self._let_go()

    # ---- looked after from outside

    def look(self, now: float) -> None:
        """Ping who is silent, close who does not answer, who did not say who it is, and who takes nothing."""
        if self._is_ending:
            return
        if self._right is None:
            if now - self._opened_at >= self._limits.init_timeout_s:
                self._end(NO_INIT, "Connection initialisation timeout")
        elif self._right.is_due():
            self._spawn(partial(self._check_right, self._right))
        if self._blocked_since is not None:
            if now - self._blocked_since >= self._limits.stuck_s:
                self._end(TRY_LATER, resume_after(self._last_cursor()), TooSlowConsumer)
            return
        silent_s = now - self._heard_at
        if silent_s >= 2 * self._limits.ping_after_s:
            self._end(SILENT, "Terminated: no answer to a ping")
        elif silent_s >= self._limits.ping_after_s and not self._was_pinged:
            self._was_pinged = True
            self._spawn(partial(self._send, _PING))

    def stop(self) -> None:
        """Say that the server stops, with the cursor to go on after."""
        self._end(RESTART, "Service restart", ServerStops)

    async def _check_right(self, right: Right) -> None:
        try:
            if not await right.still_holds():
                self._end_forbidden()
        except KsbbError as unknown:
            self._end(TRY_LATER, unknown.message, lambda _, why=unknown: why)  # type: ignore[misc]  # its type is known

    def _end_forbidden(self) -> None:
        self._end(FORBIDDEN, "Forbidden: the token no longer holds", TokenEnded)

    def _last_cursor(self) -> str | None:
        """Of the only stream; of several each has its own, which its error says."""
        cursors = [operation.cursor for operation in self._operations.values() if operation.cursor is not None]
        return cursors[0] if len(cursors) == 1 else None

    def _end(self, code: int, reason: str, why: Callable[[str], KsbbError] | None = None) -> None:
        """End every operation, tell the streams why, and close."""
        if not self._is_ending:
            self._is_ending = True
            self._spawn(partial(self._farewell, code, reason, why))

    async def _farewell(self, code: int, reason: str, why: Callable[[str], KsbbError] | None) -> None:
        streams = [operation for operation in self._operations.values() if operation.cursor is not None]
        await cancel([*self._running])
        if why is not None:
            cursors = [(o.id, o.cursor) for o in streams if o.cursor is not None]
            last_words = [error_text(id_, [resumable(why(cursor), cursor)]) for id_, cursor in cursors]
            with suppress(OSError, TimeoutError):
                async with asyncio.timeout(self._limits.farewell_s):
                    await self._out.send_texts(last_words)
        await self._out.close(code, reason)

    def _spawn(self, work: Callable[[], Awaitable[None]]) -> None:
        task = asyncio.create_task(while_there(work))
        self._beside.add(task)
        task.add_done_callback(self._beside.discard)

    async def _let_go(self) -> None:
        self._is_ending = True
        await cancel([*self._running, *self._beside])

    # ---- messages

    async def _take(self, message: str | bytes) -> None:
        if isinstance(message, bytes):
            raise Violation(BAD_REQUEST, "Messages are texts.")
        if len(message) > self._limits.message_bytes:
            raise Violation(TOO_BIG, f"A message may have {self._limits.message_bytes:,} bytes.")
        try:
            content = read_json(message.encode("utf-8", "surrogatepass"), "The message")
            if not isinstance(content, dict):
                raise BadRequest("A message is an object with `type`.")
            await self._obey(content)
        except BadRequest as refused:
            raise Violation(BAD_REQUEST, refused.message) from None

    async def _obey(self, message: dict[str, Any]) -> None:
        payload = message.get("payload")
        match message.get("type"):
            case "connection_init":
                await self._init(an_object(payload))
            case "ping":
                pong = {"type": "pong"} if payload is None else {"type": "pong", "payload": an_object(payload)}
                await self._send(json.dumps(pong).encode())
            case "pong":
                pass
            case "subscribe":
                await self._subscribe(an_id(message), payload)
            case "complete":
                operation = self._operations.pop(an_id(message), None)
                if operation is not None and operation.task is not None:
                    await cancel([operation.task])
            case _:
                raise BadRequest("`type` is none that a client may send.")

    async def _init(self, payload: dict[str, Any]) -> None:
        if self._right is not None:
            raise Violation(TWO_INITS, "Too many initialisation requests")
        said = payload.get("Authorization", payload.get("authorization"))
        if said is not None and not isinstance(said, str):
            raise BadRequest('`Authorization` must be a text: "Bearer <token>".')
        authorization = said.encode("utf-8", "replace") if said else self._authorization
        try:
            right = await self._server.rates.watched(self._scope, self._server.authentication.right(authorization))
        except BadToken as refused:
            raise Violation(FORBIDDEN, f"Forbidden: {refused.message}") from None
        except KsbbError as refused:
            raise Violation(TRY_LATER, refused.message) from None
        self._server.connections.admit(self, right.viewer.role)
        self._right = right
        cursor = self._server.feeds.start_cursor(right.viewer)
        await self._send(json.dumps({"type": "connection_ack", "payload": {"cursor": cursor}}).encode())

    async def _subscribe(self, id_: str, payload: object) -> None:
        if self._right is None:
            raise Violation(UNAUTHORIZED, "Unauthorized")
        if id_ in self._operations:
            raise Violation(TAKEN, f"Subscriber for {id_} already exists")
        try:
            request = request_of(an_object(payload), self._right.viewer, self._server.documents)
            standing = await self._server.rates.count_operation(self._right.viewer, self._scope, request.query)
        except (DocumentNotFound, DocumentNotTrusted, TooManyRequests) as refused:
            self._server.traffic.refuse(refused.code)
            await self._send(error_text(id_, [entry(refused)]))
            return
        if len(self._running) >= self._limits.operations:
            await self._send(error_text(id_, [entry(TooManyOperations(self._limits.operations))]))
            return
        self._number += 1
        operation = self._operations[id_] = Operation(id_, self._number, standing=standing)
        operation.task = asyncio.create_task(self._operate(operation, self._right, request))
        self._running.add(operation.task)
        operation.task.add_done_callback(self._running.discard)

    # ---- operations

    async def _operate(self, operation: Operation, right: Right, request: GraphQLRequest) -> None:
        """Run an operation to its end; whatever happens, the caller is told, unless it is gone."""
        log_id, status = f"{self._id}.{operation.number}", 200
        operation.name = self._server.documents.known_operation(request.query, request.operation_name)
        trace_id = operation.begin_span(self._server.tracing, self._trace)
        within(log_id, trace_id)
        try:
            last_words = await self._outcome(operation, right, request)
        except StreamEnded as ended:
            self._end_as(ended, operation)
            return
        except KsbbError as refused:
            operation.refusal = type(refused).code
            self._server.traffic.refuse(operation.refusal)
            status, last_words = 400, [error_text(operation.id, [resumable(refused, operation.cursor)])]
        except OSError:
            return  # the peer is gone
        except Exception as failure:  # noqa: BLE001  # the outermost layer of an operation
            operation.refusal = INTERNAL_ERROR
            log_failure(log_id, failure)
            broken = with_cursor(internal_entry(log_id), operation.cursor)
            status, last_words = 500, [error_text(operation.id, [broken])]
        finally:
            lasted_s = perf_counter() - operation.started
            self._server.log.note(log_id, right.viewer.role, operation.name, status, lasted_s, trace_id)
            door = WEBSOCKET if operation.cursor is None else STREAM
            self._server.traffic.count(door, right.viewer.role, status, operation.name or OTHER, lasted_s)
            operation.end_span(door, right.viewer.role, status)
        self._operations.pop(operation.id, None)
        with suppress(OSError):
            await self._send(*last_words)

    async def _outcome(self, operation: Operation, right: Right, request: GraphQLRequest) -> list[bytes]:
        """What is left to be said when an operation ended by itself."""
        charge = partial(self._server.rates.left_after, right.viewer, self._scope, operation.standing)
        found: Answer | Stream
        try:
            found = await self._server.reader.answer(right.viewer, request, only_queries=False, charge=charge)
        except NeedsStream:
            found = await self._server.feeds.subscribe(right.viewer, request, None)
            if not isinstance(found, Answer):
                operation.end_span(STREAM, right.viewer.role, 200)  # what is delivered later is no part of it
                await self._pass_on(operation, right, found)
        assert isinstance(found, Answer)  # a stream ends by an error only
        if not found.executed:
            await self._server.rates.count_refused(right.viewer, self._scope)
            return [error_text(operation.id, json.loads(found.body)["errors"])]
        id_ = json.dumps(operation.id).encode()
        return [next_head(id_) + found.body + b"}", b'{"id":' + id_ + b',"type":"complete"}']

    async def _pass_on(self, operation: Operation, right: Right, stream: Stream) -> None:
        """Send what a stream delivers. On the path of every delivery to every subscriber: keep it lean."""
        head = next_head(json.dumps(operation.id).encode())
        operation.cursor = stream.start

        def offered(deliveries: Sequence[Delivery]) -> bool:
            if right.is_due() or not self._out.offer_texts([next_text(head, delivery.body) for delivery in deliveries]):
                return False
            operation.cursor = deliveries[-1].cursor
            return True

        stream.pour_into(offered)
        try:
            while True:
                deliveries = await stream.take()
                if right.is_due() and not await right.still_holds():
                    raise TokenEnded(operation.cursor)
                if not offered(deliveries):
                    await self._send(*[next_text(head, delivery.body) for delivery in deliveries])
                    operation.cursor = deliveries[-1].cursor
        finally:
            await stream.close()

    def _end_as(self, ended: StreamEnded, operation: Operation) -> None:
        """A stream that cannot go on takes its connection with it: the caller comes back with its cursor."""
        match ended:
            case TokenEnded():
                self._end_forbidden()
            case ServerStops():
                self.stop()
            case TooSlowConsumer():
                self._end(TRY_LATER, resume_after(operation.cursor), TooSlowConsumer)
            case _:
                self._end(TRY_LATER, resume_after(operation.cursor), lambda _: ended)

    async def _send(self, *texts: bytes) -> None:
        if self._blocked_since is not None:
            await self._out.send_texts(texts)
            return
        self._blocked_since = asyncio.get_running_loop().time()
        try:
            await self._out.send_texts(texts)
        finally:
            self._blocked_since = None

"""GraphQL over HTTP: one plain ASGI callable from request to answer. It is on the path of every read: keep it lean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b
from time import perf_counter
from typing import TYPE_CHECKING, Any

from starlette.types import Receive, Scope, Send

from edge.authentication import Authentication, Right
from edge.body import (
    BODY_BYTES,
    BODY_TIMEOUT_S,
    CallerGone,
    parameters_of_body,
    parameters_of_query_string,
    read_body,
    request_of,
    require_json,
)
from edge.documents import Documents
from edge.errors import INTERNAL, STATUS_OF, MethodNotAllowed, NotAcceptable, entry, error_body, internal_entry
from edge.event_stream import COMPLETE, EventStream, result_block
from edge.headers import EVENTS, EXTRA_HEADERS, HEADERS_OF, METHODS, NOT_STORED, PREFLIGHT, REVALIDATED
from edge.log import RequestLog, log_failure, within
from edge.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON, graphql_media_type, takes_events
from edge.rates import Rates, Standing, TooManyRequests
from edge.reader import Feeds, Reader
from edge.safety import Header
from edge.streams import OpenConnections
from edge.trace import Trace, request_id, trace_of
from edge.traffic import GRAPHQL, OTHER, STREAM, Traffic
from edge.whole import send_in_parts, send_whole
from events.stream import Stream
from kernel.errors import KsbbError
from policy.viewer import PUBLIC, Viewer
from resolvers.request import Answer, GraphQLRequest, NeedsStream

if TYPE_CHECKING:
    from edge.tracing import RequestSpan, Tracing


@dataclass(slots=True)
class Exchange:
    """One request while it is answered, as far as errors and the log need to know it."""

    scope: Scope
    headers: Mapping[bytes, bytes]
    id: str
    media_type: str = JSON
    viewer: Viewer = PUBLIC
    operation: str | None = None
    """Its name, where its document is a trusted one."""
    wants_events: bool = False
    trace: Trace | None = None
    standing: Standing | None = None
    span: RequestSpan | None = None
    refusal: str | None = None
    """The code of the error that it is answered with."""

    @property
    def is_head(self) -> bool:
        """Whether the caller wants to know of an answer without having it."""
        return bool(self.scope["method"] == "HEAD")

    def names(self) -> list[Header]:
        """The headers by which an answer is found again, in our log and the caller's trace, and when to ask again."""
        traced = [] if self.trace is None else [(b"traceresponse", self.trace.header())]
        counted = [] if self.standing is None else self.standing.headers()
        return [(b"x-request-id", self.id.encode()), *traced, *counted]

    def end_span(self, door: str, status: int) -> None:
        """Say how it ended to whoever follows its trace."""
        if self.span is not None:
            self.span.end(door, self.viewer.role, status, self.operation, self.refusal)


@dataclass(slots=True)
class Reply:
    """Status, headers and body of an answer, before the headers that all have."""

    status: int
    headers: list[Header]
    body: bytes = b""
    length: list[Header] = field(init=False)

    def __post_init__(self) -> None:
        bodiless = self.status in (204, 304)
        self.length = [] if bodiless else [(b"content-length", str(len(self.body)).encode())]


@dataclass(slots=True)
class Opened:
    """A subscription that can begin."""

    stream: Stream
    right: Right


class GraphQLView:
    """The ASGI application behind HTTP at /graphql."""

    def __init__(
        self,
        reader: Reader,
        feeds: Feeds,
        authentication: Authentication,
        connections: OpenConnections,
        documents: Documents,
        rates: Rates,
        *,
        body_bytes: int = BODY_BYTES,
        body_timeout_s: float = BODY_TIMEOUT_S,
        log: RequestLog | None = None,
        also: Sequence[Header] = (),
        traffic: Traffic | None = None,
        tracing: Tracing | None = None,
    ) -> None:
        self._reader = reader
        self._feeds = feeds
        self._authentication = authentication
        self._connections = connections
        self._documents = documents
        self._rates = rates
        self._body_bytes = body_bytes
        self._body_timeout_s = body_timeout_s
        self._log = log or RequestLog()
        self._traffic = traffic or Traffic()
        self._tracing = tracing
        self._also = (*also,)
        """Headers that all answers of this installation have."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; whatever happens, the caller gets JSON and an id."""
        started = perf_counter()
        headers = _combined(scope["headers"])
        exchange = Exchange(scope, headers, request_id(headers), trace=trace_of(headers.get(b"traceparent")))
        if self._tracing is not None:
            exchange.span = self._tracing.begin(exchange.trace)
            exchange.trace = exchange.span.trace
        within(exchange.id, None if exchange.trace is None else exchange.trace.id)
        self._traffic.open += 1
        try:
            reply = await self._reply(exchange, receive)
        except KsbbError as refused:
            self._refuse(exchange, type(refused).code)
            reply = _refusal(exchange, refused)
        except CallerGone:
            return
        except Exception as failure:  # noqa: BLE001  # the outermost layer: nothing of it may reach the caller
            log_failure(exchange.id, failure)
            self._refuse(exchange, INTERNAL)
            reply = _internal(exchange)
        finally:
            self._traffic.open -= 1
        if isinstance(reply, Opened):
            await self._deliver(exchange, reply, receive, send)
            self._note(exchange, 200, started, STREAM)
            return
        reply.headers += [*reply.length, *exchange.names(), *self._also]
        body = b"" if exchange.is_head else reply.body
        if exchange.refusal is None:
            await send_whole(scope, send, reply.status, reply.headers, body)
        else:  # some end the connection
            await send_in_parts(send, reply.status, reply.headers, body)
        self._note(exchange, reply.status, started)

    def _refuse(self, exchange: Exchange, code: str) -> None:
        exchange.refusal = code
        self._traffic.refuse(code)

    def _note(self, exchange: Exchange, status: int, started: float, door: str = GRAPHQL) -> None:
        trace_id = None if exchange.trace is None else exchange.trace.id
        lasted_s = perf_counter() - started
        self._traffic.count(door, exchange.viewer.role, status, exchange.operation or OTHER, lasted_s)
        self._log.note(exchange.id, exchange.viewer.role, exchange.operation, status, lasted_s, trace_id)
        exchange.end_span(door, status)

    async def _reply(self, exchange: Exchange, receive: Receive) -> Reply | Opened:
        match exchange.scope["method"]:
            case "POST":
                return await self._post(exchange, receive)
            case "GET" | "HEAD":
                return await self._get(exchange)
            case "OPTIONS":
                return Reply(204, [*PREFLIGHT])
            case _:
                raise MethodNotAllowed(f"This address answers {METHODS}.", allowed=METHODS.split(", "))

    async def _post(self, exchange: Exchange, receive: Receive) -> Reply | Opened:
        await self._admit(exchange)
        require_json(exchange.headers)
        body = await read_body(exchange.headers, receive, limit=self._body_bytes, timeout_s=self._body_timeout_s)
        answer = await self._answer(exchange, parameters_of_body(body), only_queries=False)
        if not isinstance(answer, Answer):
            return answer
        return Reply(_status(exchange, answer), [*HEADERS_OF[exchange.media_type], NOT_STORED], answer.body)

    async def _get(self, exchange: Exchange) -> Reply | Opened:
        await self._admit(exchange)
        parameters = parameters_of_query_string(exchange.scope["query_string"])
        answer = await self._answer(exchange, parameters, only_queries=True)
        if not isinstance(answer, Answer):
            return answer
        headers = [*HEADERS_OF[exchange.media_type]]
        if not answer.executed or b"authorization" in exchange.headers:
            return Reply(_status(exchange, answer), [*headers, NOT_STORED], answer.body)
        tag = _entity_tag(exchange.media_type, answer.body)
        headers += [REVALIDATED, (b"etag", tag)]
        if _has_tag(exchange.headers.get(b"if-none-match"), tag):
            return Reply(304, headers)
        return Reply(200, headers, answer.body)

    async def _admit(self, exchange: Exchange) -> None:
        """Settle what we may answer with, and for whom."""
        media_type = graphql_media_type(exchange.headers.get(b"accept"))
        if media_type is None:
            offers = [GRAPHQL_RESPONSE, JSON, EVENT_STREAM]
            raise NotAcceptable(f"Accept {GRAPHQL_RESPONSE}, {JSON} or {EVENT_STREAM}.", allowed=offers)
        exchange.wants_events = media_type == EVENT_STREAM and not exchange.is_head  # what is never seen need not begin
        exchange.media_type = GRAPHQL_RESPONSE if media_type == EVENT_STREAM else media_type
        finding = self._authentication.viewer(exchange.headers.get(b"authorization"))
        exchange.viewer = await self._rates.watched(exchange.scope, finding)
        exchange.standing = await self._rates.count(exchange.viewer, exchange.scope)

    async def _answer(
        self, exchange: Exchange, parameters: Mapping[str, Any], *, only_queries: bool
    ) -> Answer | Reply | Opened:
        request = request_of(parameters, exchange.viewer, self._documents)
        asked_more = await self._rates.count_document(exchange.viewer, exchange.scope, request.query)
        exchange.standing = asked_more or exchange.standing
        exchange.operation = self._documents.known_operation(request.query, request.operation_name)
        try:
            charge = partial(self._charge, exchange)
            answer = await self._reader.answer(exchange.viewer, request, only_queries=only_queries, charge=charge)
        except NeedsStream:
            if exchange.is_head or not takes_events(exchange.headers.get(b"accept")):
                raise
            exchange.wants_events = True
            return await self._subscribe(exchange, request)
        if not answer.executed:
            await self._rates.count_refused(exchange.viewer, exchange.scope)
        return _one_event(answer.body) if exchange.wants_events else answer

    async def _charge(self, exchange: Exchange, cost: int) -> int | None:
        exchange.standing = await self._rates.charge(exchange.viewer, exchange.scope, cost) or exchange.standing
        return None if exchange.standing is None else exchange.standing.cost_left

    async def _subscribe(self, exchange: Exchange, request: GraphQLRequest) -> Reply | Opened:
        """Open a stream; from here on what is wrong is said in an event, as clients of event streams expect it."""
        right = await self._authentication.right(exchange.headers.get(b"authorization"))
        after = exchange.headers.get(b"last-event-id", b"").decode("latin-1") or None
        self._connections.require_place(right.viewer.role)
        found = await self._feeds.subscribe(right.viewer, request, after)
        if isinstance(found, Answer):
            await self._rates.count_refused(exchange.viewer, exchange.scope)
            return _one_event(found.body)
        return Opened(found, right)

    async def _deliver(self, exchange: Exchange, opened: Opened, receive: Receive, send: Send) -> None:
        exchange.end_span(STREAM, 200)  # what is delivered later is no part of the request
        events = EventStream(opened.stream, opened.right, self._connections, exchange.id, send)
        try:
            self._connections.admit(events, exchange.viewer.role)
            headers = [*EVENTS, *exchange.names(), *self._also]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await events.run(receive)
        finally:
            self._connections.leave(events)
            await opened.stream.close()


def _combined(raw: list[Header]) -> dict[bytes, bytes]:
    """The headers by name; several of one name become a list, which no single-valued header survives unnoticed."""
    headers = dict(raw)
    if len(headers) < len(raw):
        headers = {}
        for name, value in raw:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def _status(exchange: Exchange, answer: Answer) -> int:
    return 200 if answer.executed else _request_error_status(exchange)


def _request_error_status(exchange: Exchange) -> int:
    return 400 if exchange.media_type == GRAPHQL_RESPONSE else 200


def _one_event(body: bytes) -> Reply:
    """An event stream of one result."""
    return Reply(200, [*EVENTS], result_block(body) + COMPLETE)


def _refusal(exchange: Exchange, refused: KsbbError) -> Reply:
    if isinstance(refused, TooManyRequests):
        exchange.standing = refused.standing
    if exchange.wants_events and refused.code not in STATUS_OF:
        return _one_event(error_body([entry(refused)]))
    status = STATUS_OF.get(refused.code) or _request_error_status(exchange)
    headers = [*HEADERS_OF[exchange.media_type], NOT_STORED, *EXTRA_HEADERS.get(refused.code, [])]
    return Reply(status, headers, error_body([entry(refused)]))


def _internal(exchange: Exchange) -> Reply:
    headers = [*HEADERS_OF[exchange.media_type], NOT_STORED]
    return Reply(500, headers, error_body([internal_entry(exchange.id)]))


def _entity_tag(media_type: str, body: bytes) -> bytes:
    """A strong tag: other bytes or another media type, another tag."""
    return b'"%s"' % blake2b(body, digest_size=16, person=media_type[-16:].encode()).hexdigest().encode()


def _has_tag(if_none_match: bytes | None, tag: bytes) -> bool:
    if if_none_match is None:
        return False
    candidates = [candidate.strip().removeprefix(b"W/") for candidate in if_none_match.split(b",")]
    return tag in candidates or b"*" in candidates

"""GraphQL over HTTP: one plain ASGI callable from request to answer. It is on the path of every read: keep it lean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import blake2b
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Protocol

from starlette.types import Receive, Scope, Send

from edge.authentication import Authentication
from edge.body import (
    BODY_BYTES,
    BODY_TIMEOUT_S,
    CallerGone,
    read_body,
    request_of_body,
    request_of_query_string,
    require_json,
)
from edge.errors import STATUS_OF, MethodNotAllowed, NotAcceptable, entry, error_body, internal_entry
from edge.log import RequestLog, log_failure
from edge.negotiation import GRAPHQL_RESPONSE, JSON, graphql_media_type
from kernel.errors import KsbbError
from policy.viewer import PUBLIC, Viewer
from resolvers.request import Answer, GraphQLRequest

Header = tuple[bytes, bytes]

METHODS = "GET, POST, OPTIONS"

_THIS_PROCESS = token_hex(4)
_NUMBERS = count()
_REQUEST_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_ALWAYS: list[Header] = [
    (b"vary", b"Accept, Authorization"),
    (b"access-control-allow-origin", b"*"),  # safe: callers are known by a header that they set, never by a cookie
    (b"access-control-expose-headers", b"ETag, X-Request-Id"),
    (b"x-content-type-options", b"nosniff"),
]
_NOT_STORED: Header = (b"cache-control", b"no-store")
_HEADERS_OF = {m: [*_ALWAYS, (b"content-type", f"{m}; charset=utf-8".encode())] for m in (JSON, GRAPHQL_RESPONSE)}
_REVALIDATED: Header = (b"cache-control", b"public, max-age=0, must-revalidate")
_PREFLIGHT: list[Header] = [
    *_ALWAYS,
    (b"allow", METHODS.encode()),
    (b"access-control-allow-methods", METHODS.encode()),
    (b"access-control-allow-headers", b"Accept, Authorization, Content-Type, If-None-Match, X-Request-Id"),
    (b"access-control-max-age", b"86400"),
]
_EXTRA_HEADERS: Mapping[str, list[Header]] = {
    "UNAUTHENTICATED": [(b"www-authenticate", b'Bearer realm="ksbb", error="invalid_token"')],
    "METHOD_NOT_ALLOWED": [(b"allow", METHODS.encode())],
    "QUERIES_ONLY": [(b"allow", b"POST")],
    "REQUEST_TIMEOUT": [(b"connection", b"close")],
    "TOKEN_KEYS_UNAVAILABLE": [(b"retry-after", b"60")],
}


class Reader(Protocol):
    """Whoever answers a GraphQL request for a viewer."""

    async def answer(self, viewer: Viewer, request: GraphQLRequest, *, only_queries: bool) -> Answer:
        """The finished answer.

        Raises:
            QueriesOnly: `only_queries`, and the operation is none.
            KsbbError: any other situation; the view answers it as a request error.
        """
        ...


@dataclass(slots=True)
class Exchange:
    """One request while it is answered, as far as errors and the log need to know it."""

    scope: Scope
    headers: Mapping[bytes, bytes]
    id: str
    media_type: str = JSON
    viewer: Viewer = PUBLIC
    operation: str | None = None


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


class GraphQLView:
    """The ASGI application behind /graphql."""

    def __init__(
        self,
        reader: Reader,
        authentication: Authentication,
        *,
        body_bytes: int = BODY_BYTES,
        body_timeout_s: float = BODY_TIMEOUT_S,
        log: RequestLog | None = None,
    ) -> None:
        self._reader = reader
        self._authentication = authentication
        self._body_bytes = body_bytes
        self._body_timeout_s = body_timeout_s
        self._log = log or RequestLog()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request; whatever happens, the caller gets JSON and an id."""
        started = perf_counter()
        headers = _combined(scope["headers"])
        exchange = Exchange(scope, headers, request_id(headers))
        try:
            reply = await self._reply(exchange, receive)
        except KsbbError as refused:
            reply = _refusal(exchange, refused)
        except CallerGone:
            return
        except Exception as failure:  # noqa: BLE001  # the outermost layer: nothing of it may reach the caller
            log_failure(exchange.id, failure)
            reply = _internal(exchange)
        reply.headers += [*reply.length, (b"x-request-id", exchange.id.encode())]
        await send({"type": "http.response.start", "status": reply.status, "headers": reply.headers})
        await send({"type": "http.response.body", "body": reply.body})
        self._log.note(exchange.id, exchange.viewer.role, exchange.operation, reply.status, perf_counter() - started)

    async def _reply(self, exchange: Exchange, receive: Receive) -> Reply:
        match exchange.scope["method"]:
            case "POST":
                return await self._post(exchange, receive)
            case "GET":
                return await self._get(exchange)
            case "OPTIONS":
                return Reply(204, [*_PREFLIGHT])
            case _:
                raise MethodNotAllowed(f"This address answers {METHODS}.", allowed=METHODS.split(", "))

    async def _post(self, exchange: Exchange, receive: Receive) -> Reply:
        await self._admit(exchange)
        require_json(exchange.headers)
        body = await read_body(exchange.headers, receive, limit=self._body_bytes, timeout_s=self._body_timeout_s)
        answer = await self._answer(exchange, request_of_body(body), only_queries=False)
        return Reply(_status(exchange, answer), [*_HEADERS_OF[exchange.media_type], _NOT_STORED], answer.body)

    async def _get(self, exchange: Exchange) -> Reply:
        await self._admit(exchange)
        request = request_of_query_string(exchange.scope["query_string"])
        answer = await self._answer(exchange, request, only_queries=True)
        headers = [*_HEADERS_OF[exchange.media_type]]
        if not answer.executed or b"authorization" in exchange.headers:
            return Reply(_status(exchange, answer), [*headers, _NOT_STORED], answer.body)
        tag = _entity_tag(exchange.media_type, answer.body)
        headers += [_REVALIDATED, (b"etag", tag)]
        if _has_tag(exchange.headers.get(b"if-none-match"), tag):
            return Reply(304, headers)
        return Reply(200, headers, answer.body)

    async def _admit(self, exchange: Exchange) -> None:
        """Settle what we may answer with, and for whom."""
        media_type = graphql_media_type(exchange.headers.get(b"accept"))
        if media_type is None:
            raise NotAcceptable(f"Accept {GRAPHQL_RESPONSE} or {JSON}.", allowed=[GRAPHQL_RESPONSE, JSON])
        exchange.media_type = media_type
        exchange.viewer = await self._authentication.viewer(exchange.headers.get(b"authorization"))

    async def _answer(self, exchange: Exchange, request: GraphQLRequest, *, only_queries: bool) -> Answer:
        exchange.operation = request.operation_name
        return await self._reader.answer(exchange.viewer, request, only_queries=only_queries)


def _combined(raw: list[Header]) -> dict[bytes, bytes]:
    """The headers by name; several of one name become a list, which no single-valued header survives unnoticed."""
    headers = dict(raw)
    if len(headers) < len(raw):
        headers = {}
        for name, value in raw:
            headers[name] = headers[name] + b", " + value if name in headers else value
    return headers


def request_id(headers: Mapping[bytes, bytes]) -> str:
    """The id of a request: the caller's own, if it can be logged, or a new one."""
    given = headers.get(b"x-request-id")
    if given is not None and _REQUEST_ID.fullmatch(given):
        return given.decode()
    return f"{_THIS_PROCESS}{next(_NUMBERS):08x}"


def _status(exchange: Exchange, answer: Answer) -> int:
    return 200 if answer.executed else _request_error_status(exchange)


def _request_error_status(exchange: Exchange) -> int:
    return 400 if exchange.media_type == GRAPHQL_RESPONSE else 200


def _refusal(exchange: Exchange, refused: KsbbError) -> Reply:
    status = STATUS_OF.get(refused.code) or _request_error_status(exchange)
    headers = [*_HEADERS_OF[exchange.media_type], _NOT_STORED, *_EXTRA_HEADERS.get(refused.code, [])]
    return Reply(status, headers, error_body([entry(refused)]))


def _internal(exchange: Exchange) -> Reply:
    headers = [*_HEADERS_OF[exchange.media_type], _NOT_STORED]
    return Reply(500, headers, error_body([internal_entry(exchange.id)]))


def _entity_tag(media_type: str, body: bytes) -> bytes:
    """A strong tag: other bytes or another media type, another tag."""
    return b'"%s"' % blake2b(body, digest_size=16, person=media_type[-16:].encode()).hexdigest().encode()


def _has_tag(if_none_match: bytes | None, tag: bytes) -> bool:
    if if_none_match is None:
        return False
    candidates = [candidate.strip().removeprefix(b"W/") for candidate in if_none_match.split(b",")]
    return tag in candidates or b"*" in candidates

"""The headers of answers to GraphQL requests: who may keep an answer, which pages may read it, what is asked for."""

from __future__ import annotations

from collections.abc import Mapping

from edge.negotiation import EVENT_STREAM, GRAPHQL_RESPONSE, JSON
from edge.safety import SAFE, SHOWN_ANYWHERE, Header

METHODS = "GET, HEAD, POST, OPTIONS"

ALWAYS: list[Header] = [
    (b"vary", b"Accept, Authorization"),
    (b"access-control-allow-origin", b"*"),  # safe: callers are known by a header that they set, never by a cookie
    (b"access-control-expose-headers", b"ETag, RateLimit, RateLimit-Policy, Retry-After, Traceresponse, X-Request-Id"),
    SHOWN_ANYWHERE,
    *SAFE,
]
NOT_STORED: Header = (b"cache-control", b"no-store")
REVALIDATED: Header = (b"cache-control", b"public, max-age=0, must-revalidate")
EVENTS: list[Header] = [
    *ALWAYS,
    (b"content-type", f"{EVENT_STREAM}; charset=utf-8".encode()),
    NOT_STORED,
    (b"x-accel-buffering", b"no"),  # nginx would keep events until it has a page of them
]
HEADERS_OF = {m: [*ALWAYS, (b"content-type", f"{m}; charset=utf-8".encode())] for m in (JSON, GRAPHQL_RESPONSE)}
PREFLIGHT: list[Header] = [
    *ALWAYS,
    (b"allow", METHODS.encode()),
    (b"access-control-allow-methods", METHODS.encode()),
    (
        b"access-control-allow-headers",
        b"Accept, Authorization, Content-Type, If-None-Match, Last-Event-ID, Traceparent, Tracestate, X-Request-Id",
    ),
    (b"access-control-max-age", b"86400"),
]
EXTRA_HEADERS: Mapping[str, list[Header]] = {
    "UNAUTHENTICATED": [(b"www-authenticate", b'Bearer realm="ksbb", error="invalid_token"')],
    "METHOD_NOT_ALLOWED": [(b"allow", METHODS.encode())],
    "QUERIES_ONLY": [(b"allow", b"POST")],
    "REQUEST_TIMEOUT": [(b"connection", b"close")],
    "UNSUPPORTED_MEDIA_TYPE": [(b"accept-post", JSON.encode()), (b"accept-encoding", b"identity")],
    "TOKEN_KEYS_UNAVAILABLE": [(b"retry-after", b"60")],
    "TOO_MANY_CONNECTIONS": [(b"retry-after", b"10")],
    "TOKEN_REVOCATIONS_UNAVAILABLE": [(b"retry-after", b"60")],
}
"""By situation, beside the headers that all answers have."""

"""What is counted of requests, for `/metrics`. On the path of every read: to count costs 2 us, to name 6.

No label holds what a caller wrote: doors, roles, status classes and codes are ours, and an operation is named only
where its document is a trusted one.
"""

from __future__ import annotations

from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRAPHQL, WEBSOCKET, STREAM = "graphql", "websocket", "stream"
OTHER = "other"
"""In place of the name of an operation that is not trusted, and of an address that is not ours."""

_DOORS = frozenset({"", "data", "evidence", "feeds", "graphql", "livez", "me", "metrics", "readyz"})
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CLASSES = ("0xx", "1xx", "2xx", "3xx", "4xx", "5xx")


class Traffic:
    """Counts requests in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.open = 0
        """Requests that are being answered; streams only until they begin."""
        self._requests = Counter(
            "ksbb_requests",
            "Answered requests; of websockets, operations.",
            ("door", "role", "status", "operation"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "ksbb_request_seconds",
            "From a request to its answer; streams are left out.",
            ("door", "operation"),
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._refused = Counter(
            "ksbb_refused", "Requests that were refused, by the code of the error.", ("code",), registry=self.registry
        )
        self._kept: dict[tuple[str, str, int, str], tuple[Counter, Histogram]] = {}

    def count(self, door: str, role: str, status: int, operation: str, lasted_s: float) -> None:
        """Count an answered request; what lasts as long as its caller wishes is no duration of ours."""
        key = (door, role, status // 100, operation)
        counters = self._kept.get(key)
        if counters is None:
            counters = self._kept[key] = (
                self._requests.labels(door, role, _CLASSES[status // 100], operation),
                self._seconds.labels(door, operation),
            )
        counters[0].inc()
        if door != STREAM:
            counters[1].observe(lasted_s)

    def refuse(self, code: str) -> None:
        """Count a refusal."""
        self._refused.labels(code).inc()

    async def watched(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        """Let an application answer a request, and count it by the first part of its address."""
        status, started = 500, perf_counter()

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        self.open += 1
        try:
            await app(scope, receive, noted)
        finally:
            self.open -= 1
            self.count(_door(scope["path"]), "", status, OTHER, perf_counter() - started)


def _door(path: str) -> str:
    first = path[1:].partition("/")[0]
    return (first or "root") if first in _DOORS else OTHER

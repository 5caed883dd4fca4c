"""What is counted of requests, for `/metrics`. On the path of every read: plain numbers, named when asked for.

No label holds what a caller wrote: doors, roles, status classes and codes are ours, and an operation is named only
where its document is a trusted one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from starlette.types import ASGIApp, Message, Receive, Scope, Send

GRAPHQL, WEBSOCKET, STREAM = "graphql", "websocket", "stream"
OTHER = "other"
"""In place of the name of an operation that is not trusted, and of an address that is not ours."""

_DOORS = frozenset({"", "data", "evidence", "feeds", "graphql", "livez", "me", "metrics", "readyz"})
_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BOUNDS = (*map(floatToGoString, (*_BUCKETS_S, float("inf"))),)
_CLASSES = ("0xx", "1xx", "2xx", "3xx", "4xx", "5xx")


@dataclass(slots=True)
class _Kind:
    """Answered requests of one kind: how many, and how many of them took up to each of `_BUCKETS_S`, or longer."""

    count: int = 0
    took_s: float = 0.0
    by_bucket: list[int] = field(default_factory=lambda: [0] * (len(_BUCKETS_S) + 1))


class Traffic(Collector):
    """Counts requests in a registry of its own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.open = 0
        """Requests that are being answered; streams only until they begin."""
        self._refused = Counter(
            "ksbb_refused", "Requests that were refused, by the code of the error.", ("code",), registry=self.registry
        )
        self._kinds: dict[tuple[str, str, int, str], _Kind] = {}
        """By door, role, class of the status and operation."""
        self.registry.register(self)

    def count(self, door: str, role: str, status: int, operation: str, lasted_s: float) -> None:
        """Count an answered request; what lasts as long as its caller wishes is no duration of ours."""
        key = (door, role, status // 100, operation)
        kind = self._kinds.get(key)
        if kind is None:
            kind = self._kinds[key] = _Kind()
        kind.count += 1
        kind.took_s += lasted_s
        kind.by_bucket[bisect_left(_BUCKETS_S, lasted_s)] += 1

    def collect(self) -> Iterator[Metric]:
        """What was counted."""
        requests = CounterMetricFamily(
            "ksbb_requests",
            "Answered requests; of websockets, operations.",
            labels=("door", "role", "status", "operation"),
        )
        lasting: dict[tuple[str, str], list[_Kind]] = {}
        for (door, role, status, operation), kind in self._kinds.items():
            requests.add_metric((door, role, _CLASSES[status], operation), kind.count)
            if door != STREAM:
                lasting.setdefault((door, operation), []).append(kind)
        seconds = HistogramMetricFamily(
            "ksbb_request_seconds", "From a request to its answer; streams are left out.", labels=("door", "operation")
        )
        for labels, kinds in lasting.items():
            within = accumulate(map(sum, zip(*(kind.by_bucket for kind in kinds), strict=True)))
            buckets = list(zip(_BOUNDS, within, strict=True))
            seconds.add_metric(labels, buckets, sum(kind.took_s for kind in kinds))
        yield from (requests, seconds)

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

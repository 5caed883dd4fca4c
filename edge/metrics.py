"""`/metrics` in the format of Prometheus, for those who watch the server and nobody else.

Requests are counted as they are answered (`edge/traffic.py`); the rest is read when somebody asks. It is told to
loopback and to the networks of `KSBB_METRICS_FROM`, and never through a proxy: behind one that is not configured
everybody comes from loopback. All others are told that there is no such address.
"""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from prometheus_client import CONTENT_TYPE_LATEST, GCCollector, ProcessCollector, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from edge.traffic import Traffic
from events.lag import Behind
from kernel.errors import KsbbError
from kernel.settings import UnusableSetting
from resolvers.pools import PoolUse

READ_WITHIN_S = 2.0
"""What a database that hangs is waited for."""

Network = IPv4Network | IPv6Network

_LOOPBACK = ("127.0.0.0/8", "::1/128")
_FORWARDED = frozenset({"forwarded", "via", "x-forwarded-for", "x-real-ip"})
"""By which a request shows that it came through a proxy."""


@dataclass(frozen=True)
class Sources:
    """Where the state of the process is read from."""

    pools: Callable[[], Mapping[str, PoolUse]]
    streams: Callable[[], Mapping[str, int]]
    behind: Callable[[], Coroutine[Any, Any, Behind]]
    released_at_s: Callable[[], float | None]
    """When the newest release that stands came out, as seconds since 1970; None: there is none."""
    policy: str
    """The hash of this release's policy."""


class State(Collector):
    """The state of the process when somebody asks."""

    def __init__(self, traffic: Traffic, sources: Sources) -> None:
        self._traffic = traffic
        self._sources = sources
        self._behind: Behind | None = None
        self._asking: asyncio.Task[Behind] | None = None
        """A database that hangs is not asked a second time while it does."""
        self._released_at_s: float | None = None

    async def look(self) -> None:
        """Read what lies in the database and on the disk; without an answer its figures are left out."""
        self._behind = await self._asked()
        try:
            self._released_at_s = await asyncio.to_thread(self._sources.released_at_s)
        except (KsbbError, OSError):
            self._released_at_s = None

    async def _asked(self) -> Behind | None:
        asking = self._asking = self._asking or asyncio.create_task(self._sources.behind())
        if not (await asyncio.wait([asking], timeout=READ_WITHIN_S))[0]:
            return None
        self._asking = None
        try:
            return await asking
        except (OSError, SQLAlchemyError):
            return None

    def collect(self) -> Iterator[Metric]:
        """Every figure."""
        facts = {"version": version("ksbb-terbuka"), "python": platform.python_version()}
        yield _labelled("ksbb_build_info", "What runs.", tuple(facts), [(tuple(facts.values()), 1)])
        policy = [((self._sources.policy,), 1)]
        yield _labelled("ksbb_policy_info", "Hash of the policy that the wall is of.", ("hash",), policy)
        yield GaugeMetricFamily("ksbb_requests_open", "Requests that are being answered.", self._traffic.open)
        yield from self._of_pools()
        streams = [((role,), count) for role, count in self._sources.streams().items()]
        yield _labelled("ksbb_streams_open", "Open websockets and event streams by role.", ("role",), streams)
        is_up = GaugeMetricFamily("ksbb_database_up", "Whether the database said in time how far events are.")
        is_up.add_metric([], int(self._behind is not None))
        yield is_up
        if self._behind is not None:
            yield from _of_events(self._behind)
        if self._released_at_s is not None:
            told = "When the newest release of open data that stands came out."
            yield GaugeMetricFamily("ksbb_release_timestamp_seconds", told, self._released_at_s)

    def _of_pools(self) -> Iterator[Metric]:
        uses = self._sources.pools()
        for name, told, read in _POOLS:
            yield _labelled(name, told, ("role",), [((role,), read(use)) for role, use in uses.items()])


_POOLS: tuple[tuple[str, str, Callable[[PoolUse], int]], ...] = (
    ("ksbb_pool_size", "Most database connections of a role.", lambda use: use.size),
    ("ksbb_pool_in_use", "Database connections of a role that read at the moment.", lambda use: use.in_use),
    ("ksbb_pool_waiting", "Requests that wait for a connection of their role.", lambda use: use.waiting),
)


def _of_events(behind: Behind) -> Iterator[Metric]:
    yield GaugeMetricFamily("ksbb_events_last_position", "Position that was given last.", behind.last_position)
    yield GaugeMetricFamily("ksbb_events_waiting", "Committed events without a position.", behind.waiting)
    told = "How long the oldest of them was seen to wait."
    yield GaugeMetricFamily("ksbb_events_waiting_seconds", told, behind.oldest_s)


def _labelled(
    name: str, told: str, labels: tuple[str, ...], values: Iterable[tuple[tuple[str, ...], float]]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, told, labels=labels)
    for texts, value in values:
        family.add_metric(texts, value)
    return family


def networks_of(text: str) -> tuple[Network, ...]:
    """Loopback, and the networks of the setting.

    Raises:
        UnusableSetting: one is none.
    """
    try:
        return tuple(ip_network(part) for part in (*_LOOPBACK, *filter(None, text.split(","))))
    except ValueError:
        raise UnusableSetting(
            "KSBB_METRICS_FROM must be networks such as 10.0.0.0/8 or 2001:db8::/32, parted by commas.",
            name="KSBB_METRICS_FROM",
        ) from None


def metrics_route(traffic: Traffic, sources: Sources, networks: tuple[Network, ...]) -> Route:
    """The address of the figures."""
    state = State(traffic, sources)
    traffic.registry.register(state)
    ProcessCollector(registry=traffic.registry)
    GCCollector(registry=traffic.registry)

    async def answer(request: Request) -> Response:
        if not _may_read(request, networks):
            return PlainTextResponse("Not Found", 404)
        await state.look()
        content = generate_latest(traffic.registry)
        return Response(content, headers={"cache-control": "no-store", "content-type": CONTENT_TYPE_LATEST})

    return Route("/metrics", answer, methods=["GET"])


def _may_read(request: Request, networks: tuple[Network, ...]) -> bool:
    if request.client is None or _FORWARDED & set(request.headers):
        return False
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return False
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return any(address in network for network in networks)

"""How often a caller may ask: requests a minute by role, tracking codes that may be tried, and tokens that do not hold.

The library `limits` counts, in this process or, where Redis is configured, for all processes together. While Redis does
not answer each process counts for itself: a limit that is a little wide is better than no service.

What does not hold is counted for the address that shows it and, where it is the identifier of an API key with another
secret, for that key, from wherever it comes. Over the limit it gets 429. What holds is let in all the same: nobody is
locked out by what others show, and 256 bits are not guessed by who is told "no" some thousand times a second.

Who has a token is counted by role and login, everybody else by address (of IPv6 the network of 64 bits, which is one
subscriber's). Neither leaves the process: what is counted under is a keyed hash.
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Awaitable, Mapping
from functools import lru_cache, partial
from hashlib import blake2b
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import NamedTuple, TypeVar, cast

from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.storage.redis.redispy import RedispyBridge
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import ConfigurationError, StorageError
from starlette.types import Scope

from edge.api_keys import BadKey
from edge.counters import Counters
from edge.log import log_failure
from kernel.errors import KsbbError
from kernel.settings import Settings, UnusableSetting
from policy.secrets import Secrets
from policy.token_errors import BadToken
from policy.viewer import PUBLIC, Role, Viewer, by_role

Header = tuple[bytes, bytes]
T = TypeVar("T")

GUESSING = ("trackComplaint", "reopenComplaint")
"""Mutations that take a tracking code, and need nothing else."""
COPY_COSTS = 20
"""Requests that a copy of all that is held on a person counts for: it reads every table."""
INTROSPECTION_COSTS = 50
"""Requests that a document with introspection counts for, at most half of what a role may: a whole schema takes 1 s."""
COST_OF_A_REQUEST = 10_000
"""What an operation may cost and count as one request; of what costs more, each such part counts as one more."""
REFUSED_COSTS = 20
"""Requests that an invalid document counts for, since to find it out takes up to 50 ms (`bench/hostile.py`): at most a
tenth of what a role may, so that who mistypes goes on."""
REFUSED_AFTER_S = 0.1
"""Who is over a limit is told so a moment later: who asks again at once would take half of the processor with refusals,
2,700 in a second."""
REDIS_ANSWERS_IN_S = 0.25
REDIS_SPARED_S = 5.0
"""After Redis did not answer."""

_REQUESTS, _GUESSES, _FAILURES, _KEY_FAILURES = "requests", "tracking-codes", "failures", "key-failures"
_MINUTE_S = 60
_LONGEST_ADDRESS = 64
"""Characters; IPv6 with a zone has fewer. What is longer comes from a proxy that passes on what it was told."""
_INTROSPECTS = re.compile(r"__(?:schema|type)\b")


class Standing(NamedTuple):
    """How a caller stands towards a limit, after it was counted."""

    policy: str
    limit: int
    remaining: int
    reset_s: int
    """Until one more request is free, at the latest."""
    is_over: bool = False

    @property
    def cost_left(self) -> int:
        """What may still be asked within the minute, as operations cost."""
        return self.remaining * COST_OF_A_REQUEST

    def headers(self) -> list[Header]:
        """As draft-ietf-httpapi-ratelimit-headers has it."""
        now = f'"{self.policy}";r={self.remaining};t={self.reset_s}'
        again = [(b"retry-after", str(self.reset_s).encode())] if self.is_over else []
        return [_policy(self.policy, self.limit), (b"ratelimit", now.encode()), *again]


@lru_cache(100)
def _policy(policy: str, limit: int) -> Header:
    return b"ratelimit-policy", f'"{policy}";q={limit};w={_MINUTE_S}'.encode()


class TooManyRequests(KsbbError):
    """A caller asked more often than its role may."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, standing: Standing) -> None:
        super().__init__(
            f"You have asked more often than {standing.limit:,} times in a minute. Try again in {standing.reset_s} s "
            f"(terlalu banyak permintaan; coba lagi dalam {standing.reset_s} detik).",
            limit=standing.limit,
            retryAfter=standing.reset_s,
        )
        self.standing = standing


class TooManyFailures(TooManyRequests):
    """Too many tokens and keys that do not hold came from one address, or for one key."""

    def __init__(self, standing: Standing) -> None:
        super().__init__(standing)
        self.message = (
            f"More than {standing.limit:,} tokens or API keys in a minute did not hold. Check yours, and try again in "
            f"{standing.reset_s} s (terlalu banyak token atau kunci yang salah; coba lagi dalam {standing.reset_s} "
            "detik)."
        )


class Rates:
    """Counts requests. Without rates nobody is counted."""

    def __init__(
        self,
        by_role: Mapping[Role, int] | None = None,
        guesses: int = 0,
        *,
        failures: int = 0,
        key: bytes = b"",
        shared: RedisStorage | None = None,
        alone: Counters | None = None,
    ) -> None:
        self._by_role = by_role or {}
        self._guesses = guesses
        self._failures = failures
        self._counter = lru_cache(10_000)(partial(_counter, key))
        self._alone = Counters() if alone is None else alone
        self._redis = shared
        self._shared = SlidingWindowCounterRateLimiter(shared) if shared is not None else None
        self._spared_until = 0.0

    async def count(self, viewer: Viewer, scope: Scope, cost: int = 1) -> Standing | None:
        """Count a request of a viewer, as so many; None where there is no limit.

        Raises:
            TooManyRequests: it is one too many.
        """
        limit = self._by_role.get(viewer.role, 0)
        return await self._counted(_REQUESTS, limit, _caller(viewer, scope), cost) if limit else None

    async def count_operation(self, viewer: Viewer, scope: Scope, document: str) -> Standing | None:
        """Count a request together with what its document asks beyond a usual one.

        Raises:
            TooManyRequests: it is one too many, or too much.
        """
        standing = await self.count(viewer, scope)
        return await self.count_document(viewer, scope, document) or standing

    async def watched(self, scope: Scope, finding: Awaitable[T]) -> T:
        """What finding out who asks gives; what does not hold is counted, for its address and for the key it names.

        Raises:
            TooManyFailures, TooManyRequests: too many do not hold.
        """
        try:
            return await finding
        except BadToken as refused:
            await self._count_failure(scope, refused)
            await self.count(PUBLIC, scope)
            raise

    async def _count_failure(self, scope: Scope, refused: BadToken) -> None:
        if not self._failures:
            return
        counted = [(_FAILURES, _caller(PUBLIC, scope))]
        if isinstance(refused, BadKey) and refused.public_id is not None:
            counted.append((_KEY_FAILURES, refused.public_id))
        standings = [await self._standing(policy, self._failures, caller, 1) for policy, caller in counted]
        for standing in standings:
            if standing.is_over:
                await asyncio.sleep(REFUSED_AFTER_S)
                raise TooManyFailures(standing)

    async def count_document(self, viewer: Viewer, scope: Scope, document: str) -> Standing | None:
        """Count what a document asks beyond a usual request: introspection, and tracking codes that it tries.

        Each field that is carried out is written in the document by itself, under an alias of its own, so that to count
        its name is to count no less than what is tried.

        Raises:
            TooManyRequests: it is too much.
        """
        tried = sum(map(document.count, GUESSING)) if self._guesses else 0
        if tried:
            await self._counted(_GUESSES, self._guesses, _caller(viewer, scope), tried)
        limit = self._by_role.get(viewer.role, 0)
        if limit and _INTROSPECTS.search(document):
            cost = min(INTROSPECTION_COSTS, limit // 2)
            return await self._counted(_REQUESTS, limit, _caller(viewer, scope), cost)
        return None

    async def charge(self, viewer: Viewer, scope: Scope, cost: int) -> Standing | None:
        """Count what an operation costs beyond a usual request, at most as half of what its role may ask.

        Raises:
            TooManyRequests: it is too much.
        """
        limit = self._by_role.get(viewer.role, 0)
        if not limit or cost < COST_OF_A_REQUEST:
            return None
        more = min(cost // COST_OF_A_REQUEST, limit // 2)
        return await self._counted(_REQUESTS, limit, _caller(viewer, scope), more)

    async def left_after(self, viewer: Viewer, scope: Scope, standing: Standing | None, cost: int) -> int | None:
        """What may still be asked within the minute, as operations cost, after one is charged; raises as `charge`."""
        standing = await self.charge(viewer, scope, cost) or standing
        return None if standing is None else standing.cost_left

    async def count_refused(self, viewer: Viewer, scope: Scope) -> None:
        """Count a document that was refused, for what that cost; who is over the limit is told at the next request."""
        limit = self._by_role.get(viewer.role, 0)
        cost = min(REFUSED_COSTS - 1, limit // 10)
        if cost:
            await self._standing(_REQUESTS, limit, _caller(viewer, scope), cost)

    async def close(self) -> None:
        """Let go of Redis."""
        if self._redis is not None:
            bridge = cast(RedispyBridge, self._redis.bridge)
            await bridge.get_connection().aclose()  # type: ignore[attr-defined]  # redis-py has it, limits' type not

    async def _counted(self, policy: str, limit: int, caller: str, cost: int) -> Standing:
        standing = await self._standing(policy, limit, caller, cost)
        if standing.is_over:
            await asyncio.sleep(REFUSED_AFTER_S)
            raise TooManyRequests(standing)
        return standing

    async def _standing(self, policy: str, limit: int, caller: str, cost: int) -> Standing:
        counter = self._counter(policy, caller)
        if self._shared is not None:
            standing = await self._together(self._shared, policy, limit, counter, cost)
            if standing is not None:
                return standing
        is_within, remaining, reset_s = self._alone.count(counter, limit, _MINUTE_S, cost)
        return Standing(policy, limit, remaining, _seconds(reset_s), not is_within)

    async def _together(
        self, limiter: SlidingWindowCounterRateLimiter, policy: str, limit: int, counter: str, cost: int
    ) -> Standing | None:
        if time.monotonic() < self._spared_until:
            return None
        try:
            return await _hit(limiter, policy, limit, counter, cost)
        except (StorageError, OSError) as failure:
            self._spared_until = time.monotonic() + REDIS_SPARED_S
            log_failure("rates", failure)
            return None


def _counter(key: bytes, policy: str, caller: str) -> str:
    """Under what a caller is counted: a keyed hash, so that it tells nothing of who that is."""
    return f"{policy}/{blake2b(caller.encode(), key=key, digest_size=16).hexdigest()}"


_a_minute = lru_cache(100)(RateLimitItemPerMinute)


async def _hit(limiter: SlidingWindowCounterRateLimiter, policy: str, limit: int, counter: str, cost: int) -> Standing:
    item = _a_minute(limit)
    is_within = await limiter.hit(item, counter, cost=cost)
    stats = await limiter.get_window_stats(item, counter)
    return Standing(policy, limit, int(stats.remaining), _seconds(stats.reset_time - time.time()), not is_within)


def _seconds(reset_s: float) -> int:
    return min(max(ceil(reset_s), 1), _MINUTE_S)


def _caller(viewer: Viewer, scope: Scope) -> str:
    """Whom a request is counted for: a role and login, or an address."""
    is_public = viewer.role is Role.PUBLIK and viewer == PUBLIC
    return f"{viewer.role}/{_address(scope) if is_public else viewer.subject}"


def _address(scope: Scope) -> str:
    """Where a request comes from; behind a proxy that the settings trust, from whom the proxy has it."""
    host: str = (scope.get("client") or ("", 0))[0]
    return _network(host) if len(host) <= _LONGEST_ADDRESS else ""


@lru_cache(10_000)
def _network(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        return ""  # a local socket
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else address.packed[:8].hex()
    return host


def rates_of(settings: Settings, secrets: Secrets) -> Rates:
    """The limits of an installation.

    Raises:
        UnusableSetting: one names no role, or Redis is configured and its library is not installed.
    """
    shared = _redis(settings.redis_url) if settings.redis_url else None
    limits = by_role(settings.rate_limits, "KSBB_RATE_LIMITS")
    return Rates(
        limits,
        settings.tracking_limit,
        failures=settings.failure_limit,
        key=secrets.subkey("rates"),
        shared=shared,
    )


def _redis(url: str) -> RedisStorage:
    try:
        return RedisStorage(
            f"async+{url}",
            wrap_exceptions=True,
            implementation="redispy",
            key_prefix="ksbb",
            socket_timeout=REDIS_ANSWERS_IN_S,
            socket_connect_timeout=REDIS_ANSWERS_IN_S,
        )
    except ConfigurationError:
        raise UnusableSetting("KSBB_REDIS_URL needs the library redis: pip install 'ksbb-terbuka[redis]'.") from None

"""What websockets and event streams have in common: how many may be open, and who looks after them."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from edge.errors import entry
from events.stream import StreamEnded
from kernel.errors import KsbbError
from kernel.settings import Settings
from policy.viewer import Role


@dataclass(frozen=True, kw_only=True)
class StreamLimits:
    """How much a caller may hold open, and for how long what is silent or stuck is waited for."""

    connections: int = 10_000
    """Per role, in this process; connections that did not yet say who they are count as one more role."""
    operations: int = 50
    """At a time, per websocket."""
    message_bytes: int = 1_000_000
    """Of one message from a caller."""
    init_timeout_s: float = 5.0
    """Until a websocket says who it is."""
    ping_after_s: float = 25.0
    """Of silence: then a websocket is pinged, and after as much again it is closed."""
    heartbeat_s: float = 15.0
    """Between two comments on an event stream that has nothing to tell: proxies close what is silent for a minute."""
    stuck_s: float = 10.0
    """For which a caller may take nothing from a full connection."""
    farewell_s: float = 1.0
    """To say why a connection is closed; a caller who does not listen is not waited for."""
    look_every_s: float = 1.0
    """Between two looks at all connections."""


def limits_of(settings: Settings) -> StreamLimits:
    """The limits of an installation."""
    return StreamLimits(connections=settings.stream_connections, operations=settings.stream_operations)


class TooManyConnections(KsbbError):
    """As many connections as the caller's role may have are open."""

    code = "TOO_MANY_CONNECTIONS"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit:,} connections of your role are open (terlalu banyak koneksi). Try again later, and send several "
            "subscriptions over one websocket.",
            limit=limit,
        )


class TooManyOperations(KsbbError):
    """As many operations as one websocket may have are running."""

    code = "TOO_MANY_OPERATIONS"

    def __init__(self, limit: int) -> None:
        super().__init__(
            f"{limit:,} operations are running on this connection (terlalu banyak operasi). Complete one, or open "
            "another connection.",
            limit=limit,
        )


class TokenEnded(StreamEnded):
    """The subscriber's token ran out or was revoked while it listened."""

    code = "TOKEN_ENDED"

    def __init__(self, cursor: str) -> None:
        super().__init__(
            "Your token no longer holds (token tidak berlaku lagi). Subscribe again with a new one, after the cursor "
            "of the last event that you have.",
            cursor=cursor,
        )


def resumable(error: KsbbError, cursor: str | None) -> dict[str, object]:
    """A situation as callers see it, with the cursor to go on after, where the operation is a stream."""
    return with_cursor(entry(error), cursor)


def with_cursor(described: dict[str, object], cursor: str | None) -> dict[str, object]:
    """An entry of `errors` with the cursor to go on after, if there is one."""
    if cursor is not None:
        described["extensions"] = {"cursor": cursor, **described["extensions"]}  # type: ignore[dict-item]  # a dict
    return described


class Connection(Protocol):
    """A caller who stays."""

    def look(self, now: float) -> None:
        """Do what time makes due: pings, checks of rights, ends of what is stuck. Must not wait."""
        ...

    def stop(self) -> None:
        """Begin to say that the server stops."""
        ...


class OpenConnections:
    """The connections of this process, counted by role. One timer looks after all of them, while there are any."""

    def __init__(self, limits: StreamLimits) -> None:
        self.limits = limits
        self._role_of: dict[Connection, Role | None] = {}
        self._count: Counter[Role | None] = Counter()
        self._timer: asyncio.TimerHandle | None = None

    def by_role(self) -> Mapping[str, int]:
        """How many are open, of roles that had one; without a name those that did not yet say who they are."""
        return {role or "": count for role, count in self._count.items()}

    def __len__(self) -> int:
        return len(self._role_of)

    def admit(self, connection: Connection, role: Role | None) -> None:
        """Count a connection as one of a role (None: it did not yet say who it is) and look after it.

        Raises:
            TooManyConnections: the role has as many as it may.
        """
        self.require_place(role)
        if connection in self._role_of:
            self._count[self._role_of[connection]] -= 1
        self._role_of[connection] = role
        self._count[role] += 1
        if self._timer is None:
            self._wait()

    def require_place(self, role: Role | None) -> None:
        """Make sure that a role may open one more.

        Raises:
            TooManyConnections: it has as many as it may.
        """
        if self._count[role] >= self.limits.connections:
            raise TooManyConnections(self.limits.connections)

    def leave(self, connection: Connection) -> None:
        """Forget a connection; safe to repeat."""
        if connection not in self._role_of:
            return
        self._count[self._role_of.pop(connection)] -= 1
        if not self._role_of and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def stop(self, patience_s: float = 3.0) -> None:
        """Tell every connection that the server stops, and wait until they are gone, but not for long."""
        for connection in tuple(self._role_of):
            connection.stop()
        loop = asyncio.get_running_loop()
        until = loop.time() + patience_s
        while self._role_of and loop.time() < until:  # noqa: ASYNC110  # a look is enough, once in a server's life
            await asyncio.sleep(0.02)

    def _wait(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self.limits.look_every_s, self._look)

    def _look(self) -> None:
        self._wait()
        now = asyncio.get_running_loop().time()
        for connection in tuple(self._role_of):
            connection.look(now)

"""Connections that read: one lean pool per role, each logged in as the role itself."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncpg

from kernel.settings import Settings
from models.away import CONNECT_S, is_away
from policy.viewer import Role, Scope, Viewer, by_role
from resolvers.patience import Patience

_STATEMENTS_KEPT = 500
_LARGEST_STATEMENT = 256 * 1024
"""Bytes of SQL text that the driver still keeps prepared."""

_GRACE_S = 2.0
"""Beyond the longest time of a statement, for which an answer is waited for: after it the database is away."""

T = TypeVar("T")
ScopeOf = tuple[tuple[Scope, str], ...]
"""What a connection's rows were last made to depend on."""

Watch = Callable[[str], AbstractContextManager[object]]
"""Entered with the text of each statement, while it waits for a connection and is read."""


Read = Callable[[asyncpg.Connection], Awaitable[Any]]
"""What is asked of a connection."""


@dataclass(frozen=True)
class PoolUse:
    """A pool at one moment: most connections, those that read, and requests that wait for one."""

    size: int
    in_use: int
    waiting: int


class RolePool:
    """The connections of one role, last in first out; a connection remembers the scope that it was last set to.

    No reset and no transaction around a read: the role is read-only, and every statement is one snapshot.
    """

    def __init__(self, dsn: str, size: int, timeout_ms: int, watch: Watch | None = None) -> None:
        self.timeout_ms = timeout_ms
        """The longest that PostgreSQL lets a statement take."""
        self.patience = Patience(timeout_ms / 1_000 + _GRACE_S if timeout_ms else None)
        self._dsn = dsn
        self._free: list[tuple[asyncpg.Connection, ScopeOf]] = []
        self._size = size
        self._watch = watch
        self._turn = asyncio.Semaphore(size)
        self.wanted = 0
        """Readings that go on or wait for their turn."""

    @property
    def use(self) -> PoolUse:
        """How it is used now."""
        in_use = min(self.wanted, self._size)
        return PoolUse(self._size, in_use, self.wanted - in_use)

    def fetch(self, viewer: Viewer, sql: str, parameters: list[Any]) -> Awaitable[bytes]:
        """The one value of a statement, read with a viewer's scope.

        Raises:
            asyncpg.PostgresError: the database refuses.
        """
        return self._watched(viewer, sql, lambda c: c.fetchval(sql, *parameters))

    def fetch_rows(self, viewer: Viewer, sql: str, parameters: list[Any]) -> Awaitable[list[asyncpg.Record]]:
        """The rows of a statement, read with a viewer's scope; raises as `fetch` does."""
        return self._watched(viewer, sql, lambda c: c.fetch(sql, *parameters))

    def _watched(self, viewer: Viewer, sql: str, read: Read) -> Awaitable[Any]:
        reading = self._in_turn(viewer, read)
        return reading if self._watch is None else _within(self._watch(sql), reading)

    async def _in_turn(self, viewer: Viewer, read: Read) -> Any:
        self.wanted += 1
        try:
            async with self._turn:
                return await self._with_scope(viewer, read)
        finally:
            self.wanted -= 1

    async def _with_scope(self, viewer: Viewer, read: Read) -> Any:
        connection, scope = self._take() or (await self._connect(), ())
        try:
            if scope != viewer.scope:
                scope = ()
                await self._set_scope(connection, viewer)
                scope = viewer.scope
            answer = await read(connection)
        except asyncpg.PostgresError as refused:
            if is_away(refused):
                connection.terminate()  # it is about to close: nobody else shall try it
            else:
                self._give_back(connection, scope)
            raise
        except BaseException:
            connection.terminate()  # cut off in the middle: nobody knows what it still has to say
            raise
        self._give_back(connection, scope)
        return answer

    def _take(self) -> tuple[asyncpg.Connection, ScopeOf] | None:
        while self._free:
            connection, scope = self._free.pop()
            if not connection.is_closed():
                return connection, scope
        return None

    def _give_back(self, connection: asyncpg.Connection, scope: ScopeOf) -> None:
        if not connection.is_closed():
            self._free.append((connection, scope))

    async def close(self) -> None:
        """Close the connections that are not in use."""
        while self._free:
            connection, _ = self._free.pop()
            await connection.close()

    async def _connect(self) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self._dsn,
            timeout=CONNECT_S,
            statement_cache_size=_STATEMENTS_KEPT,
            max_cacheable_statement_size=_LARGEST_STATEMENT,
            max_cached_statement_lifetime=0,
            server_settings={
                "application_name": "ksbb",
                "timezone": "UTC",
                "statement_timeout": str(self.timeout_ms),
                "jit": "off",
            },
        )
        await connection.set_type_codec("json", schema="pg_catalog", encoder=_as_is, decoder=bytes, format="binary")
        await connection.set_type_codec("date", schema="pg_catalog", encoder=_days, decoder=tuple, format="tuple")
        return connection

    @staticmethod
    async def _set_scope(connection: asyncpg.Connection, viewer: Viewer) -> None:
        names = [f"ksbb.{scope.value}" for scope, _ in viewer.scope]
        calls = ", ".join(f"set_config('{name}', ${i}, false)" for i, name in enumerate(names, start=1))
        await connection.execute(f"SELECT {calls}", *(value for _, value in viewer.scope))


async def _within(watch: AbstractContextManager[object], reading: Awaitable[T]) -> T:
    with watch:
        return await reading


def _as_is(value: Any) -> Any:
    return value


_POSTGRES_EPOCH = dt.date(2000, 1, 1).toordinal()


def _days(day: dt.date) -> tuple[int]:
    """A date as PostgreSQL counts it; the driver alone would send the first and last one of Python as infinite."""
    return (day.toordinal() - _POSTGRES_EPOCH,)


class Pools:
    """The pools of all roles, each opened on first use."""

    def __init__(self, settings: Settings, dsn: Callable[[Role], str], watch: Watch | None = None) -> None:
        self._settings = settings
        self._dsn = dsn
        self._watch = watch
        self._timeouts_ms = by_role(settings.statement_timeouts_ms, "KSBB_STATEMENT_TIMEOUTS_MS")
        self._pools: dict[Role, RolePool] = {}

    def of(self, role: Role) -> RolePool:
        """The pool of a role."""
        pool = self._pools.get(role)
        if pool is None:
            pool = RolePool(self._dsn(role), self._settings.pool_size, self._timeouts_ms[role], self._watch)
            self._pools[role] = pool
        return pool

    def uses(self) -> Mapping[str, PoolUse]:
        """How the pools are used, by role; of roles that asked once."""
        return {role: pool.use for role, pool in self._pools.items()}

    def reading(self) -> bool:
        """Whether anybody is waiting for the database."""
        return any(pool.wanted for pool in [*self._pools.values()])

    async def close(self) -> None:
        """Close all pools."""
        for pool in self._pools.values():
            await pool.close()

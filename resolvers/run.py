"""Running finished statements as the viewer's role: what the database refuses becomes a situation with a name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import asyncpg

from kernel.errors import KsbbError
from models.away import AWAY, FULL, is_away
from policy.reveal import NOT_OPEN
from policy.traced import LOOK_UPS_A_DAY, TOO_MANY_LOOK_UPS
from policy.viewer import Viewer
from resolvers.binds import Values
from resolvers.cursors import Sealer
from resolvers.pools import Pools, RolePool
from resolvers.statement import Statement

T = TypeVar("T")
Read = Callable[[RolePool], Awaitable[T]]


class TooSlow(KsbbError):
    """The statement took longer than one may."""

    code = "QUERY_TOO_SLOW"

    def __init__(self, limit_ms: int) -> None:
        super().__init__(
            f"The query took longer than {limit_ms} ms and was stopped. Ask for smaller pages, fewer lists or groups.",
            limit_ms=limit_ms,
        )


class DatabaseUnavailable(KsbbError):
    """No answer from the database."""

    code = "DATABASE_UNAVAILABLE"

    def __init__(self) -> None:
        super().__init__("The database does not answer at the moment. Try again in a few seconds.")


class DatabaseFull(KsbbError):
    """The database has no room left for what the query needs."""

    code = "DATABASE_FULL"

    def __init__(self) -> None:
        super().__init__(
            "The database has no room left for this (basis data penuh). Try again later; if it stays so, tell the "
            "administrator to make room."
        )


class TooManyLookUps(KsbbError):
    """One person looked up more NIKs than a day's work needs."""

    code = "TOO_MANY_LOOK_UPS"

    def __init__(self) -> None:
        super().__init__(
            f"You have looked up {LOOK_UPS_A_DAY} NIKs in 24 hours (pencarian NIK): that is the limit. Go on tomorrow.",
            limit=LOOK_UPS_A_DAY,
        )


class RevealNotOpen(KsbbError):
    """No clear values: no such reveal of who asks, or not open."""

    code = "REVEAL_NOT_OPEN"

    def __init__(self) -> None:
        super().__init__(
            "No reveal of yours with this id is open (pengungkapan): it waits for another officer, was refused, or its "
            "time is over. `reveal(id:)` tells which; `revealFields` asks anew."
        )


class Runner:
    """Runs statements for viewers.

    Its methods raise TooSlow, TooManyLookUps, RevealNotOpen, DatabaseUnavailable or DatabaseFull, and BadInput where a
    value does not fit.
    """

    def __init__(self, pools: Pools, sealer: Sealer) -> None:
        self._pools = pools
        self.sealer = sealer

    async def value(self, viewer: Viewer, statement: Statement, values: Values) -> bytes:
        """The one value of a statement, with its marks replaced."""
        if statement.reads_files:
            parameters = await asyncio.to_thread(statement.parameters, values)
        else:
            parameters = statement.parameters(values)
        data = await self._read(viewer, statement, values, lambda pool: pool.fetch(viewer, statement.sql, parameters))
        return self.sealer.finish(data, viewer) if statement.seals else data

    async def rows(self, viewer: Viewer, statement: Statement, values: Values) -> Sequence[Any]:
        """The rows of a statement as the driver has them; marks in them stand."""
        parameters = statement.parameters(values)
        return await self._read(
            viewer, statement, values, lambda pool: pool.fetch_rows(viewer, statement.sql, parameters)
        )

    async def close(self) -> None:
        """Let go of the connections."""
        await self._pools.close()

    async def _read(self, viewer: Viewer, statement: Statement, values: Values, read: Read[T]) -> T:
        pool = self._pools.of(viewer.role)
        try:
            return await pool.patience.wait_for(read(pool))
        except asyncpg.QueryCanceledError:
            await self._log_attempt(viewer, statement, values)
            raise TooSlow(pool.timeout_ms) from None
        except FULL:
            raise DatabaseFull from None
        except (asyncpg.PostgresError, *AWAY) as refused:
            if getattr(refused, "sqlstate", None) == TOO_MANY_LOOK_UPS:
                raise TooManyLookUps from None
            if getattr(refused, "sqlstate", None) == NOT_OPEN:
                raise RevealNotOpen from None
            if is_away(refused):
                raise DatabaseUnavailable from None
            raise

    async def _log_attempt(self, viewer: Viewer, statement: Statement, values: Values) -> None:
        """Write down a read that was stopped: its entry went with it, though that it took long may be an answer."""
        if statement.attempt is not None:
            await self._pools.of(viewer.role).fetch(viewer, statement.attempt.sql, statement.attempt.parameters(values))

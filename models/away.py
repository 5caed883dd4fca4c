"""How it shows that the database is away, or has no room: one list for those who read and those who write."""

from __future__ import annotations

import asyncpg

CONNECT_S = 5.0
"""For which a new connection is waited for; a database that restarts refuses at once, one that is cut off is silent."""

AWAY = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.TooManyConnectionsError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.IdleSessionTimeoutError,
    asyncpg.InternalClientError,  # PostgreSQL ended the session a moment ago: the driver does not yet know why
)
"""What the driver raises then. Some are ValueErrors too when a value could not be sent: those are faults of ours."""

FULL = (asyncpg.DiskFullError, asyncpg.OutOfMemoryError)
"""What PostgreSQL says when its machine has no room left, on the disk or in memory (SQLSTATE 53100, 53200)."""


def is_away(failure: BaseException | None) -> bool:
    """Whether a failure tells that the database is away."""
    return isinstance(failure, AWAY) and not isinstance(failure, ValueError)

"""How the event log is: how far it has come, what waits, and which session gives the positions."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, column, func, select, table
from sqlalchemy.ext.asyncio import AsyncConnection

from events.sequencer import SEQUENCER_LOCK
from models.event import Event, EventLogState

_LOCKS = table("pg_locks", *(column(c) for c in ("locktype", "database", "objid", "objsubid", "granted", "pid")))
_SESSIONS = table("pg_stat_activity", *(column(c) for c in ("pid", "datid", "datname", "application_name")))


@dataclass(frozen=True)
class LogStatus:
    """The log at one moment; `holder` is the session of the sequencer that works, by machine and process."""

    last_position: int
    waiting: int
    archived_until: int
    holder: str | None


async def status(connection: AsyncConnection) -> LogStatus:
    """The state of the log, asked for as the owner of the tables: no other login sees who holds locks."""
    state = (await connection.execute(select(EventLogState.last_position, EventLogState.archived_until))).one()
    waiting = (await connection.execute(select(func.count()).where(Event.position.is_(None)))).scalar_one()
    holder = (await connection.execute(_HOLDER)).scalar_one_or_none()
    return LogStatus(state.last_position, waiting, state.archived_until, holder)


_HOLDER = (
    select(func.coalesce(_SESSIONS.c.application_name, "(unknown)"))
    .select_from(_LOCKS.join(_SESSIONS, _SESSIONS.c.pid == _LOCKS.c.pid))
    .where(
        and_(_LOCKS.c.locktype == "advisory", _LOCKS.c.granted, _LOCKS.c.objsubid == 1),
        and_(_LOCKS.c.objid == SEQUENCER_LOCK, _SESSIONS.c.datname == func.current_database()),
        _LOCKS.c.database == _SESSIONS.c.datid,
    )
)

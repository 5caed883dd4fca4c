"""The sequencer: gives committed events their positions, one after the other and without a gap.

Insertion order is not commit order: the event of a slow transaction is written first and seen last. Positions are
given to what is committed, by one process at a time, so that a reader who has read up to a position has missed nothing.
"""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from functools import partial
from typing import Any

from sqlalchemy import BigInteger, bindparam, cast, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from events.audit_chain import keep_sealing
from events.bell import Bell
from events.beside import going_on
from events.database import session, session_engine
from models.event import Event, EventLogState

SEQUENCER_LOCK = 0x6B736273
"""The advisory lock of the one that works."""
BATCH = 1_000
"""Most events that get their positions in one transaction."""
SILENCE_S = 3.0
"""After so much silence the session of a process ends, and with it the lock that it holds."""

_POLL_S = 0.1
"""Events of other processes are found by looking."""
_KNOCK_S = 0.5
"""How often one that waits tries to get the lock."""
_PAUSES_S = (0.1, 0.2, 0.5, 1.0)
"""Pauses after a lost session; the last one is repeated."""

_log = logging.getLogger("ksbb.sequencer")


class Sequencer:
    """Works as long as it holds the lock, and waits for it otherwise; `run` it in every server process.

    Beside it the audit trail is sealed (`audit_chain.py`), in a session of its own.
    `announce` is told the newest position after each commit: a hint, which may be lost. `beside` goes on as long as the
    lock is held, and is cancelled with it.
    """

    def __init__(
        self,
        dsn: str,
        announce: Callable[[int], Awaitable[None]] | None = None,
        beside: Callable[[], Coroutine[Any, Any, None]] | None = None,
    ) -> None:
        self._engine = session_engine(dsn, f"ksbb-sequencer {socket.gethostname()[:30]} {os.getpid()}", SILENCE_S)
        self._announce = announce
        self._beside = beside
        self._committed = Bell()
        self._positioned = Bell()
        self._last = 0
        self.is_working = False

    def wake(self) -> None:
        """Say that something was committed in this process."""
        self._committed.ring()

    async def run(self) -> None:
        """Work until cancelled; whatever goes wrong is logged, and tried again."""
        failures = 0
        while True:
            try:
                async with session(self._engine) as connection:
                    await _until_held(connection)
                    failures = 0
                    await self._work(connection)
            except Exception as failure:  # noqa: BLE001  # the outermost layer of its task: without it no event goes out
                _log.warning("the session was lost; a new one is opened", exc_info=failure)
            await asyncio.sleep(_PAUSES_S[min(failures, len(_PAUSES_S) - 1)])
            failures += 1

    async def _work(self, connection: AsyncConnection) -> None:
        _log.info("this process gives positions from now on")
        async with AsyncExitStack() as stack:
            for task in (self._announcing, partial(keep_sealing, self._engine), self._beside):
                if task is not None:
                    await stack.enter_async_context(going_on(task()))
            stack.callback(setattr, self, "is_working", False)
            self.is_working = True
            while True:
                given = await give_positions(connection)
                if given:
                    self._last = given[-1]
                    self._positioned.ring()
                if len(given) < BATCH:
                    await self._committed.wait(_POLL_S)

    async def _announcing(self) -> None:
        """Tell the newest position, beside the work: who is slow to take it holds up nothing."""
        told, fails = 0, False
        while self._announce is not None:
            await self._positioned.wait(60)
            if self._last > told:
                told = self._last
                try:
                    await self._announce(told)
                    fails = False
                except Exception as failure:  # noqa: BLE001  # a hint is lost: those who wait look at the table too
                    if not fails:
                        _log.warning("new positions cannot be announced", exc_info=failure)
                    fails = True


async def give_positions(connection: AsyncConnection) -> range:
    """Give the next positions to committed events that have none, in the order in which they were written.

    One transaction of at most `BATCH` events. The row of the log is locked before the events are looked for: if ever
    two should work at once, the second sees what the first has done. When there is nothing to do, it is one look at a
    small index: 0.33 ms of this process and 0.1 ms of PostgreSQL, so ten looks a second are 0.4% of a core.
    """
    async with connection.begin():
        if not (await connection.execute(_IS_ANY)).scalar_one():
            return range(0)
        last: int = (await connection.execute(_LAST)).scalar_one()
        given = (await connection.execute(_GIVE, {"last": last})).rowcount
        await connection.execute(update(EventLogState).values(last_position=last + given))
    return range(last + 1, last + given + 1)


_WAITING = Event.position.is_(None)
_IS_ANY = select(exists().where(_WAITING))
_LAST = select(EventLogState.last_position).with_for_update()
_OLDEST = select(Event.id, Event.entry).where(_WAITING).order_by(Event.entry).limit(BATCH).subquery()
_NEXT = select(_OLDEST.c.id, func.row_number().over(order_by=_OLDEST.c.entry).label("number")).subquery()
_GIVE = (
    update(Event)
    .where(Event.id == _NEXT.c.id)
    .values(position=cast(bindparam("last"), BigInteger) + _NEXT.c.number)
    .execution_options(synchronize_session=False)
)


async def _until_held(connection: AsyncConnection) -> None:
    """Wait until no other session holds the lock, and hold it."""
    while True:
        async with connection.begin():
            if (await connection.execute(select(func.pg_try_advisory_lock(SEQUENCER_LOCK)))).scalar_one():
                return
        await asyncio.sleep(_KNOCK_S)

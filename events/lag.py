"""How far the sequencer is behind: committed events that have no position yet, and for how long."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models.event import Event, EventLogState


@dataclass(frozen=True)
class Behind:
    """The log at one moment. `oldest_s`: for how long the event that has waited longest was seen to wait."""

    last_position: int
    waiting: int
    oldest_s: float


class Lag:
    """Looks at the log, and remembers which event was waiting since when.

    What counts is for how long this process has seen it: an event tells when its command began, which may be long
    before it was committed.
    """

    def __init__(self, engine: AsyncEngine, now_s: Callable[[], float] = time.monotonic) -> None:
        self._engine = engine
        self._now_s = now_s
        self._oldest: int | None = None
        self._since_s = 0.0

    async def look(self) -> Behind:
        """How it is now."""
        async with self._engine.connect() as connection:
            last, waiting, oldest = (await connection.execute(_STATE)).one()
        now_s = self._now_s()
        if oldest is None or oldest != self._oldest:
            self._oldest, self._since_s = oldest, now_s
        return Behind(last, waiting, now_s - self._since_s)


_UNPOSITIONED = Event.position.is_(None)
_STATE = select(
    EventLogState.last_position,
    select(func.count()).select_from(Event).where(_UNPOSITIONED).scalar_subquery(),
    select(func.min(Event.entry)).where(_UNPOSITIONED).scalar_subquery(),
)

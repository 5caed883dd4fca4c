"""The event log as its readers have it: events with a position, in the order of their positions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, func, literal, select
from sqlalchemy.ext.asyncio import AsyncEngine

from models.event import Event, EventLogState

MOST_AT_ONCE = 500
"""Events of one reading."""


@dataclass(frozen=True, slots=True)
class Logged:
    """One event with its place in the log."""

    position: int
    id: UUID
    type: str
    version: int
    at: dt.datetime
    kind: str
    """Table of its subject."""
    key: UUID
    """Internal key of its subject."""
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Which:
    """Which events are looked for: their types, their subjects (table and key), and the region with all below it."""

    types: Collection[str]
    about: Collection[tuple[str, UUID]] | None = None
    region: str | None = None


class EventLog:
    """Reads the log on the sequencer's login: its consumers decide who may hear of what they read."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def after(self, position: int, limit: int = MOST_AT_ONCE) -> list[Logged]:
        """The events that follow a position, at most so many. None is missing between the first and the last."""
        rows = select(*_COLUMNS).where(Event.position > position).order_by(Event.position).limit(limit)
        async with self._engine.connect() as connection:
            return [Logged(*row) for row in await connection.execute(rows)]

    async def newest(self, which: Which, before: int | None = None, limit: int = MOST_AT_ONCE) -> list[Logged]:
        """The last events of a kind, or those before a position, newest first, at most so many."""
        rows = select(*_COLUMNS).where(Event.position.is_not(None), Event.type.in_(which.types))
        if before is not None:
            rows = rows.where(Event.position < before)
        if which.about is not None:
            kinds, keys = {kind for kind, _ in which.about}, sorted(key for _, key in which.about)
            rows = rows.where(Event.subject_kind.in_(kinds), Event.subject_id == any_(literal(keys, ARRAY(Uuid()))))
        if which.region is not None:
            rows = rows.where(Event.region_code >= which.region, Event.region_code < which.region + "/")
        async with self._engine.connect() as connection:
            found = await connection.execute(rows.order_by(Event.position.desc()).limit(limit))
            return [Logged(*row) for row in found]

    async def at(self, positions: Sequence[int]) -> list[Logged]:
        """The events of some positions; those that are archived are left out."""
        rows = select(*_COLUMNS).where(Event.position.in_(positions)).order_by(Event.position)
        async with self._engine.connect() as connection:
            return [Logged(*row) for row in await connection.execute(rows)]

    async def state(self) -> tuple[int, int]:
        """The last position that was given, and the last one that is archived."""
        async with self._engine.connect() as connection:
            state = (await connection.execute(select(EventLogState.last_position, EventLogState.archived_until))).one()
        return state.last_position, state.archived_until

    async def last_of(self, kinds: Sequence[str], keys: Sequence[UUID], types: Collection[str]) -> Mapping[UUID, int]:
        """Per subject, of these kinds, the position of its last event of these types."""
        newest = (
            select(Event.subject_id, func.max(Event.position))
            .where(Event.subject_kind.in_(kinds), Event.subject_id.in_(keys), Event.position.is_not(None))
            .where(Event.type.in_(types))
            .group_by(Event.subject_id)
        )
        async with self._engine.connect() as connection:
            return {key: position or 0 for key, position in await connection.execute(newest)}


_COLUMNS = (
    *(Event.position, Event.id, Event.type, Event.version, Event.at),
    *(Event.subject_kind, Event.subject_id, Event.payload),
)

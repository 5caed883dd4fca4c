"""What audiences were shown: a subject that leaves their sight is told of once, so that nothing vanishes silently."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import any_, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.types import Uuid

from events.log import EventLog, Logged
from models.event import Sight

REMEMBERED = 100_000
"""Pairs of audience and subject that are known to be written down."""

Subject = tuple[str, UUID]
"""Table and key."""


class Sights:
    """The memory of what was shown to whom."""

    def __init__(self, engine: AsyncEngine, log: EventLog) -> None:
        self._engine = engine
        self._log = log
        self._known: OrderedDict[tuple[bytes, Subject], None] = OrderedDict()

    async def note(self, audience: bytes, subjects: Iterable[Subject]) -> None:
        """Write down that an audience is about to be shown subjects."""
        fresh = sorted({s for s in subjects if (audience, s) not in self._known})
        if not fresh:
            return
        rows = [{"audience": audience, "subject_kind": kind, "subject_id": key} for kind, key in fresh]
        seen = insert(Sight).values(rows)
        back = seen.on_conflict_do_update(
            index_elements=[Sight.audience, Sight.subject_kind, Sight.subject_id],
            set_={"left_at": None},
            where=Sight.left_at.is_not(None),
        )
        async with self._engine.begin() as connection:
            await connection.execute(back)
        for subject in fresh:
            self._known[audience, subject] = None
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def left(self, audience: bytes, hidden: Sequence[tuple[Logged, Subject]]) -> frozenset[int]:
        """Of events on subjects that the audience does not see: the positions of those that tell that one left.

        That is the last event on a subject which the audience was shown before, the first time that it is met, and the
        same one ever after.
        """
        if not hidden:
            return frozenset()
        subjects = {subject for _, subject in hidden}
        async with self._engine.begin() as connection:
            shown = await self._shown(connection, audience, subjects)
            if not shown:
                return frozenset()
            told = {event.position for event, subject in hidden if shown.get(subject) == event.position}
            waiting = [(event, subject) for event, subject in hidden if subject in shown and shown[subject] is None]
            places = [subject for _, subject in waiting]
            last = await self._log.last_of(*map(list, zip(*places, strict=True))) if places else {}
            for event, (kind, key) in waiting:
                if last.get(key, 0) <= event.position and await _leave(connection, audience, (kind, key), event):
                    told.add(event.position)
                    self._known.pop((audience, (kind, key)), None)
        return frozenset(told)

    async def _shown(
        self, connection: AsyncConnection, audience: bytes, subjects: Iterable[Subject]
    ) -> dict[Subject, int | None]:
        keys = any_(literal([key for _, key in subjects], ARRAY(Uuid())))
        rows = select(Sight.subject_kind, Sight.subject_id, Sight.left_at).where(
            Sight.audience == audience, Sight.subject_id == keys
        )
        return {(kind, key): left_at for kind, key, left_at in await connection.execute(rows)}


async def _leave(connection: AsyncConnection, audience: bytes, subject: Subject, event: Logged) -> bool:
    """Write down by which event it is told; False when another process was first."""
    kind, key = subject
    leaves = (
        update(Sight)
        .where(Sight.audience == audience, Sight.subject_kind == kind, Sight.subject_id == key, Sight.left_at.is_(None))
        .values(left_at=event.position)
    )
    return (await connection.execute(leaves)).rowcount == 1

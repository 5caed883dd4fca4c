"""What audiences were shown: a subject that leaves their sight is told of once, so that nothing vanishes silently."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import any_, literal, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import Uuid

from events.log import EventLog, Logged
from models.event import Sight

REMEMBERED = 100_000
"""Pairs of audience and subject that are known to be written down."""
RELIED_ON_FOR_S = 30.0
"""Then it is written again: another process may have told meanwhile that the subject left, and it may be back."""

Subject = tuple[str, UUID]
"""Table and key."""


class Sights:
    """The memory of what was shown to whom."""

    def __init__(self, engine: AsyncEngine, log: EventLog) -> None:
        self._engine = engine
        self._log = log
        self._known: OrderedDict[tuple[bytes, Subject], float] = OrderedDict()
        """Until when that may be relied on, in the time of the loop."""

    async def note(self, audience: bytes, subjects: Iterable[Subject]) -> None:
        """Write down that an audience is about to be shown subjects."""
        now = asyncio.get_running_loop().time()
        fresh = sorted({s for s in subjects if self._known.get((audience, s), 0.0) <= now})
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
            self._known[audience, subject] = now + RELIED_ON_FOR_S
        while len(self._known) > REMEMBERED:
            self._known.popitem(last=False)

    async def left(
        self, audience: bytes, hidden: Sequence[tuple[Logged, Subject]], types: Collection[str]
    ) -> frozenset[int]:
        """Of events on subjects that the audience does not see: the positions of those that tell that one left.

        That is the last event on a subject which the audience was shown before, the first time that it is met, and the
        same one ever after. `types`: those that the audience hears of at all; others do not count, or their being there
        could be told from what is told when.
        """
        if not hidden:
            return frozenset()
        subjects = {subject for _, subject in hidden}
        shown = await self._shown(audience, subjects)
        told = {event.position for event, subject in hidden if shown.get(subject) == event.position}
        waiting = [(event, subject) for event, subject in hidden if subject in shown and shown[subject] is None]
        if waiting:
            kinds, keys = zip(*(subject for _, subject in waiting), strict=True)
            last = await self._log.last_of(kinds, keys, types)
            leaving = [(event, subject) for event, subject in waiting if last.get(subject[1], 0) <= event.position]
            told |= await self._leave(audience, leaving)
        for subject in subjects:
            self._known.pop((audience, subject), None)
        return frozenset(told)

    async def _shown(self, audience: bytes, subjects: Iterable[Subject]) -> dict[Subject, int | None]:
        keys = any_(literal([key for _, key in subjects], ARRAY(Uuid())))
        rows = select(Sight.subject_kind, Sight.subject_id, Sight.left_at).where(
            Sight.audience == audience, Sight.subject_id == keys
        )
        async with self._engine.connect() as connection:
            return {(kind, key): left_at for kind, key, left_at in await connection.execute(rows)}

    async def _leave(self, audience: bytes, leaving: Sequence[tuple[Logged, Subject]]) -> set[int]:
        """Write down by which events it is told; their positions, but of those whose subject left by another event.

        Who follows another document, or is in another process, may write the same at the same moment: then both tell.
        """
        told = set()
        async with self._engine.begin() as connection:
            for event, (kind, key) in sorted(leaving, key=lambda one: (one[1], one[0].position)):
                is_free = or_(Sight.left_at.is_(None), Sight.left_at == event.position)
                own = (Sight.audience == audience, Sight.subject_kind == kind, Sight.subject_id == key)
                leaves = update(Sight).where(*own, is_free).values(left_at=event.position)
                if (await connection.execute(leaves)).rowcount:
                    told.add(event.position)
        return told

"""What a job of time is: a part of what is due, in one transaction, safe twice and in two processes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from sqlalchemy import Select

from commands.work import Work
from models.base import Entity

AT_A_TIME = 200
"""Rows per transaction: a job that is cut loses no more than these."""

Job = Callable[[Work], Awaitable[int]]
"""Does a part of what is due and tells how much; 0 when nothing is left."""


async def due(work: Work, query: Select[Any], row: type[Entity]) -> Sequence[Any]:
    """Some of the rows that are due, locked; those that another process works on are skipped."""
    locked = query.order_by(row.id).limit(AT_A_TIME).with_for_update(skip_locked=True, of=row)
    found: Sequence[Any] = (await work.session.execute(locked)).scalars().all()
    return found

"""Red flags of the city: what the signs find in it on its last day, some of them looked at already."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import asyncpg
from sqlalchemy import select
from sqlalchemy.dialects import postgresql

from commands.red_flags import SIGNS
from demo.plan import CUT_OFF, CityPlan
from demo.rows import Row
from kernel.settings import Settings
from models.vocabulary import RedFlagKind, RedFlagStatus

_DISMISSED = 0.2
Found = tuple[RedFlagKind, Any]


async def found_in(connection: asyncpg.Connection) -> list[Found]:
    """Kind and columns of everything that is to be flagged, in a fixed order."""
    found: list[Found] = []
    for kind, sign in SIGNS.items():
        rows = sign(CUT_OFF, Settings()).subquery("found")
        query = select(rows).order_by(rows.c.subject_id, rows.c.other_id)
        text = query.compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]  # SQLAlchemy's own constructor is untyped
        found += [(kind, row) for row in await connection.fetch(str(text))]
    return found


def red_flag_rows(plan: CityPlan, found: Sequence[Found]) -> Iterator[Row]:
    """A flag for each."""
    chance = plan.chance("red_flag")
    for number, (kind, row) in enumerate(found):
        dismissed = chance.happens(_DISMISSED)
        yield (
            "red_flag",
            {
                "id": plan.key("red_flag", number, CUT_OFF),
                "kind": kind,
                **row,
                "found_on": CUT_OFF,
                "status": RedFlagStatus.DIKESAMPINGKAN if dismissed else RedFlagStatus.TERBUKA,
                "reason": "Contoh: kebutuhan berbeda" if dismissed else None,
            },
        )

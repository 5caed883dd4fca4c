"""Makes the entries of the audit trail links of a chain, one after the other and without a gap.

What is in an entry is in its digest, which PostgreSQL makes as the entry is written; so who gives positions and hashes
reads no entry, and those who write and read wait for nobody.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Date,
    LargeBinary,
    Uuid,
    bindparam,
    cast,
    column,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from events.database import session
from models.audit import AuditEntry, AuditRoot
from models.audit_chain import GENESIS, link

AUDIT_LOCK = 0x6B736261
"""The advisory lock of a transaction that lengthens the chain."""
LINKS = 1_000
"""Most entries that become links in one transaction."""

_LOOK_EVERY_S = 0.5
"""Nobody waits for a link: an entry holds as soon as it is written."""
_PAUSE_S = 1.0
"""After a failure."""

_log = logging.getLogger("ksbb.audit")


async def keep_sealing(engine: AsyncEngine) -> None:
    """Seal what is written, until cancelled; what fails is logged once, and tried again. It holds up no event."""
    fails = False
    while True:
        try:
            async with session(engine) as connection:
                while True:
                    sealed = await seal(connection)
                    fails = False
                    if sealed < LINKS:
                        await asyncio.sleep(_LOOK_EVERY_S)
        except Exception as failure:  # noqa: BLE001  # the outermost layer of its task
            if not fails:
                _log.warning("entries of the audit trail wait to be sealed", exc_info=failure)
            fails = True
        await asyncio.sleep(_PAUSE_S)


async def seal(connection: AsyncConnection, on: dt.date | None = None) -> int:
    """Make the next links of committed entries that are none, in the order in which they were written; how many.

    One transaction of at most `LINKS` entries, sealed on the day that it is in Jakarta by the database (or `on`), and
    never on one before that of the last link. Two at once: the second does nothing.
    """
    async with connection.begin():
        if not (await connection.execute(_IS_ANY)).scalar_one():
            return 0
        if not (await connection.execute(_IS_ALONE)).scalar_one():
            return 0
        end = (await connection.execute(_END)).one_or_none()
        waiting = (await connection.execute(_OLDEST)).all()
        if not waiting:  # another was quicker
            return 0
        today: dt.date = on or (await connection.execute(_TODAY)).scalar_one()
        day = max(today, end.day) if end is not None else today
        first, last = (end.position + 1, end.hash) if end is not None else (1, GENESIS)
        hashes = []
        for position, row in enumerate(waiting, start=first):
            last = link(last, position, day, row.digest)
            hashes.append(last)
        await connection.execute(
            _SEAL, {"ids": [row.id for row in waiting], "hashes": hashes, "first": first, "day": day}
        )
        await connection.execute(_ROOT, {"day": day, "position": first + len(hashes) - 1, "hash": last})
    return len(hashes)


_WAITING = AuditEntry.position.is_(None)
_IS_ANY = select(select(AuditEntry.entry).where(_WAITING).exists())
_IS_ALONE = select(func.pg_try_advisory_xact_lock(AUDIT_LOCK))
_END = select(AuditRoot.day, AuditRoot.position, AuditRoot.hash).order_by(AuditRoot.day.desc()).limit(1)
_OLDEST = select(AuditEntry.id, AuditEntry.digest).where(_WAITING).order_by(AuditEntry.entry).limit(LINKS)
_TODAY = select(cast(func.timezone("Asia/Jakarta", func.clock_timestamp()), Date))


def _array(name: str, type_: Any) -> Any:
    return bindparam(name, type_=ARRAY(type_))


_LINKS = (
    func.unnest(_array("ids", Uuid()), _array("hashes", LargeBinary()))
    .table_valued(column("id", Uuid()), column("hash", LargeBinary()), with_ordinality="number")
    .render_derived(name="links")
)
_SEAL = (
    update(AuditEntry)
    .where(AuditEntry.id == _LINKS.c.id)
    .values(
        position=cast(bindparam("first"), BigInteger) + _LINKS.c.number - 1,
        sealed_on=cast(bindparam("day"), Date),
        hash=_LINKS.c.hash,
    )
    .execution_options(synchronize_session=False)
)
_NEW_ROOT = insert(AuditRoot)
_ROOT = _NEW_ROOT.on_conflict_do_update(
    index_elements=[AuditRoot.day],
    set_={"position": _NEW_ROOT.excluded.position, "hash": _NEW_ROOT.excluded.hash},
)

"""The roots of the audit trail as an installation publishes them: of days that are over."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import select

from datapackages.package import NAME
from kernel.clock import Clock, day_in_jakarta
from models.audit import AuditRoot
from models.audit_chain import daily_roots
from models.writing import writing
from publishing.release.audit_roots import AUDIT_ROOTS, read_audit_roots
from publishing.release.released import latest

_OVER_AFTER = dt.timedelta(hours=1)
"""After its end a day is over: what was being sealed at midnight is sealed, or was given up."""


async def closed_roots(uri: str, clock: Clock) -> dict[dt.date, str]:
    """The root of each day that is over, from the first day of the chain. An entry belongs to the day of its link."""
    async with writing(uri) as connection:
        rows = await connection.execute(select(AuditRoot.day, AuditRoot.position, AuditRoot.hash))
        ends = {row.day: (row.position, row.hash) for row in rows}
    return daily_roots(ends, day_in_jakarta(clock.now() - _OVER_AFTER) - dt.timedelta(days=1))


def published_roots(root: Path) -> dict[dt.date, str]:
    """The roots in the newest release that stands in a catalogue."""
    newest = latest(root, NAME)
    return read_audit_roots(newest.folder / AUDIT_ROOTS) if newest is not None else {}

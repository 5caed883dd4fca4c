"""Withdrawals as an installation carries them out: what was decided in the tables is done to files and portals."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from datapackages.audit_entry import TAKE_BACK, entry_of
from datapackages.package import NAME
from kernel.clock import Clock, day_in_jakarta
from models.release import Release
from models.writing import writing
from publishing.dataset import Label
from publishing.portals.target import Target, Withdrawal
from publishing.withdrawing import take_back


@dataclass(frozen=True)
class Decided:
    """A withdrawal that stands in the tables: the notice of it, and the datasets that the release had."""

    notice: Withdrawal
    datasets: tuple[str, ...]


async def carry_out_withdrawals(
    uri: str, root: Path, clock: Clock, public_url: str, targets: Sequence[Target], version: str = ""
) -> list[str]:
    """Take back, from the catalogue in `root` and from portals, what was withdrawn and still lies there; the versions.

    With a `version` only that one is taken back, also when it was before: a place may not have been named then.

    Raises:
        KsbbError: a situation of `publishing.withdrawing.take_back`; what is left is done the next time.
    """
    done = []
    for decided in await _decided(uri, version):
        await _take_back(root, decided, public_url, targets)
        await _note_done(uri, decided.notice.version, clock)
        done.append(decided.notice.version)
    return done


async def clear_withdrawn(uri: str, root: Path, public_url: str) -> None:
    """Take what was withdrawn out of the catalogue alone, so that nothing is built upon it; portals wait their turn."""
    for decided in await _decided(uri):
        await _take_back(root, decided, public_url, [])


async def _take_back(root: Path, decided: Decided, public_url: str, targets: Sequence[Target]) -> None:
    await asyncio.to_thread(take_back, root, NAME, decided.datasets, decided.notice, public_url, targets)


async def _decided(uri: str, version: str = "") -> list[Decided]:
    is_due = Release.version == version if version else Release.taken_back_at.is_(None)
    query = select(Release.__table__).where(Release.withdrawn_at.is_not(None), is_due)
    async with writing(uri) as connection:
        found = (await connection.execute(query.order_by(Release.withdrawn_at, Release.dataset))).all()
    return list(_by_version(found))


def _by_version(rows: Sequence[Any]) -> Iterator[Decided]:
    for version in dict.fromkeys(row.version for row in rows):
        of_it = [row for row in rows if row.version == version]
        one = of_it[0]
        notice = Withdrawal(
            version=version,
            reason=Label(one.withdrawn_reason, one.withdrawn_reason_en),
            on=day_in_jakarta(one.withdrawn_at),
            replaced_by=one.replaced_by or "",
        )
        yield Decided(notice, tuple(row.dataset for row in of_it))


async def _note_done(uri: str, version: str, clock: Clock) -> None:
    query = update(Release).where(Release.version == version, Release.taken_back_at.is_(None))
    async with writing(uri) as connection:
        if (await connection.execute(query.values(taken_back_at=clock.now()))).rowcount:
            await connection.execute(entry_of(TAKE_BACK, version, clock))

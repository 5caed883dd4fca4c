"""Which releases wait for two officers, and what becomes of them: put in place once approved, or dropped.

A release waits when the privacy policy is another one than that of the newest release that stands, or nobody recorded
which that was; where all were withdrawn, than that of the last one. The first release ever waits for nobody.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from sqlalchemy import RowMapping, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.release_approval import APPROVALS
from datapackages.audit_entry import DROP, HOLD, entry_of
from datapackages.package import NAME
from kernel.clock import Clock
from kernel.errors import KsbbError
from kernel.keys import KeyMaker
from models.release import HeldRelease, Release, ReleaseApproval
from models.writing import writing
from publishing.holding import HeldReleaseOutdated, drop, held_folder, put_in_place
from publishing.release.manifest import manifest_hash
from publishing.release.released import Released, ReleaseWasChanged
from publishing.release.signing import ReleaseKey

_WAITS = (HeldRelease.put_at.is_(None), HeldRelease.dropped_at.is_(None))


class ReleaseWaits(KsbbError):
    """A release waits for approval, so that no other can be made upon what stands."""

    code = "RELEASE_WAITS"

    def __init__(self, version: str) -> None:
        super().__init__(
            f"Release {version} waits for {APPROVALS} officers, since the privacy policy changed. Approve or refuse it "
            f"first: `ksbb release approve {version}`, or `approveRelease`.",
            version=version,
        )


async def must_wait(uri: str, standing: Released | None, policy_hash: str) -> bool:
    """Whether a release under a policy has to wait.

    Raises:
        ReleaseWaits: one does already.
    """
    async with writing(uri) as connection:
        for version in (await connection.execute(select(HeldRelease.version).where(*_WAITS))).scalars():
            raise ReleaseWaits(version)
        known = select(Release.policy_hash)
        if standing is not None:
            of_it = known.where(Release.version == standing.version)
            return set((await connection.execute(of_it)).scalars()) != {policy_hash}
        newest = known.order_by(Release.released_at.desc(), Release.id.desc()).limit(1)
        return (await connection.execute(newest)).scalar_one_or_none() not in {None, policy_hash}


async def note_held(
    uri: str, root: Path, version: str, policy_hash: str, by: str, clock: Clock, keys: KeyMaker
) -> None:
    """Write down that a release waits, and which bytes of it are to be approved."""
    manifest = manifest_hash(held_folder(root, NAME, version))
    held = {
        "id": keys.new(),
        "version": version,
        "manifest_sha256": manifest,
        "policy_hash": policy_hash,
        "held_at": clock.now(),
        "made_by": by,
    }
    entry = entry_of(HOLD, version, clock, by=by, manifest=manifest)
    async with writing(uri) as connection:
        await connection.execute(insert(HeldRelease).values(held))
        await connection.execute(entry)


async def clear_dropped(uri: str, root: Path) -> None:
    """Take the files of refused releases away."""
    async with writing(uri) as connection:
        query = select(HeldRelease.version).where(HeldRelease.dropped_at.is_not(None))
        for version in (await connection.execute(query)).scalars():
            drop(root, NAME, version)


async def approved(uri: str) -> RowMapping | None:
    """The release that enough officers approved, if one waits to be put in place."""
    count = select(func.count()).where(ReleaseApproval.held_id == HeldRelease.id).scalar_subquery()
    query = select(HeldRelease.__table__).where(*_WAITS, count >= APPROVALS)
    async with writing(uri) as connection:
        return (await connection.execute(query)).mappings().first()


async def put_approved(uri: str, root: Path, held: RowMapping, key: ReleaseKey, clock: Clock) -> Released:
    """Put an approved release in its place, or drop it where that is no longer possible.

    Raises:
        HeldReleaseOutdated, ReleaseWasChanged: it was dropped.
    """
    arguments = (root, NAME, held["version"], held["manifest_sha256"], key)
    try:
        return await asyncio.to_thread(put_in_place, *arguments)
    except (HeldReleaseOutdated, ReleaseWasChanged) as refused:
        async with writing(uri) as connection:
            await _note(connection, held, dropped_at=clock.now(), dropped_because=refused.message)
            await connection.execute(entry_of(DROP, held["version"], clock, manifest=held["manifest_sha256"]))
        drop(root, NAME, held["version"])
        raise


async def note_put(uri: str, held: RowMapping, clock: Clock) -> None:
    """Note that a release came out."""
    async with writing(uri) as connection:
        await _note(connection, held, put_at=clock.now())


async def _note(connection: AsyncConnection, held: RowMapping, **what: Any) -> None:
    await connection.execute(update(HeldRelease).where(HeldRelease.id == held["id"]).values(**what))

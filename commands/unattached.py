"""Files that no form named are not kept: a job of the clock."""

from __future__ import annotations

from asyncio import to_thread

from sqlalchemy import select

from commands.storage import storage_of
from commands.upload import KEPT_UNATTACHED
from commands.work import Work
from models.upload import Upload

_AT_A_TIME = 200


async def drop_unattached(work: Work) -> int:
    """Drop the bytes of uploads whose address ran out days ago and that are in no document.

    The bytes go first: what is cut in between is done again. A row that a form is just taking is locked, and left.
    """
    due = (
        select(Upload)
        .where(
            Upload.attached_at.is_(None),
            Upload.dropped_at.is_(None),
            Upload.expires_at < work.now - KEPT_UNATTACHED,
        )
        .order_by(Upload.id)
        .limit(_AT_A_TIME)
        .with_for_update(skip_locked=True)
    )
    uploads = (await work.session.execute(due)).scalars().all()
    storage = storage_of(work.settings) if uploads else None
    for upload in uploads:
        assert storage is not None
        await to_thread(storage.drop, upload.id.hex)
        upload.dropped_at = work.now
    return len(uploads)

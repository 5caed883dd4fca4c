"""A file of evidence comes: streamed to a draft, checked by its bytes, kept, and noted once."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import time
from typing import Protocol, TypeVar

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from sqlalchemy import select
from starlette.requests import Request

from commands.media import inspect
from commands.storage import Storage, storage_name
from commands.upload import ADDRESS_LASTS, UploadClosed, is_awaited, receive, upload_of
from commands.work import Work
from edge.evidence_errors import AnotherHash, AnotherSize, AnotherType, NoRoom, NoSuchAddress, TooManyAtOnce, TooSlow
from kernel.room import is_out_of_room
from models.base import Entity
from models.delivery import Document
from models.upload import Upload
from policy.secrets import SealBroken, Secrets
from policy.viewer import PUBLIC, Role, Viewer

SENT_WITHIN_S = 300.0
"""For a whole file: 20 MB over a telephone line of half a megabit a second."""

MOST_AT_ONCE = 16
"""Files of one caller on their way at a time, whatever the addresses: each may fill the disk with all of its size."""

E = TypeVar("E", bound=Entity)
T = TypeVar("T")


class Registrar(Protocol):
    """Whoever keeps the register of files: the bus."""

    async def look(self, part: Callable[[Work], Awaitable[T]]) -> T:
        """Read what the system itself needs to know."""
        ...

    async def perform(self, viewer: Viewer, act: str, part: Callable[[Work], Awaitable[E]]) -> E:
        """Do something in one transaction, with its audit entry."""
        ...


@dataclass
class Exchange:
    """One request while it is answered."""

    request: Request
    name: str
    role: str = PUBLIC.role


@dataclass
class Arrivals:
    """Takes files in at addresses that were given."""

    registrar: Registrar
    storage: Storage
    secrets: Secrets
    looking: CapacityLimiter
    """How many files are looked into at a time."""
    arriving: Counter[str]
    """Per caller how many files are on their way."""
    sent_within_s: float = SENT_WITHIN_S

    async def take(self, exchange: Exchange) -> dict[str, object]:
        """Take in the file of a PUT; what is to be said of it.

        Raises:
            Refusal: it is not what was announced, or is not awaited. Nothing of it is left, and an address that was
                good is good for another try.
            ClientDisconnect: the caller hung up; the same holds.
        """
        upload = await self._awaited(exchange.name)
        exchange.role = upload.role
        _require_as_announced(exchange.request, upload)
        async with self._turn(upload), _room(), _draft(self.storage.drafts, upload) as draft:
            digest = await self._arrived(exchange.request, upload, draft)
            if upload.announced_sha256 not in (None, digest):
                raise AnotherHash
            await run_sync(_inspect, draft, upload.media_type, limiter=self.looking)
            await self._keep(upload, draft, digest)
        return {
            "id": self.secrets.public_id(Document.__tablename__, upload.id),
            "mediaType": upload.media_type,
            "sizeBytes": upload.size_bytes,
            "sha256": digest,
        }

    @asynccontextmanager
    async def _turn(self, upload: Upload) -> AsyncIterator[None]:
        """One of the files that a caller may send at a time.

        Raises:
            TooManyAtOnce: as many are on their way.
        """
        caller = f"{upload.role}:{upload.subject}"
        if self.arriving[caller] >= MOST_AT_ONCE:
            raise TooManyAtOnce(MOST_AT_ONCE)
        self.arriving[caller] += 1
        try:
            yield
        finally:
            self.arriving[caller] -= 1
            self.arriving += Counter()  # forgets those who have none left

    async def _awaited(self, ticket: str) -> Upload:
        try:
            key = upload_of(self.secrets, ticket)
        except (SealBroken, ValueError):
            raise NoSuchAddress from None

        async def part(work: Work) -> Upload:
            query = select(Upload).where(Upload.id == key)
            upload = (await work.session.execute(query)).scalar_one_or_none()
            if upload is None or not is_awaited(upload, work.now):
                raise UploadClosed
            return upload

        return await self.registrar.look(part)

    async def _arrived(self, request: Request, upload: Upload, draft: Path) -> str:
        """Write the body to the draft as it comes; its SHA-256."""
        digest, size = hashlib.sha256(), 0
        with await run_sync(draft.open, "wb") as out:
            try:
                async with asyncio.timeout(self.sent_within_s):
                    async for chunk in request.stream():
                        size += len(chunk)
                        if size > upload.size_bytes:
                            raise AnotherSize(upload.size_bytes)
                        digest.update(chunk)
                        await run_sync(out.write, chunk)
            except TimeoutError:
                raise TooSlow(self.sent_within_s) from None
        if size < upload.size_bytes:
            raise AnotherSize(upload.size_bytes)
        return digest.hexdigest()

    async def _keep(self, upload: Upload, draft: Path, digest: str) -> None:
        """Keep the file, then note that it came; of several at once one is noted, and the others are forgotten."""
        name = storage_name(upload.id, digest)
        await run_sync(self.storage.put, name, draft)
        part = partial(receive, key=upload.id, sha256=digest, storage_name=name)
        try:
            await self.registrar.perform(_who_asked(upload), "ReceiveUpload", part)
        except UploadClosed:
            if await self._kept_name(upload) != name:
                await run_sync(self.storage.drop, name)
            raise

    async def _kept_name(self, upload: Upload) -> str | None:
        async def part(work: Work) -> str | None:
            query = select(Upload.storage_name).where(Upload.id == upload.id)
            return (await work.session.execute(query)).scalar_one()

        return await self.registrar.look(part)


def sweep(drafts: Path) -> None:
    """Remove what a killed process left of files that were arriving."""
    for draft in drafts.glob("*") if drafts.is_dir() else ():
        try:
            if draft.stat().st_mtime < time() - ADDRESS_LASTS.total_seconds():
                draft.unlink()
        except FileNotFoundError:
            continue


def _require_as_announced(request: Request, upload: Upload) -> None:
    """Refuse by the headers what would be refused once it is here."""
    named = request.headers.get("content-type", upload.media_type).partition(";")[0].strip().lower()
    if named not in (upload.media_type, "application/octet-stream"):
        raise AnotherType(upload.media_type)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise AnotherType(upload.media_type)
    length = request.headers.get("content-length")
    if length is not None and not re.fullmatch(rf"0*{upload.size_bytes}", length):
        raise AnotherSize(upload.size_bytes)


@asynccontextmanager
async def _room() -> AsyncIterator[None]:
    """Refuse what the disk has no room for."""
    try:
        yield
    except OSError as failure:
        if is_out_of_room(failure):
            raise NoRoom from None
        raise


@asynccontextmanager
async def _draft(folder: Path, upload: Upload) -> AsyncIterator[Path]:
    """A new private file, gone afterwards unless it was kept under another name."""
    draft = await run_sync(_new_draft, folder, upload.id.hex)
    try:
        yield draft
    finally:
        draft.unlink(missing_ok=True)  # at once, also when the caller hung up


def _new_draft(folder: Path, beginning: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle, name = tempfile.mkstemp(prefix=f"{beginning}.", dir=folder)
    os.close(handle)
    return Path(name)


def _inspect(draft: Path, announced: str) -> None:
    with draft.open("rb") as file:
        inspect(file, announced)


def _who_asked(upload: Upload) -> Viewer:
    return Viewer(
        Role[upload.role],
        upload.subject,
        institution_id=str(upload.institution_id or ""),
        person_id=str(upload.person_id or ""),
    )

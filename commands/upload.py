"""Files of evidence on their way in: an address for one file is asked for, and its bytes are received once (unggahan).

Source: DOMAIN section 4 (a file is kept with SHA-256, media type, size, date and uploader); how long an address lasts
and how many may be open are proposals.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import func, select

from commands.command import Command, registered
from commands.guards import sha256_given
from commands.refusal import Refusal
from commands.work import Work
from models.upload import Upload
from models.vocabulary import DocumentKind
from policy.secrets import Secrets
from policy.viewer import Viewer

JPEG, PNG, WEBP, PDF, CSV = "image/jpeg", "image/png", "image/webp", "application/pdf", "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SUFFIX_OF: Mapping[str, str] = {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf", XLSX: "xlsx", CSV: "csv"}
"""The media types that are taken, with the suffix of a file of each."""
IMAGES = frozenset({JPEG, PNG, WEBP})
PHOTOS = frozenset({DocumentKind.FOTO_BARANG, DocumentKind.FOTO_PENYERAHAN, DocumentKind.FOTO_PELATIHAN})

ADDRESS_LASTS = dt.timedelta(hours=1)
"""Between the request and the bytes."""
KEPT_UNATTACHED = dt.timedelta(days=7)
"""After its address ran out, a file that no form named is not kept any longer."""
MOST_OPEN = 200
"""Uploads of one caller that are in no document yet: more than one form ever has."""

ADDRESS = "/evidence/"
_TICKET = "evidence ticket"


# ---- situations


class TypeNotTaken(Refusal):
    """A media type that is not taken, or not for documents of this kind."""

    code = "MEDIA_TYPE_NOT_TAKEN"

    def __init__(self, allowed: list[str]) -> None:
        listed = ", ".join(allowed)
        super().__init__(
            f"A document of this kind is one of: {listed}. Convert the file and announce its type.",
            f"Dokumen jenis ini harus salah satu dari: {listed}. Ubah berkasnya lalu sebutkan tipenya.",
            path=("mediaType",),
            allowed=allowed,
        )


class SizeNotTaken(Refusal):
    """A file that is empty or larger than what is taken."""

    code = "SIZE_NOT_TAKEN"

    def __init__(self, most: int) -> None:
        super().__init__(
            f"A file has 1 to {most:,} bytes. Make it smaller, or send it in parts.",
            f"Berkas berukuran 1 sampai {most:,} bita. Perkecil, atau kirim dalam beberapa bagian.",
            path=("sizeBytes",),
            limit=most,
        )


class TooManyUploads(Refusal):
    """A caller with many files that no form names."""

    code = "TOO_MANY_UPLOADS"

    def __init__(self) -> None:
        super().__init__(
            f"You have {MOST_OPEN} uploads that no form names yet. Hand in the forms; an address that is not used ends "
            "after an hour, a file that no form names after seven days.",
            f"Ada {MOST_OPEN} unggahan Anda yang belum dipakai formulir. Kirim formulirnya; alamat yang tidak dipakai "
            "berakhir setelah satu jam, berkas yang tidak dipakai setelah tujuh hari.",
        )


class UploadClosed(Refusal):
    """An address that took its file already, or ran out."""

    code = "UPLOAD_CLOSED"

    def __init__(self) -> None:
        super().__init__(
            "This address took its file already, or ran out. Ask for another one with `requestUpload`.",
            "Alamat ini sudah menerima berkasnya, atau kedaluwarsa. Minta alamat baru dengan `requestUpload`.",
        )


# ---- asking


@dataclass(frozen=True, kw_only=True)
class RequestUpload(Command):
    """Ask for an address to which one file of evidence may be sent by PUT, once (unggah bukti)."""

    kind: Annotated[DocumentKind, "What the file is (jenis dokumen)."]
    media_type: Annotated[str, "Its media type (tipe berkas), such as `image/jpeg` or `application/pdf`."]
    size_bytes: Annotated[int, "Its size in bytes (ukuran)."]
    sha256: Annotated[str | None, "Its SHA-256, 64 hex digits, to be checked on arrival (sidik berkas)."] = None


async def request_upload(command: RequestUpload, work: Work) -> Upload:
    """Announce one file; what is announced is checked when the bytes come.

    Raises:
        TypeNotTaken, SizeNotTaken, NotASha256: it would not be taken.
        TooManyUploads: the caller has many that are in no document.
    """
    allowed = sorted(IMAGES if command.kind in PHOTOS else SUFFIX_OF)
    if command.media_type not in allowed:
        raise TypeNotTaken(allowed)
    if not 0 < command.size_bytes <= work.settings.evidence_max_bytes:
        raise SizeNotTaken(work.settings.evidence_max_bytes)
    if await _open(work) >= MOST_OPEN:
        raise TooManyUploads
    upload = work.add(
        Upload,
        kind=command.kind,
        media_type=command.media_type,
        size_bytes=command.size_bytes,
        announced_sha256=None if command.sha256 is None else sha256_given(command.sha256),
        **caller(work.viewer),
        requested_at=work.now,
        expires_at=work.now + ADDRESS_LASTS,
    )
    work.reply["id"] = work.secrets.public_id("document", upload.id)
    work.reply["url"] = f"{work.settings.public_url.rstrip('/')}{ADDRESS}{ticket(work.secrets, upload.id)}"
    work.reply["expiresAt"] = upload.expires_at.isoformat()
    return upload


def caller(viewer: Viewer) -> dict[str, Any]:
    """Who asks, as an upload keeps it."""
    return {
        "role": viewer.role.value,
        "subject": viewer.subject,
        "institution_id": UUID(viewer.institution_id) if viewer.institution_id else None,
        "person_id": UUID(viewer.person_id) if viewer.person_id else None,
    }


async def _open(work: Work) -> int:
    """How many files of the caller are awaited, or lie in no document."""
    mine = Upload.role == work.viewer.role.value, Upload.subject == work.viewer.subject
    waiting = (Upload.expires_at > work.now) | Upload.received_at.is_not(None)
    query = select(func.count()).where(*mine, Upload.attached_at.is_(None), Upload.dropped_at.is_(None), waiting)
    return int((await work.session.execute(query)).scalar_one())


# ---- receiving


def ticket(secrets: Secrets, key: UUID) -> str:
    """The part of an address that only this installation can make; whoever has it may send the file."""
    return secrets.seal(key.bytes, _TICKET)


def upload_of(secrets: Secrets, text: str) -> UUID:
    """The key of the upload that a ticket was made for.

    Raises:
        SealBroken: it was not made here.
    """
    return UUID(bytes=secrets.unseal(text, _TICKET))


def is_awaited(upload: Upload | None, now: dt.datetime) -> bool:
    """Whether the file may still come."""
    return upload is not None and upload.received_at is None and now < upload.expires_at


async def receive(work: Work, key: UUID, sha256: str, storage_name: str) -> Upload:
    """Note that the file of an upload came; of several at once, one.

    Raises:
        UploadClosed: it came before, or too late.
    """
    upload = await work.locked(Upload, Upload.id == key)
    if upload is None or not is_awaited(upload, work.now):
        raise UploadClosed
    upload.received_at = work.now
    upload.sha256 = sha256
    upload.storage_name = storage_name
    return upload


COMMANDS = (
    registered(
        RequestUpload,
        request_upload,
        answers="Upload",
        reply={
            "id": ("ID | None", "Of the document that it becomes: name it in `documentIds` of the form."),
            "url": ("String | None", "Where to send the bytes by PUT, once; it is a secret."),
            "expiresAt": ("DateTime | None", "Until when they may come (kedaluwarsa)."),
        },
    ),
)

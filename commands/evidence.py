"""Evidence (bukti): uploads that a caller sent become documents of what a form is about.

Source: DOMAIN section 4; a form is accepted only if every minimum item is present.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import select

from commands.guards import sha256_given
from commands.refusal import NotFound, Path, Refusal
from commands.upload import SUFFIX_OF, caller
from commands.work import Work
from models.account import UserAccount
from models.delivery import Document
from models.upload import Upload
from models.vocabulary import DocumentKind
from policy.viewer import Role, Viewer

MOST_DOCUMENTS = 50
"""Of one form: more than any of them asks for."""

_OWNED_BY = {
    Role.KOLABORATOR: ("collaborator_id", "institution_id"),
    Role.AGREGATOR: ("institution_id", "institution_id"),
    Role.FINTECH: ("institution_id", "institution_id"),
}
"""Per role the column by which it sees its own documents, and where its key stands in the viewer."""


class EvidenceMissing(Refusal):
    """A form without a document that it must have."""

    code = "EVIDENCE_MISSING"

    def __init__(self, missing: Sequence[Sequence[DocumentKind]], path: Path) -> None:
        codes = ["|".join(kind.value for kind in group) for group in missing]
        english = "; ".join(" or ".join(f"{k.label_en} ({k.value})" for k in group) for group in missing)
        indonesian = "; ".join(" atau ".join(f"{k.label_id} ({k.value})" for k in group) for group in missing)
        super().__init__(
            f"Evidence is missing: {english}. Upload it with `requestUpload` and name its id here.",
            f"Bukti belum lengkap: {indonesian}. Unggah dengan `requestUpload`, lalu sebutkan id-nya di sini.",
            path=path,
            missing=codes,
        )


class EvidenceNotReceived(Refusal):
    """An upload whose bytes did not come."""

    code = "EVIDENCE_NOT_RECEIVED"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The file of this upload has not arrived, or was not kept. Send it by PUT to the address that "
            "`requestUpload` gave, or ask for a new one.",
            "Berkas unggahan ini belum diterima, atau tidak disimpan lagi. Kirim dengan PUT ke alamat dari "
            "`requestUpload`, atau minta alamat baru.",
            path=path,
        )


class EvidenceUsed(Refusal):
    """An upload that is in another form already, or named twice."""

    code = "EVIDENCE_USED"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This file is evidence of another form already, or is named twice. Upload it once more.",
            "Berkas ini sudah menjadi bukti formulir lain, atau disebut dua kali. Unggah sekali lagi.",
            path=path,
        )


class EvidenceDiffers(Refusal):
    """A SHA-256 that is told beside a document that has another."""

    code = "EVIDENCE_DIFFERS"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "No document named here has this SHA-256. Leave it away: that of the document is taken.",
            "Tidak ada dokumen di sini dengan SHA-256 ini. Kosongkan saja: sidik dokumennya yang dipakai.",
            path=path,
        )


class TooManyDocuments(Refusal):
    """A form with more documents than are taken."""

    code = "TOO_MANY_DOCUMENTS"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Name at most {MOST_DOCUMENTS} documents.", f"Sebutkan paling banyak {MOST_DOCUMENTS} dokumen.", path=path
        )


async def attach(
    work: Work,
    document_ids: Sequence[UUID],
    *,
    required: Sequence[Sequence[DocumentKind]] = (),
    path: Path = ("documentIds",),
    region_code: str,
    **of: UUID | None,
) -> Sequence[Document]:
    """Make received uploads of the caller documents, in the order in which they are named.

    `required`: groups of kinds, each of which at least one document must meet. `of`: columns of `Document` that say
    what it proves and whose it is; that it is the caller's own is added where `of` does not say otherwise.

    Raises:
        EvidenceMissing: a required kind is not among them.
        NotFound: no upload of the caller.
        EvidenceNotReceived, EvidenceUsed, TooManyDocuments: see there.
    """
    if len(document_ids) > MOST_DOCUMENTS:
        raise TooManyDocuments(path)
    uploads = await _usable(work, document_ids, path)
    kinds = {upload.kind for upload in uploads}
    if missing := [group for group in required if kinds.isdisjoint(group)]:
        raise EvidenceMissing(missing, path)
    whose = {**_own(work.viewer), **of}
    by = await _uploader(work) if uploads else None
    return [_document(work, upload, uploaded_by=by, region_code=region_code, **whose) for upload in uploads]


def hash_of(given: str | None, documents: Sequence[Document], kind: DocumentKind, path: Path) -> str:
    """The SHA-256 of the document of a kind, which is among them; of several the one that is told, else the first.

    Raises:
        EvidenceDiffers: one is told, and no document of the kind has it.
        NotASha256: what is told is none.
    """
    proofs = [document.sha256 for document in documents if document.kind is kind]
    told = proofs[0] if given is None else sha256_given(given)
    if told not in proofs:
        raise EvidenceDiffers(path)
    return told


async def _usable(work: Work, keys: Sequence[UUID], path: Path) -> list[Upload]:
    mine = [getattr(Upload, name) == value for name, value in caller(work.viewer).items()]
    query = select(Upload).where(Upload.id.in_(keys), *mine).order_by(Upload.id).with_for_update()
    found = {upload.id: upload for upload in (await work.session.execute(query)).scalars()} if keys else {}
    for index, key in enumerate(keys):
        place = (*path, index)
        upload = found.get(key)
        if upload is None:
            raise NotFound("upload", place)
        if upload.attached_at is not None or key in keys[:index]:
            raise EvidenceUsed(place)
        if upload.received_at is None or upload.dropped_at is not None:
            raise EvidenceNotReceived(place)
    return [found[key] for key in keys]


def _document(work: Work, upload: Upload, **values: Any) -> Document:
    upload.attached_at = work.now
    document = Document(
        id=upload.id,
        public_id=work.secrets.public_id(Document.__tablename__, upload.id),
        kind=upload.kind,
        media_type=upload.media_type,
        size_bytes=upload.size_bytes,
        uploaded_on=work.today,
        sha256=upload.sha256,
        file_name=f"{upload.kind.value.lower()}.{SUFFIX_OF[upload.media_type]}",
        **values,
    )
    work.session.add(document)
    return document


def _own(viewer: Viewer) -> dict[str, UUID]:
    if viewer.role not in _OWNED_BY:
        return {}
    column, attribute = _OWNED_BY[viewer.role]
    return {column: UUID(getattr(viewer, attribute))}


async def _uploader(work: Work) -> UUID:
    """The key of who uploads: of an officer or institution; of the account; else one that is always the caller's."""
    viewer = work.viewer
    if key := viewer.person_id or viewer.institution_id:
        return UUID(key)
    account = await work.session.execute(select(UserAccount.id).where(UserAccount.login == viewer.subject))
    return account.scalar_one_or_none() or uuid5(NAMESPACE_URL, f"ksbb:{viewer.role.value}:{viewer.subject}")

"""Uploads (unggahan): files of evidence on their way in, from an address that is asked for to a document."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Entity
from models.privacy import Internal
from models.vocabulary import DocumentKind


class Upload(Entity, Base):
    """One file that a caller announced; its key is that of the document which it becomes when a form names it.

    Who announced it is kept so that nobody else can hand it in. It is not read by any role: the document is.
    """

    __tablename__ = "upload"

    kind: Mapped[Internal[DocumentKind]]
    media_type: Mapped[Internal[str]]
    size_bytes: Mapped[Internal[int]] = mapped_column(BigInteger)
    announced_sha256: Mapped[Internal[str | None]]
    role: Mapped[Internal[str]]
    subject: Mapped[Internal[str]]
    institution_id: Mapped[Internal[uuid.UUID | None]]
    person_id: Mapped[Internal[uuid.UUID | None]]
    requested_at: Mapped[Internal[dt.datetime]]
    expires_at: Mapped[Internal[dt.datetime]]
    received_at: Mapped[Internal[dt.datetime | None]]
    attached_at: Mapped[Internal[dt.datetime | None]]
    dropped_at: Mapped[Internal[dt.datetime | None]]
    sha256: Mapped[Internal[str | None]]
    storage_name: Mapped[Internal[str | None]]

    __table_args__ = (
        CheckConstraint("size_bytes > 0", name="size_is_positive"),
        CheckConstraint("attached_at is null or received_at is not null", name="attached_once_received"),
        Index("ix_upload_caller", "role", "subject", "requested_at"),
        Index("ix_upload_open", "expires_at", postgresql_where="attached_at is null and dropped_at is null"),
    )

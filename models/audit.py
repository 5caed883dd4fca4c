"""Who did and read what: the audit trail (jejak audit), append-only."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.privacy import Internal


class AuditEntry(Base):
    """One act: a write with its changes of state, or a clear read of protected fields; never a value of a person."""

    __tablename__ = "audit_entry"
    append_only = True

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    at: Mapped[Internal[dt.datetime]]
    role: Mapped[Internal[str]]
    subject: Mapped[Internal[str]]
    act: Mapped[Internal[str]]
    purpose: Mapped[Internal[str | None]]
    document_hash: Mapped[Internal[str | None]]
    details: Mapped[Internal[dict[str, Any]]]

    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("ix_audit_entry_look_up", "subject", "at", postgresql_where="act = 'LOOK_UP'"),
    )

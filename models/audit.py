"""Who did and read what: the audit trail (jejak audit), append-only."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import BigInteger, FetchedValue, Identity, Index, LargeBinary, literal_column
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.privacy import Internal


class AuditEntry(Base):
    """One act: a write with its changes of state, or a clear read of protected fields; never a value of a person.

    `subject` is who acted; `about_kind` and `about_id` name the row acted upon by its table and public identifier.
    `from_state`, `to_state` and `reason` are those of that row; what the act changed beside it stands in `details`.
    `entry` counts the rows as they were written. `position`, `sealed_on` (a day in Jakarta) and `hash` are empty until
    the sequencer makes the entry a link of the chain: the only columns that are ever filled later. `digest` is of all
    that stays (`models/audit_chain.py`); PostgreSQL makes it as the entry is written. Reasons are words that somebody
    wrote: they are taken away, here and in the steps, when the person they are about is erased, and `words_salt` with
    them. Without it `words_hash`, which stays and is in the digest, tells nothing of them.
    """

    __tablename__ = "audit_entry"
    append_only = True
    forgettable = ("reason", "details", "words_salt")

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    at: Mapped[Internal[dt.datetime]]
    role: Mapped[Internal[str]]
    subject: Mapped[Internal[str]]
    act: Mapped[Internal[str]]
    purpose: Mapped[Internal[str | None]]
    document_hash: Mapped[Internal[str | None]]
    about_kind: Mapped[Internal[str | None]]
    about_id: Mapped[Internal[str | None]]
    from_state: Mapped[Internal[str | None]]
    to_state: Mapped[Internal[str | None]]
    reason: Mapped[Internal[str | None]]
    details: Mapped[Internal[dict[str, Any]]]
    words_salt: Mapped[Internal[bytes | None]] = mapped_column(LargeBinary)
    words_hash: Mapped[Internal[bytes | None]] = mapped_column(LargeBinary)
    digest: Mapped[Internal[bytes]] = mapped_column(LargeBinary, server_default=FetchedValue())
    entry: Mapped[Internal[int]] = mapped_column(BigInteger, Identity())
    position: Mapped[Internal[int | None]] = mapped_column(BigInteger)
    sealed_on: Mapped[Internal[dt.date | None]]
    hash: Mapped[Internal[bytes | None]] = mapped_column(LargeBinary)

    __table_args__ = (
        Index("ix_audit_entry_at", "at"),
        Index("uq_audit_entry_position", "position", unique=True, postgresql_where="position is not null"),
        Index("ix_audit_entry_unsealed", "entry", postgresql_where="position is null"),
        Index("ix_audit_entry_about", "about_id", "at", postgresql_where="about_id is not null"),
        Index(
            "ix_audit_entry_steps",
            literal_column("((details -> 'steps')::jsonb)").label("steps"),
            postgresql_using="gin",
            postgresql_ops={"steps": "jsonb_path_ops"},
            postgresql_where="((details -> 'steps')::jsonb) is not null",
        ),
        Index("ix_audit_entry_nik", literal_column("(details ->> 'nik_hash')"), postgresql_where="act = 'LOOK_UP'"),
        Index("ix_audit_entry_read", "at", postgresql_where="act = 'READ'"),
        Index("ix_audit_entry_look_up", "subject", "at", postgresql_where="act = 'LOOK_UP'"),
    )


class AuditRoot(Base):
    """Where the chain of the audit trail stood at the end of a day: its last link. The newest row is its end."""

    __tablename__ = "audit_root"
    of_the_sequencer = True

    day: Mapped[Internal[dt.date]] = mapped_column(primary_key=True)
    position: Mapped[Internal[int]] = mapped_column(BigInteger)
    hash: Mapped[Internal[bytes]] = mapped_column(LargeBinary)

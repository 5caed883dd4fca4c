"""API keys (kunci API): by which programs of partner agencies are known, as officers are by their tokens."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity
from models.privacy import Internal


class ApiKey(Entity, Base):
    """One key, and whom it speaks for, as a token's claims have it. No role reads it: `ksbb key list` does.

    `secret_hash` is all that is kept of the secret; `scopes` are parted by blanks. `changed_at` is when anything else
    than `last_used_at` was written last, so that processes can ask for what is new.
    """

    __tablename__ = "api_key"
    append_only = True
    changeable = ("expires_at", "revoked_at", "last_used_at", "changed_at")

    secret_hash: Mapped[Internal[bytes]] = mapped_column(LargeBinary)
    role: Mapped[Internal[str]]
    subject: Mapped[Internal[str]]
    institution_id: Mapped[Internal[uuid.UUID | None]]
    area: Mapped[Internal[str | None]] = mapped_column(Text(collation="C"))
    person_id: Mapped[Internal[uuid.UUID | None]]
    level: Mapped[Internal[str | None]]
    agency: Mapped[Internal[str | None]]
    scopes: Mapped[Internal[str]]
    trusted_only: Mapped[Internal[bool]]
    replaces_id: Mapped[Internal[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.api_key.id"))
    created_at: Mapped[Internal[dt.datetime]]
    expires_at: Mapped[Internal[dt.datetime]]
    revoked_at: Mapped[Internal[dt.datetime | None]]
    last_used_at: Mapped[Internal[dt.datetime | None]]
    changed_at: Mapped[Internal[dt.datetime]] = mapped_column(index=True)

    __table_args__ = (
        CheckConstraint("expires_at <= created_at + interval '366 days'", name="expires_within_a_year"),
        CheckConstraint("octet_length(secret_hash) = 32", name="hash_has_32_bytes"),
    )

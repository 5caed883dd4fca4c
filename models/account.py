"""Users, their roles, and tokens that were revoked."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity
from models.privacy import Contact, Internal, Key, Public


class UserAccount(Entity, Base):
    """A person who logs in (pengguna)."""

    __tablename__ = "user_account"

    login: Mapped[Public[str]] = mapped_column(unique=True)
    name: Mapped[Contact[str]]
    active: Mapped[Public[bool]]
    created_on: Mapped[Public[dt.date]]
    secret_hash: Mapped[Internal[str | None]]


class RoleAssignment(Entity, Base):
    """A role of a user, with institution and area (peran wilayah)."""

    __tablename__ = "role_assignment"

    user_account_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.user_account.id"), index=True)
    role: Mapped[Public[str]]
    agency: Mapped[Public[str | None]]
    institution_id: Mapped[Key[uuid.UUID | None]]
    region_code: Mapped[Public[str | None]] = mapped_column(Text(collation="C"))
    from_on: Mapped[Public[dt.date]]
    until_on: Mapped[Public[dt.date | None]]


class TokenRevocation(Base):
    """That no token of a login (`sub`) that was issued until an instant holds any longer; of all roles, or of one."""

    __tablename__ = "token_revocation"
    append_only = True

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    at: Mapped[Internal[dt.datetime]] = mapped_column(index=True)
    subject: Mapped[Internal[str]]
    role: Mapped[Internal[str | None]]
    issued_before: Mapped[Internal[dt.datetime]]

"""Owners of businesses and what they consented to."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, region_code
from models.privacy import Business, Contact, FreeText, Identity, Internal, Key, Place, Public
from models.vocabulary import ConsentPurpose, Sex


class Owner(Entity, Base):
    """The person behind a business (pelaku usaha). NIK and KK are stored encrypted, with a keyed hash for equality."""

    __tablename__ = "owner"

    name: Mapped[Contact[str]]
    phone: Mapped[Contact[str | None]]
    sex: Mapped[Identity[Sex]]
    nik: Mapped[Identity[bytes]] = mapped_column(LargeBinary)
    nik_last4: Mapped[Internal[str]] = mapped_column(Text)
    nik_hash: Mapped[Internal[bytes]] = mapped_column(LargeBinary, unique=True)
    family_card: Mapped[Identity[bytes | None]] = mapped_column(LargeBinary)
    family_card_last4: Mapped[Internal[str | None]]
    born_on: Mapped[Identity[dt.date]]
    address: Mapped[Place[str]]
    region_code: Mapped[Business[str]] = region_code()

    __table_args__ = (CheckConstraint("length(nik_hash) = 32", name="nik_hash_is_sha256"),)


class Consent(Entity, Base):
    """A dated, revocable, purpose-bound permission of a person (persetujuan). Source: UU 27/2022, art. 20-22."""

    __tablename__ = "consent"

    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    region_code: Mapped[Business[str]] = region_code()
    purpose: Mapped[Public[ConsentPurpose]]
    given_on: Mapped[Public[dt.date]]
    withdrawn_on: Mapped[Public[dt.date | None]]
    note: Mapped[FreeText[str | None]]

"""The PAIS UMi intake chain: applications for the national BPUM grant and the district recaps."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Enum, ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, region_code
from models.privacy import Business, Contact, FreeText, Identity, Internal, Key, Place, Public
from models.vocabulary import IntakeLevel, IntakeStatus


class Recap(Entity, Base):
    """A frozen, hashed batch of one kecamatan (rekap kecamatan). Source: PAIS UMi SOP, part D."""

    __tablename__ = "recap"

    region_code: Mapped[Public[str]] = region_code()
    level: Mapped[Public[IntakeLevel]]
    version: Mapped[Public[int]]
    applications: Mapped[Public[int]]
    frozen_on: Mapped[Public[dt.date]]
    file_sha256: Mapped[Public[str]]


class IntakeApplication(Entity, Base):
    """A trader's file on its way from the village to the ministry (usulan BPUM)."""

    __tablename__ = "intake_application"

    number: Mapped[Public[str]] = mapped_column(unique=True)
    recap_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.recap.id"), index=True)
    region_code: Mapped[Business[str]] = region_code()
    level: Mapped[Business[IntakeLevel]]
    status: Mapped[Business[IntakeStatus]]
    business_field: Mapped[Business[str]]
    applicant_name: Mapped[Contact[str]]
    applicant_phone: Mapped[Contact[str | None]]
    applicant_address: Mapped[Place[str]]
    nik: Mapped[Identity[bytes]] = mapped_column(LargeBinary)
    nik_last4: Mapped[Internal[str]]
    nik_hash: Mapped[Internal[bytes]] = mapped_column(LargeBinary)
    family_card: Mapped[Identity[bytes]] = mapped_column(LargeBinary)
    family_card_last4: Mapped[Internal[str]]
    permit_number: Mapped[Identity[str | None]]
    received_on: Mapped[Business[dt.date]]
    paid_on: Mapped[Business[dt.date | None]]
    return_reason: Mapped[FreeText[str | None]]

    __table_args__ = (
        Index("ix_intake_application_nik_hash", "nik_hash"),
        Index(
            "uq_intake_application_one_that_stands",
            "nik_hash",
            unique=True,
            postgresql_where="status <> 'DITOLAK'",
        ),
    )


class IntakeStep(Entity, Base):
    """One move of a file: taken in, completed, sent on, returned, turned down (riwayat usulan); append-only.

    `level` is where the file lies after it. A file that comes in has no state before.
    """

    __tablename__ = "intake_step"
    append_only = True
    forgettable = ("reason",)

    intake_application_id: Mapped[Key[uuid.UUID]] = mapped_column(
        ForeignKey(f"{SCHEMA}.intake_application.id"), index=True
    )
    officer_id: Mapped[Key[uuid.UUID | None]]
    from_status: Mapped[Business[IntakeStatus | None]] = mapped_column(
        Enum(IntakeStatus, name="from_status", native_enum=False, create_constraint=True, length=40)
    )
    to_status: Mapped[Business[IntakeStatus]]
    level: Mapped[Business[IntakeLevel]]
    at: Mapped[Business[dt.datetime]]
    reason: Mapped[FreeText[str | None]]

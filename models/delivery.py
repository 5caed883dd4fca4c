"""Deliveries (realisasi), who received them, trainings, documents and validations."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Rupiah, region_code
from models.privacy import Business, Finance, FreeText, Internal, Key, Public
from models.vocabulary import DeliveryStatus, DocumentKind, PackageKind, TrainingKind, TrainingMode


class Delivery(Entity, Base):
    """One report that aid was handed over, or its schedule before (realisasi, form C).

    `storage_place_id` and `storage_note` say where the kelurahan lets the goods lie until then (Lampiran I no. 13);
    `override_reason` why the same goods went to the same business again; `reported_by` is the login that reported.
    `photos_consented`: every business that received a share consented to photos; kept by the check of the delivery and
    by every later consent, because the public may see neither the recipients nor what they consented to.
    """

    __tablename__ = "delivery"

    collaboration_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaboration.id"), index=True)
    pledge_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.pledge.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    distributor_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    place_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.place.id"))
    region_code: Mapped[Public[str]] = region_code()
    package_kind: Mapped[Public[PackageKind]]
    item: Mapped[Public[str]]
    quantity: Mapped[Public[int]]
    extra_quantity: Mapped[Public[int]]
    value: Mapped[Public[Rupiah]]
    scheduled_on: Mapped[Public[dt.date]] = mapped_column(index=True)
    delivered_on: Mapped[Public[dt.date | None]]
    reported_at: Mapped[Public[dt.datetime | None]]
    validated_on: Mapped[Public[dt.date | None]]
    status: Mapped[Public[DeliveryStatus]]
    status_reason: Mapped[FreeText[str | None]]
    override_reason: Mapped[FreeText[str | None]]
    storage_place_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.place.id"), index=True)
    storage_note: Mapped[FreeText[str | None]]
    storage_offered_on: Mapped[Public[dt.date | None]]
    reported_by: Mapped[Internal[str | None]]
    photos_consented: Mapped[Internal[bool]] = mapped_column(server_default="false")

    __table_args__ = (CheckConstraint("quantity >= 0 and extra_quantity >= 0 and value >= 0", name="not_negative"),)


class DeliveryRecipient(Entity, Base):
    """A business that received a share of a delivery (penerima)."""

    __tablename__ = "delivery_recipient"

    delivery_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.delivery.id"), index=True)
    collaboration_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaboration.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    fund_manager_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    business_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    region_code: Mapped[Business[str]] = region_code()
    package_kind: Mapped[Business[PackageKind]]
    quantity: Mapped[Business[int]]
    scheduled_on: Mapped[Business[dt.date]]
    received_on: Mapped[Business[dt.date | None]]
    days_since_previous: Mapped[Business[int | None]]

    __table_args__ = (
        UniqueConstraint("delivery_id", "business_id"),
        Index("ix_delivery_recipient_public_id", "public_id"),
    )


class TrainingSession(Entity, Base):
    """A training that was held (sesi pelatihan)."""

    __tablename__ = "training_session"

    delivery_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.delivery.id"), index=True)
    topic: Mapped[Public[str]]
    kind: Mapped[Public[TrainingKind]]
    mode: Mapped[Public[TrainingMode]]
    held_on: Mapped[Public[dt.date]]


class Attendance(Entity, Base):
    """Whether an invited owner came (kehadiran)."""

    __tablename__ = "attendance"

    training_session_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.training_session.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    business_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    region_code: Mapped[Business[str]] = region_code()
    attended: Mapped[Business[bool]]

    __table_args__ = (UniqueConstraint("training_session_id", "business_id"),)


class Document(Entity, Base):
    """A file of evidence (dokumen): what it is and its hash; the bytes lie in the evidence folder."""

    __tablename__ = "document"

    kind: Mapped[Public[DocumentKind]]
    collaboration_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.collaboration.id"), index=True
    )
    delivery_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.delivery.id"), index=True)
    loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    accreditation_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.accreditation.id"), index=True
    )
    intake_application_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.intake_application.id"), index=True
    )
    handover_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.handover.id"), index=True)
    periodic_report_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.periodic_report.id"), index=True
    )
    collaborator_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    fund_manager_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    institution_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    region_code: Mapped[Business[str]] = region_code()
    media_type: Mapped[Public[str]]
    size_bytes: Mapped[Public[int]] = mapped_column(BigInteger)
    uploaded_on: Mapped[Public[dt.date]]
    uploaded_by: Mapped[Key[uuid.UUID]]
    sha256: Mapped[Public[str]]
    file_name: Mapped[Internal[str]]
    drop_from: Mapped[Public[dt.date | None]]


class Validation(Entity, Base):
    """An officer's check of a delivery or disbursement (validasi); append-only.

    What the officer found to be received, where it is not what was reported: rupiah of a loan, pieces of a delivery.
    """

    __tablename__ = "validation"
    append_only = True
    forgettable = ("note",)

    delivery_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.delivery.id"), index=True)
    loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    officer_id: Mapped[Key[uuid.UUID]]
    region_code: Mapped[Business[str]] = region_code()
    validated_on: Mapped[Business[dt.date]]
    accepted: Mapped[Business[bool]]
    received_amount: Mapped[Finance[Rupiah | None]]
    received_quantity: Mapped[Business[int | None]]
    note: Mapped[FreeText[str | None]]

"""Institutions (lembaga): fund managers and fintechs, their accreditation and agreements."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, searchable
from models.privacy import Contact, FreeText, Key, Public
from models.vocabulary import AccreditationStatus, InstitutionKind, PackageKind


class Institution(Entity, Base):
    """A fund manager (agregator) or fintech."""

    __tablename__ = "institution"

    kind: Mapped[Public[InstitutionKind]]
    name: Mapped[Public[str]]
    legal_form: Mapped[Public[str]]
    permit_number: Mapped[Public[str]]
    regulator: Mapped[Public[str]]
    tax_number: Mapped[Public[str]]
    account: Mapped[Public[str]]
    email: Mapped[Public[str]]
    phone: Mapped[Public[str]]
    contact_person: Mapped[Contact[str]]
    search: Mapped[Public[str]] = searchable("name")

    __table_args__ = (Index("ix_institution_search", "search", postgresql_using="gin"),)


class Accreditation(Entity, Base):
    """The accreditation of an institution for one package (akreditasi).

    Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5-7.
    """

    __tablename__ = "accreditation"

    institution_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    package_kind: Mapped[Public[PackageKind]]
    status: Mapped[Public[AccreditationStatus]]
    applied_on: Mapped[Public[dt.date]]
    decided_on: Mapped[Public[dt.date | None]]
    decision: Mapped[FreeText[str | None]]


class Agreement(Entity, Base):
    """A cooperation agreement with DKI Jakarta (PKS)."""

    __tablename__ = "agreement"

    institution_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    number: Mapped[Public[str]] = mapped_column(unique=True)
    starts_on: Mapped[Public[dt.date]]
    ends_on: Mapped[Public[dt.date]]
    file_sha256: Mapped[Public[str | None]]

    __table_args__ = (CheckConstraint("ends_on >= starts_on", name="ends_after_start"),)


class AuditReport(Entity, Base):
    """The audited report of all activities of a fintech (laporan audit). Source: Lampiran I no. 27."""

    __tablename__ = "audit_report"

    institution_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    year: Mapped[Public[int]]
    auditor: Mapped[Public[str]]
    received_on: Mapped[Public[dt.date]]
    file_sha256: Mapped[Public[str | None]]

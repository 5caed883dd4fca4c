"""Institutions (lembaga): fund managers and fintechs, their accreditation (form G), agreements and audit reports."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, searchable
from models.flow_codes import FormGItem, StepOrigin
from models.privacy import Contact, FreeText, Key, Public
from models.vocabulary import AccreditationStatus, DocumentKind, InstitutionKind, PackageKind


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
    stopped_on: Mapped[Public[dt.date | None]]
    decision: Mapped[FreeText[str | None]]

    __table_args__ = (
        Index(
            "uq_accreditation_one_open_per_package",
            "institution_id",
            "package_kind",
            unique=True,
            postgresql_where="status not in ('TIDAK_MEMENUHI','BERAKHIR','DICABUT')",
        ),
    )


class AccreditationRequirement(Base):
    """One item that form G asks of a kind of institution for a package (persyaratan); a paper or a field of its entry.

    Rows: `models/reference/form_g.json`. Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 5; `origin` tells which
    items are our proposal.
    """

    __tablename__ = "accreditation_requirement"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'accreditation_requirement_' || id", persisted=True))
    institution_kind: Mapped[Public[InstitutionKind]]
    package_kind: Mapped[Public[PackageKind]]
    item: Mapped[Public[FormGItem]]
    position: Mapped[Public[int]]
    document_kind: Mapped[Public[DocumentKind | None]]
    field: Mapped[Public[str | None]]
    text_indonesian: Mapped[Public[str]]
    text_english: Mapped[Public[str]]
    origin: Mapped[Public[StepOrigin]]
    source: Mapped[Public[str]]


class AccreditationItem(Entity, Base):
    """An item of form G in one application, and since when it is there (butir permohonan); missing without a day."""

    __tablename__ = "accreditation_item"

    accreditation_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.accreditation.id"), index=True)
    institution_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    item: Mapped[Public[FormGItem]]
    met_on: Mapped[Public[dt.date | None]]
    file_sha256: Mapped[Public[str | None]]
    remark: Mapped[FreeText[str | None]]

    __table_args__ = (UniqueConstraint("accreditation_id", "item"),)


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
    """The audited report of all activities of a fintech (laporan audit); the last version of a year counts.

    Source: Lampiran I no. 27.
    """

    __tablename__ = "audit_report"

    institution_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    year: Mapped[Public[int]]
    auditor: Mapped[Public[str]]
    version: Mapped[Public[int]] = mapped_column(server_default="1")
    received_on: Mapped[Public[dt.date]]
    replaced_on: Mapped[Public[dt.date | None]]
    file_sha256: Mapped[Public[str | None]]

    __table_args__ = (UniqueConstraint("institution_id", "year", "version"),)

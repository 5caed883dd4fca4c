"""Collaborators (donors), how they were found, and what very large ones announce to the PIC KSBB."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Rupiah
from models.privacy import Contact, Donor, FreeText, Internal, Key, Public
from models.vocabulary import (
    Actor,
    AnnouncementStatus,
    CollaboratorKind,
    OutreachKind,
    PackageKind,
)


class Collaborator(Entity, Base):
    """A donor: company, institution, community or person (kolaborator)."""

    __tablename__ = "collaborator"

    kind: Mapped[Public[CollaboratorKind]]
    name: Mapped[Donor[str]]
    anonymous: Mapped[Internal[bool]]
    name_consented: Mapped[Internal[bool]]
    contact_name: Mapped[Contact[str]]
    contact_phone: Mapped[Contact[str]]
    joined_on: Mapped[Public[dt.date]]


class OutreachEvent(Entity, Base):
    """A forum at which plans were presented (sosialisasi). Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 3.

    Who attended is told in numbers only.
    """

    __tablename__ = "outreach_event"

    kind: Mapped[Public[OutreachKind]]
    title: Mapped[Public[str]]
    held_on: Mapped[Public[dt.date]]
    place: Mapped[Public[str]]
    donors: Mapped[Public[int]]
    businesses: Mapped[Public[int]]
    officials: Mapped[Public[int]]
    note: Mapped[FreeText[str | None]]

    __table_args__ = (CheckConstraint("donors >= 0 and businesses >= 0 and officials >= 0", name="not_negative"),)


class Prospect(Entity, Base):
    """A candidate donor met at a forum (prospek). Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 3-4."""

    __tablename__ = "prospect"

    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    outreach_event_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.outreach_event.id"), index=True
    )
    forum: Mapped[Public[str]]
    met_on: Mapped[Public[dt.date]]
    recommended: Mapped[Public[bool]]
    note: Mapped[FreeText[str | None]]


class Announcement(Entity, Base):
    """What a very large donor tells the PIC KSBB before it pledges (pemberitahuan). Source: Lampiran II C."""

    __tablename__ = "announcement"

    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    prospect_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.prospect.id"), index=True)
    officer_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.user_account.id"), index=True)
    package_kind: Mapped[Public[PackageKind]]
    estimated_value: Mapped[Public[Rupiah]]
    announced_on: Mapped[Public[dt.date]]
    status: Mapped[Public[AnnouncementStatus]]
    answered_on: Mapped[Public[dt.date | None]]
    text: Mapped[FreeText[str]]
    answer: Mapped[FreeText[str | None]]

    __table_args__ = (CheckConstraint("estimated_value > 0", name="value_is_positive"),)


class OfficeContact(Entity, Base):
    """How an office of the programme is reached (kontak kantor): of the office, never of a person."""

    __tablename__ = "office_contact"

    actor: Mapped[Public[Actor]] = mapped_column(unique=True)
    office: Mapped[Public[str]]
    email: Mapped[Public[str | None]]
    phone: Mapped[Public[str | None]]
    updated_on: Mapped[Public[dt.date]]

"""Collaborations, the pledges in them, and who is involved with which business."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Rupiah, region_code, searchable
from models.privacy import FreeText, Internal, Key, Public
from models.vocabulary import CollaborationStatus, CollaboratorKind, PackageKind, PledgeStatus, Programme


class Collaboration(Entity, Base):
    """A collaboration of a donor with the city (kolaborasi)."""

    __tablename__ = "collaboration"

    number: Mapped[Public[str | None]] = mapped_column(unique=True)
    title: Mapped[Public[str]]
    programme: Mapped[Public[Programme]]
    package_kind: Mapped[Public[PackageKind]]
    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    collaborator_kind: Mapped[Public[CollaboratorKind]]
    distributor_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    agreement_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.agreement.id"), index=True)
    region_code: Mapped[Public[str]] = region_code()
    status: Mapped[Public[CollaborationStatus]] = mapped_column(index=True)
    created_on: Mapped[Public[dt.date]]
    number_issued_on: Mapped[Public[dt.date | None]]
    closed_on: Mapped[Public[dt.date | None]]
    pledged_value: Mapped[Public[Rupiah]]
    status_reason: Mapped[FreeText[str | None]]
    search: Mapped[Public[str]] = searchable("title", "number")

    __table_args__ = (
        CheckConstraint("pledged_value >= 0", name="pledged_value_is_not_negative"),
        Index("ix_collaboration_search", "search", postgresql_using="gin"),
    )


class Pledge(Entity, Base):
    """A promise of aid with form A or B (komitmen). Editing an accepted pledge makes a new version."""

    __tablename__ = "pledge"

    collaboration_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaboration.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    distributor_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    need_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.need.id"), index=True)
    region_code: Mapped[Public[str]] = region_code()
    version: Mapped[Public[int]]
    package_kind: Mapped[Public[PackageKind]]
    item: Mapped[Public[str]]
    quantity: Mapped[Public[int]]
    delivered_quantity: Mapped[Public[int]]
    estimated_value: Mapped[Public[Rupiah]]
    starts_on: Mapped[Public[dt.date]]
    ends_on: Mapped[Public[dt.date]]
    expires_on: Mapped[Public[dt.date]]
    status: Mapped[Public[PledgeStatus]]
    form: Mapped[FreeText[dict[str, Any]]]

    __table_args__ = (
        CheckConstraint("quantity > 0 and delivered_quantity >= 0", name="quantities_are_not_negative"),
        CheckConstraint("ends_on >= starts_on", name="ends_after_start"),
    )


class PledgeNeed(Entity, Base):
    """What an accepted pledge took of a need (kebutuhan dalam komitmen).

    `Pledge.need_id` is the need for which a pledge was made, also while it is not accepted.
    """

    __tablename__ = "pledge_need"

    pledge_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.pledge.id"), index=True)
    need_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.need.id"), index=True)
    quantity: Mapped[Public[int]]

    __table_args__ = (
        UniqueConstraint("pledge_id", "need_id"),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
    )


class Involvement(Base):
    """Which parties a collaboration brings into contact with a business or place, and whether contact is open.

    Kept by the commands: `contact_open` is true from the issue of the collaboration's number until it is closed.
    """

    __tablename__ = "involvement"

    id: Mapped[Key[uuid.UUID]] = mapped_column(primary_key=True)
    collaboration_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.collaboration.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID]]
    fund_manager_id: Mapped[Key[uuid.UUID | None]]
    business_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    place_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.place.id"), index=True)
    contact_open: Mapped[Internal[bool]]

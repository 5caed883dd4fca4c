"""Businesses of the registry, their permits and needs. A business that received something is a recipient."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Point, Rupiah, region_code, searchable
from models.privacy import Business as BusinessFact
from models.privacy import Finance, FreeText, Identity, Internal, Key, Place, Public
from models.vocabulary import BusinessScale, BusinessStatus, JakpreneurStage, PackageKind, PermitKind


class Business(Entity, Base):
    """A micro, small or medium business (UMKM).

    `has_received` tells of goods and trainings, never of loans: it is read by those who may not know who owes.
    """

    __tablename__ = "business"

    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    place_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.place.id"))
    trade_name: Mapped[BusinessFact[str]]
    region_code: Mapped[BusinessFact[str]] = region_code()
    point: Mapped[Place[tuple[float, float]]] = mapped_column(Point())
    address: Mapped[Place[str]]
    kbli_code: Mapped[BusinessFact[str]] = mapped_column(Text(collation="C"))
    kbli_version: Mapped[BusinessFact[int]]
    kbli_section: Mapped[BusinessFact[str]] = mapped_column(Text(collation="C"))
    kbli_id: Mapped[BusinessFact[str]] = mapped_column(
        Text(collation="C"), Computed("kbli_version::text || ':' || kbli_code", persisted=True)
    )
    scale: Mapped[BusinessFact[BusinessScale]]
    scale_rule: Mapped[BusinessFact[str]]
    assets: Mapped[Finance[Rupiah | None]]
    yearly_turnover: Mapped[Finance[Rupiah | None]]
    supervising_agency: Mapped[BusinessFact[str]]
    jakpreneur_stage: Mapped[BusinessFact[JakpreneurStage | None]]
    photo: Mapped[BusinessFact[str | None]]
    photo_consented: Mapped[Internal[bool]] = mapped_column(server_default="false")
    affected: Mapped[BusinessFact[bool]]
    verified_by: Mapped[Key[uuid.UUID | None]]
    verified_on: Mapped[BusinessFact[dt.date | None]]
    source: Mapped[BusinessFact[str]]
    status: Mapped[BusinessFact[BusinessStatus]]
    registered_on: Mapped[BusinessFact[dt.date]]
    listed: Mapped[BusinessFact[bool]]
    has_received: Mapped[BusinessFact[bool]]
    search: Mapped[BusinessFact[str]] = searchable("trade_name")

    __table_args__ = (
        CheckConstraint("kbli_code ~ '^[0-9]{5}$'", name="kbli_code_is_five_digits"),
        CheckConstraint("assets >= 0 and yearly_turnover >= 0", name="money_is_not_negative"),
        Index("ix_business_region_section", "region_code", "kbli_section", "id"),
        Index("ix_business_public_id", "public_id"),
        Index("ix_business_listed", "id", postgresql_where="listed"),
        Index("ix_business_point", "point", postgresql_using="gist"),
        Index("ix_business_search", "search", postgresql_using="gin"),
    )


class Permit(Entity, Base):
    """A business permit (izin): IUMK as issued text, NIB as 13 digits."""

    __tablename__ = "permit"

    business_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    region_code: Mapped[BusinessFact[str]] = region_code()
    kind: Mapped[BusinessFact[PermitKind]]
    number: Mapped[Identity[str]]
    issued_by: Mapped[BusinessFact[str]]
    issued_on: Mapped[BusinessFact[dt.date]]
    valid_until: Mapped[BusinessFact[dt.date | None]]
    jakpreneur: Mapped[BusinessFact[bool]]


class Need(Entity, Base):
    """What a business or a place needs (kebutuhan, target)."""

    __tablename__ = "need"

    business_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    place_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.place.id"), index=True)
    region_code: Mapped[Public[str]] = region_code()
    package_kind: Mapped[Public[PackageKind]]
    item: Mapped[Public[str]]
    quantity: Mapped[Public[int]]
    pledged_quantity: Mapped[Public[int]]
    estimated_value: Mapped[Public[Rupiah]]
    period: Mapped[Public[str]]
    open: Mapped[Public[bool]]
    closed_on: Mapped[Public[dt.date | None]]
    listed: Mapped[Public[bool]]
    note: Mapped[FreeText[str | None]]

    __table_args__ = (
        CheckConstraint("(business_id is null) <> (place_id is null)", name="belongs_to_one"),
        CheckConstraint("quantity > 0 and pledged_quantity between 0 and quantity", name="pledged_within_quantity"),
    )

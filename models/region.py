"""Regions (wilayah administrasi) and their boundaries."""

from __future__ import annotations

from sqlalchemy import BigInteger, Computed, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Point
from models.privacy import Public
from models.vocabulary import RegionLevel


class Region(Base):
    """An administrative unit of Jakarta, of any level; the Kemendagri code is its key."""

    __tablename__ = "region"

    code: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'region_' || code", persisted=True))
    level: Mapped[Public[RegionLevel]] = mapped_column(index=True)
    name: Mapped[Public[str]]
    bps_code: Mapped[Public[str]]
    parent_code: Mapped[Public[str | None]] = mapped_column(
        Text(collation="C"), ForeignKey(f"{SCHEMA}.region.code"), index=True
    )
    centre: Mapped[Public[tuple[float, float]]] = mapped_column(Point())


class Boundary(Base):
    """The polygon of a region as GeoJSON, prepared once at import."""

    __tablename__ = "boundary"

    region_code: Mapped[Public[str]] = mapped_column(
        Text(collation="C"), ForeignKey(f"{SCHEMA}.region.code"), primary_key=True
    )
    public_id: Mapped[Public[str]] = mapped_column(Computed("'boundary_' || region_code", persisted=True))
    geojson: Mapped[Public[str]]
    area_m2: Mapped[Public[int]] = mapped_column(BigInteger)
    illustrative: Mapped[Public[bool]]
    source: Mapped[Public[str]]

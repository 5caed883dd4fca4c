"""Places: lokbin, loksem and lokprom, with their person in charge."""

from __future__ import annotations

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Entity, Point, region_code, searchable
from models.privacy import Contact, Public
from models.vocabulary import PlaceKind


class Place(Entity, Base):
    """A site where businesses trade or aid is handed out (lokasi); its point is public."""

    __tablename__ = "place"

    kind: Mapped[Public[PlaceKind]]
    name: Mapped[Public[str]]
    region_code: Mapped[Public[str]] = region_code()
    point: Mapped[Public[tuple[float, float]]] = mapped_column(Point())
    capacity: Mapped[Public[int | None]]
    pic_name: Mapped[Contact[str | None]]
    pic_phone: Mapped[Contact[str | None]]
    search: Mapped[Public[str]] = searchable("name")

    __table_args__ = (
        Index("ix_place_point", "point", postgresql_using="gist"),
        Index("ix_place_search", "search", postgresql_using="gin"),
    )

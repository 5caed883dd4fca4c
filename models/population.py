"""How many people live in a region in a year, as a source reports it."""

from __future__ import annotations

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base
from models.privacy import Public


class Population(Base):
    """The inhabitants of a kelurahan in a year (jumlah penduduk); a reported figure with its source, never computed."""

    __tablename__ = "population"

    id: Mapped[Public[str]] = mapped_column(Text(collation="C"), primary_key=True)
    public_id: Mapped[Public[str]] = mapped_column(Computed("'population_' || id", persisted=True))
    region_code: Mapped[Public[str]] = mapped_column(
        Text(collation="C"), ForeignKey(f"{SCHEMA}.region.code"), index=True
    )
    year: Mapped[Public[int]]
    inhabitants: Mapped[Public[int]]
    source: Mapped[Public[str]]

    __table_args__ = (CheckConstraint("inhabitants >= 0 and year between 1960 and 2100", name="is_possible"),)

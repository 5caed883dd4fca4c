"""The declarative base: naming, types, and what every entity has."""

from __future__ import annotations

import datetime as dt
import enum
import uuid
from typing import Any, ClassVar, NewType

from sqlalchemy import TIMESTAMP, BigInteger, Computed, Enum, MetaData, Text, Uuid
from sqlalchemy.dialects.postgresql import JSON, TSVECTOR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from models.privacy import Key, Public

SCHEMA = "ksbb"
"""The PostgreSQL schema of the tables; no API role can use it."""


Rupiah = NewType("Rupiah", int)
"""An amount in whole rupiah as the type of a column; everywhere else it is `kernel.money.Rupiah`, an `int`."""


class RupiahAmount(BigInteger):
    """`bigint` holding whole rupiah."""


class Point(UserDefinedType[tuple[float, float]]):
    """PostgreSQL's own `point`: (longitude, latitude) in WGS84 degrees."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "point"


class Base(DeclarativeBase):
    """All tables. A column says its privacy class in its type; see `models/privacy.py`."""

    append_only: ClassVar[bool] = False
    """Rows are facts: added, and never changed by anybody."""

    changeable: ClassVar[tuple[str, ...]] = ()
    """Columns of an append-only table that commands change all the same, such as when an API key ends."""

    of_no_command: ClassVar[bool] = False
    """Bookkeeping of the event log or of the publisher, which no command changes."""

    forgettable: ClassVar[tuple[str, ...]] = ()
    """Texts of an append-only table that are taken away, and never changed, when a person is erased."""

    metadata = MetaData(
        schema=SCHEMA,
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        },
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text(),
        Rupiah: RupiahAmount(),
        dt.datetime: TIMESTAMP(timezone=True),
        uuid.UUID: Uuid(),
        dict[str, Any]: JSON(),
        enum.Enum: Enum(
            enum.Enum,
            native_enum=False,
            create_constraint=True,
            length=40,
            values_callable=lambda e: [m.value for m in e],
        ),
    }


class Entity:
    """What every row of a noun has: an internal key and the opaque identifier that callers see."""

    id: Mapped[Key[uuid.UUID]] = mapped_column(primary_key=True, sort_order=-2)
    public_id: Mapped[Public[str]] = mapped_column(Text(collation="C"), sort_order=-1)


def region_code() -> Any:
    """A dotted Kemendagri code column; in the C collation, so that a subtree is one range of it."""
    return mapped_column(Text(collation="C"), index=True)


def searchable(*columns: str) -> Any:
    """A full-text column over others of the same table ('simple' configuration: names are not stemmed)."""
    text = " || ' ' || ".join(f"coalesce({c}, '')" for c in columns)
    return mapped_column(TSVECTOR, Computed(f"to_tsvector('simple'::regconfig, {text})", persisted=True))

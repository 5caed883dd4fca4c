"""What happened: the event log (catatan peristiwa), append-only, and the receipts of commands that were carried out."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Index, LargeBinary, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.privacy import Internal


class Event(Base):
    """A fact, written in the transaction that made it. It holds references, never a personal value.

    `position` is empty until the sequencer gives it one: insertion order is not commit order.
    """

    __tablename__ = "event"

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    at: Mapped[Internal[dt.datetime]]
    type: Mapped[Internal[str]]
    version: Mapped[Internal[int]]
    subject_kind: Mapped[Internal[str]]
    subject_id: Mapped[Internal[uuid.UUID]]
    region_code: Mapped[Internal[str | None]] = mapped_column(Text(collation="C"))
    institutions: Mapped[Internal[list[uuid.UUID]]] = mapped_column(ARRAY(Uuid()))
    payload: Mapped[Internal[dict[str, Any]]]
    position: Mapped[Internal[int | None]] = mapped_column(BigInteger, unique=True)

    __table_args__ = (
        Index("ix_event_unsequenced", "at", postgresql_where="position is null"),
        Index("ix_event_subject", "subject_kind", "subject_id"),
    )


class CommandReceipt(Base):
    """The answer to a command that came with an idempotency key, so that it is carried out once per caller and key."""

    __tablename__ = "command_receipt"

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    at: Mapped[Internal[dt.datetime]]
    caller: Mapped[Internal[str]]
    key: Mapped[Internal[str]]
    body_hash: Mapped[Internal[bytes]] = mapped_column(LargeBinary)
    answer: Mapped[Internal[str]]

    __table_args__ = (UniqueConstraint("caller", "key"),)

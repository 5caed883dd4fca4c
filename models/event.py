"""What happened: the event log (catatan peristiwa), its state, and the receipts of commands that were carried out."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Identity, Index, LargeBinary, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base
from models.privacy import Internal

DISCONTINUITY = "DISCONTINUITY"
"""In place of an event's type: the log does not hold all that follows the cursor or webhook that it is told to."""


class Event(Base):
    """A fact, written in the transaction that made it. It holds references, never a personal value.

    `position` is empty until the sequencer gives it one: insertion order is not commit order. `entry` counts the rows
    as they were written: of two commands on one subject the second writes when the first has committed.
    Nothing else of an event is ever changed; with its position it may be moved to a file (`events/archive.py`).
    """

    __tablename__ = "event"
    append_only = True

    id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    at: Mapped[Internal[dt.datetime]]
    type: Mapped[Internal[str]]
    version: Mapped[Internal[int]]
    subject_kind: Mapped[Internal[str]]
    subject_id: Mapped[Internal[uuid.UUID]]
    region_code: Mapped[Internal[str | None]] = mapped_column(Text(collation="C"))
    institutions: Mapped[Internal[list[uuid.UUID]]] = mapped_column(ARRAY(Uuid()))
    payload: Mapped[Internal[dict[str, Any]]]
    entry: Mapped[Internal[int]] = mapped_column(BigInteger, Identity())
    position: Mapped[Internal[int | None]] = mapped_column(BigInteger, unique=True)

    __table_args__ = (
        Index("ix_event_unsequenced", "entry", postgresql_where="position is null"),
        Index("ix_event_subject", "subject_kind", "subject_id"),
        Index("ix_event_region", "region_code", "position"),
    )


class EventLogState(Base):
    """How far the log has come: one row.

    `last_position` was given last; positions up to `archived_until` stand in files and no more in the table (0: none).
    """

    __tablename__ = "event_log"
    of_no_command = True

    id: Mapped[Internal[int]] = mapped_column(primary_key=True, autoincrement=False)
    last_position: Mapped[Internal[int]] = mapped_column(BigInteger)
    archived_until: Mapped[Internal[int]] = mapped_column(BigInteger)


class Sight(Base):
    """That an audience (a role in one scope, as a keyed hash) was shown a subject by its events.

    So it can be told, once, that the subject left its sight: `left_at` is the position of the event that told it.
    """

    __tablename__ = "event_sight"
    of_no_command = True

    audience: Mapped[Internal[bytes]] = mapped_column(LargeBinary, primary_key=True)
    subject_kind: Mapped[Internal[str]] = mapped_column(primary_key=True)
    subject_id: Mapped[Internal[uuid.UUID]] = mapped_column(primary_key=True)
    left_at: Mapped[Internal[int | None]] = mapped_column(BigInteger)


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

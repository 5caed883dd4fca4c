"""Rights of the person (hak subjek data) and breaches of personal data (kegagalan pelindungan)."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, region_code
from models.privacy import Business, Contact, Finance, FreeText, Key, Public
from models.vocabulary import (
    BreachNature,
    CorrectionField,
    KeepingReason,
    RightsRequestKind,
    RightsRequestStatus,
)


class RightsRequest(Entity, Base):
    """A person's request about the own data (permohonan subjek data). Source: UU 27/2022, art. 5-15 and 30-34.

    `proposed` is encrypted and is emptied once the request is decided; what `kept_for` tells is a person's finances.
    """

    __tablename__ = "rights_request"

    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    business_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    region_code: Mapped[Business[str]] = region_code()
    kind: Mapped[Public[RightsRequestKind]]
    status: Mapped[Public[RightsRequestStatus]]
    requested_at: Mapped[Public[dt.datetime]]
    due_at: Mapped[Public[dt.datetime]]
    decided_at: Mapped[Public[dt.datetime | None]]
    overdue_at: Mapped[Public[dt.datetime | None]]
    field: Mapped[Public[CorrectionField | None]]
    proposed: Mapped[Contact[bytes | None]] = mapped_column(LargeBinary)
    reason: Mapped[FreeText[str | None]]
    decision_reason: Mapped[FreeText[str | None]]
    kept_for: Mapped[Finance[KeepingReason | None]]
    kept_until: Mapped[Finance[dt.date | None]]

    __table_args__ = (Index("ix_rights_request_waiting", "due_at", postgresql_where="status = 'DIAJUKAN'"),)


class Breach(Entity, Base):
    """A failure to protect personal data, and the notice of it (kegagalan pelindungan). Source: UU 27/2022, art. 46.

    The texts are written to be told to those affected: they name nobody.
    """

    __tablename__ = "breach"

    nature: Mapped[Public[BreachNature]]
    affected: Mapped[Public[str]]
    affected_persons: Mapped[Public[int | None]]
    known_at: Mapped[Public[dt.datetime]]
    due_at: Mapped[Public[dt.datetime]] = mapped_column(index=True)
    notified_at: Mapped[Public[dt.datetime | None]]
    overdue_at: Mapped[Public[dt.datetime | None]]
    notice: Mapped[Public[str]]
    notice_id: Mapped[Public[str]]

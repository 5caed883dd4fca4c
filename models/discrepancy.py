"""Discrepancies (selisih): two parties reported different values of one measure."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Rupiah
from models.privacy import Finance, FreeText, Key
from models.vocabulary import DiscrepancyStatus


class Discrepancy(Entity, Base):
    """Two reports of one measure that do not agree (selisih). Source: Lampiran I no. 27."""

    __tablename__ = "discrepancy"

    collaboration_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.collaboration.id"), index=True
    )
    collaborator_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    institution_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    handover_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.handover.id"), index=True)
    measure: Mapped[Finance[str]]
    reporter_a: Mapped[Finance[str]]
    value_a: Mapped[Finance[Rupiah]]
    reporter_b: Mapped[Finance[str]]
    value_b: Mapped[Finance[Rupiah]]
    detected_on: Mapped[Finance[dt.date]]
    status: Mapped[Finance[DiscrepancyStatus]]
    explanation: Mapped[FreeText[str | None]]

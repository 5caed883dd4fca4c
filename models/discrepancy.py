"""Discrepancies (selisih): two parties reported different values of one measure."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import Computed, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Rupiah
from models.privacy import Finance, FreeText, Internal, Key
from models.vocabulary import DiscrepancyStatus

SUBJECT = "coalesce(loan_id, handover_id, delivery_id, periodic_report_id, collaboration_id)"
"""What a discrepancy is about: the nearest thing that it names."""


class Discrepancy(Entity, Base):
    """Two reports of one measure that do not agree (selisih). Source: Lampiran I no. 27.

    The values are those of the day on which it was found. Of one subject and measure one is open at a time; values that
    were accepted although they differ are not found again. `agreed_on` is the day since which the reports agree.
    """

    __tablename__ = "discrepancy"

    collaboration_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.collaboration.id"), index=True
    )
    collaborator_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    institution_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    handover_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.handover.id"), index=True)
    delivery_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.delivery.id"), index=True)
    periodic_report_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.periodic_report.id"), index=True
    )
    other_institution_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.institution.id"), index=True
    )
    subject_id: Mapped[Internal[uuid.UUID | None]] = mapped_column(Computed(SUBJECT, persisted=True))
    measure: Mapped[Finance[str]]
    reporter_a: Mapped[Finance[str]]
    value_a: Mapped[Finance[Rupiah]]
    reporter_b: Mapped[Finance[str]]
    value_b: Mapped[Finance[Rupiah]]
    detected_on: Mapped[Finance[dt.date]]
    agreed_on: Mapped[Finance[dt.date | None]]
    status: Mapped[Finance[DiscrepancyStatus]]
    explanation: Mapped[FreeText[str | None]]

    __table_args__ = (
        Index(
            "uq_discrepancy_one_open",
            "measure",
            "subject_id",
            unique=True,
            postgresql_where="status <> 'DITERIMA'",
        ),
        Index(
            "uq_discrepancy_values_once",
            "measure",
            "subject_id",
            "value_a",
            "value_b",
            unique=True,
            postgresql_where="agreed_on is null",
        ),
    )

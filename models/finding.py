"""Findings of Inspektorat (temuan) and the steps taken on them."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity
from models.privacy import Business, FreeText, Key
from models.vocabulary import Actor, FindingClass, FindingStatus


class _Addressed:
    """Whose finding it is to answer: one body, by its key, its agency, or its area."""

    institution_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    assigned_agency: Mapped[Business[Actor]]
    region_code: Mapped[Business[str | None]] = mapped_column(Text(collation="C"), index=True)


class Finding(Entity, _Addressed, Base):
    """What the inspectorate found, about one thing, for one body to answer (temuan).

    Source: Instruksi Sekda DKI 56/2020, KESATU a (evaluation, monitoring, assistance); form and states: our proposal.
    """

    __tablename__ = "finding"

    collaboration_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.collaboration.id"), index=True
    )
    loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    complaint_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.complaint.id"), index=True)
    classification: Mapped[Business[FindingClass]]
    status: Mapped[Business[FindingStatus]]
    recorded_on: Mapped[Business[dt.date]]
    due_on: Mapped[Business[dt.date]] = mapped_column(index=True)
    closed_on: Mapped[Business[dt.date | None]]
    text: Mapped[FreeText[str]]
    recommendation: Mapped[FreeText[str]]


class FindingStep(Entity, _Addressed, Base):
    """One step on a finding: answer, closing, reopening, with its words (tindak lanjut temuan); append-only."""

    __tablename__ = "finding_step"
    append_only = True

    finding_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.finding.id"), index=True)
    taken_at: Mapped[Business[dt.datetime]]
    status: Mapped[Business[FindingStatus]]
    text: Mapped[FreeText[str]]

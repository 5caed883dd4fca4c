"""Red flags (tanda bahaya): what no rule forbids and somebody should look at."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, region_code
from models.privacy import Business, Finance, FreeText, Internal, Key
from models.vocabulary import RedFlagKind, RedFlagStatus


class RedFlag(Entity, Base):
    """Something that should be looked at, found once (tanda bahaya). Source: our proposal.

    `subject_id` is what was found, `other_id` the row beside it; together with the kind they are found once. Which kind
    points to which row: `commands/red_flags.py`.
    """

    __tablename__ = "red_flag"

    kind: Mapped[Finance[RedFlagKind]]
    subject_id: Mapped[Internal[uuid.UUID]]
    other_id: Mapped[Internal[uuid.UUID | None]]
    loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    other_loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    business_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    delivery_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.delivery.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    institution_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    region_code: Mapped[Business[str | None]] = region_code()
    found_on: Mapped[Finance[dt.date]]
    status: Mapped[Finance[RedFlagStatus]]
    reason: Mapped[FreeText[str | None]]

    __table_args__ = (
        Index(
            "uq_red_flag_found_once",
            "kind",
            "subject_id",
            "other_id",
            unique=True,
            postgresql_nulls_not_distinct=True,
        ),
    )

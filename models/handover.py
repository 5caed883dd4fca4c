"""Repaid money: handed over by fintechs to fund managers, and passed on to people in need."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Rupiah
from models.privacy import Finance, Key
from models.vocabulary import HandoverStatus, Programme


class Handover(Entity, Base):
    """Repaid principal given by a fintech to a fund manager (serah terima dana, form F).

    Its state moves; its amount and its parties never change, and it is never taken away.
    """

    __tablename__ = "handover"

    fintech_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    fund_manager_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    sent_on: Mapped[Finance[dt.date]]
    amount: Mapped[Finance[Rupiah]]
    status: Mapped[Finance[HandoverStatus]]
    received_on: Mapped[Finance[dt.date | None]]
    received_amount: Mapped[Finance[Rupiah | None]]
    proof_sha256: Mapped[Finance[str | None]]

    __table_args__ = (CheckConstraint("amount > 0", name="amount_is_positive"),)


class HandoverLoan(Entity, Base):
    """A repaid loan inside a handover; a loan is in at most one."""

    __tablename__ = "handover_loan"
    append_only = True

    handover_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.handover.id"), index=True)
    loan_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), unique=True)
    fintech_id: Mapped[Key[uuid.UUID]] = mapped_column(index=True)
    fund_manager_id: Mapped[Key[uuid.UUID]] = mapped_column(index=True)
    amount: Mapped[Finance[Rupiah]]


class OnwardAid(Entity, Base):
    """Repaid money that a fund manager gave to people in need (penyaluran ulang)."""

    __tablename__ = "onward_aid"

    handover_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.handover.id"), index=True)
    fintech_id: Mapped[Key[uuid.UUID]] = mapped_column(index=True)
    fund_manager_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    given_on: Mapped[Finance[dt.date]]
    amount: Mapped[Finance[Rupiah]]
    programme: Mapped[Finance[Programme]]
    description: Mapped[Finance[str]]

    __table_args__ = (CheckConstraint("amount > 0", name="amount_is_positive"),)

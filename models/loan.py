"""Capital loans (pinjaman modal) from proposal to last repayment."""

from __future__ import annotations

import datetime as dt
import uuid

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from models.base import SCHEMA, Base, Entity, Rupiah, region_code
from models.privacy import Business, Finance, FreeText, Internal, Key
from models.vocabulary import LoanStage, LoanStatus, Party

STAGE_OF_STATUS = (
    "case when status in ('DIUSULKAN','DISARING','DITAWARKAN','TERKONTRAK') then 'PERSIAPAN'"
    " when status in ('TIDAK_LOLOS','BATAL') then 'BERAKHIR' else 'DISALURKAN' end"
)


class Loan(Entity, Base):
    """A capital loan of Rp 5-10 million from a donor through a fintech to a business (pinjaman)."""

    __tablename__ = "loan"

    collaboration_id: Mapped[Key[uuid.UUID | None]] = mapped_column(
        ForeignKey(f"{SCHEMA}.collaboration.id"), index=True
    )
    collaborator_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.collaborator.id"), index=True)
    fintech_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    business_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.business.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    fund_manager_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    region_code: Mapped[Business[str]] = region_code()
    kecamatan_code: Mapped[Business[str]] = mapped_column(
        Text(collation="C"), Computed("left(region_code, 8)", persisted=True)
    )
    principal: Mapped[Finance[Rupiah]]
    admin_fee: Mapped[Finance[Rupiah]]
    origination_fee: Mapped[Finance[Rupiah]]
    insurance_premium: Mapped[Finance[Rupiah]]
    tenor_months: Mapped[Finance[int]]
    amount_rule: Mapped[Finance[str]]
    status: Mapped[Finance[LoanStatus]]
    stage: Mapped[Finance[LoanStage]] = mapped_column(Computed(STAGE_OF_STATUS, persisted=True))
    ever_defaulted: Mapped[Finance[bool]]
    proposed_on: Mapped[Finance[dt.date]]
    consented_on: Mapped[Finance[dt.date | None]]
    default_proposed_on: Mapped[Finance[dt.date | None]]
    akad_on: Mapped[Finance[dt.date | None]]
    disbursed_on: Mapped[Finance[dt.date | None]]
    repaid_on: Mapped[Finance[dt.date | None]]
    status_reason: Mapped[FreeText[str | None]]
    amount_reason: Mapped[FreeText[str | None]]

    __table_args__ = (
        CheckConstraint("principal > 0 and tenor_months > 0", name="is_positive"),
        CheckConstraint("admin_fee >= 0 and origination_fee >= 0 and insurance_premium >= 0", name="fees_not_negative"),
        Index("ix_loan_status_id", "status", "id"),
        Index("ix_loan_public_id", "public_id"),
        Index(
            "uq_loan_one_active_per_owner",
            "owner_id",
            unique=True,
            postgresql_where="status in ('TERKONTRAK', 'CAIR', 'BERJALAN', 'RESTRUKTURISASI', 'GAGAL_BAYAR')",
        ),
    )


class _OfLoan:
    """What every row under a loan carries down, so that row conditions are comparisons of its own columns."""

    loan_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    collaborator_id: Mapped[Key[uuid.UUID | None]]
    fintech_id: Mapped[Key[uuid.UUID]] = mapped_column(index=True)
    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(index=True)
    region_code: Mapped[Business[str]] = region_code()


class EContract(Entity, _OfLoan, Base):
    """An electronic contract of one party (e-contract); the donor signs first."""

    __tablename__ = "e_contract"

    party: Mapped[Finance[Party]]
    signed_at: Mapped[Finance[dt.datetime]]
    sha256: Mapped[Finance[str]]


class Disbursement(Entity, _OfLoan, Base):
    """Money paid out to the business (pencairan); append-only, a reversal is a negative amount."""

    __tablename__ = "disbursement"
    append_only = True

    disbursed_on: Mapped[Finance[dt.date]]
    amount: Mapped[Finance[Rupiah]]
    invoice: Mapped[Finance[str]]
    reported_at: Mapped[Finance[dt.datetime]]


class Instalment(Entity, _OfLoan, Base):
    """What is due on a day (angsuran). `schedule` counts the restructurings; old schedules are kept.

    `effective_on` is the day from which a schedule holds; the first holds from the disbursement and has none.
    """

    __tablename__ = "instalment"

    schedule: Mapped[Finance[int]]
    effective_on: Mapped[Finance[dt.date | None]]
    number: Mapped[Finance[int]]
    due_on: Mapped[Finance[dt.date]]
    principal: Mapped[Finance[Rupiah]]
    other: Mapped[Finance[Rupiah]]

    __table_args__ = (
        UniqueConstraint("loan_id", "schedule", "number"),
        CheckConstraint("principal >= 0 and other >= 0", name="not_negative"),
    )


class Repayment(Entity, _OfLoan, Base):
    """Principal paid back (pembayaran); append-only, a reversal is a negative amount with its reason."""

    __tablename__ = "repayment"
    append_only = True
    forgettable = ("reason",)

    paid_on: Mapped[Finance[dt.date]]
    amount: Mapped[Finance[Rupiah]]
    invoice: Mapped[Finance[str]]
    reported_at: Mapped[Finance[dt.datetime]]
    reporting_lag_days: Mapped[Finance[int]]
    idempotency_key: Mapped[Internal[str]]
    reason: Mapped[FreeText[str | None]]

    __table_args__ = (UniqueConstraint("fintech_id", "idempotency_key"),)


class PeriodicReport(Entity, Base):
    """A fintech's report of one period (laporan berkala, form E)."""

    __tablename__ = "periodic_report"

    fintech_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.institution.id"), index=True)
    period: Mapped[Finance[str]]
    rows: Mapped[Finance[int]]
    total: Mapped[Finance[Rupiah]]
    received_at: Mapped[Finance[dt.datetime]]
    file_sha256: Mapped[Finance[str]]


class ProblemReport(Entity, _OfLoan, Base):
    """A report that a loan is in trouble (kendala)."""

    __tablename__ = "problem_report"

    reported_on: Mapped[Finance[dt.date]]
    reason: Mapped[FreeText[str]]
    action: Mapped[FreeText[str | None]]


class MentoringVisit(Entity, Base):
    """An officer's visit to an owner (pendampingan)."""

    __tablename__ = "mentoring_visit"

    loan_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.loan.id"), index=True)
    delivery_id: Mapped[Key[uuid.UUID | None]] = mapped_column(ForeignKey(f"{SCHEMA}.delivery.id"), index=True)
    owner_id: Mapped[Key[uuid.UUID]] = mapped_column(ForeignKey(f"{SCHEMA}.owner.id"), index=True)
    officer_id: Mapped[Key[uuid.UUID]]
    region_code: Mapped[Business[str]] = region_code()
    visited_on: Mapped[Business[dt.date]]
    outcome: Mapped[FreeText[str | None]]
    photo: Mapped[Internal[str | None]]

"""Money comes back: repayments (form E) and their reversal (pembayaran).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 25; invariants 4, 12 and 13 of DOMAIN section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from commands.booking import book_repayments
from commands.command import Command, Fact, Ref, Spelling, registered
from commands.disbursement import InvoiceMissing
from commands.guards import DateOutOfOrder
from commands.loan import loan_moved, under
from commands.refusal import NotFound, Path, Refusal
from commands.work import Work, reason_given
from kernel.money import Rupiah
from models.handover import HandoverLoan
from models.loan import Instalment, Loan, Repayment
from models.states import LOAN
from models.vocabulary import Actor, LoanStatus
from policy.rows import ROWS

LONGEST_REPORT_KEY = 200
REVERSAL = "reversal:"
"""What the key of a reversal begins with, before the public id of what it reverses."""
_Place = Callable[[int], Path]
_Refused = Callable[[int, Refusal], None]
REPAYABLE = (LoanStatus.CAIR, LoanStatus.BERJALAN, LoanStatus.RESTRUKTURISASI, LoanStatus.GAGAL_BAYAR)


# ---- situations


class RepaymentExceedsBalance(Refusal):
    """The repayment is larger than what is still owed, or is no amount."""

    code = "REPAYMENT_EXCEEDS_BALANCE"

    def __init__(self, outstanding: Rupiah, path: Path) -> None:
        super().__init__(
            f"A repayment is between Rp 1 and the Rp {outstanding:,} still owed.",
            f"Pembayaran berkisar antara Rp 1 dan sisa pinjaman Rp {outstanding:,}.",
            path=path,
            outstanding=outstanding,
        )


class NotBeingRepaid(Refusal):
    """A loan that was not paid out, or is over."""

    code = "NOT_BEING_REPAID"

    def __init__(self, status: LoanStatus, path: Path) -> None:
        allowed = ", ".join(REPAYABLE)
        super().__init__(
            f"The loan is {status}: repayments belong to one that is {allowed}.",
            f"Status pinjaman {status}: pembayaran hanya untuk yang berstatus {allowed}.",
            path=path,
            state=status,
        )


class ReportedBefore(Refusal):
    """The same report key came before, with other content."""

    code = "REPORTED_BEFORE"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This reportKey was used for another repayment. Each repayment has a key of its own.",
            "reportKey ini sudah dipakai untuk pembayaran lain. Setiap pembayaran memiliki kunci sendiri.",
            path=path,
        )


class UnusableReportKey(Refusal):
    """A report key that is empty, too long, or like those of reversals."""

    code = "UNUSABLE_REPORT_KEY"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"A reportKey has 1 to {LONGEST_REPORT_KEY} characters and does not begin with `{REVERSAL}`: reversals are "
            "recorded with `reverseRepayment`.",
            f"reportKey terdiri atas 1 sampai {LONGEST_REPORT_KEY} karakter dan tidak diawali `{REVERSAL}`: pembatalan "
            "dicatat dengan `reverseRepayment`.",
            path=path,
        )


class HandedOverAlready(Refusal):
    """A repayment of a loan whose money was handed over."""

    code = "HANDED_OVER_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "The money of this loan was handed over (serah terima): the report cannot be reversed any more.",
            "Dana pinjaman ini sudah diserahterimakan: laporan tidak dapat dibatalkan lagi.",
            path=("repaymentId",),
        )


class ReversedAlready(Refusal):
    """A repayment that was reversed, or is itself a reversal."""

    code = "REVERSED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "This repayment was reversed before, or is itself a reversal.",
            "Pembayaran ini sudah dibatalkan, atau merupakan pembatalan.",
            path=("repaymentId",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class RepaymentRecorded(Fact):
    """A repayment or its reversal was recorded (pembayaran dicatat).

    How much, only those who see the loan may read.
    """

    tells: ClassVar = (Repayment.amount, Repayment.paid_on)

    loan_id: UUID


# ---- one repayment


@dataclass(frozen=True, kw_only=True)
class RepaymentRow:
    """One repayment as a fintech reports it."""

    loan_id: Annotated[UUID, Ref("Loan"), "The loan (pinjaman)."]
    amount: Annotated[int, Spelling("Rupiah"), "Principal paid back, in whole rupiah (pembayaran pokok)."]
    paid_on: Annotated[dt.date, "Day of the payment (tanggal bayar)."]
    invoice: Annotated[str, "Number of the proof (nomor invoice)."]
    report_key: Annotated[str, "The fintech's own key of this payment; the same one again changes nothing."]


@dataclass(frozen=True, kw_only=True)
class RecordRepayment(Command):
    """Report one repayment (form E, laporan pembayaran)."""

    repayment: Annotated[RepaymentRow, "The repayment."]


async def record_repayment(command: RecordRepayment, work: Work) -> Repayment:
    """Record one repayment; the last one makes the loan LUNAS.

    Raises:
        RepaymentExceedsBalance, NotBeingRepaid, DateOutOfOrder, InvoiceMissing, ReportedBefore,
            UnusableReportKey: see there.
    """
    (repayment,) = await record_rows(work, (command.repayment,), lambda _: ("repayment",))
    return repayment


class _Book:
    """The loans of a report, locked, with what was repaid on each so far."""

    def __init__(self, loans: Mapping[UUID, Loan], repaid: Mapping[UUID, Rupiah]) -> None:
        self.loans = loans
        self.repaid = dict(repaid)

    @classmethod
    async def open(cls, work: Work, keys: Sequence[UUID]) -> _Book:
        """The caller's own loans among some keys, locked in the order of their keys."""
        table = Loan.__table__
        seen = ROWS["loan"][work.viewer.role](table)  # type: ignore[arg-type]  # a Table
        query = select(Loan).where(Loan.id.in_(keys), seen).order_by(Loan.id).with_for_update()
        loans = {loan.id: loan for loan in (await work.session.execute(query)).scalars()}
        sums = select(Repayment.loan_id, func.sum(Repayment.amount)).where(Repayment.loan_id.in_(list(loans)))
        repaid = {key: int(total) for key, total in await work.session.execute(sums.group_by(Repayment.loan_id))}
        return cls(loans, repaid)

    def outstanding(self, loan: Loan) -> Rupiah:
        """What is still owed."""
        return loan.principal - self.repaid.get(loan.id, 0)

    def add(self, loan: Loan, amount: Rupiah) -> None:
        """Count a repayment."""
        self.repaid[loan.id] = self.repaid.get(loan.id, 0) + amount


async def record_rows(
    work: Work, rows: Sequence[RepaymentRow], place: _Place, refused: _Refused | None = None
) -> list[Repayment]:
    """Record repayments of the caller's own loans, and bring each loan to the state that they make.

    A row whose key was reported before with the same content changes nothing. `refused` is told of each row that is
    refused, and the others are recorded; without it the first refusal is raised.

    Raises:
        NotFound, RepaymentExceedsBalance, NotBeingRepaid, DateOutOfOrder, InvoiceMissing, ReportedBefore,
            UnusableReportKey: see there.
    """
    book = await _Book.open(work, sorted({row.loan_id for row in rows}))
    before = await _reported(work, [row.report_key for row in rows])
    found: list[Repayment] = []
    fresh: list[tuple[Loan, Repayment]] = []
    for index, row in enumerate(rows):
        try:
            loan, known, is_new = _recorded(work, book, before, row, place(index))
        except Refusal as refusal:
            if refused is None:
                raise
            refused(index, refusal)
            continue
        found.append(known)
        if is_new:
            fresh.append((loan, known))
    await work.session.flush()
    await book_repayments(work, fresh)
    for loan in {loan.id: loan for loan, _ in fresh}.values():
        await _settle(work, book, loan)
    return found


def _recorded(
    work: Work, book: _Book, before: dict[str, Repayment], row: RepaymentRow, path: Path
) -> tuple[Loan, Repayment, bool]:
    """The loan of a row and its repayment, and whether that is new."""
    loan = book.loans.get(row.loan_id)
    if loan is None:
        raise NotFound("loan", (*path, "loanId"))
    if not 0 < len(row.report_key) <= LONGEST_REPORT_KEY or row.report_key.startswith(REVERSAL):
        raise UnusableReportKey((*path, "reportKey"))
    known = before.get(row.report_key)
    if known is None:
        known = before[row.report_key] = _repayment(work, book, loan, row, path)
        return loan, known, True
    if (known.loan_id, known.amount, known.paid_on) != (row.loan_id, row.amount, row.paid_on):
        raise ReportedBefore((*path, "reportKey"))
    return loan, known, False


async def _reported(work: Work, keys: Sequence[str]) -> dict[str, Repayment]:
    fintech_id = UUID(work.viewer.institution_id)
    known = await work.rows(Repayment, Repayment.fintech_id == fintech_id, Repayment.idempotency_key.in_(keys))
    return {repayment.idempotency_key: repayment for repayment in known}


def _repayment(work: Work, book: _Book, loan: Loan, row: RepaymentRow, path: Path) -> Repayment:
    if loan.status not in REPAYABLE:
        raise NotBeingRepaid(loan.status, (*path, "loanId"))
    if not 0 < row.amount <= book.outstanding(loan):
        raise RepaymentExceedsBalance(book.outstanding(loan), (*path, "amount"))
    if loan.disbursed_on is None or not loan.disbursed_on <= row.paid_on <= work.today:
        raise DateOutOfOrder(
            (*path, "paidOn"), "between the disbursement and today", "antara tanggal pencairan dan hari ini"
        )
    if not row.invoice.strip():
        raise InvoiceMissing((*path, "invoice"))
    book.add(loan, row.amount)
    repayment = work.add(
        Repayment,
        **under(loan),
        paid_on=row.paid_on,
        amount=row.amount,
        invoice=row.invoice.strip(),
        reported_at=work.now,
        reporting_lag_days=(work.today - row.paid_on).days,
        idempotency_key=row.report_key,
    )
    _tell(work, loan, repayment)
    return repayment


def _tell(work: Work, loan: Loan, repayment: Repayment) -> None:
    concerned = (loan.fintech_id, loan.collaborator_id, loan.fund_manager_id)
    work.tell(
        RepaymentRecorded(
            subject=repayment, region_code=loan.region_code, institutions=concerned, loan_id=repayment.loan_id
        )
    )


async def _settle(work: Work, book: _Book, loan: Loan) -> None:
    """Bring a loan to the state that its repayments make."""
    if book.outstanding(loan) == 0:
        defaulted = loan.status is LoanStatus.GAGAL_BAYAR
        work.move(loan, LOAN, LoanStatus.LUNAS, by=Actor.FINTECH if defaulted else Actor.SISTEM)
        last = select(func.max(Repayment.paid_on)).where(Repayment.loan_id == loan.id)
        loan.repaid_on = (await work.session.execute(last)).scalar_one()
        work.tell(loan_moved(loan))
    elif loan.status is LoanStatus.RESTRUKTURISASI and await _first_of_new_schedule_is_paid(work, loan):
        work.move(loan, LOAN, LoanStatus.BERJALAN, by=Actor.SISTEM)
        work.tell(loan_moved(loan))


async def _first_of_new_schedule_is_paid(work: Work, loan: Loan) -> bool:
    newest = select(func.max(Instalment.schedule)).where(Instalment.loan_id == loan.id).scalar_subquery()
    first = select(Instalment.principal, Instalment.effective_on).where(
        Instalment.loan_id == loan.id, Instalment.schedule == newest, Instalment.number == 1
    )
    principal, effective_on = (await work.session.execute(first)).one()
    paid = select(func.coalesce(func.sum(Repayment.amount), 0)).where(
        Repayment.loan_id == loan.id, Repayment.paid_on >= effective_on
    )
    return bool((await work.session.execute(paid)).scalar_one() >= principal)


# ---- reversal


@dataclass(frozen=True, kw_only=True)
class ReverseRepayment(Command):
    """Reverse a wrong report by an entry of the negative amount; the wrong one stays readable."""

    repayment_id: Annotated[UUID, Ref("Repayment"), "The wrong repayment (pembayaran)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def reverse_repayment(command: ReverseRepayment, work: Work) -> Repayment:
    """Add the reversing entry; a loan that was LUNAS by it is BERJALAN again.

    Raises:
        ReversedAlready, HandedOverAlready: it is too late.
        NotBeingRepaid: the loan was written off, so nothing would ever be owed again.
    """
    reason = reason_given(command.reason)
    wrong = await work.seen(Repayment, command.repayment_id, ("repaymentId",))
    loan = await work.own(Loan, wrong.loan_id, ("repaymentId",))
    key = f"{REVERSAL}{wrong.public_id}"
    if wrong.amount <= 0 or await _reported(work, [key]):
        raise ReversedAlready
    if await work.rows(HandoverLoan, HandoverLoan.loan_id == loan.id):
        raise HandedOverAlready
    if loan.status not in (*REPAYABLE, LoanStatus.LUNAS):
        raise NotBeingRepaid(loan.status, ("repaymentId",))
    reversal = work.add(
        Repayment,
        **under(loan),
        paid_on=wrong.paid_on,
        amount=-wrong.amount,
        invoice=wrong.invoice,
        reported_at=work.now,
        reporting_lag_days=(work.today - wrong.paid_on).days,
        idempotency_key=key,
        reason=reason,
    )
    await book_repayments(work, [(loan, reversal)])
    if loan.status is LoanStatus.LUNAS:
        work.move(loan, LOAN, LoanStatus.BERJALAN, by=Actor.SISTEM, reason=reason)
        loan.repaid_on = None
        work.tell(loan_moved(loan))
    _tell(work, loan, reversal)
    return reversal


COMMANDS = (
    registered(RecordRepayment, record_repayment, answers="Repayment"),
    registered(ReverseRepayment, reverse_repayment, answers="Repayment"),
)

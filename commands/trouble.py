"""Loans in trouble: problem reports, default, restructuring, write-off (kendala, gagal bayar, restrukturisasi).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 25; state machine: DOMAIN section 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from commands.booking import book_write_off
from commands.command import Command, Ref, registered
from commands.disbursement import add_schedule
from commands.evidence import attach
from commands.loan import TENORS, TenorOutOfRange, loan_moved, under
from commands.refusal import Refusal
from commands.repayment import REPAYABLE, NotBeingRepaid
from commands.work import Work, reason_given
from models.loan import Instalment, Loan, ProblemReport, Repayment
from models.states import LOAN
from models.vocabulary import LoanStatus

WRITE_OFF_PROPOSED = "USUL_HAPUS_BUKU"
"""The action of a problem report by which a fintech proposes a write-off; the programme office decides."""
DEFAULT_DECLARED = "GAGAL_BAYAR"
"""The action of the problem report by which a default was declared: proposals before it are of an earlier default."""
_RESERVED = (WRITE_OFF_PROPOSED, DEFAULT_DECLARED)


class NotProposed(Refusal):
    """A write-off that the fintech did not propose."""

    code = "WRITE_OFF_NOT_PROPOSED"

    def __init__(self) -> None:
        super().__init__(
            "The fintech has not proposed to write this loan off (hapus buku): both must agree.",
            "Fintech belum mengusulkan hapus buku pinjaman ini: keduanya harus setuju.",
            path=("loanId",),
        )


class ReservedAction(Refusal):
    """An action that only a command of its own writes down."""

    code = "RESERVED_ACTION"

    def __init__(self) -> None:
        super().__init__(
            "This action is a step of its own: propose a write-off with `proposeWriteOff`, declare a default with "
            "`declareDefault`, or say in other words what is being done.",
            "Tindakan ini langkah tersendiri: usulkan hapus buku dengan `proposeWriteOff`, nyatakan gagal bayar dengan "
            "`declareDefault`, atau tuliskan tindakan lain.",
            path=("action",),
        )


@dataclass(frozen=True, kw_only=True)
class _InTrouble(Command):
    """What every report of trouble says."""

    loan_id: Annotated[UUID, Ref("Loan"), "The loan (pinjaman)."]
    reason: Annotated[str, "What happened (alasan). Never public."]


@dataclass(frozen=True, kw_only=True)
class _WithReport(_InTrouble):
    """Trouble of which there may be a report in writing."""

    document_ids: Annotated[
        tuple[UUID, ...],
        Ref("Document"),
        "Evidence that was uploaded (`requestUpload`), if there is any: the report, LAPORAN_KENDALA.",
    ] = ()


@dataclass(frozen=True, kw_only=True)
class ReportLoanProblem(_WithReport):
    """Report that a loan is in trouble (laporan kendala)."""

    action: Annotated[str | None, "What is being done (tindakan). Never public."] = None


@dataclass(frozen=True, kw_only=True)
class DeclareDefault(_WithReport):
    """Report that a loan is in default (gagal bayar)."""


@dataclass(frozen=True, kw_only=True)
class ResumeLoan(_InTrouble):
    """Report that a defaulted loan is being repaid again."""


@dataclass(frozen=True, kw_only=True)
class RestructureLoan(_InTrouble):
    """Give a loan a new schedule for what is still owed; the old one is kept (restrukturisasi)."""

    tenor_months: Annotated[int, "Months of the new schedule (jangka waktu)."]


@dataclass(frozen=True, kw_only=True)
class ProposeWriteOff(_InTrouble):
    """Propose to write a defaulted loan off (usul hapus buku)."""


@dataclass(frozen=True, kw_only=True)
class WriteOffLoan(_InTrouble):
    """Decide that a defaulted loan is written off, as its fintech proposed (hapus buku)."""


async def report_loan_problem(command: ReportLoanProblem, work: Work) -> Loan:
    """Write a problem down; the state stays.

    Raises:
        ReservedAction: the action is that of a step of its own.
        NotBeingRepaid: the loan was not paid out, or is over.
    """
    if command.action is not None and command.action.strip() in _RESERVED:
        raise ReservedAction
    loan = await _troubled(command, work, command.action)
    if loan.status not in REPAYABLE:
        raise NotBeingRepaid(loan.status, ("loanId",))
    await _attach_report(command, work, loan)
    work.tell(loan_moved(loan))
    return loan


async def declare_default(command: DeclareDefault, work: Work) -> Loan:
    """BERJALAN or RESTRUKTURISASI -> GAGAL_BAYAR; the loan stays marked as once defaulted."""
    loan = await _troubled(command, work, DEFAULT_DECLARED)
    work.move(loan, LOAN, LoanStatus.GAGAL_BAYAR)
    await _attach_report(command, work, loan)
    loan.ever_defaulted = True
    work.tell(loan_moved(loan))
    return loan


async def resume_loan(command: ResumeLoan, work: Work) -> Loan:
    """GAGAL_BAYAR -> BERJALAN."""
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    if loan.status is not LoanStatus.GAGAL_BAYAR:
        work.refuse(loan, LOAN, LoanStatus.BERJALAN)
    work.move(loan, LOAN, LoanStatus.BERJALAN, reason=reason_given(command.reason))
    work.tell(loan_moved(loan))
    return loan


async def restructure_loan(command: RestructureLoan, work: Work) -> Loan:
    """BERJALAN or GAGAL_BAYAR -> RESTRUKTURISASI, with monthly instalments of the rest from today.

    Raises:
        TenorOutOfRange: no possible number of months.
    """
    if command.tenor_months not in TENORS:
        raise TenorOutOfRange
    loan = await _troubled(command, work)
    work.move(loan, LOAN, LoanStatus.RESTRUKTURISASI)
    loan.default_proposed_on = None
    paid = select(func.coalesce(func.sum(Repayment.amount), 0)).where(Repayment.loan_id == loan.id)
    schedules = select(func.max(Instalment.schedule)).where(Instalment.loan_id == loan.id)
    rest = loan.principal - int((await work.session.execute(paid)).scalar_one())
    schedule = (await work.session.execute(schedules)).scalar_one() + 1
    add_schedule(work, loan, schedule, rest, command.tenor_months, work.today, work.today)
    work.tell(loan_moved(loan))
    return loan


async def propose_write_off(command: ProposeWriteOff, work: Work) -> Loan:
    """Write the proposal down; only of a loan in default."""
    loan = await _troubled(command, work, WRITE_OFF_PROPOSED)
    if loan.status is not LoanStatus.GAGAL_BAYAR:
        work.refuse(loan, LOAN, LoanStatus.HAPUS)
    work.tell(loan_moved(loan))
    return loan


async def write_off_loan(command: WriteOffLoan, work: Work) -> Loan:
    """GAGAL_BAYAR -> HAPUS, by the programme office on the fintech's proposal.

    Raises:
        NotProposed: the fintech did not propose it, or only in an earlier default.
    """
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    steps = await work.rows(ProblemReport, ProblemReport.loan_id == loan.id, ProblemReport.action.in_(_RESERVED))
    if not steps or steps[-1].action != WRITE_OFF_PROPOSED:  # keys ascend
        raise NotProposed
    reason = reason_given(command.reason)
    work.move(loan, LOAN, LoanStatus.HAPUS, reason=reason)
    await book_write_off(work, loan)
    loan.status_reason = reason
    work.tell(loan_moved(loan))
    return loan


async def _troubled(command: _InTrouble, work: Work, action: str | None = None) -> Loan:
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    work.add(ProblemReport, **under(loan), reported_on=work.today, reason=reason_given(command.reason), action=action)
    return loan


async def _attach_report(command: _WithReport, work: Work, loan: Loan) -> None:
    await attach(
        work,
        command.document_ids,
        region_code=loan.region_code,
        collaboration_id=loan.collaboration_id,
        loan_id=loan.id,
        owner_id=loan.owner_id,
    )


COMMANDS = (
    registered(ReportLoanProblem, report_loan_problem, answers="Loan"),
    registered(DeclareDefault, declare_default, answers="Loan"),
    registered(ResumeLoan, resume_loan, answers="Loan"),
    registered(RestructureLoan, restructure_loan, answers="Loan"),
    registered(ProposeWriteOff, propose_write_off, answers="Loan"),
    registered(WriteOffLoan, write_off_loan, answers="Loan"),
)

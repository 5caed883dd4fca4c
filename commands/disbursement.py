"""The money goes out: disbursement (form D), bounced transfers, and the officer's check (pencairan).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 22-24; invariants 5, 6 and 11 of DOMAIN section 8.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import func, select

from commands.booking import book_disbursement
from commands.command import Command, Ref, Spelling, registered
from commands.discrepancy import Difference, open_discrepancies
from commands.evidence import attach
from commands.guards import DateOutOfOrder
from commands.loan import fees, loan_moved, under
from commands.progress import count_loans, follow
from commands.refusal import Path, Refusal
from commands.work import Work, reason_given
from kernel.clock import day_in_jakarta
from kernel.money import Rupiah, instalments
from models.delivery import Validation
from models.loan import Disbursement, EContract, Instalment, Loan, Repayment
from models.states import LOAN
from models.vocabulary import Actor, DiscrepancyMeasure, DocumentKind, LoanStatus

FIRST_SCHEDULE = 1
_FORM_D = (
    (DocumentKind.INVOICE_PENCAIRAN,),
    (DocumentKind.ECONTRACT_UMKM, DocumentKind.ECONTRACT_DONATUR),
)
"""Lampiran I no. 23, Lampiran II L8: the disbursement proof and the e-contract."""


class AmountNotAsDeclared(Refusal):
    """A disbursement that is not the principal less the fees of form B."""

    code = "AMOUNT_NOT_AS_DECLARED"

    def __init__(self, expected: Rupiah) -> None:
        super().__init__(
            f"The disbursement must be the principal less the declared fees: Rp {expected:,}.",
            f"Pencairan harus sebesar pokok dikurangi biaya yang dinyatakan: Rp {expected:,}.",
            path=("amount",),
            expected=expected,
        )


class InvoiceMissing(Refusal):
    """A money report without the number of its proof."""

    code = "INVOICE_MISSING"

    def __init__(self, path: Path = ("invoice",)) -> None:
        super().__init__("Give the number of the proof (invoice).", "Berikan nomor bukti (invoice).", path=path)


class ReceivedAmountMissing(Refusal):
    """A refused disbursement without what was received, or less than nothing."""

    code = "RECEIVED_AMOUNT_MISSING"

    def __init__(self) -> None:
        super().__init__(
            "Say how much the owner received, in whole rupiah; 0 for nothing. Leave it out only when you accept.",
            "Sebutkan jumlah yang diterima UMKM dalam rupiah utuh; 0 bila tidak ada. Kosongkan hanya bila diterima.",
            path=("receivedAmount",),
        )


class RepaidAlready(Refusal):
    """A transfer that is said to have come back, of a loan on which repayments were reported."""

    code = "REPAID_ALREADY"

    def __init__(self, repaid: Rupiah) -> None:
        super().__init__(
            f"Rp {repaid:,} was reported as repaid on this loan. If that is wrong, `reverseRepayment` comes first.",
            f"Pembayaran Rp {repaid:,} sudah dilaporkan untuk pinjaman ini. Bila keliru, batalkan dahulu dengan "
            "`reverseRepayment`.",
            path=("loanId",),
            repaid=repaid,
        )


# ---- disbursement


@dataclass(frozen=True, kw_only=True)
class DisburseLoan(Command):
    """Report that a loan was paid out, with its proof (form D, Formulir Realisasi Pinjaman)."""

    loan_id: Annotated[UUID, Ref("Loan"), "The loan (pinjaman)."]
    amount: Annotated[int, Spelling("Rupiah"), "What was transferred, in whole rupiah: principal less declared fees."]
    disbursed_on: Annotated[dt.date, "Day of the transfer (tanggal pencairan)."]
    invoice: Annotated[str, "Number of the proof (nomor invoice)."]
    document_ids: Annotated[
        tuple[UUID, ...],
        Ref("Document"),
        "Evidence that was uploaded (`requestUpload`): the invoice, INVOICE_PENCAIRAN, and an e-contract.",
    ] = ()


async def disburse_loan(command: DisburseLoan, work: Work) -> Loan:
    """TERKONTRAK -> CAIR; the schedule of instalments is made now, monthly, the rest of the division in the last.

    Raises:
        AmountNotAsDeclared, InvoiceMissing, DateOutOfOrder: form D is wrong.
        EvidenceMissing: not all documents of form D; see `commands.evidence.attach`.
    """
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    expected = loan.principal - fees(loan)
    if command.amount != expected:
        raise AmountNotAsDeclared(expected)
    signed = await work.session.execute(select(func.max(EContract.signed_at)).where(EContract.loan_id == loan.id))
    last = signed.scalar_one_or_none()
    if command.disbursed_on > work.today or (last is not None and command.disbursed_on < day_in_jakarta(last)):
        raise DateOutOfOrder(
            ("disbursedOn",),
            "the transfer comes after both contracts and not in the future",
            "transfer dilakukan setelah kedua kontrak dan tidak di masa depan",
        )
    work.move(loan, LOAN, LoanStatus.CAIR)
    await _attach_form_d(work, loan, command.document_ids)
    loan.disbursed_on = command.disbursed_on
    await _pay_out(work, loan, command.amount, command.disbursed_on, command.invoice)
    add_schedule(work, loan, FIRST_SCHEDULE, loan.principal, loan.tenor_months, command.disbursed_on, None)
    if loan.collaboration_id is not None:
        await follow(work, loan.collaboration_id)
    work.tell(loan_moved(loan))
    return loan


async def _attach_form_d(work: Work, loan: Loan, document_ids: Sequence[UUID]) -> None:
    await attach(
        work,
        document_ids,
        required=_FORM_D,
        region_code=loan.region_code,
        collaboration_id=loan.collaboration_id,
        loan_id=loan.id,
        collaborator_id=loan.collaborator_id,
        owner_id=loan.owner_id,
    )


async def _pay_out(work: Work, loan: Loan, amount: Rupiah, day: dt.date, invoice: str) -> None:
    if not invoice.strip():
        raise InvoiceMissing
    fact = work.add(
        Disbursement,
        **under(loan),
        disbursed_on=day,
        amount=amount,
        invoice=invoice.strip(),
        reported_at=work.now,
    )
    await book_disbursement(work, loan, fact)


def add_schedule(
    work: Work, loan: Loan, schedule: int, principal: Rupiah, months: int, start: dt.date, effective_on: dt.date | None
) -> None:
    """Add the monthly instalments of a schedule; due on the day of the month of its start, or the month's last."""
    for number, part in enumerate(instalments(principal, months), start=1):
        work.add(
            Instalment,
            **under(loan),
            schedule=schedule,
            effective_on=effective_on,
            number=number,
            due_on=months_later(start, number),
            principal=part,
            other=0,
        )


def months_later(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, kw_only=True)
class ReportBouncedTransfer(Command):
    """Report that a disbursement came back; the loan is cancelled by a reversing entry."""

    loan_id: Annotated[UUID, Ref("Loan"), "The loan (pinjaman)."]
    returned_on: Annotated[dt.date, "Day on which the money came back."]
    invoice: Annotated[str, "Number of the proof (nomor bukti)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def report_bounced_transfer(command: ReportBouncedTransfer, work: Work) -> Loan:
    """CAIR -> BATAL, with a disbursement of the negative amount.

    Raises:
        DateOutOfOrder: before the disbursement, or in the future.
        RepaidAlready: a repayment stands.
    """
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    reason = reason_given(command.reason)
    if loan.status is LoanStatus.CAIR:
        if loan.disbursed_on is None or not loan.disbursed_on <= command.returned_on <= work.today:
            raise DateOutOfOrder(
                ("returnedOn",), "between the disbursement and today", "antara tanggal pencairan dan hari ini"
            )
        await _refuse_repaid(work, loan)
        await _pay_out(work, loan, fees(loan) - loan.principal, command.returned_on, command.invoice)
        work.move(loan, LOAN, LoanStatus.BATAL, reason=reason)
    else:
        work.refuse(loan, LOAN, LoanStatus.BATAL)
    loan.disbursed_on = None
    loan.status_reason = reason
    if loan.collaboration_id is not None:
        await follow(work, loan.collaboration_id, by=Actor.SISTEM, reason=reason)
    work.tell(loan_moved(loan))
    return loan


async def _refuse_repaid(work: Work, loan: Loan) -> None:
    paid = select(func.coalesce(func.sum(Repayment.amount), 0)).where(Repayment.loan_id == loan.id)
    if repaid := int((await work.session.execute(paid)).scalar_one()):
        raise RepaidAlready(repaid)


# ---- the officer's check


@dataclass(frozen=True, kw_only=True)
class ValidateDisbursement(Command):
    """Check the proof of a disbursement with the owner (validasi; Lampiran I no. 24)."""

    loan_id: Annotated[UUID, Ref("Loan"), "The loan (pinjaman)."]
    accepted: Annotated[bool, "Whether the owner received what was reported."]
    received_amount: Annotated[int | None, Spelling("Rupiah"), "What the owner says was received, if not accepted."] = (
        None
    )
    note: Annotated[str | None, "What was found (catatan). Never public."] = None


async def validate_disbursement(command: ValidateDisbursement, work: Work) -> Loan:
    """CAIR -> BERJALAN; a refused proof opens a discrepancy, and money is not undone.

    The reporter is a fintech and the checker an officer of the area: never the same (invariant 11).

    Raises:
        ReceivedAmountMissing: it is refused without what was received instead.
    """
    received = 0 if command.received_amount is None else command.received_amount
    if received < 0 or (not command.accepted and command.received_amount is None):
        raise ReceivedAmountMissing
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    officer = UUID(work.viewer.person_id)
    work.add(
        Validation,
        loan_id=loan.id,
        owner_id=loan.owner_id,
        officer_id=officer,
        region_code=loan.region_code,
        validated_on=work.today,
        accepted=command.accepted,
        received_amount=None if command.accepted else received,
        note=command.note,
    )
    if command.accepted:
        work.move(loan, LOAN, LoanStatus.BERJALAN)
        if loan.collaboration_id is not None:
            await count_loans(work, loan.collaboration_id)
            await follow(work, loan.collaboration_id)
    elif loan.status is LoanStatus.CAIR:
        await _open_discrepancy(work, loan, received)
    else:
        work.refuse(loan, LOAN, LoanStatus.BERJALAN)
    work.tell(loan_moved(loan))
    return loan


async def _open_discrepancy(work: Work, loan: Loan, received: Rupiah) -> None:
    difference = Difference(
        measure=DiscrepancyMeasure.NILAI_PENCAIRAN,
        reporter_a=Actor.FINTECH,
        value_a=loan.principal - fees(loan),
        reporter_b=Actor.PENDAMPING,
        value_b=received,
        collaboration_id=loan.collaboration_id,
        collaborator_id=loan.collaborator_id,
        institution_id=loan.fintech_id,
        loan_id=loan.id,
    )
    await open_discrepancies(work, [difference])


COMMANDS = (
    registered(DisburseLoan, disburse_loan, answers="Loan"),
    registered(ReportBouncedTransfer, report_bounced_transfer, answers="Loan"),
    registered(ValidateDisbursement, validate_disbursement, answers="Loan"),
)

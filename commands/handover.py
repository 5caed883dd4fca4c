"""Repaid money goes on: handovers (form F) with their confirmation or dispute, and onward aid (serah terima dana).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 26; invariants 8 and 9 of DOMAIN section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from commands.booking import book_handover_received, book_handover_sent, book_onward_aid
from commands.command import Command, Fact, Ref, Spelling, registered
from commands.discrepancy import Difference, open_discrepancies
from commands.evidence import attach, hash_of
from commands.guards import DateOutOfOrder, require_active
from commands.loan import loan_moved
from commands.refusal import Refusal
from commands.work import Work, reason_given
from geo.regions import JAKARTA
from kernel.money import Rupiah
from models.collaboration import Involvement
from models.handover import Handover, HandoverLoan, OnwardAid
from models.loan import Loan
from models.states import HANDOVER, LOAN
from models.vocabulary import (
    Actor,
    DiscrepancyMeasure,
    DocumentKind,
    HandoverStatus,
    InstitutionKind,
    LoanStatus,
    Programme,
)

MOST_LOANS = 1_000


# ---- situations


class LoansNotRepaid(Refusal):
    """Loans that are not repaid in full, or are in a handover already."""

    code = "LOANS_NOT_REPAID"

    def __init__(self) -> None:
        super().__init__(
            f"Name 1 to {MOST_LOANS:,} different loans that are LUNAS and in no handover yet.",
            f"Sebutkan 1 sampai {MOST_LOANS:,} pinjaman berbeda yang LUNAS dan belum diserahterimakan.",
            path=("loanIds",),
        )


class AnotherAmount(Refusal):
    """A confirmation of an amount that is not the one that was sent."""

    code = "ANOTHER_AMOUNT"

    def __init__(self, sent: Rupiah) -> None:
        super().__init__(
            f"The handover says Rp {sent:,}. If you received another amount, dispute it with `disputeHandover`.",
            f"Serah terima menyebut Rp {sent:,}. Bila jumlah yang diterima berbeda, gunakan `disputeHandover`.",
            path=("amount",),
            sent=sent,
        )


class NothingToDispute(Refusal):
    """A dispute about the very amount that was sent, or that names less than nothing."""

    code = "NOTHING_TO_DISPUTE"

    def __init__(self, sent: Rupiah) -> None:
        super().__init__(
            f"The handover says Rp {sent:,}: dispute it with another amount, 0 or more. If you received that, confirm "
            "it with `confirmHandover`.",
            f"Serah terima menyebut Rp {sent:,}: bantah dengan jumlah lain, 0 atau lebih. Bila jumlahnya sesuai, "
            "gunakan `confirmHandover`.",
            path=("amount",),
            sent=sent,
        )


class MoreThanReceived(Refusal):
    """Aid that is more than what is left of the money received."""

    code = "MORE_THAN_RECEIVED"

    def __init__(self, left: Rupiah) -> None:
        super().__init__(
            f"Of this handover Rp {left:,} is left to pass on.",
            f"Dari serah terima ini tersisa Rp {left:,} untuk disalurkan.",
            path=("amount",),
            left=left,
        )


class NotReceivedYet(Refusal):
    """Aid from a handover that was not confirmed."""

    code = "NOT_RECEIVED_YET"

    def __init__(self) -> None:
        super().__init__(
            "Confirm the handover first: only received money is passed on.",
            "Konfirmasikan serah terima dahulu: hanya dana yang diterima dapat disalurkan.",
            path=("handoverId",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class HandoverMoved(Fact):
    """A handover was sent, confirmed or disputed (serah terima dana berpindah status)."""

    tells: ClassVar = (Handover.status,)

    status: HandoverStatus


@dataclass(frozen=True, kw_only=True)
class OnwardAidRecorded(Fact):
    """Repaid money was passed on (penyaluran ulang dicatat)."""

    tells: ClassVar = (OnwardAid.given_on, OnwardAid.amount)

    handover_id: UUID


def _moved(handover: Handover) -> HandoverMoved:
    concerned = (handover.fintech_id, handover.fund_manager_id)
    return HandoverMoved(subject=handover, institutions=concerned, status=handover.status)


# ---- sending


@dataclass(frozen=True, kw_only=True)
class SendHandover(Command):
    """Send the principal of repaid loans to a fund manager, with the proof (form F, bukti serah terima dana)."""

    fund_manager_id: Annotated[UUID, Ref("Institution"), "The fund manager that receives it (agregator)."]
    loan_ids: Annotated[tuple[UUID, ...], Ref("Loan"), "The loans repaid in full (pinjaman lunas)."]
    sent_on: Annotated[dt.date, "Day of the transfer (tanggal)."]
    proof_sha256: Annotated[
        str | None, "SHA-256 of the proof, 64 hex digits, to be checked against the document; may be left away."
    ] = None
    document_ids: Annotated[
        tuple[UUID, ...], Ref("Document"), "Evidence that was uploaded (`requestUpload`): the proof, BUKTI_SERAH_DANA."
    ] = ()


async def send_handover(command: SendHandover, work: Work) -> Handover:
    """DRAF -> DIKIRIM at once; each loan goes with its whole principal.

    Raises:
        LoansNotRepaid: a loan is not repaid, is named twice or is in another handover.
        InstitutionNotActive, DateOutOfOrder: see there.
        EvidenceMissing, EvidenceDiffers: the proof is not among the documents, or has another hash.
    """
    if command.sent_on > work.today:
        raise DateOutOfOrder(("sentOn",), "not in the future", "tidak boleh di masa depan")
    await require_active(work, command.fund_manager_id, InstitutionKind.AGREGATOR, None, ("fundManagerId",))
    loans = await _repaid(command, work)
    if any(loan.repaid_on is not None and command.sent_on < loan.repaid_on for loan in loans):
        raise DateOutOfOrder(("sentOn",), "not before the last repayment", "tidak sebelum pelunasan terakhir")
    handover = work.add(
        Handover,
        fintech_id=UUID(work.viewer.institution_id),
        fund_manager_id=command.fund_manager_id,
        sent_on=command.sent_on,
        amount=sum(loan.principal for loan in loans),
        proof_sha256=None,
    )
    work.begin(handover, HANDOVER, HandoverStatus.DRAF)
    work.move(handover, HANDOVER, HandoverStatus.DIKIRIM)
    proof = DocumentKind.BUKTI_SERAH_DANA
    documents = await attach(
        work,
        command.document_ids,
        required=[(proof,)],
        region_code=JAKARTA,
        handover_id=handover.id,
        fund_manager_id=handover.fund_manager_id,
    )
    handover.proof_sha256 = hash_of(command.proof_sha256, documents, proof, ("proofSha256",))
    await work.session.flush()
    sent = [
        work.add(
            HandoverLoan,
            handover_id=handover.id,
            loan_id=loan.id,
            fintech_id=handover.fintech_id,
            fund_manager_id=handover.fund_manager_id,
            amount=loan.principal,
        )
        for loan in loans
    ]
    await book_handover_sent(work, handover, list(zip(loans, sent, strict=True)))
    work.tell(_moved(handover))
    return handover


async def _repaid(command: SendHandover, work: Work) -> list[Loan]:
    keys = sorted(set(command.loan_ids))
    if not 0 < len(keys) == len(command.loan_ids) <= MOST_LOANS:
        raise LoansNotRepaid
    loans = await work.own_all(Loan, command.loan_ids, ("loanIds",))
    taken = await work.rows(HandoverLoan, HandoverLoan.loan_id.in_(keys))
    if taken or any(loan.status is not LoanStatus.LUNAS for loan in loans):
        raise LoansNotRepaid
    return loans


# ---- receiving


@dataclass(frozen=True, kw_only=True)
class ConfirmHandover(Command):
    """Confirm that the money of a handover was received, to the rupiah."""

    handover_id: Annotated[UUID, Ref("Handover"), "The handover (serah terima dana)."]
    amount: Annotated[int, Spelling("Rupiah"), "What was received, in whole rupiah."]
    received_on: Annotated[dt.date, "Day on which it was received."]


@dataclass(frozen=True, kw_only=True)
class DisputeHandover(Command):
    """Say that another amount was received than the handover tells; this opens a discrepancy (selisih)."""

    handover_id: Annotated[UUID, Ref("Handover"), "The handover (serah terima dana)."]
    amount: Annotated[int, Spelling("Rupiah"), "What was received, in whole rupiah; 0 for nothing."]
    reason: Annotated[str, "What is known about it (alasan). Never public."]


async def confirm_handover(command: ConfirmHandover, work: Work) -> Handover:
    """DIKIRIM -> DITERIMA; its loans become DISERAHKAN.

    Raises:
        AnotherAmount: the amount is not the one that was sent.
        DateOutOfOrder: before it was sent, or in the future.
    """
    handover = await work.own(Handover, command.handover_id, ("handoverId",))
    if command.amount != handover.amount:
        raise AnotherAmount(handover.amount)
    if not handover.sent_on <= command.received_on <= work.today:
        raise DateOutOfOrder(("receivedOn",), "between the transfer and today", "antara tanggal kirim dan hari ini")
    work.move(handover, HANDOVER, HandoverStatus.DITERIMA)
    handover.received_on = command.received_on
    handover.received_amount = handover.amount
    loans = await _loans_in(work, handover)
    await book_handover_received(work, handover, loans, command.received_on)
    for loan in loans:
        work.move(loan, LOAN, LoanStatus.DISERAHKAN, by=Actor.SISTEM)
        loan.fund_manager_id = handover.fund_manager_id
        involved = Involvement.collaboration_id == loan.collaboration_id, Involvement.business_id == loan.business_id
        if (involvement := await work.locked(Involvement, *involved)) is not None:
            involvement.fund_manager_id = handover.fund_manager_id
        work.tell(loan_moved(loan))
    work.tell(_moved(handover))
    return handover


async def dispute_handover(command: DisputeHandover, work: Work) -> Handover:
    """DIKIRIM -> DIBANTAH, with a discrepancy between fintech and fund manager.

    Raises:
        NothingToDispute: the amount is the one that was sent, or below nothing.
    """
    handover = await work.own(Handover, command.handover_id, ("handoverId",))
    if command.amount < 0 or command.amount == handover.amount:
        raise NothingToDispute(handover.amount)
    work.move(handover, HANDOVER, HandoverStatus.DIBANTAH)
    handover.received_amount = type(handover.amount)(command.amount)
    difference = Difference(
        measure=DiscrepancyMeasure.NILAI_SERAH_TERIMA,
        reporter_a=Actor.FINTECH,
        value_a=handover.amount,
        reporter_b=Actor.AGREGATOR,
        value_b=command.amount,
        institution_id=handover.fintech_id,
        other_institution_id=handover.fund_manager_id,
        handover_id=handover.id,
        explanation=reason_given(command.reason),
    )
    await open_discrepancies(work, [difference])
    work.tell(_moved(handover))
    return handover


async def _loans_in(work: Work, handover: Handover) -> Sequence[Loan]:
    inside = select(HandoverLoan.loan_id).where(HandoverLoan.handover_id == handover.id)
    query = select(Loan).where(Loan.id.in_(inside)).order_by(Loan.id).with_for_update()
    return (await work.session.execute(query)).scalars().all()


# ---- passing on


@dataclass(frozen=True, kw_only=True)
class RecordOnwardAid(Command):
    """Report that received money was passed on to people in need (penyaluran ulang)."""

    handover_id: Annotated[UUID, Ref("Handover"), "The handover that it comes from (serah terima dana)."]
    amount: Annotated[int, Spelling("Rupiah"), "How much, in whole rupiah (nilai)."]
    given_on: Annotated[dt.date, "Day on which it was given (tanggal)."]
    programme: Annotated[Programme, "Under which programme (program)."]
    description: Annotated[str, "What it was for (uraian); name no person."]


async def record_onward_aid(command: RecordOnwardAid, work: Work) -> OnwardAid:
    """Record a gift from the money of one handover.

    Raises:
        NotReceivedYet: the handover was not confirmed.
        MoreThanReceived: more than what is left of it.
        DateOutOfOrder: before the money came, or in the future.
    """
    handover = await work.own(Handover, command.handover_id, ("handoverId",))
    if handover.status is not HandoverStatus.DITERIMA or handover.received_on is None:
        raise NotReceivedYet
    given = select(func.coalesce(func.sum(OnwardAid.amount), 0)).where(OnwardAid.handover_id == handover.id)
    left = handover.amount - int((await work.session.execute(given)).scalar_one())
    if not 0 < command.amount <= left:
        raise MoreThanReceived(left)
    if not handover.received_on <= command.given_on <= work.today:
        raise DateOutOfOrder(("givenOn",), "between the receipt and today", "antara tanggal terima dan hari ini")
    aid = work.add(
        OnwardAid,
        handover_id=handover.id,
        fintech_id=handover.fintech_id,
        fund_manager_id=handover.fund_manager_id,
        given_on=command.given_on,
        amount=command.amount,
        programme=command.programme,
        description=reason_given(command.description),
    )
    await book_onward_aid(work, aid, await _loans_in(work, handover))
    concerned = (handover.fintech_id, handover.fund_manager_id)
    work.tell(OnwardAidRecorded(subject=aid, institutions=concerned, handover_id=handover.id))
    return aid


COMMANDS = (
    registered(SendHandover, send_handover, answers="Handover"),
    registered(ConfirmHandover, confirm_handover, answers="Handover"),
    registered(DisputeHandover, dispute_handover, answers="Handover"),
    registered(RecordOnwardAid, record_onward_aid, answers="OnwardAid"),
)

"""Loans before the money flows: proposal, consent, screening, offer, contracts (pinjaman modal).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 19-22; Lampiran II L1-L6; state machine: DOMAIN section 7.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import ColumnElement, select

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.guards import require_active, require_programme_open
from commands.refusal import Path, Refusal
from commands.work import Work, reason_given
from kernel.money import Rupiah
from models import base
from models.business import Business
from models.loan import EContract, Loan
from models.owner import Consent, Owner
from models.states import LOAN
from models.vocabulary import (
    BusinessStatus,
    ConsentPurpose,
    InstitutionKind,
    LoanStatus,
    PackageKind,
)

AMOUNT_RULE = "2020"
AMOUNTS = range(5_000_000, 10_000_001)
"""Whole rupiah that rule version 2020 allows (Kumparan, 24 Nov 2021; DOMAIN section 8, invariant 14)."""
TENORS = range(1, 37)
"""Months; the seeds name no limit: our proposal."""
SCREENED_OUT_FOR = ("KEBIJAKAN_LEMBAGA", "DATA_TIDAK_LENGKAP", "MENGUNDURKAN_DIRI")
"""Classes of reasons: a fintech discloses no method (Lampiran I no. 20)."""
_AMOUNT_IS_OPEN = (LoanStatus.DIUSULKAN, LoanStatus.DISARING, LoanStatus.DITAWARKAN)
OVER = (LoanStatus.TIDAK_LOLOS, LoanStatus.BATAL, LoanStatus.LUNAS, LoanStatus.DISERAHKAN, LoanStatus.HAPUS)
"""States in which a loan is no longer in the way of another."""
CAME_TO_NOTHING = (LoanStatus.TIDAK_LOLOS, LoanStatus.BATAL)
"""States of a loan that never was, or was undone."""
_NOT_ON_OFFER = (LoanStatus.DIUSULKAN, LoanStatus.DISARING)
"""States in which a loan was not shown on any platform yet."""


# ---- situations


class AmountOutOfRange(Refusal):
    """A loan smaller or larger than the rule allows."""

    code = "AMOUNT_OUT_OF_RANGE"

    def __init__(self) -> None:
        least, most = AMOUNTS[0], AMOUNTS[-1]
        super().__init__(
            f"A loan (pinjaman) is between Rp {least:,} and Rp {most:,} by rule {AMOUNT_RULE}. Propose it within that; "
            "Biro KSD may then allow another amount, with a reason (`overrideLoanAmount`).",
            f"Pinjaman berkisar antara Rp {least:,} dan Rp {most:,} menurut aturan {AMOUNT_RULE}. Usulkan dalam "
            "rentang itu; Biro KSD dapat mengizinkan nilai lain dengan alasan (`overrideLoanAmount`).",
            path=("principal",),
            least=least,
            most=most,
        )


class AmountIsFixed(Refusal):
    """A loan whose amount was declared with form B, or that is over."""

    code = "AMOUNT_IS_FIXED"

    def __init__(self) -> None:
        super().__init__(
            "The amount was declared with form B, or the loan is over. Cancel the loan and propose it again.",
            "Besar pinjaman sudah dinyatakan pada formulir B, atau pinjaman sudah berakhir. Batalkan, usulkan lagi.",
            path=("loanId",),
        )


class TenorOutOfRange(Refusal):
    """A loan for less than a month or for years."""

    code = "TENOR_OUT_OF_RANGE"

    def __init__(self) -> None:
        super().__init__(
            f"The tenor is {TENORS[0]} to {TENORS[-1]} months.",
            f"Jangka waktu {TENORS[0]} sampai {TENORS[-1]} bulan.",
            path=("tenorMonths",),
        )


class BusinessNotVerified(Refusal):
    """A business that nobody checked, or that is not active."""

    code = "BUSINESS_NOT_VERIFIED"

    def __init__(self) -> None:
        super().__init__(
            "The business (UMKM) is not active, or no agency has verified it. Verify it first.",
            "UMKM tidak aktif atau belum diverifikasi. Verifikasi terlebih dahulu.",
            path=("recipientId",),
        )


class OwnerHasALoan(Refusal):
    """The owner has a loan that is not over, of whichever fintech."""

    code = "OWNER_HAS_A_LOAN"

    def __init__(self, path: Path = ("recipientId",)) -> None:
        super().__init__(
            "The owner has a KSBB loan that is not over (pinjaman aktif): one at a time, across all fintechs.",
            "Pelaku usaha masih memiliki pinjaman KSBB: satu pinjaman pada satu waktu, di semua fintech.",
            path=path,
        )


class UnknownReason(Refusal):
    """A reason that is no class of reasons."""

    code = "UNKNOWN_REASON"

    def __init__(self) -> None:
        listed = ", ".join(SCREENED_OUT_FOR)
        super().__init__(f"The reason is one of {listed}.", f"Alasannya salah satu dari {listed}.", path=("reason",))


class PaidOutAlready(Refusal):
    """A loan that was paid out cannot simply be cancelled."""

    code = "PAID_OUT_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "The money was paid out. If the transfer came back, report it with `reportBouncedTransfer`.",
            "Dana sudah dicairkan. Bila transfer kembali, laporkan dengan `reportBouncedTransfer`.",
            path=("loanId",),
        )


class UnderContract(Refusal):
    """A collaboration whose loans are under contract or were paid out: it is no longer called off as a whole."""

    code = "LOANS_UNDER_CONTRACT"

    def __init__(self) -> None:
        super().__init__(
            "Loans of this collaboration are under contract or were paid out. Cancel those that were not paid out "
            "(`cancelLoan`), and let the others run.",
            "Pinjaman kolaborasi ini sudah berkontrak atau dicairkan. Batalkan yang belum dicairkan (`cancelLoan`), "
            "dan selesaikan yang lain.",
            path=("collaborationId",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class LoanMoved(Fact):
    """A loan was proposed or brought to another state (pinjaman berpindah status).

    Which one, only those who see the loan may read.
    """

    tells: ClassVar = (Loan.status,)


def loan_moved(loan: Loan) -> LoanMoved:
    """The event of a loan, addressed to those whom it concerns."""
    concerned = (loan.fintech_id, loan.collaborator_id, loan.fund_manager_id)
    return LoanMoved(subject=loan, region_code=loan.region_code, institutions=concerned)


# ---- proposal and consent


@dataclass(frozen=True, kw_only=True)
class RecommendLoan(Command):
    """Propose a business to a fintech for a loan, after the recommendation of Tim Prospektor (Lampiran I no. 19)."""

    recipient_id: Annotated[UUID, Ref("Recipient"), "The business (UMKM)."]
    fintech_id: Annotated[UUID, Ref("Institution"), "The fintech that is to lend (lembaga fintech)."]
    principal: Annotated[int, Spelling("Rupiah"), "Proposed amount in whole rupiah (pokok)."]
    tenor_months: Annotated[int, "Proposed tenor in months (jangka waktu)."]


async def recommend_loan(command: RecommendLoan, work: Work) -> Loan:
    """Propose a loan.

    Raises:
        AmountOutOfRange, TenorOutOfRange: outside the rule.
        BusinessNotVerified: nobody checked the business.
        OwnerHasALoan: one loan at a time.
        InstitutionNotActive: the fintech may not take new loans.
        ProgrammeEnded: nobody may.
    """
    require_programme_open(work)
    if command.principal not in AMOUNTS:
        raise AmountOutOfRange
    if command.tenor_months not in TENORS:
        raise TenorOutOfRange
    business = await work.own(Business, command.recipient_id, ("recipientId",))
    if business.status is not BusinessStatus.AKTIF or business.verified_on is None:
        raise BusinessNotVerified
    package = PackageKind.PINJAMAN_MODAL
    await require_active(work, command.fintech_id, InstitutionKind.FINTECH, package, ("fintechId",))
    await _refuse_second(work, business.owner_id, ("recipientId",))
    loan = work.add(
        Loan,
        fintech_id=command.fintech_id,
        business_id=business.id,
        owner_id=business.owner_id,
        region_code=business.region_code,
        principal=command.principal,
        admin_fee=0,
        origination_fee=0,
        insurance_premium=0,
        tenor_months=command.tenor_months,
        amount_rule=AMOUNT_RULE,
        ever_defaulted=False,
        proposed_on=work.today,
    )
    work.begin(loan, LOAN, LoanStatus.DIUSULKAN)
    work.tell(loan_moved(loan))
    return loan


async def _refuse_second(work: Work, owner_id: UUID, path: Path, *besides: ColumnElement[bool]) -> None:
    """One owner, one loan; the owner's row is locked, so that two proposals or offers at once meet here."""
    await work.locked(Owner, Owner.id == owner_id)
    if await work.rows(Loan, Loan.owner_id == owner_id, Loan.status.not_in(OVER), *besides):
        raise OwnerHasALoan(path)


@dataclass(frozen=True, kw_only=True)
class OverrideLoanAmount(Command):
    """Allow an amount outside the rule for a proposed loan, with the reason, as the programme office (pengecualian)."""

    loan_id: Annotated[UUID, Ref("Loan"), "The proposed loan (pinjaman)."]
    principal: Annotated[int, Spelling("Rupiah"), "The amount in whole rupiah (pokok)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def override_loan_amount(command: OverrideLoanAmount, work: Work) -> Loan:
    """Set the amount of a loan that no contract was drawn up for; the reason is kept where it is outside the rule.

    Raises:
        AmountOutOfRange: nothing, or less.
        AmountIsFixed: form B declares the amount, or the loan is over.
    """
    reason = reason_given(command.reason)
    if command.principal <= 0:
        raise AmountOutOfRange
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    if loan.status not in _AMOUNT_IS_OPEN or loan.collaboration_id is not None:
        raise AmountIsFixed
    loan.principal = type(loan.principal)(command.principal)
    loan.amount_reason = None if command.principal in AMOUNTS else reason
    work.note_step(loan, loan.status, loan.status, work.actor, reason)
    work.tell(loan_moved(loan))
    return loan


@dataclass(frozen=True, kw_only=True)
class ConsentToScreening(Command):
    """Consent that the fintech to which one was proposed sees one's file (persetujuan; UU 27/2022, art. 20)."""

    loan_id: Annotated[UUID, Ref("Loan"), "The proposed loan (pinjaman)."]


async def consent_to_screening(command: ConsentToScreening, work: Work) -> Loan:
    """Record the consent of the owner, given by the owner or before an officer of the area, before the screening."""
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    if loan.status is not LoanStatus.DIUSULKAN:
        work.refuse(loan, LOAN, LoanStatus.DISARING)
    if loan.consented_on is None:
        loan.consented_on = work.today
        work.add(
            Consent,
            owner_id=loan.owner_id,
            region_code=loan.region_code,
            purpose=ConsentPurpose.PENYARINGAN,
            given_on=work.today,
        )
        work.tell(loan_moved(loan))
    return loan


# ---- screening


@dataclass(frozen=True, kw_only=True)
class _OnLoan(Command):
    """What every step on a loan names."""

    loan_id: Annotated[UUID, Ref("Loan"), "The loan (pinjaman)."]


@dataclass(frozen=True, kw_only=True)
class ScreenLoan(_OnLoan):
    """Begin the screening of a proposed loan; the owner must have consented."""


@dataclass(frozen=True, kw_only=True)
class OfferLoan(_OnLoan):
    """Show a screened business on the fintech's platform (Lampiran I no. 21)."""


@dataclass(frozen=True, kw_only=True)
class ScreenOutLoan(_OnLoan):
    """Turn a proposed loan down; only the class of the reason is told (Lampiran I no. 20)."""

    reason: Annotated[str, "KEBIJAKAN_LEMBAGA, DATA_TIDAK_LENGKAP or MENGUNDURKAN_DIRI (golongan alasan)."]


@dataclass(frozen=True, kw_only=True)
class CancelLoan(_OnLoan):
    """Cancel a loan before money was paid out."""

    reason: Annotated[str, "Why (alasan). Never public."]


async def screen_loan(command: ScreenLoan, work: Work) -> Loan:
    """DIUSULKAN -> DISARING; a fintech does not even see a proposal without consent."""
    return await _moved(command, work, LoanStatus.DISARING)


async def offer_loan(command: OfferLoan, work: Work) -> Loan:
    """DISARING -> DITAWARKAN; of one owner one loan at a time is on offer or runs, of whichever fintech.

    Raises:
        OwnerHasALoan: another one is.
    """
    offered = await work.seen(Loan, command.loan_id, ("loanId",))
    others = Loan.id != offered.id, Loan.status.not_in(_NOT_ON_OFFER)
    await _refuse_second(work, offered.owner_id, ("loanId",), *others)
    work.session.expire(offered)  # so that it is read again, locked: the owner first, as everybody does
    return await _moved(command, work, LoanStatus.DITAWARKAN)


async def screen_out_loan(command: ScreenOutLoan, work: Work) -> Loan:
    """DISARING -> TIDAK_LOLOS.

    Raises:
        UnknownReason: the reason is no class of reasons.
    """
    if command.reason not in SCREENED_OUT_FOR:
        raise UnknownReason
    return await _moved(command, work, LoanStatus.TIDAK_LOLOS, command.reason)


async def cancel_loan(command: CancelLoan, work: Work) -> Loan:
    """Any state before the disbursement -> BATAL."""
    return await _moved(command, work, LoanStatus.BATAL, reason_given(command.reason))


async def _moved(command: _OnLoan, work: Work, after: LoanStatus, reason: str | None = None) -> Loan:
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    if loan.status is LoanStatus.CAIR and after is LoanStatus.BATAL:
        raise PaidOutAlready
    work.move(loan, LOAN, after)
    loan.status_reason = reason
    work.tell(loan_moved(loan))
    return loan


def under(loan: Loan) -> dict[str, object]:
    """What every row under a loan carries of it."""
    return {
        "loan_id": loan.id,
        "collaborator_id": loan.collaborator_id,
        "fintech_id": loan.fintech_id,
        "owner_id": loan.owner_id,
        "region_code": loan.region_code,
    }


def fees(loan: Loan) -> Rupiah:
    """What is withheld from the principal at the disbursement, as declared in form B."""
    return loan.admin_fee + loan.origination_fee + loan.insurance_premium


async def loans_of(work: Work, collaboration_id: UUID) -> list[Loan]:
    """The loans of a collaboration, locked in the order of their keys."""
    query = select(Loan).where(Loan.collaboration_id == collaboration_id).order_by(Loan.id).with_for_update()
    return list((await work.session.execute(query)).scalars())


async def free_loans(work: Work, collaboration_id: UUID) -> None:
    """Put the loans of a collaboration on offer again, without donor and fees; cancelled ones stay as they are.

    Raises:
        UnderContract: a contract of one was signed.
    """
    loans = [loan for loan in await loans_of(work, collaboration_id) if loan.status not in CAME_TO_NOTHING]
    signed = await work.rows(EContract, EContract.loan_id.in_([loan.id for loan in loans]))
    if signed or any(loan.status is not LoanStatus.DITAWARKAN for loan in loans):
        raise UnderContract
    for loan in loans:
        loan.collaboration_id = loan.collaborator_id = None
        loan.akad_on = None
        loan.admin_fee = loan.origination_fee = loan.insurance_premium = base.Rupiah(0)
        work.tell(loan_moved(loan))


COMMANDS = (
    registered(RecommendLoan, recommend_loan, answers="Loan"),
    registered(OverrideLoanAmount, override_loan_amount, answers="Loan"),
    registered(ConsentToScreening, consent_to_screening, answers="Loan"),
    registered(ScreenLoan, screen_loan, answers="Loan"),
    registered(OfferLoan, offer_loan, answers="Loan"),
    registered(ScreenOutLoan, screen_out_loan, answers="Loan"),
    registered(CancelLoan, cancel_loan, answers="Loan"),
)

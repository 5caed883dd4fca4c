"""Electronic contracts of a loan: the donor's first, then the business's (e-contract).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 22; invariant 6 of DOMAIN section 8.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from commands.command import Command, Ref, registered
from commands.evidence import attach, hash_of
from commands.guards import DateOutOfOrder
from commands.loan import loan_moved, under
from commands.refusal import Refusal
from commands.work import Work
from kernel.clock import start_of_day
from models.collaboration import Collaboration
from models.loan import EContract, Loan
from models.states import LOAN
from models.vocabulary import CollaborationStatus, DocumentKind, LoanStatus, Party


class NotFundedYet(Refusal):
    """A contract for a loan without a confirmed collaboration (form B)."""

    code = "NOT_FUNDED_YET"

    def __init__(self) -> None:
        super().__init__(
            "No donor funds this loan yet: form B must be confirmed first (Formulir Konfirmasi).",
            "Belum ada donatur untuk pinjaman ini: Formulir Konfirmasi (B) harus dikonfirmasi dahulu.",
            path=("loanId",),
        )


class DonorSignsFirst(Refusal):
    """The business signed before the donor did."""

    code = "DONOR_SIGNS_FIRST"

    def __init__(self) -> None:
        super().__init__(
            "The donor's e-contract must be signed at or before the business's. Record the donor's first.",
            "E-contract donatur harus ditandatangani sebelum atau bersamaan dengan UMKM. Catat donatur dahulu.",
            path=("signedAt",),
        )


class SignedAlready(Refusal):
    """A second contract of one party."""

    code = "SIGNED_ALREADY"

    def __init__(self) -> None:
        super().__init__("This party has signed already.", "Pihak ini sudah menandatangani.", path=("party",))


@dataclass(frozen=True, kw_only=True)
class SignEContract(Command):
    """Record a signed e-contract; the donor signs first (Lampiran I no. 22)."""

    loan_id: Annotated[UUID, Ref("Loan"), "The loan (pinjaman)."]
    party: Annotated[Party, "Who signed (pihak)."]
    signed_at: Annotated[dt.datetime, "When (waktu tanda tangan)."]
    sha256: Annotated[
        str | None, "SHA-256 of the signed file, 64 hex digits, to be checked against the document; may be left away."
    ] = None
    document_ids: Annotated[
        tuple[UUID, ...],
        Ref("Document"),
        "Evidence that was uploaded (`requestUpload`): the signed file, ECONTRACT_DONATUR or ECONTRACT_UMKM by party.",
    ] = ()


async def sign_e_contract(command: SignEContract, work: Work) -> Loan:
    """Record one contract; with both, DITAWARKAN -> TERKONTRAK.

    Raises:
        NotFundedYet: form B was not confirmed.
        SignedAlready: the party has signed.
        DonorSignsFirst: the business signed before the donor.
        DateOutOfOrder: before the loan was proposed, or in the future.
        EvidenceMissing, EvidenceDiffers: the signed file is not among the documents, or has another hash.
    """
    loan = await work.own(Loan, command.loan_id, ("loanId",))
    await _require_number(work, loan)
    tomorrow = start_of_day(work.today + dt.timedelta(days=1))
    if not start_of_day(loan.proposed_on) <= command.signed_at < tomorrow:
        raise DateOutOfOrder(
            ("signedAt",), "between the proposal of the loan and today", "antara usulan pinjaman dan hari ini"
        )
    signed = {c.party: c.signed_at for c in await work.rows(EContract, EContract.loan_id == loan.id)}
    if command.party in signed:
        raise SignedAlready
    signed[command.party] = command.signed_at
    donor, business = signed.get(Party.DONATUR), signed.get(Party.UMKM)
    if donor is None or (business is not None and business < donor):
        raise DonorSignsFirst
    work.add(
        EContract,
        **under(loan),
        party=command.party,
        signed_at=command.signed_at,
        sha256=await _signed_file(command, work, loan),
    )
    if business is not None:
        work.move(loan, LOAN, LoanStatus.TERKONTRAK)
    work.tell(loan_moved(loan))
    return loan


async def _signed_file(command: SignEContract, work: Work, loan: Loan) -> str:
    """Keep the signed file, as of the party that signed it; its SHA-256."""
    by_donor = command.party is Party.DONATUR
    kind = DocumentKind.ECONTRACT_DONATUR if by_donor else DocumentKind.ECONTRACT_UMKM
    documents = await attach(
        work,
        command.document_ids,
        required=[(kind,)],
        region_code=loan.region_code,
        collaboration_id=loan.collaboration_id,
        loan_id=loan.id,
        collaborator_id=loan.collaborator_id if by_donor else None,
        owner_id=None if by_donor else loan.owner_id,
    )
    return hash_of(command.sha256, documents, kind, ("sha256",))


async def _require_number(work: Work, loan: Loan) -> None:
    """Make sure that the collaboration of a loan has its number and was not called off.

    Raises:
        NotFundedYet: it has not, or the loan has none.
    """
    found = await work.rows(
        Collaboration,
        Collaboration.id == loan.collaboration_id,
        Collaboration.number_issued_on.is_not(None),
        Collaboration.status != CollaborationStatus.DIBATALKAN,
    )
    if not found:
        raise NotFundedYet


COMMANDS = (registered(SignEContract, sign_e_contract, answers="Loan"),)

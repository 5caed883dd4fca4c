"""Collaborations: form B for loans, and the confirmation that issues a number and accepts pledges (kolaborasi).

Source: Instruksi Sekda DKI 56/2020, Lampiran II B3 and L4-L6, form B (L5); state machine: DOMAIN section 7.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import select

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.contact import involvement
from commands.evidence import attach
from commands.guards import DateOutOfOrder, require_active, require_programme_open, stand_by_agreement
from commands.loan import fees, free_loans, loans_of
from commands.refusal import Path, Refusal
from commands.work import Work, reason_given
from kernel.collaboration_id import Programme as IdProgramme
from kernel.collaboration_id import new_collaboration_id
from models.base import Rupiah
from models.business import Need
from models.collaboration import Collaboration, Pledge, PledgeNeed
from models.collaborator import Collaborator
from models.loan import Loan
from models.states import COLLABORATION, PLEDGE
from models.vocabulary import (
    Actor,
    CollaborationStatus,
    DocumentKind,
    InstitutionKind,
    LoanStatus,
    PackageKind,
    PledgeStatus,
    Programme,
)

EXPIRY_DAYS = 30
"""Days after the end of its schedule at which a pledge without realisation returns to the target (DOMAIN section 7)."""
LONGEST_AHEAD_DAYS = 3_653
"""Days from today within which a schedule ends: ten years; the seeds name no limit: our proposal."""
MOST_LOANS = 500


# ---- situations


class NoSuchDonor(Refusal):
    """A donor that is not registered."""

    code = "NO_SUCH_DONOR"

    def __init__(self) -> None:
        super().__init__(
            "No donor (kolaborator) has this id.", "Tidak ada kolaborator dengan id ini.", path=("collaboratorId",)
        )


class LoansNotOffered(Refusal):
    """Loans that are not on offer, or funded already."""

    code = "LOANS_NOT_OFFERED"

    def __init__(self, path: Path = ("loanIds",)) -> None:
        super().__init__(
            f"Name 1 to {MOST_LOANS} different loans that are DITAWARKAN and have no donor yet.",
            f"Sebutkan 1 sampai {MOST_LOANS} pinjaman berbeda yang berstatus DITAWARKAN dan belum ada donaturnya.",
            path=path,
        )


class FeesOutOfRange(Refusal):
    """Fees below nothing, or that leave nothing to pay out."""

    code = "FEES_OUT_OF_RANGE"

    def __init__(self) -> None:
        super().__init__(
            "Fees (biaya) must not be negative, and together must stay below the principal of every loan.",
            "Biaya tidak boleh negatif, dan jumlahnya harus di bawah pokok setiap pinjaman.",
            path=("adminFee",),
        )


class PledgeExceedsNeed(Refusal):
    """More is pledged than what is left of a need (DOMAIN section 8, invariant 2)."""

    code = "PLEDGE_EXCEEDS_NEED"

    def __init__(self, left: int) -> None:
        super().__init__(
            f"Of this need {left} are left: others have pledged the rest. Pledge less, or choose another need.",
            f"Sisa kebutuhan ini {left}: selebihnya sudah dikomitmenkan. Kurangi jumlahnya atau pilih yang lain.",
            path=("items",),
            left=left,
        )


class ScheduleUpsideDown(Refusal):
    """A schedule that ends before it begins."""

    code = "SCHEDULE_UPSIDE_DOWN"

    def __init__(self) -> None:
        super().__init__(
            "The schedule must not end before it starts.",
            "Jadwal tidak boleh berakhir sebelum dimulai.",
            path=("endsOn",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class CollaborationMoved(Fact):
    """A collaboration was submitted or brought to another state (kolaborasi berpindah status)."""

    tells: ClassVar = (Collaboration.status,)

    status: CollaborationStatus


def collaboration_moved(c: Collaboration) -> CollaborationMoved:
    """The event of a collaboration."""
    concerned = (c.collaborator_id, c.distributor_id)
    return CollaborationMoved(subject=c, region_code=c.region_code, institutions=concerned, status=c.status)


def expiry(work: Work, ends_on: dt.date) -> dt.date:
    """The day at which a pledge with a schedule that ends on a day runs out.

    Raises:
        DateOutOfOrder: the schedule ends in more than ten years.
    """
    if (ends_on - work.today).days > LONGEST_AHEAD_DAYS:
        raise DateOutOfOrder(("endsOn",), "at most ten years from now", "paling lama sepuluh tahun dari sekarang")
    return ends_on + dt.timedelta(days=EXPIRY_DAYS)


# ---- form B


@dataclass(frozen=True, kw_only=True)
class SubmitLoanPledge(Command):
    """Submit form B: a donor funds loans that are on offer (Formulir Konfirmasi Pinjaman)."""

    collaborator_id: Annotated[UUID, Ref("Collaborator"), "The donor (kolaborator)."]
    loan_ids: Annotated[tuple[UUID, ...], Ref("Loan"), "The loans on offer that the donor funds (pinjaman)."]
    title: Annotated[str, "Title of the collaboration, public (judul)."]
    region_code: Annotated[str, Spelling("RegionCode"), "Region that the collaboration is for (kode wilayah)."]
    admin_fee: Annotated[int, Spelling("Rupiah"), "Administration fee of each loan in whole rupiah (biaya admin)."]
    origination_fee: Annotated[int, Spelling("Rupiah"), "Origination fee of each loan (biaya originasi)."]
    insurance_premium: Annotated[int, Spelling("Rupiah"), "Insurance premium of each loan (premi asuransi)."]
    starts_on: Annotated[dt.date, "First day of the schedule of the akad."]
    ends_on: Annotated[dt.date, "Last day of it."]
    document_ids: Annotated[
        tuple[UUID, ...],
        Ref("Document"),
        "Evidence that was uploaded (`requestUpload`): the draft of the e-contract, DRAF_ECONTRACT, and others.",
    ] = ()


async def submit_loan_pledge(command: SubmitLoanPledge, work: Work) -> Collaboration:
    """Take form B in: a collaboration with one pledge over all its loans, waiting for confirmation.

    Raises:
        NoSuchDonor, LoansNotOffered, FeesOutOfRange, ScheduleUpsideDown: a part of the form is wrong.
        EvidenceMissing: no draft of the e-contract; see `commands.evidence.attach`.
        InstitutionNotActive: the fintech may not take new commitments.
        ProgrammeEnded: nobody may.
    """
    require_programme_open(work)
    fintech_id = UUID(work.viewer.institution_id)
    package = PackageKind.PINJAMAN_MODAL
    agreement_id = await require_active(work, fintech_id, InstitutionKind.FINTECH, package, ())
    donor = await work.locked(Collaborator, Collaborator.id == command.collaborator_id)
    if donor is None:
        raise NoSuchDonor
    if command.ends_on < command.starts_on:
        raise ScheduleUpsideDown
    loans = await _offered(command, work)
    principal = sum(loan.principal for loan in loans)
    collaboration = work.add(
        Collaboration,
        title=command.title.strip() or "Pinjaman modal",
        programme=Programme.UMKM,
        package_kind=package,
        collaborator_id=donor.id,
        collaborator_kind=donor.kind,
        distributor_id=fintech_id,
        agreement_id=agreement_id,
        region_code=command.region_code,
        created_on=work.today,
        pledged_value=principal,
    )
    work.begin(collaboration, COLLABORATION, CollaborationStatus.DRAF)
    work.move(collaboration, COLLABORATION, CollaborationStatus.DIAJUKAN)
    await work.session.flush()
    await _attach_form_b(work, collaboration, command.document_ids)
    pledge = _pledge(command, work, collaboration, len(loans))
    work.begin(pledge, PLEDGE, PledgeStatus.DRAF)
    work.move(pledge, PLEDGE, PledgeStatus.DIAJUKAN)
    _fund(command, loans, collaboration)
    work.tell(collaboration_moved(collaboration))
    return collaboration


async def _attach_form_b(work: Work, collaboration: Collaboration, document_ids: Sequence[UUID]) -> None:
    await attach(
        work,
        document_ids,
        required=[(DocumentKind.DRAF_ECONTRACT,)],
        region_code=collaboration.region_code,
        collaboration_id=collaboration.id,
        collaborator_id=collaboration.collaborator_id,
    )


async def _offered(command: SubmitLoanPledge, work: Work) -> list[Loan]:
    keys = sorted(set(command.loan_ids))
    if not 0 < len(keys) == len(command.loan_ids) <= MOST_LOANS:
        raise LoansNotOffered
    loans = await work.own_all(Loan, command.loan_ids, ("loanIds",))
    if any(loan.status is not LoanStatus.DITAWARKAN or loan.collaboration_id is not None for loan in loans):
        raise LoansNotOffered
    return loans


def _pledge(command: SubmitLoanPledge, work: Work, collaboration: Collaboration, loans: int) -> Pledge:
    return work.add(
        Pledge,
        collaboration_id=collaboration.id,
        collaborator_id=collaboration.collaborator_id,
        distributor_id=collaboration.distributor_id,
        region_code=collaboration.region_code,
        version=1,
        package_kind=collaboration.package_kind,
        item="Pinjaman modal",
        quantity=loans,
        delivered_quantity=0,
        estimated_value=collaboration.pledged_value,
        starts_on=command.starts_on,
        ends_on=command.ends_on,
        expires_on=expiry(work, command.ends_on),
        form=_form_b(command),
    )


def _form_b(command: SubmitLoanPledge) -> dict[str, str | int]:
    """Form B as it was filled in. Source: Lampiran II L5."""
    return {
        "formulir": "B",
        "penyalur": "lembaga",
        "biaya_admin_rp": command.admin_fee,
        "biaya_originasi_rp": command.origination_fee,
        "premi_asuransi_rp": command.insurance_premium,
        "akad_mulai": command.starts_on.isoformat(),
        "akad_selesai": command.ends_on.isoformat(),
    }


def _fund(command: SubmitLoanPledge, loans: Sequence[Loan], collaboration: Collaboration) -> None:
    given = (command.admin_fee, command.origination_fee, command.insurance_premium)
    for loan in loans:
        loan.collaboration_id, loan.collaborator_id = collaboration.id, collaboration.collaborator_id
        loan.admin_fee, loan.origination_fee, loan.insurance_premium = map(Rupiah, given)
        loan.akad_on = command.starts_on
        if min(given) < 0 or fees(loan) >= loan.principal:
            raise FeesOutOfRange


# ---- the decision


@dataclass(frozen=True, kw_only=True)
class ConfirmCollaboration(Command):
    """Confirm a collaboration: its number (ID kolaborasi) is issued and contact is open (Lampiran II L6)."""

    collaboration_id: Annotated[UUID, Ref("Collaboration"), "The collaboration (kolaborasi)."]


@dataclass(frozen=True, kw_only=True)
class RejectCollaboration(Command):
    """Turn a submitted collaboration down; its loans are on offer again."""

    collaboration_id: Annotated[UUID, Ref("Collaboration"), "The collaboration (kolaborasi)."]
    reason: Annotated[str, "Why (alasan)."]


async def confirm_collaboration(command: ConfirmCollaboration, work: Work) -> Collaboration:
    """DIAJUKAN -> DIKONFIRMASI, its pledges DITERIMA; the number is issued now.

    Raises:
        PledgeExceedsNeed: somebody else has pledged for the same need meanwhile.
        InstitutionNotActive: who distributes may not take new commitments any more.
        ProgrammeEnded: no number is issued any more.
    """
    require_programme_open(work)
    collaboration, pledges = await _taken(work, command.collaboration_id)
    await stand_by_agreement(work, collaboration, ("collaborationId",))
    await confirm(work, collaboration, pledges, by=work.actor)
    work.tell(collaboration_moved(collaboration))
    return collaboration


async def confirm(work: Work, collaboration: Collaboration, pledges: Sequence[Pledge], *, by: Actor) -> None:
    """Issue the number, accept the pledges, and open the contact with those whom they concern.

    Raises:
        PledgeExceedsNeed: a pledge is more than what is left of its need.
    """
    work.move(collaboration, COLLABORATION, CollaborationStatus.DIKONFIRMASI, by=by)
    collaboration.number = await _new_number(work)
    collaboration.number_issued_on = work.today
    for pledge in in_order_of_needs(pledges):
        need = await accept(work, pledge, by=by)
        if need is not None:
            involved = {"business_id": need.business_id, "owner_id": need.owner_id, "place_id": need.place_id}
            work.session.add(involvement(work, collaboration, contact_open=True, **involved))
    for loan in await loans_of(work, collaboration.id):
        involved = {"business_id": loan.business_id, "owner_id": loan.owner_id, "place_id": None}
        work.session.add(involvement(work, collaboration, contact_open=True, **involved))


def in_order_of_needs(pledges: Sequence[Pledge]) -> list[Pledge]:
    """The order in which everybody locks needs, so that nobody waits for somebody who waits for the first."""
    return sorted(pledges, key=lambda pledge: (str(pledge.need_id), pledge.id))


async def accept(work: Work, pledge: Pledge, *, by: Actor) -> Need | None:
    """DIAJUKAN -> DITERIMA; what is pledged is taken off the need, which is locked: two at once meet here.

    Raises:
        PledgeExceedsNeed: more than what is left.
    """
    work.move(pledge, PLEDGE, PledgeStatus.DITERIMA, by=by)
    need = None if pledge.need_id is None else await work.locked(Need, Need.id == pledge.need_id)
    if need is not None:
        await work.session.refresh(need)  # as it is now that it is ours
        left, wanted = need.quantity - need.pledged_quantity, pledge.quantity - pledge.delivered_quantity
        if wanted > left:  # what an earlier version delivered is counted already
            raise PledgeExceedsNeed(left)
        need.pledged_quantity += wanted
        need.open = _takes_pledges(need)
        work.add(PledgeNeed, pledge_id=pledge.id, need_id=need.id, quantity=pledge.quantity)
        await work.session.flush()
    return need


def _takes_pledges(need: Need) -> bool:
    """Whether something of a need is left, and no officer closed it."""
    return need.closed_on is None and need.pledged_quantity < need.quantity


async def release(work: Work, pledge: Pledge) -> None:
    """Give what was pledged and not delivered back to the need."""
    await give_back(work, pledge, pledge.quantity - pledge.delivered_quantity)


async def give_back(work: Work, pledge: Pledge, quantity: int) -> None:
    """Give some of what a pledge took back to its need, which is locked."""
    need = None if pledge.need_id is None else await work.locked(Need, Need.id == pledge.need_id)
    if need is not None:
        await work.session.refresh(need)  # as it is now that it is ours
        need.pledged_quantity -= quantity
        need.open = _takes_pledges(need)
        await work.session.flush()


async def reject_collaboration(command: RejectCollaboration, work: Work) -> Collaboration:
    """DIAJUKAN -> DITOLAK, with the reason; the loans lose their donor and fees."""
    reason = reason_given(command.reason)
    collaboration, pledges = await _taken(work, command.collaboration_id)
    work.move(collaboration, COLLABORATION, CollaborationStatus.DITOLAK, reason=reason)
    collaboration.status_reason = reason
    for pledge in pledges:
        work.move(pledge, PLEDGE, PledgeStatus.DITOLAK)
    await free_loans(work, collaboration.id)
    work.tell(collaboration_moved(collaboration))
    return collaboration


async def _taken(work: Work, key: UUID) -> tuple[Collaboration, Sequence[Pledge]]:
    collaboration = await work.own(Collaboration, key, ("collaborationId",))
    return collaboration, await work.rows(Pledge, Pledge.collaboration_id == collaboration.id)


async def _new_number(work: Work) -> str:
    while True:
        number = str(new_collaboration_id(IdProgramme.UMK, work.today.year, SystemRandom()))
        taken = await work.session.execute(select(Collaboration.id).where(Collaboration.number == number))
        if taken.scalar_one_or_none() is None:
            return number


COMMANDS = (
    registered(SubmitLoanPledge, submit_loan_pledge, answers="Collaboration"),
    registered(ConfirmCollaboration, confirm_collaboration, answers="Collaboration"),
    registered(RejectCollaboration, reject_collaboration, answers="Collaboration"),
)

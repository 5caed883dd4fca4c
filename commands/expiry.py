"""Collaborations as time goes on: their schedule begins, their pledges run out, and what came to nothing ends.

Each job takes some rows, locked; those that another process has are left to it. Safe to run twice and in two processes.
Source: DOMAIN section 7; the number of days after a schedule is a proposal (`commands/collaboration.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from sqlalchemy import ColumnElement, exists, or_, select

from commands.collaboration import collaboration_moved, in_order_of_needs, release
from commands.command import Fact
from commands.contact import close_contact
from commands.job import Job, due
from commands.loan import CAME_TO_NOTHING, UnderContract, free_loans
from commands.progress import STANDING
from commands.schedule import call_off_schedules
from commands.work import Work
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery
from models.loan import EContract, Loan
from models.states import COLLABORATION, PLEDGE
from models.vocabulary import Actor, CollaborationStatus, DeliveryStatus, LoanStatus, PackageKind, PledgeStatus

EXPIRED = "Komitmen kedaluwarsa"
"""Why a scheduled delivery is called off when its pledge runs out."""
_NOTHING_REPORTED = (CollaborationStatus.DIKONFIRMASI, CollaborationStatus.BERJALAN)


@dataclass(frozen=True, kw_only=True)
class PledgeExpired(Fact):
    """A pledge ran out without being fulfilled (komitmen kedaluwarsa)."""

    tells: ClassVar = (Pledge.status,)


async def expire_pledges(work: Work) -> int:
    """DITERIMA or TERPENUHI_SEBAGIAN -> KEDALUWARSA after the expiry day; what is left returns to the target.

    Pledges of loans run out by `expire_loan_pledges`; those of which a report waits do not.
    """
    waits = exists().where(Delivery.pledge_id == Pledge.id, Delivery.status == DeliveryStatus.DILAPORKAN)
    pledges = await due(
        work,
        select(Pledge).where(
            ~waits.correlate(Pledge),
            Pledge.status.in_([PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN]),
            Pledge.expires_on < work.today,
            Pledge.package_kind != PackageKind.PINJAMAN_MODAL,
        ),
        Pledge,
    )
    for pledge in in_order_of_needs(pledges):
        await release(work, pledge)
        await call_off_schedules(work, pledge, EXPIRED)
        _expire(work, pledge)
    return len(pledges)


def _expire(work: Work, pledge: Pledge) -> None:
    work.move(pledge, PLEDGE, PledgeStatus.KEDALUWARSA, by=Actor.SISTEM)
    work.tell(PledgeExpired(subject=pledge, region_code=pledge.region_code, institutions=(pledge.collaborator_id,)))


async def expire_loan_pledges(work: Work) -> int:
    """DITERIMA -> KEDALUWARSA after the expiry day where no loan was contracted; its loans are on offer again.

    So also where every loan of the collaboration came to nothing. The collaboration is locked first, as everybody does.
    """
    accepted = exists().where(Pledge.collaboration_id == Collaboration.id, Pledge.status == PledgeStatus.DITERIMA)
    in_time = accepted.where(Pledge.expires_on >= work.today)
    idle = select(Collaboration).where(
        Collaboration.package_kind == PackageKind.PINJAMAN_MODAL,
        Collaboration.status.in_(_NOTHING_REPORTED),
        accepted.correlate(Collaboration),
        ~in_time.correlate(Collaboration),
        ~_contracted(),
    )
    ended = 0
    for collaboration in await due(work, idle, Collaboration):
        ended += await _expire_loans_of(work, collaboration)
    return ended


def _contracted() -> ColumnElement[bool]:
    """Whether a loan of a collaboration was signed for, paid out or repaid, and did not come to nothing."""
    lent = exists().where(Loan.collaboration_id == Collaboration.id, Loan.status.not_in(CAME_TO_NOTHING))
    signed = exists().where(EContract.loan_id == Loan.id).correlate(Loan)
    return lent.where(or_(Loan.status != LoanStatus.DITAWARKAN, signed)).correlate(Collaboration)


async def _expire_loans_of(work: Work, collaboration: Collaboration) -> int:
    query = select(Pledge).where(Pledge.collaboration_id == collaboration.id, Pledge.status == PledgeStatus.DITERIMA)
    pledges = (await work.session.execute(query.order_by(Pledge.id).with_for_update())).scalars().all()
    try:
        await free_loans(work, collaboration.id)
    except UnderContract:  # signed at this moment
        return 0
    for pledge in pledges:
        _expire(work, pledge)
    return len(pledges)


async def expire_collaborations(work: Work) -> int:
    """DIKONFIRMASI or BERJALAN -> KEDALUWARSA once each pledge of it ended without a delivery; contact is closed."""
    alive = (
        exists()
        .where(
            Pledge.collaboration_id == Collaboration.id,
            Pledge.status.not_in([PledgeStatus.KEDALUWARSA, PledgeStatus.DITARIK, PledgeStatus.DITOLAK]),
        )
        .correlate(Collaboration)
    )
    delivered = (
        exists()
        .where(Pledge.collaboration_id == Collaboration.id, Pledge.delivered_quantity > 0)
        .correlate(Collaboration)
    )
    expired = (
        exists()
        .where(Pledge.collaboration_id == Collaboration.id, Pledge.status == PledgeStatus.KEDALUWARSA)
        .correlate(Collaboration)
    )
    ended = select(Collaboration).where(Collaboration.status.in_(_NOTHING_REPORTED), expired, ~alive, ~delivered)
    collaborations = await due(work, ended, Collaboration)
    for collaboration in collaborations:
        work.move(collaboration, COLLABORATION, CollaborationStatus.KEDALUWARSA, by=Actor.SISTEM)
        collaboration.closed_on = work.today
        await close_contact(work, collaboration)
        work.tell(collaboration_moved(collaboration))
    return len(collaborations)


async def begin_collaborations(work: Work) -> int:
    """DIKONFIRMASI -> BERJALAN on the first day of the schedule of one of its pledges."""
    begun = (
        exists()
        .where(
            Pledge.collaboration_id == Collaboration.id,
            Pledge.status.in_(STANDING),
            Pledge.starts_on <= work.today,
        )
        .correlate(Collaboration)
    )
    confirmed = Collaboration.status == CollaborationStatus.DIKONFIRMASI
    collaborations = await due(work, select(Collaboration).where(confirmed, begun), Collaboration)
    for collaboration in collaborations:
        work.move(collaboration, COLLABORATION, CollaborationStatus.BERJALAN, by=Actor.SISTEM)
        work.tell(collaboration_moved(collaboration))
    return len(collaborations)


EXPIRY: Mapping[str, Job] = {
    "pledges expired": expire_pledges,
    "loan pledges expired": expire_loan_pledges,
    "collaborations expired": expire_collaborations,
    "collaborations begun": begin_collaborations,
}
"""In the order in which they depend on each other."""

"""How far a collaboration has come: told from its reports, whatever happened last; and its end (SELESAI).

Source: DOMAIN section 7; the days after which the clock completes a collaboration are a proposal.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, exists, func, not_, or_, select

from commands.collaboration import collaboration_moved
from commands.command import Command, Ref, registered
from commands.contact import close_contact
from commands.refusal import Refusal
from commands.work import Work
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery
from models.loan import Loan
from models.states import COLLABORATION, LOAN, PLEDGE
from models.vocabulary import Actor, CollaborationStatus, DeliveryStatus, LoanStatus, PackageKind, PledgeStatus

COMPLETED_AFTER_DAYS = 14
"""Days after the last validation at which the clock completes what is realised: time to reverse a wrong report."""
OPEN_PLEDGE = (PledgeStatus.DRAF, PledgeStatus.DIAJUKAN, PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN)
"""States of a pledge of which something is still to come."""
STANDING = (PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN, PledgeStatus.TERPENUHI)
"""States of a pledge that was accepted and that nobody ended."""
_ALIVE = (
    CollaborationStatus.DIKONFIRMASI,
    CollaborationStatus.BERJALAN,
    CollaborationStatus.DILAPORKAN,
    CollaborationStatus.TERVALIDASI,
)
_LENT = PackageKind.PINJAMAN_MODAL


class NotEverythingRealised(Refusal):
    """A collaboration of which something is still to come, or to be checked."""

    code = "NOT_EVERYTHING_REALISED"

    def __init__(self) -> None:
        super().__init__(
            "Something is still promised, waits for its check, or is owed. Complete it when all of that has ended.",
            "Masih ada komitmen, laporan, atau pinjaman yang belum selesai. Selesaikan semuanya lebih dahulu.",
            path=("collaborationId",),
        )


# ---- on the way


async def follow(work: Work, collaboration_id: UUID, *, by: Actor | None = None, reason: str = "") -> None:
    """Bring a collaboration to the state that its reports tell, by who caused it where the machine lets them.

    A report that waits makes it DILAPORKAN, else one that was sent back BERJALAN, else one that stands TERVALIDASI.
    """
    await work.session.flush()
    collaboration = await work.locked(Collaboration, Collaboration.id == collaboration_id)
    if collaboration is None or collaboration.status not in _ALIVE:
        return
    wanted = await _told(work, collaboration)
    if wanted is None or wanted is collaboration.status:
        return
    if collaboration.status is CollaborationStatus.DIKONFIRMASI and wanted is not CollaborationStatus.BERJALAN:
        _step(work, collaboration, CollaborationStatus.BERJALAN, by, "")
    _step(work, collaboration, wanted, by, reason)
    work.tell(collaboration_moved(collaboration))


def _step(work: Work, collaboration: Collaboration, after: CollaborationStatus, by: Actor | None, reason: str) -> None:
    step, who = COLLABORATION.step(collaboration.status, after), by or work.actor
    is_theirs = step is not None and who in step.by
    work.move(collaboration, COLLABORATION, after, by=who if is_theirs else Actor.SISTEM, reason=reason)


async def _told(work: Work, collaboration: Collaboration) -> CollaborationStatus | None:
    """The state that the reports tell; None while there is none."""
    of_loans = collaboration.package_kind is _LENT
    waits, back, stands = _loans(collaboration.id) if of_loans else _deliveries(collaboration.id)
    status = case(
        (waits, CollaborationStatus.DILAPORKAN.value),
        (back, CollaborationStatus.BERJALAN.value),
        (stands, CollaborationStatus.TERVALIDASI.value),
    )
    told = (await work.session.execute(select(status))).scalar_one()
    if told is not None:
        return CollaborationStatus[told]
    has_begun = collaboration.status is not CollaborationStatus.DIKONFIRMASI
    return CollaborationStatus.BERJALAN if has_begun else None


def _deliveries(of: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    report = exists().where(Delivery.collaboration_id == of)
    to_be_mended = and_(Pledge.id == Delivery.pledge_id, Pledge.status.in_(STANDING))
    return (
        report.where(Delivery.status == DeliveryStatus.DILAPORKAN),
        report.where(Delivery.status == DeliveryStatus.DIKEMBALIKAN, to_be_mended),
        report.where(Delivery.status == DeliveryStatus.TERVALIDASI),
    )


def _loans(of: UUID) -> tuple[ColumnElement[bool], ColumnElement[bool], ColumnElement[bool]]:
    paid_out = exists().where(Loan.collaboration_id == of, Loan.disbursed_on.is_not(None))
    waits = Loan.status == LoanStatus.CAIR
    return paid_out.where(waits), exists().where(Loan.id.is_(None)), paid_out.where(not_(waits))


async def count_loans(work: Work, collaboration_id: UUID) -> None:
    """Count the loans that were paid out and checked as what was realised of the pledges that promised them."""
    await work.session.flush()
    standing = select(func.count()).where(
        Loan.collaboration_id == collaboration_id, Loan.disbursed_on.is_not(None), Loan.status != LoanStatus.CAIR
    )
    left = (await work.session.execute(standing)).scalar_one()
    pledges = select(Pledge).where(Pledge.collaboration_id == collaboration_id, Pledge.status.in_(STANDING))
    for pledge in (await work.session.execute(pledges.order_by(Pledge.id).with_for_update())).scalars():
        pledge.delivered_quantity = min(left, pledge.quantity)
        left -= pledge.delivered_quantity
        fulfil(work, pledge)


def fulfil(work: Work, pledge: Pledge) -> None:
    """The state of a pledge that what was validated of it tells; those that were ended stay so."""
    if pledge.status not in STANDING:
        return
    told = PledgeStatus.TERPENUHI_SEBAGIAN if pledge.delivered_quantity else PledgeStatus.DITERIMA
    if pledge.delivered_quantity >= pledge.quantity:
        told = PledgeStatus.TERPENUHI
    if told is not pledge.status:
        work.move(pledge, PLEDGE, told, by=Actor.SISTEM)


# ---- the end


@dataclass(frozen=True, kw_only=True)
class CompleteCollaboration(Command):
    """Complete a collaboration of which everything was realised; the contact between the parties ends."""

    collaboration_id: Annotated[UUID, Ref("Collaboration"), "The collaboration (kolaborasi)."]


async def complete_collaboration(command: CompleteCollaboration, work: Work) -> Collaboration:
    """TERVALIDASI -> SELESAI.

    Raises:
        NotEverythingRealised: something is still to come.
    """
    collaboration = await work.own(Collaboration, command.collaboration_id, ("collaborationId",))
    if collaboration.status is not CollaborationStatus.TERVALIDASI:
        work.refuse(collaboration, COLLABORATION, CollaborationStatus.SELESAI)
    done = select(Collaboration.id).where(Collaboration.id == collaboration.id, everything_is_realised())
    if (await work.session.execute(done)).scalar_one_or_none() is None:
        raise NotEverythingRealised
    await complete(work, collaboration, by=work.actor)
    return collaboration


async def complete(work: Work, collaboration: Collaboration, *, by: Actor) -> None:
    """Close a collaboration and the contact in it."""
    work.move(collaboration, COLLABORATION, CollaborationStatus.SELESAI, by=by)
    collaboration.closed_on = work.today
    await close_contact(work, collaboration)
    work.tell(collaboration_moved(collaboration))


def everything_is_realised() -> ColumnElement[bool]:
    """Collaborations of which nothing is to come: goods whose pledges have ended, or loans that are all final."""
    promised = exists().where(Pledge.collaboration_id == Collaboration.id, Pledge.status.in_(OPEN_PLEDGE))
    waits = exists().where(Delivery.collaboration_id == Collaboration.id, Delivery.status == DeliveryStatus.DILAPORKAN)
    lent = exists().where(Loan.collaboration_id == Collaboration.id)
    owed = lent.where(Loan.status.not_in(LOAN.final))
    of_loans = Collaboration.package_kind == _LENT
    goods = and_(not_(of_loans), not_(promised.correlate(Collaboration)), not_(waits.correlate(Collaboration)))
    return or_(goods, and_(of_loans, lent.correlate(Collaboration), not_(owed.correlate(Collaboration))))


def is_ripe(today: dt.date) -> ColumnElement[bool]:
    """Collaborations whose last validation is old enough for the clock; those of loans always are."""
    recent = exists().where(
        Delivery.collaboration_id == Collaboration.id,
        Delivery.validated_on > today - dt.timedelta(COMPLETED_AFTER_DAYS),
    )
    return not_(recent.correlate(Collaboration))


def has_lagged() -> ColumnElement[bool]:
    """Collaborations of loans that no event brought on: their last loan that waited for a check was repaid before."""
    paid_out = exists().where(Loan.collaboration_id == Collaboration.id, Loan.disbursed_on.is_not(None))
    return and_(
        Collaboration.package_kind == _LENT,
        Collaboration.status.in_([CollaborationStatus.BERJALAN, CollaborationStatus.DILAPORKAN]),
        paid_out.correlate(Collaboration),
        not_(paid_out.where(Loan.status == LoanStatus.CAIR).correlate(Collaboration)),
    )


COMMANDS = (registered(CompleteCollaboration, complete_collaboration, answers="Collaboration"),)

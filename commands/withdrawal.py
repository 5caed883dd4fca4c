"""Pledges afterwards: new versions, withdrawal, and the cancellation of a whole collaboration (penarikan, pembatalan).

Source: DOMAIN section 7, machines Kolaborasi and Komitmen.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import select, update

from commands.collaboration import (
    ScheduleUpsideDown,
    accept,
    collaboration_moved,
    expiry,
    in_order_of_needs,
    release,
)
from commands.command import Command, Ref, Spelling, registered
from commands.contact import close_contact
from commands.guards import require_programme_open, stand_by_agreement
from commands.loan import free_loans, loans_of
from commands.party import is_party, own_pledge
from commands.pledge import VERY_LARGE, UnusableItem
from commands.progress import OPEN_PLEDGE, follow, fulfil
from commands.refusal import NotFound, Refusal
from commands.schedule import call_off_schedules
from commands.work import Work, reason_given
from kernel.money import MOST, Rupiah
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery
from models.states import COLLABORATION, PLEDGE
from models.vocabulary import (
    Actor,
    CollaborationStatus,
    DeliveryStatus,
    PackageKind,
    PledgeStatus,
)
from policy.viewer import Role

# ---- situations


class DeliveredAlready(Refusal):
    """A collaboration of which something was delivered cannot be cancelled by its owner."""

    code = "DELIVERED_ALREADY"

    def __init__(self) -> None:
        super().__init__(
            "Something was delivered already. Withdraw the pledges that are left (`withdrawPledge`) instead.",
            "Sebagian sudah direalisasikan. Tarik sisa komitmen dengan `withdrawPledge`.",
            path=("collaborationId",),
        )


class LoansPromised(Refusal):
    """A pledge of loans changes with them, never by itself."""

    code = "LOANS_PROMISED"

    def __init__(self) -> None:
        super().__init__(
            "This is a pledge of loans: cancel single loans (`cancelLoan`), or ask the programme office.",
            "Ini komitmen pinjaman: batalkan pinjamannya (`cancelLoan`), atau hubungi Biro KSD.",
            path=("pledgeId",),
        )


class NotAcceptedYet(Refusal):
    """A pledge that waits for its confirmation: nothing was taken off a need for it yet."""

    code = "PLEDGE_NOT_ACCEPTED"

    def __init__(self) -> None:
        super().__init__(
            "This pledge waits for its confirmation. Cancel the collaboration instead (`cancelCollaboration`).",
            "Komitmen ini menunggu konfirmasi. Untuk menariknya, batalkan kolaborasinya (`cancelCollaboration`).",
            path=("pledgeId",),
        )


class ReportWaits(Refusal):
    """A pledge of which a report waits for its check: what it comes to is not known yet."""

    code = "REPORT_WAITS_FOR_CHECK"

    def __init__(self) -> None:
        super().__init__(
            "A report of this pledge waits for the officer's check. Try again when it is validated or sent back.",
            "Laporan realisasi komitmen ini menunggu pemeriksaan pendamping. Coba lagi setelah diperiksa.",
            path=("pledgeId",),
        )


class LessThanDelivered(Refusal):
    """A version that promises less than what was delivered."""

    code = "LESS_THAN_DELIVERED"

    def __init__(self, delivered: int) -> None:
        super().__init__(
            f"{delivered} were delivered already: a pledge cannot be less than that.",
            f"{delivered} sudah direalisasikan: komitmen tidak boleh kurang dari itu.",
            path=("quantity",),
            delivered=delivered,
        )


class BecomesVeryLarge(Refusal):
    """A change by which a donation becomes one that goes through the programme office."""

    code = "BECOMES_VERY_LARGE"

    def __init__(self) -> None:
        super().__init__(
            f"The collaboration would be worth Rp {VERY_LARGE:,} or more, which the programme office confirms: pledge "
            "the rest with a form A of its own (`submitPledge`).",
            f"Nilai kolaborasi menjadi Rp {VERY_LARGE:,} atau lebih, yang harus dikonfirmasi PIC KSBB: ajukan "
            "sisanya dengan Formulir A tersendiri (`submitPledge`).",
            path=("estimatedValue",),
        )


# ---- the commands


@dataclass(frozen=True, kw_only=True)
class RevisePledge(Command):
    """Change an accepted pledge; the version before stays readable."""

    pledge_id: Annotated[UUID, Ref("Pledge"), "The pledge (komitmen)."]
    quantity: Annotated[int, "How many are promised now (jumlah)."]
    estimated_value: Annotated[int, Spelling("Rupiah"), "Estimated value in whole rupiah (nilai perkiraan)."]
    ends_on: Annotated[dt.date, "Last day of delivery or training (jadwal selesai)."]


@dataclass(frozen=True, kw_only=True)
class WithdrawPledge(Command):
    """Withdraw what is left of a pledge; what was delivered stays, the rest returns to the target."""

    pledge_id: Annotated[UUID, Ref("Pledge"), "The pledge (komitmen)."]
    reason: Annotated[str, "Why (alasan). Never public."]


@dataclass(frozen=True, kw_only=True)
class CancelCollaboration(Command):
    """Cancel a collaboration of which nothing was delivered; what was pledged returns to the target."""

    collaboration_id: Annotated[UUID, Ref("Collaboration"), "The collaboration (kolaborasi)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def revise_pledge(command: RevisePledge, work: Work) -> Pledge:
    """Write a new version and end the one before (DITARIK), in the same place of the target.

    What was delivered and scheduled of the one before goes over to the new one.

    Raises:
        LessThanDelivered, UnusableItem, ScheduleUpsideDown, PledgeExceedsNeed: the new version is not possible.
        LoansPromised, NotAcceptedYet, ReportWaits: it cannot be changed, or not now.
        InstitutionNotActive: more is promised through an institution that may not take new commitments.
        BecomesVeryLarge: the programme office would have had to confirm it.
    """
    collaboration, before = await _changeable(work, command.pledge_id)
    if command.quantity > before.quantity:
        require_programme_open(work)
    if command.quantity < 1 or command.estimated_value < 0:
        raise UnusableItem(("quantity",))
    if command.quantity < before.delivered_quantity:
        raise LessThanDelivered(before.delivered_quantity)
    if command.ends_on < before.starts_on:
        raise ScheduleUpsideDown
    total = _total(command, collaboration, before)
    if command.quantity > before.quantity or command.estimated_value > before.estimated_value:
        await stand_by_agreement(work, collaboration, ("pledgeId",))
    work.move(before, PLEDGE, PledgeStatus.DITARIK)
    await release(work, before)
    after = work.add(Pledge, **_copied(before), version=before.version + 1)
    before.delivered_quantity = 0
    after.quantity, after.estimated_value = command.quantity, type(before.estimated_value)(command.estimated_value)
    after.ends_on, after.expires_on = command.ends_on, expiry(work, command.ends_on)
    work.begin(after, PLEDGE, PledgeStatus.DRAF)
    work.move(after, PLEDGE, PledgeStatus.DIAJUKAN)
    await work.session.flush()
    await accept(work, after, by=Actor.SISTEM)
    of_before = update(Delivery).where(Delivery.pledge_id == before.id)
    await work.session.execute(of_before.values(pledge_id=after.id))
    fulfil(work, after)
    collaboration.pledged_value = type(before.estimated_value)(total)
    work.tell(collaboration_moved(collaboration))
    return after


def _total(command: RevisePledge, collaboration: Collaboration, before: Pledge) -> Rupiah:
    """What a collaboration is worth after a change of one of its pledges."""
    total = collaboration.pledged_value - before.estimated_value + command.estimated_value
    if total > MOST:
        raise UnusableItem(("estimatedValue",))
    if collaboration.pledged_value < VERY_LARGE <= total:
        raise BecomesVeryLarge
    return total


def _copied(pledge: Pledge) -> dict[str, object]:
    kept = {"id", "public_id", "version", "status", "quantity", "estimated_value", "ends_on", "expires_on"}
    return {c.key: getattr(pledge, c.key) for c in Pledge.__mapper__.column_attrs if c.key not in kept}


async def withdraw_pledge(command: WithdrawPledge, work: Work) -> Pledge:
    """DITERIMA or TERPENUHI_SEBAGIAN -> DITARIK; a collaboration without any other pledge ends with it.

    It is DIBATALKAN when nothing of it was delivered, else the clock completes it.

    Raises:
        LoansPromised, NotAcceptedYet, ReportWaits: it cannot be withdrawn, or not now.
    """
    reason = reason_given(command.reason)
    collaboration, pledge = await _changeable(work, command.pledge_id)
    work.move(pledge, PLEDGE, PledgeStatus.DITARIK, reason=reason)
    await release(work, pledge)
    await call_off_schedules(work, pledge, reason)
    await work.session.flush()
    pledges = await _pledges_of(work, collaboration)
    if any(p.status in OPEN_PLEDGE or p.delivered_quantity for p in pledges):
        await follow(work, collaboration.id, by=Actor.SISTEM)
    else:
        await _end(work, collaboration, reason)
    work.tell(collaboration_moved(collaboration))
    return pledge


async def _changeable(work: Work, key: UUID) -> tuple[Collaboration, Pledge]:
    """A pledge of goods or training of the caller's own of which no report waits."""
    collaboration, pledge = await own_pledge(work, key)
    if pledge.package_kind is PackageKind.PINJAMAN_MODAL:
        raise LoansPromised
    if pledge.status in {PledgeStatus.DRAF, PledgeStatus.DIAJUKAN}:
        raise NotAcceptedYet
    waiting = select(Delivery.id).where(Delivery.pledge_id == pledge.id, Delivery.status == DeliveryStatus.DILAPORKAN)
    if (await work.session.execute(waiting.limit(1))).scalar_one_or_none() is not None:
        raise ReportWaits
    return collaboration, pledge


async def _end(work: Work, collaboration: Collaboration, reason: str) -> None:
    work.move(collaboration, COLLABORATION, CollaborationStatus.DIBATALKAN, reason=reason)
    collaboration.status_reason, collaboration.closed_on = reason, work.today
    await close_contact(work, collaboration)


async def cancel_collaboration(command: CancelCollaboration, work: Work) -> Collaboration:
    """Any state before the report of a realisation -> DIBATALKAN; the programme office also when a part was delivered.

    Pledges that are still open end with it, by whoever cancels; a fintech may do so for its form B before a contract.

    Raises:
        DeliveredAlready: something of it was delivered, or a loan of it paid out.
        UnderContract: a loan of it is under contract.
    """
    reason = reason_given(command.reason)
    collaboration = await work.own(Collaboration, command.collaboration_id, ("collaborationId",))
    is_office = work.viewer.role is Role.BIRO_KSD
    if not is_office and not is_party(work, collaboration):
        raise NotFound("collaboration", ("collaborationId",))
    pledges = await _pledges_of(work, collaboration)
    loans = await loans_of(work, collaboration.id)
    delivered = not is_office and any(pledge.delivered_quantity for pledge in pledges)
    if delivered or any(loan.disbursed_on for loan in loans):
        raise DeliveredAlready
    await _end(work, collaboration, reason)
    await free_loans(work, collaboration.id)
    for pledge in in_order_of_needs(pledges):
        if pledge.status in {PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN}:
            await release(work, pledge)
            await call_off_schedules(work, pledge, reason)
        if pledge.status in OPEN_PLEDGE:
            work.move(pledge, PLEDGE, PledgeStatus.DITARIK, reason=reason)
    work.tell(collaboration_moved(collaboration))
    return collaboration


async def _pledges_of(work: Work, collaboration: Collaboration) -> Sequence[Pledge]:
    query = select(Pledge).where(Pledge.collaboration_id == collaboration.id).order_by(Pledge.id).with_for_update()
    return (await work.session.execute(query)).scalars().all()


COMMANDS = (
    registered(RevisePledge, revise_pledge, answers="Pledge"),
    registered(WithdrawPledge, withdraw_pledge, answers="Pledge"),
    registered(CancelCollaboration, cancel_collaboration, answers="Collaboration"),
)

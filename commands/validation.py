"""The officer's check of a delivery, and what follows from it: pledge, needs, recipients, collaboration (validasi).

Source: Instruksi Sekda DKI 56/2020, Lampiran I no. 17 (a reconstruction); invariants 3 and 11 of DOMAIN section 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from sqlalchemy import not_, select

from commands.collaboration import give_back
from commands.command import Command, Ref, registered
from commands.contact import involve
from commands.mentoring import is_of_a_visit
from commands.party import is_party, with_above
from commands.progress import STANDING, follow, fulfil
from commands.recipients import count_received, recipients_of
from commands.refusal import NotFound, Refusal
from commands.schedule import delivery_moved
from commands.work import Work, reason_given
from geo.regions import contains
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery, DeliveryRecipient, Document, Validation
from models.states import DELIVERY
from models.vocabulary import Actor, CollaborationStatus, DeliveryStatus
from policy.viewer import Role

_COUNTED = "How many the officer counted, extras included, if not what was reported (jumlah diterima)."


class OwnReport(Refusal):
    """Who reported a delivery, or handed its evidence in, does not check it (DOMAIN section 8, invariant 11)."""

    code = "OWN_REPORT"

    def __init__(self) -> None:
        super().__init__(
            "You reported this delivery or handed its evidence in: another officer of the area checks it.",
            "Realisasi ini Anda laporkan sendiri atau buktinya Anda unggah: mintalah pendamping lain memeriksanya.",
            path=("deliveryId",),
        )


class ClosedAlready(Refusal):
    """A delivery of a collaboration that is complete is reversed by the programme office only."""

    code = "COLLABORATION_CLOSED"

    def __init__(self) -> None:
        super().__init__(
            "The collaboration is complete. Ask the programme office (Biro KSD) to reverse this delivery.",
            "Kolaborasi ini sudah selesai. Mintalah Biro KSD membalik realisasi ini.",
            path=("deliveryId",),
        )


class UnusableCount(Refusal):
    """A count below nothing."""

    code = "UNUSABLE_COUNT"

    def __init__(self) -> None:
        super().__init__(
            "What was counted is 0 or more; leave it out where it is what was reported.",
            "Jumlah yang dihitung 0 atau lebih; kosongkan bila sama dengan yang dilaporkan.",
            path=("receivedQuantity",),
        )


@dataclass(frozen=True, kw_only=True)
class ValidateDelivery(Command):
    """Confirm that a delivery was made (validasi); a count that differs from the report is reconciled."""

    delivery_id: Annotated[UUID, Ref("Delivery"), "The report (realisasi)."]
    received_quantity: Annotated[int | None, _COUNTED] = None
    note: Annotated[str | None, "What was found (catatan). Never public."] = None


@dataclass(frozen=True, kw_only=True)
class ReturnDelivery(Command):
    """Send a report back to be corrected."""

    delivery_id: Annotated[UUID, Ref("Delivery"), "The report (realisasi)."]
    received_quantity: Annotated[int | None, _COUNTED] = None
    reason: Annotated[str, "What is wrong (alasan). Never public."]


@dataclass(frozen=True, kw_only=True)
class ReverseDelivery(Command):
    """Reverse a validated report that was wrong; it stays readable, and what was delivered is reported anew."""

    delivery_id: Annotated[UUID, Ref("Delivery"), "The report (realisasi)."]
    reason: Annotated[str, "What was wrong (alasan). Never public."]


async def validate_delivery(command: ValidateDelivery, work: Work) -> Delivery:
    """DILAPORKAN -> TERVALIDASI; what was promised is counted as delivered, extras apart from it.

    Raises:
        OwnReport: the caller reported it.
        UnusableCount: a count below nothing.
    """
    collaboration, pledge, delivery = await _in_own_area(work, command.delivery_id)
    work.move(delivery, DELIVERY, DeliveryStatus.TERVALIDASI)
    delivery.validated_on = work.today
    _note_check(work, delivery, accepted=True, note=command.note, counted=command.received_quantity)
    pledge.delivered_quantity += delivery.quantity
    fulfil(work, pledge)
    businesses = await recipients_of(work, delivery)
    delivery.photos_consented = bool(businesses) and all(business.photo_consented for business in businesses)
    await involve(work, collaboration, businesses)
    await count_received(work, [business.id for business in businesses])
    await follow(work, collaboration.id)
    work.tell(delivery_moved(delivery))
    return delivery


async def return_delivery(command: ReturnDelivery, work: Work) -> Delivery:
    """DILAPORKAN -> DIKEMBALIKAN, and the collaboration back to BERJALAN when no other report waits.

    Raises:
        OwnReport: the caller reported it.
        UnusableCount: a count below nothing.
    """
    reason = reason_given(command.reason)
    _, _, delivery = await _in_own_area(work, command.delivery_id)
    work.move(delivery, DELIVERY, DeliveryStatus.DIKEMBALIKAN, reason=reason)
    delivery.status_reason = reason
    _note_check(work, delivery, accepted=False, note=reason, counted=command.received_quantity)
    await follow(work, delivery.collaboration_id, reason=reason)
    work.tell(delivery_moved(delivery))
    return delivery


async def _in_own_area(work: Work, key: UUID) -> tuple[Collaboration, Pledge, Delivery]:
    """A delivery of the officer's area that the officer did not report, with what it belongs to, locked."""
    collaboration, pledge, delivery = await with_above(work, key)
    if not contains(work.viewer.area, delivery.region_code):
        raise NotFound("delivery", ("deliveryId",))
    evidence = select(Document.id).where(
        Document.delivery_id == delivery.id, Document.uploaded_by == UUID(work.viewer.person_id), not_(is_of_a_visit())
    )
    handed_in = (await work.session.execute(evidence.limit(1))).scalar_one_or_none() is not None
    if handed_in or delivery.reported_by == work.viewer.subject:
        raise OwnReport
    return collaboration, pledge, delivery


def _note_check(work: Work, delivery: Delivery, *, accepted: bool, note: str | None, counted: int | None) -> None:
    if counted is not None and counted < 0:
        raise UnusableCount
    work.add(
        Validation,
        delivery_id=delivery.id,
        officer_id=UUID(work.viewer.person_id),
        region_code=delivery.region_code,
        validated_on=work.today,
        accepted=accepted,
        received_quantity=counted,
        note=note,
    )


async def reverse_delivery(command: ReverseDelivery, work: Work) -> Delivery:
    """TERVALIDASI -> DIBALIK; every figure that counted it follows.

    Raises:
        ClosedAlready: the collaboration is complete, and the caller is not the programme office.
    """
    reason = reason_given(command.reason)
    collaboration, pledge, delivery = await with_above(work, command.delivery_id)
    _require_may_reverse(work, collaboration)
    work.move(delivery, DELIVERY, DeliveryStatus.DIBALIK, reason=reason)
    delivery.status_reason = reason
    businesses = await recipients_of(work, delivery)
    for row in await work.rows(DeliveryRecipient, DeliveryRecipient.delivery_id == delivery.id):
        row.received_on = row.days_since_previous = None
    pledge.delivered_quantity -= delivery.quantity
    if pledge.status in STANDING:
        fulfil(work, pledge)
    else:  # what was left of it returned to the target when it ended
        await give_back(work, pledge, delivery.quantity)
    await count_received(work, [business.id for business in businesses])
    await follow(work, collaboration.id, by=Actor.SISTEM, reason=reason)
    work.tell(delivery_moved(delivery))
    return delivery


def _require_may_reverse(work: Work, collaboration: Collaboration) -> None:
    if work.viewer.role is Role.BIRO_KSD:
        return
    if not is_party(work, collaboration):
        raise NotFound("delivery", ("deliveryId",))
    if collaboration.status is CollaborationStatus.SELESAI:
        raise ClosedAlready


COMMANDS = (
    registered(ValidateDelivery, validate_delivery, answers="Delivery"),
    registered(ReturnDelivery, return_delivery, answers="Delivery"),
    registered(ReverseDelivery, reverse_delivery, answers="Delivery"),
)

"""Form C: what was delivered, to whom, with its evidence; partial, repeated, corrected (Formulir Realisasi).

Source: Instruksi Sekda DKI 56/2020, Lampiran II B4; invariants 3 and 7 of DOMAIN section 8.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from commands.command import Command, Ref, Spelling, registered
from commands.evidence import attach
from commands.guards import DateOutOfOrder
from commands.party import own_delivery, own_pledge
from commands.progress import follow
from commands.recipients import (
    ShareGiven,
    SharesDoNotFit,
    name_recipients,
    reached,
    refuse_same_again,
    shares_given,
)
from commands.refusal import NotFound, Path
from commands.schedule import (
    MOST_PIECES,
    UnusableQuantity,
    delivery_moved,
    new_delivery,
    require_deliverable,
    require_left,
    where,
)
from commands.training import SessionGiven, check_sessions, invited, keep_sessions, topics_of
from commands.work import Work
from models.base import Rupiah
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery, DeliveryRecipient
from models.states import DELIVERY
from models.vocabulary import DeliveryStatus, DocumentKind, PackageKind

EVIDENCE: Mapping[PackageKind, Sequence[Sequence[DocumentKind]]] = {
    PackageKind.SARPRAS: ((DocumentKind.BAST,), (DocumentKind.FOTO_BARANG,), (DocumentKind.FOTO_PENYERAHAN,)),
    PackageKind.PELATIHAN: ((DocumentKind.BA_PELATIHAN,), (DocumentKind.FOTO_PELATIHAN,)),
}
"""What form C needs, each by at least one document (Lampiran II B4)."""


@dataclass(frozen=True, kw_only=True)
class _FormC(Command):
    """What every report of a delivery says."""

    delivered_on: Annotated[dt.date, "Day of the handover, or last day of the training (tanggal)."]
    place_id: Annotated[UUID | None, Ref("Place"), "The site (lokasi), or leave out."] = None
    region_code: Annotated[str | None, Spelling("RegionCode"), "The kelurahan, if it was at no site (wilayah)."] = None
    quantity: Annotated[int, "How many of what was promised (jumlah)."]
    extra_quantity: Annotated[int, "How many beyond the pledge, shown separately (jumlah tambahan)."] = 0
    value: Annotated[int, Spelling("Rupiah"), "Value of all that in whole rupiah (nilai)."]
    recipients: Annotated[
        tuple[ShareGiven, ...],
        "For goods: who received how much, at most 1,000 (penerima). Who came to a training is told by its sessions.",
    ] = ()
    sessions: Annotated[tuple[SessionGiven, ...], "For training: what was held, and who came (sesi pelatihan)."] = ()
    override_reason: Annotated[
        str | None, "Why a business receives the same within 90 days (alasan pengecualian). Never public."
    ] = None
    document_ids: Annotated[
        tuple[UUID, ...],
        Ref("Document"),
        "Evidence that was uploaded (`requestUpload`). Goods: BAST, FOTO_BARANG and FOTO_PENYERAHAN; training: "
        "BA_PELATIHAN and FOTO_PELATIHAN. A report that is sent again keeps what it had.",
    ] = ()


@dataclass(frozen=True, kw_only=True)
class ReportDelivery(_FormC):
    """Report what was delivered of a pledge, all or a part of it (form C, Formulir Realisasi)."""

    pledge_id: Annotated[UUID, Ref("Pledge"), "The pledge (komitmen)."]
    delivery_id: Annotated[
        UUID | None, Ref("Delivery"), "The scheduled delivery that this reports, if any (jadwal)."
    ] = None


@dataclass(frozen=True, kw_only=True)
class ResubmitDelivery(_FormC):
    """Report again what an officer sent back, corrected; what it said before stays in the audit trail."""

    delivery_id: Annotated[UUID, Ref("Delivery"), "The report that was sent back (realisasi)."]


async def report_delivery(command: ReportDelivery, work: Work) -> Delivery:
    """A new delivery, or a scheduled one -> DILAPORKAN; the collaboration goes on to DILAPORKAN.

    Raises:
        PledgeNotOpen, UnusableQuantity, DeliveryExceedsPledge, DeliveryElsewhere, DateOutOfOrder: it is not possible.
        SharesDoNotFit, SessionsMissing, RecipientOutOfReach, SameAidAgain: those named cannot have received it.
        EvidenceMissing: a document that form C needs is not among those named.
    """
    collaboration, pledge = await own_pledge(work, command.pledge_id)
    require_deliverable(pledge)
    if command.delivery_id is not None:
        _, _, delivery = await own_delivery(work, command.delivery_id)
        if delivery.pledge_id != pledge.id:
            raise NotFound("delivery", ("deliveryId",))
        if delivery.status is not DeliveryStatus.DIJADWALKAN:
            work.refuse(delivery, DELIVERY, DeliveryStatus.DILAPORKAN)
        work.move(delivery, DELIVERY, DeliveryStatus.DILAPORKAN)
    else:
        delivery = new_delivery(work, collaboration, pledge, command.delivered_on, command.quantity)
        work.begin(delivery, DELIVERY, DeliveryStatus.DILAPORKAN)
    await _report(command, work, collaboration, pledge, delivery, required=EVIDENCE.get(pledge.package_kind, ()))
    return delivery


async def resubmit_delivery(command: ResubmitDelivery, work: Work) -> Delivery:
    """DIKEMBALIKAN -> DILAPORKAN with other content.

    Raises: what `report_delivery` does.
    """
    collaboration, pledge, delivery = await own_delivery(work, command.delivery_id)
    require_deliverable(pledge)
    if delivery.status is not DeliveryStatus.DIKEMBALIKAN:
        work.refuse(delivery, DELIVERY, DeliveryStatus.DILAPORKAN)
    said = await _content(work, delivery)
    work.move(delivery, DELIVERY, DeliveryStatus.DILAPORKAN)
    work.note_before(said)
    delivery.status_reason = None
    await _report(command, work, collaboration, pledge, delivery)
    return delivery


async def _report(
    command: _FormC,
    work: Work,
    collaboration: Collaboration,
    pledge: Pledge,
    delivery: Delivery,
    *,
    required: Sequence[Sequence[DocumentKind]] = (),
) -> None:
    """Everything that form C says, into its rows; the collaboration follows."""
    _check(command, work, collaboration, pledge)
    await _fill(command, work, collaboration, pledge, delivery)
    await work.session.flush()
    places, received = _received(command, pledge)
    businesses = await reached(work, collaboration, places)
    if delivery.override_reason is None:
        await refuse_same_again(work, delivery, command.delivered_on, received, places)
    shares = _shares(command, pledge)
    await name_recipients(work, delivery, collaboration, businesses, shares)
    await keep_sessions(work, delivery, command.sessions, businesses)
    await attach(
        work,
        command.document_ids,
        required=required,
        region_code=delivery.region_code,
        collaboration_id=collaboration.id,
        delivery_id=delivery.id,
        collaborator_id=collaboration.collaborator_id,
        institution_id=collaboration.distributor_id,
    )
    await follow(work, collaboration.id)
    work.tell(delivery_moved(delivery))


def _check(command: _FormC, work: Work, collaboration: Collaboration, pledge: Pledge) -> None:
    given = (command.quantity, command.extra_quantity, command.value)
    if min(given) < 0 or not 1 <= command.quantity + command.extra_quantity <= MOST_PIECES:
        raise UnusableQuantity
    issued_on = collaboration.number_issued_on
    if command.delivered_on > work.today or (issued_on is not None and command.delivered_on < issued_on):
        raise DateOutOfOrder(
            ("deliveredOn",),
            "it lies between the confirmation of the collaboration and today",
            "antara konfirmasi kolaborasi dan hari ini",
        )
    check_sessions(command.sessions, pledge.package_kind, issued_on, command.delivered_on)


async def _fill(command: _FormC, work: Work, collaboration: Collaboration, pledge: Pledge, delivery: Delivery) -> None:
    """The report itself; how much is left of the pledge is told without it."""
    with work.session.no_autoflush:
        await require_left(work, pledge, command.quantity, DeliveryStatus.DILAPORKAN, but=delivery.id)
        at = await where(work, collaboration, pledge, command.place_id, command.region_code)
    delivery.place_id, delivery.region_code = at
    delivery.quantity, delivery.extra_quantity = command.quantity, command.extra_quantity
    delivery.value, delivery.delivered_on = Rupiah(command.value), command.delivered_on
    delivery.reported_at, delivery.reported_by = work.now, work.viewer.subject
    delivery.override_reason = (command.override_reason or "").strip() or None


def _received(command: _FormC, pledge: Pledge) -> tuple[Mapping[UUID, Path], Mapping[UUID, list[str]]]:
    """Whom the report names, with the place in the input; and what those received who received something."""
    if pledge.package_kind is PackageKind.PELATIHAN:
        return invited(command.sessions), topics_of(command.sessions)
    places: dict[UUID, Path] = {s.recipient_id: ("recipients", i) for i, s in enumerate(command.recipients)}
    return places, {key: [pledge.item] for key in places}


def _shares(command: _FormC, pledge: Pledge) -> dict[UUID, int]:
    most = command.quantity + command.extra_quantity
    if pledge.package_kind is not PackageKind.PELATIHAN:
        return shares_given(command.recipients, most)
    came = topics_of(command.sessions)
    if command.recipients:
        raise SharesDoNotFit(("recipients",))
    if len(came) > most:
        raise SharesDoNotFit(("sessions",))
    return dict.fromkeys(came, 1)


async def _content(work: Work, delivery: Delivery) -> dict[str, object]:
    """What a report says, for the audit trail: figures, days and references, never a value of a person."""
    recipients = await work.rows(DeliveryRecipient, DeliveryRecipient.delivery_id == delivery.id)
    return {
        "delivered_on": str(delivery.delivered_on),
        "region_code": delivery.region_code,
        "quantity": delivery.quantity,
        "extra_quantity": delivery.extra_quantity,
        "value": delivery.value,
        "recipients": {row.public_id: row.quantity for row in recipients},
    }


COMMANDS = (
    registered(ReportDelivery, report_delivery, answers="Delivery"),
    registered(ResubmitDelivery, resubmit_delivery, answers="Delivery"),
)

"""The schedule of deliveries by day and place, whom it awaits, and where the goods lie until then (jadwal penyerahan).

Source: Instruksi Sekda DKI 56/2020, KESATU h and l, Lampiran II B2; steps 13 and 14 of Lampiran I are a reconstruction.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, ClassVar
from uuid import UUID

from sqlalchemy import func, select

from commands.command import Command, Fact, Ref, Spelling, registered
from commands.evidence import attach
from commands.guards import DateOutOfOrder
from commands.party import own_delivery, own_pledge
from commands.recipients import ShareGiven, name_recipients, reached, shares_given
from commands.refusal import NotFound, Refusal
from commands.work import Work, reason_given
from geo.regions import Level, contains, regions
from models.collaboration import Collaboration, Pledge
from models.delivery import Delivery
from models.place import Place
from models.states import DELIVERY
from models.vocabulary import Actor, DeliveryStatus, PackageKind, PledgeStatus

DELIVERABLE = (PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN, PledgeStatus.TERPENUHI)
"""States of a pledge of which something may be delivered; of a fulfilled one only what is extra."""

MOST_PIECES = 1_000_000_000
"""In one delivery with its extra: more than anybody gives, and few enough to be added up."""


# ---- situations


class PledgeNotOpen(Refusal):
    """A pledge that was not accepted, has ended, or is of loans."""

    code = "PLEDGE_NOT_OPEN"

    def __init__(self) -> None:
        super().__init__(
            "Only an accepted pledge of goods or training is delivered. Loans are reported with `disburseLoan`.",
            "Hanya komitmen barang atau pelatihan yang diterima dapat direalisasikan. Pinjaman: `disburseLoan`.",
            path=("pledgeId",),
        )


class UnusableQuantity(Refusal):
    """A delivery of nothing, or of less than nothing."""

    code = "UNUSABLE_QUANTITY"

    def __init__(self) -> None:
        super().__init__(
            "Say how many (quantity, extraQuantity) and their value: none below 0, and altogether 1 to "
            f"{MOST_PIECES:,} pieces.",
            "Sebutkan jumlah (quantity, extraQuantity) dan nilainya: tidak di bawah 0, dan seluruhnya 1 sampai "
            f"{MOST_PIECES:,}.",
            path=("quantity",),
        )


class DeliveryExceedsPledge(Refusal):
    """More is delivered than what is left of a pledge (DOMAIN section 8, invariant 3)."""

    code = "DELIVERY_EXCEEDS_PLEDGE"

    def __init__(self, left: int) -> None:
        super().__init__(
            f"Of this pledge {left} are left. Put what is more into `extraQuantity`: it is shown separately.",
            f"Sisa komitmen ini {left}. Tulis kelebihannya pada `extraQuantity`: ditampilkan tersendiri.",
            path=("quantity",),
            left=left,
        )


class DeliveryElsewhere(Refusal):
    """A delivery outside the region of its collaboration, or nowhere in particular."""

    code = "DELIVERY_ELSEWHERE"

    def __init__(self) -> None:
        super().__init__(
            "Name a site (`placeId`) or a kelurahan (`regionCode`) in the region of the collaboration or of its need.",
            "Sebutkan lokasi (`placeId`) atau kelurahan (`regionCode`) di wilayah kolaborasi atau kebutuhannya.",
            path=("regionCode",),
        )


# ---- events


@dataclass(frozen=True, kw_only=True)
class DeliveryMoved(Fact):
    """A delivery was scheduled, reported, checked, sent back, called off or reversed (realisasi berpindah status)."""

    tells: ClassVar = (Delivery.status,)

    status: DeliveryStatus


@dataclass(frozen=True, kw_only=True)
class StorageOffered(Fact):
    """The kelurahan offered a place where goods lie until they are handed out (tempat penyimpanan ditawarkan)."""

    tells: ClassVar = (Delivery.storage_note,)


def delivery_moved(delivery: Delivery) -> DeliveryMoved:
    """The event of a delivery."""
    concerned = (delivery.collaborator_id, delivery.distributor_id)
    return DeliveryMoved(
        subject=delivery, region_code=delivery.region_code, institutions=concerned, status=delivery.status
    )


# ---- the schedule


@dataclass(frozen=True, kw_only=True)
class PlanDelivery(Command):
    """Schedule a delivery or training of an accepted pledge, with those who are expected to receive something."""

    pledge_id: Annotated[UUID, Ref("Pledge"), "The pledge (komitmen)."]
    scheduled_on: Annotated[dt.date, "Day of it (jadwal)."]
    place_id: Annotated[UUID | None, Ref("Place"), "The site (lokasi), or leave out."] = None
    region_code: Annotated[str | None, Spelling("RegionCode"), "The kelurahan, if it is at no site (kode wilayah)."] = (
        None
    )
    quantity: Annotated[int, "How many (jumlah)."]
    recipients: Annotated[tuple[ShareGiven, ...], "Who is expected to receive how much, at most 1,000 (penerima)."] = ()


async def plan_delivery(command: PlanDelivery, work: Work) -> Delivery:
    """Add a delivery DIJADWALKAN; public order, the kelurahan and the officers of the area see it.

    Raises:
        PledgeNotOpen, UnusableQuantity, DeliveryExceedsPledge, DeliveryElsewhere, DateOutOfOrder: it is not possible.
        SharesDoNotFit, RecipientOutOfReach: those named cannot receive it.
    """
    collaboration, pledge = await own_pledge(work, command.pledge_id)
    if command.quantity < 1:
        raise UnusableQuantity
    if command.scheduled_on < work.today:
        raise DateOutOfOrder(("scheduledOn",), "a schedule is for today or later", "jadwal paling cepat hari ini")
    require_deliverable(pledge)
    shares = shares_given(command.recipients, command.quantity)
    await require_left(work, pledge, command.quantity, DeliveryStatus.DIJADWALKAN, DeliveryStatus.DILAPORKAN)
    place_id, region_code = await where(work, collaboration, pledge, command.place_id, command.region_code)
    delivery = new_delivery(work, collaboration, pledge, command.scheduled_on, command.quantity)
    delivery.place_id, delivery.region_code = place_id, region_code
    work.begin(delivery, DELIVERY, DeliveryStatus.DIJADWALKAN)
    await work.session.flush()
    businesses = await reached(work, collaboration, {key: ("recipients", i) for i, key in enumerate(shares)})
    await name_recipients(work, delivery, collaboration, businesses, shares)
    work.tell(delivery_moved(delivery))
    return delivery


def new_delivery(
    work: Work, collaboration: Collaboration, pledge: Pledge, scheduled_on: dt.date, quantity: int
) -> Delivery:
    """A delivery of a pledge; who gives and distributes is copied from the collaboration."""
    return work.add(
        Delivery,
        collaboration_id=collaboration.id,
        pledge_id=pledge.id,
        collaborator_id=collaboration.collaborator_id,
        distributor_id=collaboration.distributor_id,
        package_kind=pledge.package_kind,
        item=pledge.item,
        quantity=quantity,
        extra_quantity=0,
        value=pledge.estimated_value * quantity // pledge.quantity,
        scheduled_on=scheduled_on,
    )


def require_deliverable(pledge: Pledge) -> None:
    """Make sure that something may be delivered of a pledge.

    Raises:
        PledgeNotOpen: nothing may.
    """
    if pledge.status not in DELIVERABLE or pledge.package_kind is PackageKind.PINJAMAN_MODAL:
        raise PledgeNotOpen


async def require_left(
    work: Work, pledge: Pledge, quantity: int, *beside: DeliveryStatus, but: UUID | None = None
) -> None:
    """Make sure that so much is left of a pledge beside what was validated and what waits in some states.

    The pledge is locked: two reports at once meet there.

    Raises:
        DeliveryExceedsPledge: less is left.
    """
    waiting = select(func.coalesce(func.sum(Delivery.quantity), 0)).where(
        Delivery.pledge_id == pledge.id, Delivery.status.in_(beside), Delivery.id.is_distinct_from(but)
    )
    left = pledge.quantity - pledge.delivered_quantity - (await work.session.execute(waiting)).scalar_one()
    if quantity > left:
        raise DeliveryExceedsPledge(max(0, left))


async def where(
    work: Work, collaboration: Collaboration, pledge: Pledge, place_id: UUID | None, region_code: str | None
) -> tuple[UUID | None, str]:
    """The site and the kelurahan of a delivery, so that an officer of the area can check it.

    Raises:
        DeliveryElsewhere: outside the collaboration, or no kelurahan.
    """
    if place_id is not None:
        region_code = (await work.seen(Place, place_id, ("placeId",))).region_code
    at = regions().get(region_code or "")
    if at is None or at.level is not Level.KELURAHAN:
        raise DeliveryElsewhere
    if not any(contains(outer, at.code) for outer in (collaboration.region_code, pledge.region_code)):
        raise DeliveryElsewhere
    return place_id, at.code


@dataclass(frozen=True, kw_only=True)
class CallOffDelivery(Command):
    """Call a scheduled delivery off; nobody is awaited any more."""

    delivery_id: Annotated[UUID, Ref("Delivery"), "The scheduled delivery (realisasi)."]
    reason: Annotated[str, "Why (alasan). Never public."]


async def call_off_delivery(command: CallOffDelivery, work: Work) -> Delivery:
    """DIJADWALKAN -> DIBATALKAN."""
    reason = reason_given(command.reason)
    _, _, delivery = await own_delivery(work, command.delivery_id)
    _call_off(work, delivery, reason, work.actor)
    return delivery


async def call_off_schedules(work: Work, pledge: Pledge, reason: str) -> None:
    """Call off what is scheduled of a pledge that ends."""
    scheduled = (Delivery.pledge_id == pledge.id, Delivery.status == DeliveryStatus.DIJADWALKAN)
    query = select(Delivery).where(*scheduled).order_by(Delivery.id).with_for_update()
    for delivery in (await work.session.execute(query)).scalars():
        _call_off(work, delivery, reason, Actor.SISTEM)


def _call_off(work: Work, delivery: Delivery, reason: str, by: Actor) -> None:
    work.move(delivery, DELIVERY, DeliveryStatus.DIBATALKAN, by=by, reason=reason)
    delivery.status_reason = reason
    work.tell(delivery_moved(delivery))


# ---- until then


@dataclass(frozen=True, kw_only=True)
class OfferStorage(Command):
    """Offer a place in the kelurahan where the goods of a scheduled delivery lie until they are handed out."""

    delivery_id: Annotated[UUID, Ref("Delivery"), "The scheduled delivery (realisasi)."]
    place_id: Annotated[UUID | None, Ref("Place"), "The site, if it is a registered one (lokasi)."] = None
    note: Annotated[str | None, "Where it is, in words (catatan). Never public."] = None
    document_ids: Annotated[
        tuple[UUID, ...], Ref("Document"), "Papers of it that were uploaded (`requestUpload`), if there are any."
    ] = ()


class StorageNotNamed(Refusal):
    """A place to store goods that is nowhere."""

    code = "STORAGE_NOT_NAMED"

    def __init__(self) -> None:
        super().__init__(
            "Name a site (`placeId`) or say in `note` where the goods can lie.",
            "Sebutkan lokasi (`placeId`) atau tuliskan tempatnya pada `note`.",
            path=("placeId",),
        )


async def offer_storage(command: OfferStorage, work: Work) -> Delivery:
    """Note the place on the delivery; who offered it stands in the audit trail.

    Raises:
        StorageNotNamed: no place was named.
    """
    note = (command.note or "").strip() or None
    if command.place_id is None and note is None:
        raise StorageNotNamed
    delivery = await work.own(Delivery, command.delivery_id, ("deliveryId",))
    if not contains(work.viewer.area, delivery.region_code):
        raise NotFound("delivery", ("deliveryId",))
    if delivery.status is not DeliveryStatus.DIJADWALKAN:
        work.refuse(delivery, DELIVERY, DeliveryStatus.DIJADWALKAN)
    if command.place_id is not None:
        place = await work.seen(Place, command.place_id, ("placeId",))
        if not contains(work.viewer.area, place.region_code):  # everybody sees sites; heads offer their own
            raise NotFound("place", ("placeId",))
    delivery.storage_place_id, delivery.storage_note, delivery.storage_offered_on = command.place_id, note, work.today
    concerned = (delivery.collaborator_id, delivery.distributor_id)
    await attach(
        work,
        command.document_ids,
        region_code=delivery.region_code,
        delivery_id=delivery.id,
        collaborator_id=delivery.collaborator_id,
        institution_id=delivery.distributor_id,
    )
    work.tell(StorageOffered(subject=delivery, region_code=delivery.region_code, institutions=concerned))
    return delivery


COMMANDS = (
    registered(PlanDelivery, plan_delivery, answers="Delivery"),
    registered(CallOffDelivery, call_off_delivery, answers="Delivery"),
    registered(OfferStorage, offer_storage, answers="Delivery"),
)

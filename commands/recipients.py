"""Who receives a share of a delivery: whom a collaboration may reach, and what they received before (penerima).

Source: Instruksi Sekda DKI 56/2020, Lampiran II B4; invariant 7 of DOMAIN section 8 (90 days: our proposal).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from commands.command import Ref
from commands.refusal import Path, Refusal
from commands.work import Work
from models.business import Business
from models.collaboration import Collaboration, Involvement
from models.delivery import Attendance, Delivery, DeliveryRecipient, TrainingSession
from models.vocabulary import BusinessStatus, DeliveryStatus, PackageKind

MOST_RECIPIENTS = 1_000
SAME_AID_DAYS = 90
"""Days within which the same goods do not go to the same business again without a reason (DOMAIN section 8, no. 7)."""
_COUNTS = (DeliveryStatus.DILAPORKAN, DeliveryStatus.TERVALIDASI)


class RecipientOutOfReach(Refusal):
    """A business that the collaboration does not concern."""

    code = "RECIPIENT_OUT_OF_REACH"

    def __init__(self, path: Path) -> None:
        super().__init__(
            "This business (UMKM) is not active, or lies outside the region, the sites and the needs of the "
            "collaboration. Name others.",
            "UMKM ini tidak aktif, atau berada di luar wilayah, lokasi, dan kebutuhan kolaborasi ini. Pilih yang lain.",
            path=path,
        )


class SharesDoNotFit(Refusal):
    """Shares of nothing, twice of one business, or more than was delivered."""

    code = "SHARES_DO_NOT_FIT"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"Name at most {MOST_RECIPIENTS:,} different recipients, each with a share of at least 1, and together at "
            "most what is delivered with its extra.",
            f"Sebutkan paling banyak {MOST_RECIPIENTS:,} penerima berbeda, masing-masing minimal 1, dan jumlahnya "
            "paling banyak sebesar yang direalisasikan beserta tambahannya.",
            path=path,
        )


class SameAidAgain(Refusal):
    """A business that received the same goods, or a training of the same topic, a short while ago."""

    code = "SAME_AID_WITHIN_90_DAYS"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"This business received the same within {SAME_AID_DAYS} days. Name another one, or say in "
            "`overrideReason` why it receives it again.",
            f"UMKM ini menerima bantuan yang sama dalam {SAME_AID_DAYS} hari. Pilih yang lain, atau sebutkan "
            "alasannya pada `overrideReason`.",
            path=path,
        )


@dataclass(frozen=True, kw_only=True)
class ShareGiven:
    """What one business receives of a delivery."""

    recipient_id: Annotated[UUID, Ref("Recipient"), "The business (UMKM penerima)."]
    quantity: Annotated[int, "How many it receives (jumlah)."]


def shares_given(shares: Sequence[ShareGiven], most: int) -> dict[UUID, int]:
    """The shares by business.

    Raises:
        SharesDoNotFit: they are not possible, or more than what is delivered.
    """
    given = {share.recipient_id: share.quantity for share in shares}
    for index, share in enumerate(shares):
        if share.quantity < 1:
            raise SharesDoNotFit(("recipients", index, "quantity"))
    if len(given) < len(shares) or len(given) > MOST_RECIPIENTS or sum(given.values()) > most:
        raise SharesDoNotFit(("recipients",))
    return given


async def reached(work: Work, collaboration: Collaboration, places: Mapping[UUID, Path]) -> dict[UUID, Business]:
    """The businesses of some keys, locked in their order; `places` tells where in the input each stands.

    A collaboration reaches active businesses in its region, at the sites whose needs it chose, and those it chose.

    Raises:
        RecipientOutOfReach: one is not among them.
    """
    of_it = exists().where(Involvement.collaboration_id == collaboration.id).correlate(Business)
    chosen = or_(Involvement.business_id == Business.id, Involvement.place_id == Business.place_id)
    inside = or_(
        Business.region_code == collaboration.region_code,
        Business.region_code.startswith(collaboration.region_code + "."),
    )
    query = select(Business).where(
        Business.id.in_(places), Business.status == BusinessStatus.AKTIF, or_(inside, of_it.where(chosen))
    )
    locked = query.order_by(Business.id).with_for_update(of=Business)
    found = {business.id: business for business in (await work.session.execute(locked)).scalars()}
    for key, path in places.items():
        if key not in found:
            raise RecipientOutOfReach(path)
    return found


async def refuse_same_again(
    work: Work, delivery: Delivery, day: dt.date, received: Mapping[UUID, Collection[str]], places: Mapping[UUID, Path]
) -> None:
    """Make sure that no business received the same a short while ago; their rows are locked already.

    `received` tells per business what it received now: the name of the goods, or the topics of the sessions it came to.

    Raises:
        SameAidAgain: one did.
    """
    near = dt.timedelta(SAME_AID_DAYS)
    receipts = _trainings() if delivery.package_kind is PackageKind.PELATIHAN else _goods()
    recent = receipts.where(
        receipts.selected_columns.business_id.in_(received),
        receipts.selected_columns.day.between(day - near, day + near),
        Delivery.id != delivery.id,
        Delivery.status.in_(_COUNTS),
    )
    for business_id, what, _ in await work.session.execute(recent):
        if what in {plain(name) for name in received[business_id]}:
            raise SameAidAgain(places[business_id])


def _goods() -> Select[*tuple[Any, ...]]:
    """Which business received which goods, and when."""
    return (
        select(
            DeliveryRecipient.business_id,
            _plain(Delivery.item).label("what"),
            DeliveryRecipient.received_on.label("day"),
        )
        .join(Delivery, Delivery.id == DeliveryRecipient.delivery_id)
        .where(Delivery.package_kind == PackageKind.SARPRAS)
    )


def _trainings() -> Select[*tuple[Any, ...]]:
    """Which business came to a training on which topic, and when."""
    return (
        select(
            Attendance.business_id, _plain(TrainingSession.topic).label("what"), TrainingSession.held_on.label("day")
        )
        .join(TrainingSession, TrainingSession.id == Attendance.training_session_id)
        .join(Delivery, Delivery.id == TrainingSession.delivery_id)
        .where(Attendance.attended)
    )


def plain(name: str) -> str:
    """The name of goods or a topic as it is compared: however it is written, it is the same thing."""
    return name.strip().lower()


def _plain(name: Any) -> ColumnElement[str]:
    return func.lower(func.btrim(name))


async def name_recipients(
    work: Work,
    delivery: Delivery,
    collaboration: Collaboration,
    businesses: Mapping[UUID, Business],
    shares: Mapping[UUID, int],
) -> None:
    """Write down who receives how much; who is named no more keeps a row of nothing, since no row is ever removed."""
    before = await work.rows(DeliveryRecipient, DeliveryRecipient.delivery_id == delivery.id)
    rows = {row.business_id: row for row in before}
    for row in before:
        row.quantity, row.received_on = 0, None
    for key, quantity in shares.items():
        row = rows.get(key) or _recipient(work, delivery, collaboration, businesses[key])
        row.quantity, row.scheduled_on, row.received_on = quantity, delivery.scheduled_on, delivery.delivered_on


def _recipient(work: Work, delivery: Delivery, collaboration: Collaboration, business: Business) -> DeliveryRecipient:
    return work.add(
        DeliveryRecipient,
        delivery_id=delivery.id,
        collaboration_id=collaboration.id,
        collaborator_id=collaboration.collaborator_id,
        fund_manager_id=collaboration.distributor_id,
        business_id=business.id,
        owner_id=business.owner_id,
        region_code=business.region_code,
        package_kind=delivery.package_kind,
    )


async def recipients_of(work: Work, delivery: Delivery) -> Sequence[Business]:
    """The businesses that received something of a delivery, locked in the order of their keys."""
    of_it = exists().where(
        DeliveryRecipient.delivery_id == delivery.id,
        DeliveryRecipient.business_id == Business.id,
        DeliveryRecipient.received_on.is_not(None),
    )
    query = select(Business).where(of_it.correlate(Business)).order_by(Business.id).with_for_update(of=Business)
    return (await work.session.execute(query)).scalars().all()


async def count_received(work: Work, businesses: Collection[UUID]) -> None:
    """What validated deliveries tell of some businesses: whether they received anything, and how long after another.

    Goods and trainings only; loans never count.
    """
    await work.session.flush()
    validated = Delivery.status == DeliveryStatus.TERVALIDASI
    its_own = and_(Delivery.id == DeliveryRecipient.delivery_id, validated)
    received = exists().where(
        DeliveryRecipient.business_id == Business.id, DeliveryRecipient.received_on.is_not(None), its_own
    )
    earlier, their = aliased(DeliveryRecipient), aliased(Delivery)
    previous = (
        select(func.max(earlier.received_on))
        .join(their, their.id == earlier.delivery_id)
        .where(
            earlier.business_id == DeliveryRecipient.business_id,
            earlier.received_on < DeliveryRecipient.received_on,
            their.status == DeliveryStatus.TERVALIDASI,
        )
        .correlate(DeliveryRecipient)
        .scalar_subquery()
    )
    shares = update(DeliveryRecipient).where(
        DeliveryRecipient.business_id.in_(businesses), exists().where(its_own).correlate(DeliveryRecipient)
    )
    marked = update(Business).where(Business.id.in_(businesses)).values(has_received=received.correlate(Business))
    await work.session.execute(marked, execution_options={"synchronize_session": False})
    counted = shares.values(days_since_previous=DeliveryRecipient.received_on - previous)
    await work.session.execute(counted, execution_options={"synchronize_session": False})

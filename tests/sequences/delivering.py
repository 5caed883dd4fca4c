"""Steps: goods and trainings from the schedule to the end of their collaboration."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commands.delivery import EVIDENCE, ReportDelivery, ResubmitDelivery
from commands.mentoring import RecordMentoringVisit
from commands.progress import CompleteCollaboration
from commands.recipients import ShareGiven
from commands.schedule import CallOffDelivery, OfferStorage, PlanDelivery
from commands.training import AttendanceGiven, RecordAttendance, SessionGiven
from commands.validation import ReturnDelivery, ReverseDelivery, ValidateDelivery
from models.vocabulary import DocumentKind, PackageKind, TrainingKind, TrainingMode
from policy.viewer import Role, Viewer
from tests.sequences.giving import BIRO_KSD, REASON
from tests.sequences.lending import an_officer
from tests.sequences.steps import Order, drives
from tests.sequences.uploads import an_upload, evidence
from tests.sequences.world import World, institution

_STANDS = "t.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN') and t.package_kind <> 'PINJAMAN_MODAL'"

_VALIDATED = "t.status = 'TERVALIDASI' and t.package_kind <> 'PINJAMAN_MODAL'"


async def _pledge(world: World) -> Any:
    """One in the areas of the officers, so that somebody can check what is reported of it."""
    return await world.pick("pledge", f"{_STANDS} and left(t.region_code, 8) = any ($1)", world.players.areas)


async def _any_delivery(world: World, *states: str) -> Any:
    return await world.pick("delivery", "t.status = any ($1)", list(states))


async def _delivery(world: World, *states: str) -> Any:
    """One in the areas of the officers, of a pledge that stands."""
    stands = "select from ksbb.pledge p where p.id = t.pledge_id and p.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN')"
    right = f"t.status = any ($1) and left(t.region_code, 8) = any ($2) and exists ({stands})"
    return await world.pick("delivery", right, list(states), world.players.areas)


def _party(world: World, row: Any) -> Viewer:
    """The donor, or who distributes for it."""
    donor = institution(Role.KOLABORATOR, row["collaborator_id"])
    through = row["distributor_id"] and institution(Role.AGREGATOR, row["distributor_id"])
    return through if through and world.chance(0.6) else donor


async def _businesses(world: World, pledge: Any) -> list[Any]:
    """One to three active businesses near each other, mostly in the region of a pledge."""
    region = pledge["region_code"] if world.chance(0.95) else "31"
    one = await world.pick("business", "t.status = 'AKTIF' and starts_with(t.region_code, $1)", region)
    if one is None:
        return []
    near = "t.status = 'AKTIF' and t.region_code = $1"
    keys = {one["id"], *await world.some("business", near, one["region_code"])}
    found = await world.tables.fetch("select * from ksbb.business where id = any ($1) order by id", list(keys))
    return list(found)


def _shares(world: World, businesses: list[Any], quantity: int) -> tuple[ShareGiven, ...]:
    named = businesses[: max(1, min(quantity, len(businesses)))]
    each = max(1, quantity // len(named)) + (1 if world.chance(0.04) else 0)
    return tuple(ShareGiven(recipient_id=business["id"], quantity=each) for business in named)


def _sessions(world: World, businesses: list[Any], day: dt.date, at_least: int) -> tuple[SessionGiven, ...]:
    return tuple(
        SessionGiven(
            topic=f"Contoh topik {world.random.randint(1, 30)}",
            kind=world.random.choice(list(TrainingKind)),
            mode=world.random.choice(list(TrainingMode)),
            held_on=day if world.chance(0.95) else day + dt.timedelta(1),
            attendance=_attendance(world, businesses),
        )
        for _ in range(max(1, at_least + world.random.choice((0, 0, 0, 1, -1))))
    )


def _attendance(world: World, businesses: list[Any]) -> tuple[AttendanceGiven, ...]:
    return tuple(AttendanceGiven(recipient_id=b["id"], attended=world.chance(0.8)) for b in businesses)


async def _form_c(world: World, who: Viewer, pledge: Any, sessions: int = 1, *, again: bool = False) -> Any:
    """What both reports say; None where nobody is near."""
    businesses = await _businesses(world, pledge)
    if not businesses:
        return None
    package = PackageKind[pledge["package_kind"]]
    waiting = "select coalesce(sum(quantity), 0)::int from ksbb.delivery where pledge_id = $1 and status = 'DILAPORKAN'"
    waits = await world.tables.fetchval(waiting, pledge["id"])
    left = max(0, pledge["quantity"] - pledge["delivered_quantity"] - waits)
    quantity = left if world.chance(0.5) else world.random.randint(min(1, left), left)
    extra = world.random.choice((0, 0, 0, 1, 2)) if quantity else 1
    day, is_training = world.day(2), package is PackageKind.PELATIHAN
    groups = () if again and world.chance(0.7) else EVIDENCE.get(package, ())
    return {
        "delivered_on": day,
        "region_code": businesses[0]["region_code"],
        "quantity": quantity,
        "extra_quantity": extra + (len(businesses) if is_training else 0),
        "value": world.random.randint(0, 9_000_000),
        "recipients": () if is_training else _shares(world, businesses, quantity + extra),
        "sessions": _sessions(world, businesses, day, sessions) if is_training else (),
        "override_reason": REASON if world.chance(0.6) else None,
        "document_ids": await evidence(world, who, groups),
    }


@drives(PlanDelivery, often=7)
async def plan_delivery(world: World) -> Order | None:
    pledge = await _pledge(world)
    businesses = await _businesses(world, pledge) if pledge else []
    if not businesses:
        return None
    quantity = world.random.randint(1, max(1, pledge["quantity"] - pledge["delivered_quantity"]))
    command = PlanDelivery(
        pledge_id=pledge["id"],
        scheduled_on=world.day() + dt.timedelta(world.random.randint(0, 5)),
        region_code=businesses[0]["region_code"],
        quantity=quantity,
        recipients=_shares(world, businesses, quantity) if world.chance(0.8) else (),
    )
    return _party(world, pledge), command


@drives(CallOffDelivery)
async def call_off_delivery(world: World) -> Order | None:
    delivery = await _delivery(world, "DIJADWALKAN")
    return delivery and (_party(world, delivery), CallOffDelivery(delivery_id=delivery["id"], reason=REASON))


@drives(OfferStorage, often=4)
async def offer_storage(world: World) -> Order | None:
    delivery = await _delivery(world, "DIJADWALKAN")
    if delivery is None:
        return None
    area = delivery["region_code"][:8]
    place = await world.pick("place", "starts_with(t.region_code, $1)", area)
    at = place["id"] if place and world.chance(0.5) else None
    head = Viewer(Role.WILAYAH, f"wilayah-{area}", area=area)
    papers = await evidence(world, head, [(DocumentKind.LAIN,)] if world.chance(0.3) else [])
    note = "Contoh aula" if world.chance(0.9) else None
    return head, OfferStorage(delivery_id=delivery["id"], place_id=at, note=note, document_ids=papers)


@drives(ReportDelivery, often=18)
async def report_delivery(world: World) -> Order | None:
    pledge = await _pledge(world)
    if pledge is None:
        return None
    who = _party(world, pledge)
    form = await _form_c(world, who, pledge)
    planned = await world.pick("delivery", "t.pledge_id = $1 and t.status = 'DIJADWALKAN'", pledge["id"])
    of = planned["id"] if planned and world.chance(0.7) else None
    return form and (who, ReportDelivery(pledge_id=pledge["id"], delivery_id=of, **form))


@drives(ResubmitDelivery, often=6)
async def resubmit_delivery(world: World) -> Order | None:
    delivery = await _delivery(world, "DIKEMBALIKAN")
    if delivery is None:
        return None
    who = _party(world, delivery)
    pledge = await world.tables.fetchrow("select * from ksbb.pledge where id = $1", delivery["pledge_id"])
    count = "select count(*)::int from ksbb.training_session where delivery_id = $1"
    form = await _form_c(world, who, pledge, await world.tables.fetchval(count, delivery["id"]), again=True)
    return form and (who, ResubmitDelivery(delivery_id=delivery["id"], **form))


@drives(RecordAttendance, often=4)
async def record_attendance(world: World) -> Order | None:
    report = "select from ksbb.delivery d where d.id = t.delivery_id and d.status in ('DILAPORKAN', 'DIKEMBALIKAN')"
    session = await world.pick("training_session", f"exists ({report})")
    if session is None:
        return None
    delivery = await world.tables.fetchrow("select * from ksbb.delivery where id = $1", session["delivery_id"])
    businesses = await _businesses(world, delivery)
    command = RecordAttendance(
        delivery_id=delivery["id"],
        session_id=session["id"],
        attendance=_attendance(world, businesses),
        override_reason=REASON if world.chance(0.4) else None,
    )
    return _party(world, delivery), command


@drives(ValidateDelivery, often=12)
async def validate_delivery(world: World) -> Order | None:
    delivery = await _delivery(world, "DILAPORKAN")
    officer = delivery and (an_officer(world, delivery) or world.players.officers[0])
    note = "Contoh" if world.chance(0.3) else None
    counted = world.random.randint(-1, 12) if world.chance(0.2) else None
    return delivery and (officer, ValidateDelivery(delivery_id=delivery["id"], received_quantity=counted, note=note))


@drives(ReturnDelivery, often=6)
async def return_delivery(world: World) -> Order | None:
    delivery = await _delivery(world, "DILAPORKAN")
    officer = delivery and (an_officer(world, delivery) or world.players.officers[0])
    return delivery and (officer, ReturnDelivery(delivery_id=delivery["id"], reason=REASON))


@drives(ReverseDelivery)
async def reverse_delivery(world: World) -> Order | None:
    delivery = await _any_delivery(world, "TERVALIDASI")
    who = delivery and (BIRO_KSD if world.chance(0.4) else _party(world, delivery))
    return delivery and (who, ReverseDelivery(delivery_id=delivery["id"], reason=REASON))


@drives(CompleteCollaboration, often=6)
async def complete_collaboration(world: World) -> Order | None:
    still = "p.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN')"
    open_ = f"select from ksbb.pledge p where p.collaboration_id = t.id and {still}"
    validated = await world.pick("collaboration", f"{_VALIDATED} and not exists ({open_})")
    return validated and (BIRO_KSD, CompleteCollaboration(collaboration_id=validated["id"]))


@drives(RecordMentoringVisit, often=3)
async def record_mentoring_visit(world: World) -> Order | None:
    """To who received goods or a training, or to who has a loan."""
    received = "t.received_on is not null and left(t.region_code, 8) = any ($1)"
    share = await world.pick("delivery_recipient", received, world.players.areas)
    paid_out = "t.disbursed_on is not null and left(t.region_code, 8) = any ($1)"
    loan = await world.pick("loan", paid_out, world.players.areas)
    row = share if share and (world.chance(0.5) or loan is None) else loan
    if row is None:
        return None
    officer = an_officer(world, row) or world.players.officers[0]
    photos = (await an_upload(world, officer, DocumentKind.FOTO_PELATIHAN),) if world.chance(0.4) else ()
    command = RecordMentoringVisit(
        loan_id=row["id"] if row is loan else None,
        delivery_id=row["delivery_id"] if row is share else None,
        recipient_id=row["business_id"] if row is share else None,
        visited_on=world.day(),
        outcome="Contoh hasil",
        document_ids=photos,
    )
    return officer, command

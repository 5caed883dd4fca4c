"""Steps: targets, and the pledges of goods and training that meet them."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from commands.collaboration import ConfirmCollaboration, RejectCollaboration
from commands.pledge import PledgedItem, SubmitPledge
from commands.target import CloseNeed, RegisterNeed, RegisterPlace, VerifyBusiness
from commands.withdrawal import CancelCollaboration, RevisePledge, WithdrawPledge
from models.vocabulary import PackageKind, PlaceKind
from policy.viewer import Agency, Role, Viewer
from tests.sequences.steps import Order, drives
from tests.sequences.world import World, institution

DINAS = Viewer(Role.DINAS, "dinas", agency=Agency.DINAS_PPKUKM)
BIRO_KSD = Viewer(Role.BIRO_KSD, "biro_ksd")
REASON = "Contoh alasan"


def beside(business: Any) -> Viewer:
    """The agency that fosters a business."""
    agency = business["supervising_agency"] if business else Agency.OPD_PEMBINA
    return Viewer(Role.DINAS, agency.lower(), agency=Agency[agency])


@drives(VerifyBusiness, often=1)
async def verify_business(world: World) -> Order | None:
    officer = world.random.choice(world.players.officers)
    business = await world.pick("business", "starts_with(t.region_code, $1)", officer.area)
    who = world.random.choice((DINAS, officer, beside(business))) if business else DINAS
    return business and (who, VerifyBusiness(recipient_id=business["id"], is_active=world.chance(0.95)))


@drives(RegisterNeed)
async def register_need(world: World) -> Order | None:
    officer = world.random.choice(world.players.officers)
    business = await world.pick("business", "starts_with(t.region_code, $1)", officer.area)
    place = await world.pick("place", "starts_with(t.region_code, $1)", officer.area)
    of: dict[str, Any] = {}
    if place and world.chance(0.3):
        of = {"place_id": place["id"]}
    elif business:
        of = {"recipient_id": business["id"]}
    command = RegisterNeed(
        **of,
        package_kind=world.random.choice((PackageKind.SARPRAS, PackageKind.PELATIHAN)),
        item="Contoh barang",
        quantity=world.random.randint(1, 12),
        estimated_value=world.random.randint(0, 5_000_000),
        period="202201",
    )
    return world.random.choice((DINAS, officer, beside(business))), command


@drives(CloseNeed, often=1)
async def close_need(world: World) -> Order | None:
    need = await world.pick("need", "t.open")
    return need and (DINAS, CloseNeed(need_id=need["id"]))


@drives(RegisterPlace, often=1)
async def register_place(world: World) -> Order | None:
    business = await world.pick("business")
    code = business["region_code"]
    return DINAS, RegisterPlace(kind=world.random.choice(list(PlaceKind)), name="Contoh lokasi", region_code=code)


@drives(SubmitPledge, often=5)
async def submit_pledge(world: World) -> Order | None:
    manager = world.random.choice(world.players.fund_managers)
    donor = world.random.choice(world.players.donors)
    package = world.random.choice((PackageKind.SARPRAS, PackageKind.PELATIHAN))
    needs = [await world.pick("need", "t.open and t.package_kind = $1", package.value) for _ in range(2)]
    items = [_item(world, need) for need in needs if need is not None]
    through: dict[str, Any] = {"distributor_id": UUID(manager.institution_id)} if world.chance(0.4) else {}
    by_manager = world.chance(0.3)
    if by_manager:
        through = {"on_behalf_of": UUID(donor.institution_id)}
    command = SubmitPledge(
        title="Contoh kolaborasi",
        package_kind=package,
        region_code=world.random.choice(world.players.areas),
        items=tuple(items[: world.random.randint(1, 2)]) or (_item(world, None),),
        starts_on=world.today,
        ends_on=world.today + dt.timedelta(world.random.randint(0, 20)),
        **through,
    )
    for_others = BIRO_KSD if world.chance(0.3) else manager
    return (for_others if by_manager else donor), command


def _item(world: World, need: Any) -> PledgedItem:
    left = need["quantity"] - need["pledged_quantity"] if need else 5
    value = 1_500_000_000 if world.chance(0.1) else world.random.randint(0, 9_000_000)
    quantity = world.random.randint(1, max(1, left) + (1 if world.chance(0.2) else 0))
    key = need["id"] if need and world.chance(0.9) else None
    return PledgedItem(item="Contoh barang", quantity=quantity, estimated_value=value, need_id=key)


async def _pledge(world: World) -> Any:
    return await world.pick(
        "pledge", "t.status in ('DITERIMA', 'TERPENUHI_SEBAGIAN') and t.package_kind <> 'PINJAMAN_MODAL'"
    )


@drives(RevisePledge, often=3)
async def revise_pledge(world: World) -> Order | None:
    pledge = await _pledge(world)
    return pledge and (
        institution(Role.KOLABORATOR, pledge["collaborator_id"]),
        RevisePledge(
            pledge_id=pledge["id"],
            quantity=max(1, pledge["quantity"] + world.random.randint(-3, 3)),
            estimated_value=world.random.randint(0, 9_000_000),
            ends_on=max(pledge["starts_on"], world.today) + dt.timedelta(world.random.randint(0, 20)),
        ),
    )


@drives(WithdrawPledge)
async def withdraw_pledge(world: World) -> Order | None:
    pledge = await _pledge(world)
    donor = pledge and institution(Role.KOLABORATOR, pledge["collaborator_id"])
    return pledge and (donor, WithdrawPledge(pledge_id=pledge["id"], reason=REASON))


@drives(CancelCollaboration)
async def cancel_collaboration(world: World) -> Order | None:
    """Also loans are tried: form B cancelled by the programme office, or by its fintech."""
    open_ = "t.status in ('DIAJUKAN', 'DIKONFIRMASI', 'BERJALAN')"
    collaboration = await world.pick("collaboration", open_)
    if collaboration is None:
        return None
    who = institution(Role.KOLABORATOR, collaboration["collaborator_id"])
    if collaboration["package_kind"] == "PINJAMAN_MODAL" and world.chance(0.5):
        who = institution(Role.FINTECH, collaboration["distributor_id"])
    who = BIRO_KSD if world.chance(0.5) else who
    return who, CancelCollaboration(collaboration_id=collaboration["id"], reason=REASON)


@drives(ConfirmCollaboration, often=6)
async def confirm_collaboration(world: World) -> Order | None:
    submitted = await world.pick("collaboration", "t.status = 'DIAJUKAN'")
    who = world.random.choice((DINAS, BIRO_KSD))
    return submitted and (who, ConfirmCollaboration(collaboration_id=submitted["id"]))


@drives(RejectCollaboration)
async def reject_collaboration(world: World) -> Order | None:
    submitted = await world.pick("collaboration", "t.status = 'DIAJUKAN'")
    return submitted and (BIRO_KSD, RejectCollaboration(collaboration_id=submitted["id"], reason=REASON))

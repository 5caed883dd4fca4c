"""Steps: what a person asks about the own data, breaches, and files that are announced."""

from __future__ import annotations

import datetime as dt
from typing import Any

from commands.breach import RecordBreach, RecordBreachNotice
from commands.correction import DecideCorrection, RequestCorrection
from commands.erasure import CarryOutErasure, RequestErasure
from commands.rights import RequestAccessExport, WithdrawRightsRequest
from commands.upload import JPEG, PDF, PHOTOS, RequestUpload
from models.vocabulary import AffectedData, BreachNature, CorrectionField, DocumentKind
from policy.viewer import Role, Viewer
from tests.sequences.giving import DINAS, REASON
from tests.sequences.lending import an_officer
from tests.sequences.steps import Order, drives
from tests.sequences.world import World, owner

STEWARD = Viewer(Role.DISKOMINFOTIK, "diskominfotik")
ADMIN = Viewer(Role.ADMIN, "admin")
_VALUES = {CorrectionField.TELEPON: "0812 0000 0001", CorrectionField.KBLI: "56101"}


async def _person(world: World) -> Any:
    """An owner of a business."""
    return await world.pick("owner", "exists (select from ksbb.business b where b.owner_id = t.id)")


async def _request(world: World, *kinds: str) -> Any:
    return await world.pick("rights_request", "t.status = 'DIAJUKAN' and t.kind = any ($1)", list(kinds))


@drives(RequestAccessExport, often=1)
async def request_access_export(world: World) -> Order | None:
    person = await _person(world)
    return person and (owner(person["id"]), RequestAccessExport())


@drives(RequestCorrection, often=3)
async def request_correction(world: World) -> Order | None:
    person, field = await _person(world), world.random.choice(list(CorrectionField))
    if person is None:
        return None
    business = await world.pick("business", "t.owner_id = $1", person["id"])
    is_of_it = field in {CorrectionField.NAMA_USAHA, CorrectionField.ALAMAT_USAHA, CorrectionField.KBLI}
    command = RequestCorrection(
        field=field,
        value=_VALUES.get(field, f"Contoh {world.next()}"),
        reason=REASON,
        recipient_id=business["id"] if business and is_of_it else None,
    )
    return owner(person["id"]), command


@drives(DecideCorrection, often=3)
async def decide_correction(world: World) -> Order | None:
    near = "t.status = 'DIAJUKAN' and t.kind = 'PERBAIKAN' and left(t.region_code, 8) = any ($1)"
    request, accepted = await world.pick("rights_request", near, world.players.areas), world.chance(0.7)
    if request is None:
        return None
    reason = REASON if not accepted and world.chance(0.9) else None
    who = an_officer(world, request) or DINAS
    return who, DecideCorrection(request_id=request["id"], accepted=accepted, reason=reason)


@drives(RequestErasure)
async def request_erasure(world: World) -> Order | None:
    person = await _person(world)
    return person and (owner(person["id"]), RequestErasure(restrict_only=world.chance(0.3), reason=REASON))


@drives(CarryOutErasure)
async def carry_out_erasure(world: World) -> Order | None:
    request = await _request(world, "PENGHAPUSAN", "PEMBATASAN")
    return request and (STEWARD, CarryOutErasure(request_id=request["id"]))


@drives(WithdrawRightsRequest)
async def withdraw_rights_request(world: World) -> Order | None:
    request = await _request(world, "PERBAIKAN", "PENGHAPUSAN", "PEMBATASAN")
    if request is None or request["owner_id"] is None:
        return None
    return owner(request["owner_id"]), WithdrawRightsRequest(request_id=request["id"])


@drives(RecordBreach, often=1)
async def record_breach(world: World) -> Order | None:
    known = world.clock.now() - dt.timedelta(hours=world.random.randint(-1, 90))
    affected = tuple(world.random.sample(list(AffectedData), world.random.randint(0, 3)))
    command = RecordBreach(
        known_at=known,
        nature=world.random.choice(list(BreachNature)),
        affected=affected,
        measures="Example",
        measures_id="Contoh",
        affected_persons=world.random.choice((None, 0, 12)),
    )
    return world.random.choice((STEWARD, ADMIN)), command


@drives(RecordBreachNotice, often=2)
async def record_breach_notice(world: World) -> Order | None:
    breach = await world.pick("breach", "t.notified_at is null")
    return breach and (world.random.choice((STEWARD, ADMIN)), RecordBreachNotice(breach_id=breach["id"]))


@drives(RequestUpload)
async def request_upload(world: World) -> Order | None:
    kind = world.random.choice(list(DocumentKind))
    right = JPEG if kind in PHOTOS else PDF
    size = world.random.choice((1, 5_000, 10_000_000))
    sha256 = "5e" * 32 if world.chance(0.3) else None
    media_type = right if world.chance(0.9) else "text/html"
    return world.anybody(), RequestUpload(kind=kind, media_type=media_type, size_bytes=size, sha256=sha256)

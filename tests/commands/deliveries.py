"""What the tests of deliveries begin with: a pledge, those whom it reaches, and form C with its evidence."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from commands.delivery import EVIDENCE
from kernel.clock import day_in_jakarta
from models.vocabulary import PackageKind
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.test_loan_journey import done
from tests.commands.test_pledge import form_a
from tests.uploading import an_upload

SHOWN = "delivery { id status quantity extraQuantity value regionCode deliveredOn validatedOn }"


@dataclass(frozen=True)
class Scene:
    """A confirmed collaboration of the cast's donor with one pledge, in a kelurahan with businesses and an officer."""

    collaboration: str
    pledge: str
    kelurahan: str
    businesses: tuple[str, ...]
    officer: Viewer
    package: PackageKind


async def a_scene(
    acting: Acting,
    quantity: int = 10,
    package: PackageKind = PackageKind.SARPRAS,
    who: Role | Viewer = Role.KOLABORATOR,
    **changes: Any,
) -> Scene:
    """A scene whose goods nobody received before."""
    kelurahan = await acting.tables.fetchval(
        "select region_code from ksbb.business where status = 'AKTIF' and region_code like $1"
        " group by 1 having count(*) > 4 order by count(*) desc, 1 limit 1",
        f"{acting.city.cast.kecamatan}.%",
    )
    found = await acting.tables.fetch(
        "select public_id from ksbb.business where status = 'AKTIF' and region_code = $1 order by id", kelurahan
    )
    form = form_a(acting, None, quantity, packageKind=package.value, regionCode=kelurahan, **changes)
    form["items"][0]["item"] = f"Contoh {acting.clock.now().isoformat()} {await _turn(acting)}"
    shown = "collaboration { id pledges { nodes { id } } }"
    made = await done(acting, who, "submitPledge", shown, **form)
    return Scene(
        made["id"],
        made["pledges"]["nodes"][0]["id"],
        kelurahan,
        tuple(row["public_id"] for row in found),
        acting.city.viewer(Role.PENDAMPING),
        package,
    )


async def _turn(acting: Acting) -> int:
    turn: int = await acting.tables.fetchval("select count(*) from ksbb.pledge")
    return turn


async def evidence(acting: Acting, scene: Scene, who: Role | Viewer = Role.KOLABORATOR) -> list[str]:
    """Everything that form C needs, uploaded."""
    return [await an_upload(acting, who, kind) for (kind,) in EVIDENCE[scene.package]]


async def form_c(
    acting: Acting, scene: Scene, quantity: int, who: Role | Viewer = Role.KOLABORATOR, **changes: Any
) -> dict[str, Any]:
    """Form C of goods for the first business, or of a training to which the first business came."""
    day = day_in_jakarta(acting.clock.now()).isoformat()
    form: dict[str, Any] = {
        "pledgeId": scene.pledge,
        "deliveredOn": day,
        "regionCode": scene.kelurahan,
        "quantity": quantity,
        "value": 500_000 * quantity,
        "documentIds": await evidence(acting, scene, who),
    }
    if scene.package is PackageKind.PELATIHAN:
        form["sessions"] = [a_session(acting, {scene.businesses[0]: True})]
    elif scene.businesses:
        form["recipients"] = [{"recipientId": scene.businesses[0], "quantity": max(1, quantity)}]
    return {**form, **changes}


def a_session(acting: Acting, came: dict[str, bool], topic: str = "Contoh pengemasan") -> dict[str, Any]:
    """A session of today."""
    attendance = [{"recipientId": business, "attended": attended} for business, attended in came.items()]
    day = day_in_jakarta(acting.clock.now()).isoformat()
    return {"topic": topic, "kind": "KERAS", "mode": "LURING", "heldOn": day, "attendance": attendance}


async def reported(acting: Acting, scene: Scene, quantity: int, **changes: Any) -> str:
    """The id of a report."""
    form = await form_c(acting, scene, quantity, **changes)
    made = await done(acting, Role.KOLABORATOR, "reportDelivery", SHOWN, **form)
    assert made["status"] == "DILAPORKAN"
    identifier: str = made["id"]
    return identifier


async def validated(acting: Acting, scene: Scene, quantity: int, **changes: Any) -> str:
    """The id of a validated report."""
    delivery = await reported(acting, scene, quantity, **changes)
    made = await done(acting, scene.officer, "validateDelivery", SHOWN, deliveryId=delivery)
    assert made["status"] == "TERVALIDASI"
    return delivery


async def figures(acting: Acting, scene: Scene) -> tuple[str, str, int]:
    """State of the collaboration, state of the pledge, and how much of it was delivered."""
    key = acting.city.secrets.internal_key(scene.pledge)[1]
    row = await acting.tables.fetchrow(
        "select c.status, p.status, p.delivered_quantity from ksbb.pledge p"
        " join ksbb.collaboration c on c.id = p.collaboration_id where p.id = $1",
        key,
    )
    assert row is not None
    return tuple(row)


async def has_received(acting: Acting, business: str) -> bool:
    """Whether a business is known to have received goods or a training."""
    query = "select has_received from ksbb.business where public_id = $1"
    found: bool = await acting.tables.fetchval(query, business)
    return found


def in_days(acting: Acting, days: int) -> str:
    """A day from today."""
    return (day_in_jakarta(acting.clock.now()) + dt.timedelta(days)).isoformat()

"""Goods and trainings from form A to SELESAI, through GraphQL, as each role in turn."""

from __future__ import annotations

import datetime as dt

from kernel.clock import day_in_jakarta
from models.vocabulary import DocumentKind, PackageKind
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.deliveries import (
    SHOWN,
    a_scene,
    a_session,
    figures,
    form_c,
    has_received,
    in_days,
    validated,
)
from tests.commands.test_loan_journey import done, refused
from tests.uploading import an_upload

_AWAITED = """
query ($id: ID!) {
  delivery(id: $id) { status scheduledOn storagePlace { name } recipients { nodes { recipient { address } } } }
}
"""


def of_the_area(role: Role, region: str) -> Viewer:
    """Somebody of an area."""
    return Viewer(role, f"{role.value}-{region}", area=region)


async def test_goods_go_from_the_pledge_over_the_schedule_to_the_end(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    first, second, *_ = scene.businesses
    shares = [{"recipientId": first, "quantity": 2}, {"recipientId": second, "quantity": 4}]
    plan = {"pledgeId": scene.pledge, "regionCode": scene.kelurahan, "quantity": 6, "recipients": shares}
    planned = await done(acting, Role.KOLABORATOR, "planDelivery", SHOWN, scheduledOn=in_days(acting, 3), **plan)
    assert (planned["status"], planned["deliveredOn"]) == ("DIJADWALKAN", None)
    order, head = (of_the_area(role, scene.kelurahan[:8]) for role in (Role.SATPOL_PP, Role.WILAYAH))
    seen = (await acting(order, _AWAITED, {"id": planned["id"]}))["data"]["delivery"]
    assert len(seen["recipients"]["nodes"]) == 2
    assert all(row["recipient"]["address"] for row in seen["recipients"]["nodes"])
    place = await acting.tables.fetchval(
        "select public_id from ksbb.place where region_code like $1 order by id limit 1", f"{scene.kelurahan[:8]}.%"
    )
    offer = {"deliveryId": planned["id"], "note": "Contoh: aula kelurahan"}
    if place is not None:
        offer["placeId"] = place
    paper = await an_upload(acting, head, DocumentKind.LAIN)
    await done(acting, head, "offerStorage", "delivery { storageOfferedOn }", **offer, documentIds=[paper])
    kept = "query ($id: ID!) { delivery(id: $id) { documents { nodes { id } } } }"
    shown = (await acting(Role.KOLABORATOR, kept, {"id": planned["id"]}))["data"]["delivery"]
    assert shown["documents"]["nodes"] == [{"id": paper}]
    stranger = of_the_area(Role.WILAYAH, "31.01")
    assert (await refused(acting, stranger, "offerStorage", **offer))[0] == "NOT_FOUND"

    acting.clock.move(dt.timedelta(days=3))
    form = await form_c(acting, scene, 6, recipients=shares, deliveryId=planned["id"])
    code, path = await refused(acting, Role.KOLABORATOR, "reportDelivery", **{**form, "documentIds": []})
    assert (code, path) == ("EVIDENCE_MISSING", ["documentIds"])
    told = await done(acting, Role.KOLABORATOR, "reportDelivery", SHOWN, **form)
    assert told["status"] == "DILAPORKAN"
    assert await figures(acting, scene) == ("DILAPORKAN", "DITERIMA", 0)
    after = (await acting(order, _AWAITED, {"id": planned["id"]}))["data"]["delivery"]
    assert after is None
    checked = await done(acting, scene.officer, "validateDelivery", SHOWN, deliveryId=told["id"], note="Contoh")
    assert checked["validatedOn"] == day_in_jakarta(acting.clock.now()).isoformat()
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI_SEBAGIAN", 6)
    assert await has_received(acting, first)
    completing = {"collaborationId": scene.collaboration}
    assert (await refused(acting, Role.BIRO_KSD, "completeCollaboration", **completing))[0] == "NOT_EVERYTHING_REALISED"

    rest = [{"recipientId": scene.businesses[2], "quantity": 5}]
    await validated(acting, scene, 4, extraQuantity=1, recipients=rest)
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI", 10)
    visit = {"deliveryId": told["id"], "recipientId": first, "visitedOn": in_days(acting, 0), "outcome": "Contoh: baik"}
    await done(acting, scene.officer, "recordMentoringVisit", "mentoringVisit { visitedOn }", **visit)
    await acting.bus.tick()
    assert (await figures(acting, scene))[0] == "TERVALIDASI"
    acting.clock.move(dt.timedelta(days=14))
    await acting.bus.tick()
    assert (await figures(acting, scene))[0] == "SELESAI"
    key = acting.city.secrets.internal_key(scene.collaboration)[1]
    contact = "select coalesce(bool_or(contact_open), false) from ksbb.involvement where collaboration_id = $1"
    assert await acting.tables.fetchval(contact, key) is False
    booked = "select count(*) from ksbb.ledger_posting where collaboration_id = $1"
    assert await acting.tables.fetchval(booked, key) == 0
    kinds = "select array_agg(distinct type order by type) from ksbb.event where subject_kind = 'delivery'"
    assert await acting.tables.fetchval(kinds) == ["DeliveryMoved", "StorageOffered"]


async def test_a_training_goes_from_the_pledge_with_its_attendance_to_the_end(acting: Acting) -> None:
    scene = await a_scene(acting, 3, PackageKind.PELATIHAN)
    one, two, three, four, *_ = scene.businesses
    came = {one: True, two: True, three: False}
    form = await form_c(acting, scene, 3, sessions=[a_session(acting, came, "Contoh A")])
    shown = """delivery { id status recipients { nodes { quantity recipient { id } } }
        sessions { nodes { id topic attendances { nodes { attended } } } } }"""
    made = await done(acting, Role.KOLABORATOR, "reportDelivery", shown, **form)
    assert {row["recipient"]["id"] for row in made["recipients"]["nodes"]} == {one, two}
    (session,) = made["sessions"]["nodes"]
    assert sorted(row["attended"] for row in session["attendances"]["nodes"]) == [False, True, True]
    more = [{"recipientId": business, "attended": True} for business in (one, three, four)]
    given = {"deliveryId": made["id"], "sessionId": session["id"], "attendance": more}
    after = await done(acting, Role.KOLABORATOR, "recordAttendance", shown, **given)
    received = {row["recipient"]["id"]: row["quantity"] for row in after["recipients"]["nodes"]}
    assert received == {one: 1, two: 0, three: 1, four: 1}
    await done(acting, scene.officer, "validateDelivery", SHOWN, deliveryId=made["id"])
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI", 3)
    closed = await done(
        acting,
        Role.BIRO_KSD,
        "completeCollaboration",
        "collaboration { status closedOn }",
        collaborationId=scene.collaboration,
    )
    assert closed == {"status": "SELESAI", "closedOn": day_in_jakarta(acting.clock.now()).isoformat()}
    again = await a_scene(acting, 3, PackageKind.PELATIHAN)
    same = await form_c(acting, again, 1, sessions=[a_session(acting, {one: True}, " contoh a")])
    code, path = await refused(acting, Role.KOLABORATOR, "reportDelivery", **same)
    assert (code, path) == ("SAME_AID_WITHIN_90_DAYS", ["sessions", "0", "attendance", "0"])
    await validated(acting, again, 1, sessions=[a_session(acting, {one: True}, "Contoh B")])


async def test_a_fund_manager_pledges_and_reports_for_a_donor_without_capacity(acting: Acting) -> None:
    manager = await acting.tables.fetchval(
        "select i.id from ksbb.institution i join ksbb.accreditation a on a.institution_id = i.id"
        " join ksbb.agreement g on g.institution_id = i.id where i.kind = 'AGREGATOR' and a.status = 'AKTIF'"
        " and a.package_kind = 'SARPRAS' and g.ends_on >= $1 order by i.id limit 1",
        day_in_jakarta(acting.clock.now()) + dt.timedelta(1),
    )
    donor = await acting.tables.fetchrow("select id, public_id from ksbb.collaborator order by id limit 1")
    assert donor
    who = Viewer(Role.AGREGATOR, "manager", institution_id=str(manager))
    scene = await a_scene(acting, 2, who=who, onBehalfOf=donor["public_id"])
    form = await form_c(acting, scene, 2, who)
    other = Viewer(Role.KOLABORATOR, "other", institution_id=str(acting.city.cast.collaborator))
    assert (await refused(acting, other, "reportDelivery", **form))[0] == "NOT_FOUND"
    made = await done(acting, who, "reportDelivery", "delivery { id documents { nodes { kind } } }", **form)
    assert len(made["documents"]["nodes"]) == 3
    owner = Viewer(Role.KOLABORATOR, "donor", institution_id=str(donor["id"]))
    shown = "query ($id: ID!) { delivery(id: $id) { documents { nodes { kind } } } }"
    assert len((await acting(owner, shown, {"id": made["id"]}))["data"]["delivery"]["documents"]["nodes"]) == 3
    await done(acting, scene.officer, "validateDelivery", SHOWN, deliveryId=made["id"])
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI", 2)

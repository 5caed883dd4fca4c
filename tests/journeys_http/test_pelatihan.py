"""PELATIHAN: a training by a fund manager for a donor without capacity, from form G to SELESAI, through HTTP."""

from __future__ import annotations

from typing import Any

from models.vocabulary import DocumentKind, InstitutionKind, PackageKind
from policy.viewer import Role, Viewer
from tests.commands.deliveries import SHOWN, a_session, in_days
from tests.commands.test_delivery_journey import of_the_area
from tests.commands.test_loan_journey import done, refused
from tests.commands.test_outreach import a_donor
from tests.commands.test_pledge import form_a
from tests.journeys_http import accrediting
from tests.journeys_http.accrediting import accredited
from tests.journeys_http.annex import Journey, numbered
from tests.journeys_http.conftest import OverHttp
from tests.journeys_http.test_sarpras import collaboration_state, target

ROUTE = (
    *accrediting.STEPS,
    *("II-A", "I-10", "I-11", "I-12", "I-13", "I-14", "I-15", "I-16", "I-17", "I-18"),
)
ATTENDED = "delivery { id status sessions { nodes { id } } recipients { nodes { quantity } } }"


def test_the_route_holds_every_step_of_trainings() -> None:
    assert numbered("I-", 10, 18) <= set(ROUTE)


async def test_a_training_travels_the_steps_of_both_annexes(http: OverHttp) -> None:
    journey, (businesses, kelurahan) = Journey(ROUTE), await target(http)
    manager = await accredited(http, journey, InstitutionKind.AGREGATOR, PackageKind.PELATIHAN)
    with journey.step(
        "II-A",
        "A donor without capacity to distribute chooses a fund manager and coordinates with it outside the site.",
    ):
        donor, giver = await a_donor(http, name="Contoh Dermawan PELATIHAN")
        shown = "query ($id: ID!) { institution(id: $id) { accreditations { nodes { packageKind status } } } }"
        seen = (await http(giver, shown, {"id": manager.id}))["data"]["institution"]["accreditations"]["nodes"]
        assert seen == [{"packageKind": "PELATIHAN", "status": "AKTIF"}]
    with journey.step("I-10", "The collaborator chooses a place or recipients on the map."):
        chosen = "{ needs(first: 1, filter: {packageKind: {eq: PELATIHAN}, open: {eq: true}}) { nodes { item } } }"
        assert (await http(manager.viewer, chosen))["data"]["needs"]["nodes"]
    form = form_a(http, None, 3, packageKind="PELATIHAN", regionCode=kelurahan)
    made = await _it_is_promised(http, journey, manager.viewer, {**form, "onBehalfOf": donor})
    pledge = made["pledges"]["nodes"][0]["id"]
    planned = await _it_is_prepared(http, journey, manager.viewer, pledge, kelurahan)
    documents = await _it_is_held(http, journey, manager.viewer, kelurahan, planned)
    report = {
        "pledgeId": pledge,
        "deliveryId": planned,
        "deliveredOn": in_days(http, 0),
        "regionCode": kelurahan,
        "quantity": 3,
        "value": 1_500_000,
        "documentIds": documents,
    }
    told = await _it_is_reported(http, journey, manager.viewer, report, businesses)
    await _it_is_checked(http, journey, made["id"], told, businesses)
    assert (await http.fetched(giver, documents[0])).status_code == 200, "the donor reads what was done for it"
    journey.arrive()


async def _it_is_promised(http: OverHttp, journey: Journey, who: Viewer, form: dict[str, Any]) -> Any:
    with journey.step(
        "I-11", "The collaborator fills in the confirmation form: form of help, value, schedule and who distributes."
    ):
        assert (await refused(http, who, "submitPledge", **{**form, "packageKind": "SARPRAS"}))[0] == (
            "INSTITUTION_NOT_ACTIVE"
        )
        shown = "collaboration { id number distributor { id } pledges { nodes { id } } }"
        made = await done(http, who, "submitPledge", shown, **form)
    with journey.step(
        "I-12", "The collaborator receives the collaboration ID and the contact of the person in charge of the place."
    ):
        assert made["number"].startswith("KSBB-UMK-")
        assert made["distributor"]["id"]
    return made


async def _it_is_prepared(http: OverHttp, journey: Journey, who: Viewer, pledge: str, kelurahan: str) -> str:
    with journey.step(
        "I-13",
        "Goods or training are prepared with the person in charge of the place; the kelurahan offers "
        "temporary storage where needed.",
    ):
        plan = {"pledgeId": pledge, "regionCode": kelurahan, "quantity": 3}
        late = await done(http, who, "planDelivery", SHOWN, scheduledOn=in_days(http, 3), **plan)
        why = {"deliveryId": late["id"], "reason": "Contoh: aula dipakai"}
        await done(http, who, "callOffDelivery", SHOWN, **why)
        planned = await done(http, who, "planDelivery", SHOWN, scheduledOn=in_days(http, 0), **plan)
        offer = {"deliveryId": planned["id"], "note": "Contoh: ruang rapat"}
        await done(http, of_the_area(Role.WILAYAH, kelurahan), "offerStorage", "delivery { storageOfferedOn }", **offer)
    identifier: str = planned["id"]
    return identifier


async def _it_is_held(http: OverHttp, journey: Journey, who: Viewer, kelurahan: str, planned: str) -> list[str]:
    with journey.step(
        "I-14",
        "Goods are handed over or the training is held, with an accompanying officer and Satpol PP present.",
    ):
        order = of_the_area(Role.SATPOL_PP, kelurahan[:8])
        seen = await http(order, "query ($id: ID!) { delivery(id: $id) { status } }", {"id": planned})
        assert seen["data"]["delivery"] == {"status": "DIJADWALKAN"}
    with journey.step("I-15", "Giver and recipient sign the record of the handover or training, and photos are taken."):
        return [await http.sent(who, kind) for kind in (DocumentKind.BA_PELATIHAN, DocumentKind.FOTO_PELATIHAN)]


async def _it_is_reported(
    http: OverHttp, journey: Journey, who: Viewer, report: dict[str, Any], businesses: list[str]
) -> str:
    one, two, three, *_ = businesses
    with journey.step("I-16", "The collaborator reports with the realisation form."):
        sessions = [a_session(http, {one: True, two: False}, "Contoh pemasaran")]
        told = await done(http, who, "reportDelivery", ATTENDED, **report, sessions=sessions)
        session = told["sessions"]["nodes"][0]["id"]
        came = [{"recipientId": business, "attended": True} for business in (one, three)]
        given = {"deliveryId": told["id"], "sessionId": session, "attendance": came}
        after = await done(http, who, "recordAttendance", ATTENDED, **given)
        assert [row["quantity"] for row in after["recipients"]["nodes"]] == [1, 1]
    identifier: str = told["id"]
    return identifier


async def _it_is_checked(
    http: OverHttp, journey: Journey, collaboration: str, told: str, businesses: list[str]
) -> None:
    with journey.step("I-17", "An accompanying officer of the area checks the report and validates it."):
        checked = await done(http, Role.PENDAMPING, "validateDelivery", SHOWN, deliveryId=told)
        assert checked["status"] == "TERVALIDASI"
        photo = await http.sent(Role.PENDAMPING, DocumentKind.FOTO_PELATIHAN)
        visit = {
            "deliveryId": told,
            "recipientId": businesses[0],
            "visitedOn": in_days(http, 0),
            "documentIds": [photo],
        }
        shown = "mentoringVisit { visitedOn }"
        await done(http, Role.PENDAMPING, "recordMentoringVisit", shown, **visit, outcome="Contoh: dipakai")
        assert (await http.fetched(Role.PENDAMPING, photo)).status_code == 200
    with journey.step("I-18", "The result is processed and appears on the distribution layer of the map."):
        given = {"collaborationId": collaboration}
        closed = await done(http, Role.BIRO_KSD, "completeCollaboration", "collaboration { status }", **given)
        assert closed["status"] == "SELESAI"
        assert await collaboration_state(http, collaboration) == "SELESAI"

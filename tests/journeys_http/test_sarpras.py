"""SARPRAS: goods from the target to the map, through HTTP, by a donor with capacity of its own (Lampiran II B, C)."""

from __future__ import annotations

from typing import Any

from models.vocabulary import DocumentKind
from policy.viewer import Role, Viewer
from tests.commands.deliveries import SHOWN, in_days
from tests.commands.test_delivery_journey import of_the_area
from tests.commands.test_loan_journey import done, refused
from tests.commands.test_outreach import BUREAU_OFFICER, LARGE, a_donor, a_forum
from tests.commands.test_pledge import form_a
from tests.edge.test_evidence import CAMERA, a_photo
from tests.journeys_http.annex import Journey, numbered
from tests.journeys_http.conftest import OverHttp

ROUTE = (
    *("I-01", "I-02", "I-03", "I-04", "I-08", "I-09", "I-10", "II-B1", "I-11", "II-B2", "I-12", "II-B3"),
    *("I-13", "I-14", "I-15", "I-16", "II-B4", "I-17", "I-18", "II-B5"),
)
OWNER = "query ($id: ID!) { recipient(id: $id) { owner { name phone } } }"


def test_the_route_holds_every_step_of_goods() -> None:
    assert numbered("I-", 8, 18) | numbered("II-B", 1, 5) <= set(ROUTE)


async def target(http: OverHttp) -> tuple[list[str], str]:
    """Active businesses of the kelurahan in the cast's kecamatan that has most of them, and that kelurahan."""
    query = """select region_code, array_agg(public_id order by id) from ksbb.business
        where status = 'AKTIF' and region_code like $1 group by 1 order by count(*) desc, 1 limit 1"""
    kelurahan, found = tuple(await http.tables.fetchrow(query, f"{http.city.cast.kecamatan}.%") or ())
    return list(found), kelurahan


async def collaboration_state(http: OverHttp, identifier: str) -> str:
    """The state of a collaboration, as everybody reads it."""
    query = "query ($id: ID!) { collaboration(id: $id) { status } }"
    found: str = (await http(Role.PUBLIK, query, {"id": identifier}))["data"]["collaboration"]["status"]
    return found


async def test_goods_travel_the_steps_of_both_annexes(http: OverHttp) -> None:
    journey, (businesses, kelurahan) = Journey(ROUTE), await target(http)
    with journey.step(
        "I-01",
        "Target data (businesses and the three kinds of trading sites) are brought up to date before "
        "targets and the needed forms of help are fixed.",
    ):
        for business in businesses[:2]:
            await done(http, Role.DINAS, "verifyBusiness", "recipient { verifiedOn }", recipientId=business)
        wanted = {"packageKind": "SARPRAS", "item": "Contoh gerobak", "quantity": 5, "estimatedValue": 2_500_000}
        need = {**wanted, "recipientId": businesses[0], "period": "202611"}
        need_id = (await done(http, Role.PENDAMPING, "registerNeed", "need { id }", **need))["id"]
    journey.outside("I-02", "the map and the pages are made from the open data")
    donor, who = await _a_donor_is_found(http, journey)
    with journey.step(
        "I-09",
        "Place, form and agenda of the help are planned with DKI, using the map, the pledge layer, "
        "results so far, account and dashboard.",
    ):
        planning = "query ($id: ID!) { need(id: $id) { open quantity pledgedQuantity } }"
        seen = (await http(who, planning, {"id": need_id}))["data"]["need"]
        assert seen == {"open": True, "quantity": 5, "pledgedQuantity": 0}
    made = await _it_is_promised(http, journey, who, form_a(http, need_id, 5, regionCode=kelurahan), businesses[0])
    planned = await _it_is_prepared(http, journey, who, made, businesses, kelurahan)
    documents = await _it_is_handed_over(http, journey, who, kelurahan, planned)
    told = await _it_is_reported(http, journey, who, made, planned, documents)
    await _it_is_checked(http, journey, who, made["id"], told, documents)
    journey.arrive()
    given = await http(Role.BIRO_KSD, "query ($id: ID!) { collaborator(id: $id) { id } }", {"id": donor})
    assert given["data"]["collaborator"] == {"id": donor}


async def _a_donor_is_found(http: OverHttp, journey: Journey) -> tuple[str, Viewer]:
    with journey.step("I-03", "The plans are presented to collaborators and donors at forums and open meetings."):
        event = await done(http, Role.DINAS, "recordOutreachEvent", "outreachEvent { id }", **a_forum(http))
    with journey.step("I-04", "Possible cooperation is explored with collaborators and candidate donors."):
        donor, who = await a_donor(http, name="Contoh Dermawan SARPRAS")
        met = {"collaboratorId": donor, "eventId": event["id"], "recommended": True, "metOn": in_days(http, 0)}
        await done(http, Role.DINAS, "recordProspect", "prospect { forum }", **met)
    journey.outside("I-08", "people are called upon; what they promise comes with form A")
    return donor, who


async def _it_is_promised(http: OverHttp, journey: Journey, who: Viewer, form: dict[str, Any], business: str) -> Any:
    with (
        journey.step("I-10", "The collaborator chooses a place or recipients on the map."),
        journey.step("II-B1", "A donor with capacity of its own chooses a place."),
    ):
        hidden = (await http(who, OWNER, {"id": business}))["data"]["recipient"]
        assert not hidden["owner"], "nobody is reached before the number"
    with (
        journey.step(
            "I-11",
            "The collaborator fills in the confirmation form: form of help, value, schedule and who distributes.",
        ),
        journey.step(
            "II-B2",
            "The donor fills in the confirmation form: form and estimated value of the help, schedule, "
            "data of collaborator and distributor.",
        ),
    ):
        shown = "collaboration { id number status pledges { nodes { id } } }"
        made = await done(http, who, "submitPledge", shown, **form)
    with (
        journey.step(
            "I-12",
            "The collaborator receives the collaboration ID and the contact of the person in charge of the place.",
        ),
        journey.step("II-B3", "The donor receives the collaboration ID and the contact at the place."),
    ):
        assert made["number"].startswith("KSBB-UMK-")
        assert made["status"] == "DIKONFIRMASI"
        assert (await http(who, OWNER, {"id": business}))["data"]["recipient"]["owner"]["name"]
    return made


async def _it_is_prepared(
    http: OverHttp, journey: Journey, who: Viewer, made: Any, businesses: list[str], kelurahan: str
) -> Any:
    with journey.step(
        "I-13",
        "Goods or training are prepared with the person in charge of the place; the kelurahan offers "
        "temporary storage where needed.",
    ):
        shares = [
            {"recipientId": business, "quantity": share} for business, share in zip(businesses, (3, 2), strict=False)
        ]
        plan = {"regionCode": kelurahan, "quantity": 5, "scheduledOn": in_days(http, 0), "recipients": shares}
        pledge = made["pledges"]["nodes"][0]["id"]
        planned = await done(http, who, "planDelivery", SHOWN, pledgeId=pledge, **plan)
        assert planned["status"] == "DIJADWALKAN"
        offer = {"deliveryId": planned["id"], "note": "Contoh: aula kelurahan"}
        assert (await refused(http, of_the_area(Role.WILAYAH, "31.01"), "offerStorage", **offer))[0] == "NOT_FOUND"
        head = of_the_area(Role.WILAYAH, kelurahan)
        await done(http, head, "offerStorage", "delivery { storageOfferedOn }", **offer)
        seen = await http(who, "query ($id: ID!) { delivery(id: $id) { storageNote } }", {"id": planned["id"]})
        assert seen["data"]["delivery"]["storageNote"] == offer["note"]
    return {**planned, "recipients": shares}


async def _it_is_handed_over(
    http: OverHttp, journey: Journey, who: Viewer, kelurahan: str, planned: Any
) -> dict[DocumentKind, str]:
    with journey.step(
        "I-14",
        "Goods are handed over or the training is held, with an accompanying officer and Satpol PP present.",
    ):
        awaited = (
            "query ($id: ID!) { delivery(id: $id) { scheduledOn recipients { nodes { recipient { address } } } } }"
        )
        for one in (of_the_area(Role.SATPOL_PP, kelurahan[:8]), Role.PENDAMPING):
            seen = (await http(one, awaited, {"id": planned["id"]}))["data"]["delivery"]
            assert seen["scheduledOn"] == in_days(http, 0)
            assert len(seen["recipients"]["nodes"]) == 2
    with journey.step("I-15", "Giver and recipient sign the record of the handover or training, and photos are taken."):
        kinds = (DocumentKind.BAST, DocumentKind.FOTO_BARANG, DocumentKind.FOTO_PENYERAHAN)
        return {kind: await http.sent(who, kind) for kind in kinds}


async def _it_is_reported(
    http: OverHttp, journey: Journey, who: Viewer, made: Any, planned: Any, documents: dict[DocumentKind, str]
) -> str:
    with (
        journey.step("I-16", "The collaborator reports with the realisation form."),
        journey.step(
            "II-B4", "After handover or training the donor sends the realisation form with signed record and photos."
        ),
    ):
        form = {
            "pledgeId": made["pledges"]["nodes"][0]["id"],
            "deliveryId": planned["id"],
            "deliveredOn": in_days(http, 0),
            "regionCode": planned["regionCode"],
            "quantity": 5,
            "value": 2_500_000,
            "recipients": planned["recipients"],
        }
        without = [documents[DocumentKind.BAST]]
        code, _ = await refused(http, who, "reportDelivery", **form, documentIds=without)
        assert code == "EVIDENCE_MISSING"
        told = await done(http, who, "reportDelivery", SHOWN, **form, documentIds=list(documents.values()))
        assert told["status"] == "DILAPORKAN"
        assert await collaboration_state(http, made["id"]) == "DILAPORKAN"
    identifier: str = told["id"]
    return identifier


async def _it_is_checked(
    http: OverHttp, journey: Journey, who: Viewer, collaboration: str, told: str, documents: dict[DocumentKind, str]
) -> None:
    photo = documents[DocumentKind.FOTO_PENYERAHAN]
    with journey.step("I-17", "An accompanying officer of the area checks the report and validates it."):
        original = await http.fetched(Role.PENDAMPING, photo)
        assert (original.status_code, original.content) == (200, a_photo())
        copy = await http.fetched(who, photo)
        assert copy.status_code == 200
        assert CAMERA.encode() not in copy.content, "the donor gets the picture, not where it was taken"
        for stranger in (Role.KOLABORATOR, Role.PUBLIK):
            assert (await http.fetched(stranger, photo)).status_code == 404
        checked = await done(http, Role.PENDAMPING, "validateDelivery", SHOWN, deliveryId=told)
        assert checked["status"] == "TERVALIDASI"
        done_ = {"collaborationId": collaboration}
        closed = await done(http, Role.BIRO_KSD, "completeCollaboration", "collaboration { status }", **done_)
        assert closed["status"] == "SELESAI"
    with (
        journey.step("I-18", "The result is processed and appears on the distribution layer of the map."),
        journey.step("II-B5", "The help that was given appears on the map."),
    ):
        assert await collaboration_state(http, collaboration) == "SELESAI"
        seen = await http(Role.PUBLIK, "query ($id: ID!) { delivery(id: $id) { status quantity } }", {"id": told})
        assert seen["data"]["delivery"] == {"status": "TERVALIDASI", "quantity": 5}


async def test_a_very_large_donor_goes_through_the_person_in_charge(http: OverHttp) -> None:
    journey = Journey(("II-C",))
    with journey.step(
        "II-C", "A very large donor contacts the person in charge of KSBB at the bureau of regional cooperation."
    ):
        _, who = await a_donor(http, name="Contoh Dermawan Besar")
        thought = await done(http, who, "announceLargeDonation", "announcement { id status }", **LARGE)
        of = {"announcementId": thought["id"]}
        officer = await http.tables.fetchval(BUREAU_OFFICER, "BIRO_KSD")
        shown = "announcement { status }"
        await done(http, Role.BIRO_KSD, "assignAnnouncement", shown, **of, officerId=officer)
        said = {"answer": "Contoh: terima kasih, silakan ajukan", "recommended": True}
        answered = await done(http, Role.BIRO_KSD, "answerAnnouncement", shown, **of, **said)
        assert answered["status"] == "DIJAWAB"
        form = form_a(http, None, 2_000)
        form["items"][0]["estimatedValue"] = LARGE["estimatedValue"]
        made = await done(http, who, "submitPledge", "collaboration { id status number }", **form)
        assert (made["status"], made["number"]) == ("DIAJUKAN", None)
        confirmed = {"collaborationId": made["id"]}
        number = await done(http, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", **confirmed)
        assert number["number"].startswith("KSBB-UMK-")
    journey.arrive()

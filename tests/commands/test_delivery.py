"""Reports of deliveries: what is refused, what follows from a check, and what a reversal takes back."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from dataclasses import replace
from typing import Any

from commands.check import check
from commands.invariants.all import invariants
from kernel.clock import day_in_jakarta
from models.vocabulary import DocumentKind, PackageKind
from models.writing import writing
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.deliveries import (
    SHOWN,
    Scene,
    a_scene,
    a_session,
    figures,
    form_c,
    has_received,
    in_days,
    reported,
    validated,
)
from tests.commands.test_loan_journey import disbursed, done, parties, refused
from tests.commands.test_pledge import a_need, form_a, pledged_of
from tests.uploading import an_upload

DONOR = Role.KOLABORATOR


async def refusal(acting: Acting, scene: Scene, quantity: int, **changes: Any) -> tuple[str, list[str]]:
    """What refuses a report."""
    return await refused(acting, DONOR, "reportDelivery", **await form_c(acting, scene, quantity, **changes))


async def test_what_is_more_than_the_pledge_is_extra_and_shown_apart(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    await reported(acting, scene, 7)
    other = [{"recipientId": scene.businesses[1], "quantity": 1}]
    assert await refusal(acting, scene, 4, recipients=other) == ("DELIVERY_EXCEEDS_PLEDGE", ["quantity"])
    delivery = await validated(acting, scene, 3, extraQuantity=2, recipients=other)
    shown = "query ($id: ID!) { delivery(id: $id) { quantity extraQuantity pledge { deliveredQuantity } } }"
    found = (await acting(DONOR, shown, {"id": delivery}))["data"]["delivery"]
    assert found == {"quantity": 3, "extraQuantity": 2, "pledge": {"deliveredQuantity": 3}}
    assert (await figures(acting, scene))[0] == "DILAPORKAN"  # the first report still waits


async def test_a_form_that_is_wrong_is_refused_at_its_place(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    first = scene.businesses[0]
    twice = [{"recipientId": first, "quantity": 1}, {"recipientId": first, "quantity": 1}]
    elsewhere = await acting.tables.fetchval(
        "select public_id from ksbb.business where region_code not like $1 order by id limit 1",
        scene.kelurahan[:8] + "%",
    )
    far = [{"recipientId": elsewhere, "quantity": 1}]
    wrong: list[tuple[dict[str, Any], tuple[str, list[str]]]] = [
        ({"quantity": 0}, ("UNUSABLE_QUANTITY", ["quantity"])),
        ({"value": -1}, ("UNUSABLE_QUANTITY", ["quantity"])),
        ({"deliveredOn": in_days(acting, 1)}, ("DATE_OUT_OF_ORDER", ["deliveredOn"])),
        ({"deliveredOn": in_days(acting, -1)}, ("DATE_OUT_OF_ORDER", ["deliveredOn"])),
        ({"regionCode": None}, ("DELIVERY_ELSEWHERE", ["regionCode"])),
        ({"regionCode": "31.01.01.1001"}, ("DELIVERY_ELSEWHERE", ["regionCode"])),
        ({"recipients": twice}, ("SHARES_DO_NOT_FIT", ["recipients"])),
        ({"recipients": [{"recipientId": first, "quantity": 9}]}, ("SHARES_DO_NOT_FIT", ["recipients"])),
        (
            {"recipients": [{"recipientId": first, "quantity": 0}]},
            ("SHARES_DO_NOT_FIT", ["recipients", "0", "quantity"]),
        ),
        ({"recipients": far}, ("RECIPIENT_OUT_OF_REACH", ["recipients", "0"])),
        ({"sessions": [a_session(acting, {first: True})]}, ("SESSIONS_MISSING", ["sessions"])),
    ]
    form = await form_c(acting, scene, 2)
    for changes, expected in wrong:
        assert await refused(acting, DONOR, "reportDelivery", **{**form, **changes}) == expected, changes
    training = await a_scene(acting, 1, PackageKind.PELATIHAN)
    assert await refusal(acting, training, 1, sessions=[]) == ("SESSIONS_MISSING", ["sessions"])
    two = dict.fromkeys(training.businesses[:2], True)
    assert await refusal(acting, training, 1, sessions=[a_session(acting, two)]) == ("SHARES_DO_NOT_FIT", ["sessions"])


async def test_nobody_delivers_more_than_can_be_counted(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    assert (await refusal(acting, scene, 1, extraQuantity=2**31 - 1)) == ("UNUSABLE_QUANTITY", ["quantity"])


async def test_a_donor_of_loans_reports_them_in_no_form_c(acting: Acting) -> None:
    of_loans = await acting.tables.fetchrow(
        "select public_id, collaborator_id from ksbb.pledge where package_kind = 'PINJAMAN_MODAL'"
        " and status in ('DITERIMA', 'TERPENUHI') order by id limit 1"
    )
    assert of_loans is not None
    donor = Viewer(DONOR, "donor", institution_id=str(of_loans["collaborator_id"]))
    form = await form_c(acting, await a_scene(acting, 1), 1) | {"pledgeId": of_loans["public_id"]}
    assert await refused(acting, donor, "reportDelivery", **form) == ("PLEDGE_NOT_OPEN", ["pledgeId"])


async def test_nobody_reports_for_another_donor(acting: Acting) -> None:
    scene = await a_scene(acting, 2)
    other = await acting.tables.fetchval(
        "select id from ksbb.collaborator where id <> $1 order by id limit 1", acting.city.cast.collaborator
    )
    stranger = Viewer(DONOR, "other", institution_id=str(other))
    assert await refused(acting, stranger, "reportDelivery", **await form_c(acting, scene, 1)) == (
        "NOT_FOUND",
        ["pledgeId"],
    )
    mine = await reported(acting, scene, 1)
    assert (await refused(acting, stranger, "resubmitDelivery", **_again(await form_c(acting, scene, 1), mine)))[0] == (
        "NOT_FOUND"
    )


def _again(form: dict[str, Any], delivery: str) -> dict[str, Any]:
    """Form C once more, for a report that was sent back."""
    return {key: value for key, value in form.items() if key not in {"pledgeId", "documentIds"}} | {
        "deliveryId": delivery
    }


async def test_the_same_goods_within_90_days_need_a_reason_that_is_kept(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    await validated(acting, scene, 2)
    acting.clock.move(dt.timedelta(days=90))
    assert await refusal(acting, scene, 2) == ("SAME_AID_WITHIN_90_DAYS", ["recipients", "0"])
    why = "Contoh: barang pertama rusak"
    delivery = await reported(acting, scene, 2, overrideReason=why)
    shown = "query ($id: ID!) { delivery(id: $id) { overrideReason } }"
    assert (await acting(DONOR, shown, {"id": delivery}))["data"]["delivery"]["overrideReason"] == why
    acting.clock.move(dt.timedelta(days=91))
    await reported(acting, scene, 2)


async def test_two_reports_at_once_for_one_business_meet(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    forms = [await form_c(acting, scene, 1) for _ in range(4)]
    payloads = await asyncio.gather(*(acting.do(DONOR, "reportDelivery", **form) for form in forms))
    codes = sorted(error["code"] for payload in payloads for error in payload["userErrors"])
    assert codes == ["SAME_AID_WITHIN_90_DAYS"] * 3


async def test_two_validations_at_once_count_once(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    delivery = await reported(acting, scene, 4)
    given = {"deliveryId": delivery}
    payloads = await asyncio.gather(*(acting.do(scene.officer, "validateDelivery", **given) for _ in range(5)))
    codes = sorted(error["code"] for payload in payloads for error in payload["userErrors"])
    assert codes == ["NOT_POSSIBLE_NOW"] * 4
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI_SEBAGIAN", 4)


async def test_a_report_is_checked_by_another_officer_of_the_area_and_nobody_else(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    delivery = await reported(acting, scene, 4)
    given = {"deliveryId": delivery}
    elsewhere = replace(scene.officer, area="31.01.01")
    assert await refused(acting, elsewhere, "validateDelivery", **given) == ("NOT_FOUND", ["deliveryId"])
    reporter = replace(scene.officer, subject=acting.city.viewer(DONOR).subject)
    for mutation, more in (("validateDelivery", {}), ("returnDelivery", {"reason": "Contoh"})):
        assert await refused(acting, reporter, mutation, **given, **more) == ("OWN_REPORT", ["deliveryId"])
    key = acting.city.secrets.internal_key(delivery)[1]
    mine = str(
        await acting.tables.fetchval("select uploaded_by from ksbb.document where delivery_id = $1 limit 1", key)
    )
    uploader = replace(scene.officer, person_id=mine)
    assert (await refused(acting, uploader, "validateDelivery", **given))[0] == "OWN_REPORT"
    await done(acting, scene.officer, "validateDelivery", SHOWN, **given)
    assert (await refused(acting, elsewhere, "validateDelivery", **given))[0] == "NOT_FOUND"  # though all see it now


async def test_an_officer_who_visited_with_a_photo_still_checks_the_report_of_others(acting: Acting) -> None:
    scene, p = await a_scene(acting, 10), await parties(acting, 30)
    delivery, loan = await reported(acting, scene, 4), await disbursed(acting, p)
    visits = (
        (scene.officer, {"deliveryId": delivery, "recipientId": scene.businesses[0]}),
        (p.officer, {"loanId": loan}),
    )
    for officer, of in visits:
        photo = await an_upload(acting, officer, DocumentKind.FOTO_PENYERAHAN)
        found = {"visitedOn": in_days(acting, 0), "outcome": "Contoh", "documentIds": [photo]}
        await done(acting, officer, "recordMentoringVisit", "mentoringVisit { visitedOn }", **of, **found)
    await done(acting, scene.officer, "validateDelivery", SHOWN, deliveryId=delivery)
    await done(acting, p.officer, "validateDisbursement", "loan { status }", loanId=loan, accepted=True)
    rule = "reporter_does_not_validate"
    async with writing(acting.city.server.uri()) as connection:
        checked = await check(connection, invariants())
    assert [f.ids for one in checked for f in one.findings if f.rule == rule] == [()]


async def test_an_officer_who_counted_another_number_opens_a_discrepancy(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    delivery = await reported(acting, scene, 4)
    refusal = await refused(acting, scene.officer, "validateDelivery", deliveryId=delivery, receivedQuantity=-1)
    assert refusal == ("UNUSABLE_COUNT", ["receivedQuantity"])
    shown = "delivery { status validations { nodes { receivedQuantity } } }"
    counted = {"deliveryId": delivery, "receivedQuantity": 3}
    checked = await done(acting, scene.officer, "validateDelivery", shown, **counted)
    assert checked == {"status": "TERVALIDASI", "validations": {"nodes": [{"receivedQuantity": 3}]}}
    await acting.bus.tick()
    found = await acting.tables.fetch(
        "select measure, value_a, value_b, status from ksbb.discrepancy where delivery_id = $1",
        acting.city.secrets.internal_key(delivery)[1],
    )
    assert [tuple(row) for row in found] == [("JUMLAH_DITERIMA", 4, 3, "DIBERITAHUKAN")]


async def test_what_is_sent_back_is_corrected_and_what_it_said_stays_in_the_trail(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    delivery = await reported(acting, scene, 4)
    why = {"deliveryId": delivery, "reason": "Contoh: foto tidak jelas"}
    back = await done(acting, scene.officer, "returnDelivery", SHOWN, **why)
    assert back["status"] == "DIKEMBALIKAN"
    assert await figures(acting, scene) == ("BERJALAN", "DITERIMA", 0)
    assert (await refused(acting, scene.officer, "validateDelivery", deliveryId=delivery))[0] == "NOT_POSSIBLE_NOW"
    form = _again(await form_c(acting, scene, 3), delivery)
    form["recipients"] = [{"recipientId": scene.businesses[1], "quantity": 3}]
    again = await done(acting, DONOR, "resubmitDelivery", SHOWN, **form)
    assert (again["status"], again["quantity"]) == ("DILAPORKAN", 3)
    assert (await figures(acting, scene))[0] == "DILAPORKAN"
    trail = "select details from ksbb.audit_entry where about_id = $1 and act = 'ResubmitDelivery'"
    (step, *_) = json.loads(await acting.tables.fetchval(trail, delivery))["steps"]
    assert (step["before"]["quantity"], len(step["before"]["recipients"])) == (4, 1)
    await done(acting, scene.officer, "validateDelivery", SHOWN, deliveryId=delivery)
    assert await has_received(acting, scene.businesses[1])
    checks = "select array_agg(accepted order by id) from ksbb.validation where delivery_id = $1"
    assert await acting.tables.fetchval(checks, acting.city.secrets.internal_key(delivery)[1]) == [False, True]


async def test_a_reversed_report_takes_back_every_figure_that_counted_it(acting: Acting) -> None:
    scene = await a_scene(acting, 10)
    fresh = await acting.tables.fetch(
        "select b.public_id from ksbb.business b where region_code = $1 and status = 'AKTIF' and not exists"
        " (select from ksbb.delivery_recipient r where r.business_id = b.id) order by id limit 1",
        scene.kelurahan,
    )
    business = fresh[0]["public_id"] if fresh else scene.businesses[-1]
    share = [{"recipientId": business, "quantity": 6}]
    first = await validated(acting, scene, 6, extraQuantity=1, recipients=share)
    acting.clock.move(dt.timedelta(days=100))
    second = await validated(acting, scene, 4, recipients=[{"recipientId": business, "quantity": 4}])
    days = "select days_since_previous from ksbb.delivery_recipient where delivery_id = $1"
    key = acting.city.secrets.internal_key(second)[1]
    assert await acting.tables.fetchval(days, key) == 100
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI", 10)
    stranger = Viewer(DONOR, "other", institution_id="00000000-0000-7000-8000-000000000000")
    why = {"reason": "Contoh: laporan keliru"}
    assert (await refused(acting, stranger, "reverseDelivery", deliveryId=first, **why))[0] == "NOT_FOUND"
    gone = await done(acting, DONOR, "reverseDelivery", SHOWN, deliveryId=first, **why)
    assert gone["status"] == "DIBALIK"
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI_SEBAGIAN", 4)
    assert await acting.tables.fetchval(days, key) != 100
    assert await has_received(acting, business)
    await done(acting, Role.BIRO_KSD, "reverseDelivery", SHOWN, deliveryId=second, **why)
    assert await figures(acting, scene) == ("BERJALAN", "DITERIMA", 0)
    if fresh:
        assert not await has_received(acting, business)
    assert (await refused(acting, DONOR, "reverseDelivery", deliveryId=second, **why))[0] == "NOT_POSSIBLE_NOW"
    await validated(acting, scene, 10, recipients=share)
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI", 10)


async def test_after_the_end_only_the_programme_office_reverses(acting: Acting) -> None:
    scene = await a_scene(acting, 2)
    delivery = await validated(acting, scene, 2)
    done_ = {"collaborationId": scene.collaboration}
    await done(acting, Role.BIRO_KSD, "completeCollaboration", "collaboration { status }", **done_)
    why = {"deliveryId": delivery, "reason": "Contoh"}
    assert (await refused(acting, DONOR, "reverseDelivery", **why))[0] == "COLLABORATION_CLOSED"
    await done(acting, Role.BIRO_KSD, "reverseDelivery", SHOWN, **why)
    assert await figures(acting, scene) == ("SELESAI", "DITERIMA", 0)


async def test_a_schedule_is_called_off_by_its_owner_or_with_its_pledge(acting: Acting) -> None:
    scene = await a_scene(acting, 4)
    plan = {"pledgeId": scene.pledge, "regionCode": scene.kelurahan, "scheduledOn": in_days(acting, 1)}
    assert (await refused(acting, DONOR, "planDelivery", quantity=5, **plan))[0] == "DELIVERY_EXCEEDS_PLEDGE"
    one, two = [await done(acting, DONOR, "planDelivery", SHOWN, quantity=2, **plan) for _ in range(2)]
    why = {"reason": "Contoh: hujan"}
    gone = await done(acting, DONOR, "callOffDelivery", SHOWN, deliveryId=one["id"], **why)
    assert gone["status"] == "DIBATALKAN"
    await done(acting, DONOR, "withdrawPledge", "pledge { status }", pledgeId=scene.pledge, **why)
    key = acting.city.secrets.internal_key(two["id"])[1]
    assert await acting.tables.fetchval("select status from ksbb.delivery where id = $1", key) == "DIBATALKAN"
    assert await figures(acting, scene) == ("DIBATALKAN", "DITARIK", 0)
    assert (await refusal(acting, scene, 1))[0] == "PLEDGE_NOT_OPEN"


async def test_a_pledge_whose_report_waits_is_neither_withdrawn_nor_changed_nor_run_out(acting: Acting) -> None:
    need = await a_need(acting, 10)
    region = await acting.tables.fetchval(
        "select region_code from ksbb.need where id = $1", acting.city.secrets.internal_key(need)[1]
    )
    form = form_a(acting, need, 6, regionCode=region)
    shown = "collaboration { id pledges { nodes { id } } }"
    made = await done(acting, DONOR, "submitPledge", shown, **form)
    pledge = made["pledges"]["nodes"][0]["id"]
    officer_id = await acting.tables.fetchval(
        "select user_account_id from ksbb.role_assignment where role = 'PENDAMPING' and region_code = $1", region[:8]
    )
    officer = Viewer(Role.PENDAMPING, "officer", area=region[:8], person_id=str(officer_id))
    scene = Scene(made["id"], pledge, region, (), officer, PackageKind.SARPRAS)
    delivery = await reported(acting, scene, 2)
    why = {"pledgeId": pledge, "reason": "Contoh"}
    change = {"pledgeId": pledge, "quantity": 8, "estimatedValue": 1, "endsOn": in_days(acting, 5)}
    assert (await refused(acting, DONOR, "withdrawPledge", **why))[0] == "REPORT_WAITS_FOR_CHECK"
    assert (await refused(acting, DONOR, "revisePledge", **change))[0] == "REPORT_WAITS_FOR_CHECK"
    await done(acting, officer, "validateDelivery", SHOWN, deliveryId=delivery)
    after = await done(acting, DONOR, "revisePledge", "pledge { id status deliveredQuantity }", **change)
    assert (after["status"], after["deliveredQuantity"]) == ("TERPENUHI_SEBAGIAN", 2)
    assert await pledged_of(acting, need) == 8
    newer = replace(scene, pledge=after["id"])
    await done(acting, DONOR, "withdrawPledge", "pledge { status }", pledgeId=after["id"], reason="Contoh")
    assert await figures(acting, newer) == ("TERVALIDASI", "DITARIK", 2)
    assert await pledged_of(acting, need) == 2
    await done(acting, DONOR, "reverseDelivery", SHOWN, deliveryId=delivery, reason="Contoh")
    assert await pledged_of(acting, need) == 0


async def test_after_the_last_day_nothing_new_is_promised_and_everything_is_reported(acting: Acting) -> None:
    scene = await a_scene(acting, 2)
    yesterday = day_in_jakarta(acting.clock.now()) - dt.timedelta(days=1)
    async with acting.under(replace(acting.city.settings, programme_ends_on=yesterday)) as late:
        code, _ = await refused(late, DONOR, "submitPledge", **form_a(late, None, 1))
        assert code == "PROGRAMME_ENDED"
        await validated(late, scene, 2)
    assert await figures(acting, scene) == ("TERVALIDASI", "TERPENUHI", 2)


async def test_the_invariants_of_deliveries_hold_after_all_that(acting: Acting) -> None:
    rules = {
        *("pledged_within_target", "taken_of_a_need_is_counted", "delivered_within_pledge", "validated_is_delivered"),
        *("shares_within_delivery", "same_goods_again_have_a_reason", "another_login_validates"),
    }
    async with writing(acting.city.server.uri()) as connection:
        checked = await check(connection, invariants())
    found = {f.rule: f.ids for one in checked for f in one.findings if f.rule in rules}
    assert found == dict.fromkeys(rules, ())

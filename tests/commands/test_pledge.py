"""Pledges of goods: form A, the target that they meet, and what may be done with them afterwards."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import Any

from commands.pledge import VERY_LARGE
from kernel.clock import day_in_jakarta
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.test_loan_journey import done, parties, refused


async def a_need(acting: Acting, quantity: int) -> str:
    """A new open need of a place."""
    key = await acting.tables.fetchval("select gen_random_uuid()")
    identifier = acting.city.secrets.public_id("need", key)
    await acting.tables.execute(
        "insert into ksbb.need (id, public_id, place_id, region_code, package_kind, item, quantity, pledged_quantity,"
        " estimated_value, period, open, listed) select $1, $2, id, region_code, 'SARPRAS', 'Contoh wastafel', $3, 0,"
        " 1000000, '202201', true, true from ksbb.place order by id limit 1",
        key,
        identifier,
        quantity,
    )
    return identifier


def form_a(acting: Acting, need: str | None, quantity: int, **changes: Any) -> dict[str, Any]:
    """Form A for one item."""
    today = day_in_jakarta(acting.clock.now())
    item = {"item": "Contoh wastafel", "quantity": quantity, "estimatedValue": 500_000 * quantity, "needId": need}
    return {
        "title": "Contoh bantuan",
        "packageKind": "SARPRAS",
        "regionCode": acting.city.cast.kecamatan[:5],
        "items": [item],
        "startsOn": today.isoformat(),
        "endsOn": (today + dt.timedelta(14)).isoformat(),
        **changes,
    }


async def pledged_of(acting: Acting, need: str) -> int:
    """How much of a need is taken."""
    key = acting.city.secrets.internal_key(need)[1]
    found: int = await acting.tables.fetchval("select pledged_quantity from ksbb.need where id = $1", key)
    return found


FORM = "collaboration { id collaborator { id kind } pledges { nodes { id form } } }"


async def test_form_a_of_a_donor_that_distributes_itself_holds_a_copy_of_its_data(acting: Acting) -> None:
    made = await done(acting, Role.KOLABORATOR, "submitPledge", FORM, **form_a(acting, None, 1))
    donor = made["collaborator"]
    giver = {"id": donor["id"], "jenis": donor["kind"], "kontak_pada": donor["id"]}
    (pledge,) = made["pledges"]["nodes"]
    assert json.loads(pledge["form"]) == {
        "formulir": "A",
        "penyalur": "mandiri",
        "kolaborator": giver,
        "data_penyalur": {"disalin_dari": "kolaborator", **giver},
    }
    change = {"quantity": 2, "estimatedValue": 1, "endsOn": str(day_in_jakarta(acting.clock.now()) + dt.timedelta(7))}
    revised = await done(acting, Role.KOLABORATOR, "revisePledge", "pledge { form }", pledgeId=pledge["id"], **change)
    assert json.loads(revised["form"]) == json.loads(pledge["form"])


async def test_form_a_through_an_institution_says_which_body_distributes(acting: Acting) -> None:
    p = await parties(acting, 2)
    made = await done(acting, p.receiver, "submitPledge", FORM, **form_a(acting, None, 1, onBehalfOf=p.donor))
    body = await acting.tables.fetchrow("select * from ksbb.institution where public_id = $1", p.manager)
    assert body is not None
    form = json.loads(made["pledges"]["nodes"][0]["form"])
    assert form["kolaborator"]["id"] == p.donor
    assert form["data_penyalur"] == {
        "id": p.manager,
        "jenis": "AGREGATOR",
        "nama": body["name"],
        "bentuk_hukum": body["legal_form"],
        "nomor_izin": body["permit_number"],
        "kontak_pada": p.manager,
    }


async def test_form_a_copies_no_name_of_a_donor_and_no_contact(acting: Acting) -> None:
    await done(acting, Role.KOLABORATOR, "submitPledge", FORM, **form_a(acting, None, 1))
    p = await parties(acting, 2)
    await done(acting, p.receiver, "submitPledge", FORM, **form_a(acting, None, 1, onBehalfOf=p.donor))
    personal = (
        "select name from ksbb.collaborator union select contact_name from ksbb.collaborator"
        " union select contact_phone from ksbb.collaborator union select contact_person from ksbb.institution"
    )
    values = [row["name"] for row in await acting.tables.fetch(personal) if row["name"]]
    forms = await acting.tables.fetch(
        "select form::text as text from ksbb.pledge where form::text like '%kontak_pada%'"
    )
    assert len(forms) >= 2
    assert not any(value in row["text"] for row in forms for value in values)


async def test_form_a_does_not_exist_for_the_public(acting: Acting) -> None:
    assert "errors" in await acting(Role.PUBLIK, "{ pledges(first: 1) { nodes { form } } }")


async def test_a_donor_gets_its_number_and_the_contact_at_once(acting: Acting) -> None:
    need = await a_need(acting, 10)
    shown = "collaboration { id number status pledgedValue pledges { nodes { id status quantity item } } }"
    made = await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, need, 4))
    assert made["status"] == "DIKONFIRMASI"
    assert made["number"].startswith("KSBB-UMK-")
    assert made["pledges"]["nodes"][0]["status"] == "DITERIMA"
    assert await pledged_of(acting, need) == 4
    key = acting.city.secrets.internal_key(made["id"])[1]
    open_ = "select contact_open from ksbb.involvement where collaboration_id = $1"
    assert await acting.tables.fetchval(open_, key) is True


async def test_fifty_pledges_at_once_on_a_need_of_ten_give_exactly_ten(acting: Acting) -> None:
    need = await a_need(acting, 10)
    form = form_a(acting, need, 1)
    payloads = await asyncio.gather(*(acting.do(Role.KOLABORATOR, "submitPledge", **form) for _ in range(50)))
    codes = [error["code"] for payload in payloads for error in payload["userErrors"]]
    assert sum(payload["userErrors"] == [] for payload in payloads) == 10
    assert set(codes) <= {"PLEDGE_EXCEEDS_NEED", "NEED_NOT_OPEN"}
    assert await pledged_of(acting, need) == 10


async def test_a_very_large_donor_waits_for_the_programme_office(acting: Acting) -> None:
    form = form_a(acting, None, 1)
    form["items"][0]["estimatedValue"] = 1_000_000_000
    made = await done(acting, Role.KOLABORATOR, "submitPledge", "collaboration { id status number }", **form)
    assert (made["status"], made["number"]) == ("DIAJUKAN", None)
    decided = {"collaborationId": made["id"]}
    confirmed = await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", **decided)
    assert confirmed["number"]


async def test_what_is_withdrawn_or_cancelled_returns_to_the_target(acting: Acting) -> None:
    need = await a_need(acting, 10)
    shown = "collaboration { id pledges { nodes { id } } }"
    first, second = [
        await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, need, 5)) for _ in range(2)
    ]
    (pledge,) = first["pledges"]["nodes"]
    why = {"reason": "Contoh: berhalangan"}
    await done(acting, Role.KOLABORATOR, "withdrawPledge", "pledge { status }", pledgeId=pledge["id"], **why)
    assert await pledged_of(acting, need) == 5
    cancelled = await done(
        acting,
        Role.KOLABORATOR,
        "cancelCollaboration",
        "collaboration { status }",
        collaborationId=second["id"],
        **why,
    )
    assert cancelled["status"] == "DIBATALKAN"
    assert await pledged_of(acting, need) == 0


async def test_a_changed_pledge_is_a_new_version_in_the_same_place(acting: Acting) -> None:
    need = await a_need(acting, 10)
    shown = "collaboration { id pledges { nodes { id } } }"
    made = await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, need, 6))
    (pledge,) = made["pledges"]["nodes"]
    change = {"pledgeId": pledge["id"], "estimatedValue": 100, "endsOn": form_a(acting, need, 1)["endsOn"]}
    assert (await refused(acting, Role.KOLABORATOR, "revisePledge", quantity=11, **change))[0] == "PLEDGE_EXCEEDS_NEED"
    after = await done(acting, Role.KOLABORATOR, "revisePledge", "pledge { version status }", quantity=10, **change)
    assert after == {"version": 2, "status": "DITERIMA"}
    assert await pledged_of(acting, need) == 10
    query = "query ($id: ID!) { collaboration(id: $id) { pledgedValue pledges { nodes { version status } } } }"
    found = (await acting(Role.KOLABORATOR, query, {"id": made["id"]}))["data"]["collaboration"]
    assert found["pledgedValue"] == 100
    assert [p["status"] for p in found["pledges"]["nodes"]] == ["DITARIK", "DITERIMA"]


async def test_nobody_changes_the_pledge_of_another_donor_though_everybody_sees_it(acting: Acting) -> None:
    made = await done(
        acting,
        Role.KOLABORATOR,
        "submitPledge",
        "collaboration { id pledges { nodes { id } } }",
        **form_a(acting, None, 1),
    )
    (pledge,) = made["pledges"]["nodes"]
    other = await acting.tables.fetchval(
        "select id from ksbb.collaborator where id <> $1 order by id limit 1", acting.city.cast.collaborator
    )
    stranger = Viewer(Role.KOLABORATOR, "other", institution_id=str(other))
    given = {"pledgeId": pledge["id"], "reason": "Contoh"}
    assert await refused(acting, stranger, "withdrawPledge", **given) == ("NOT_FOUND", ["pledgeId"])
    given = {"collaborationId": made["id"], "reason": "Contoh"}
    assert await refused(acting, stranger, "cancelCollaboration", **given) == ("NOT_FOUND", ["collaborationId"])


async def test_an_item_that_is_nothing_is_refused_at_its_place(acting: Acting) -> None:
    form = form_a(acting, None, 0)
    assert await refused(acting, Role.KOLABORATOR, "submitPledge", **form) == ("UNUSABLE_ITEM", ["items", "0"])
    code, path = await refused(acting, Role.AGREGATOR, "submitPledge", **form_a(acting, None, 1))
    assert (code, path) == ("DONOR_MISSING", ["onBehalfOf"])


async def test_what_was_withdrawn_is_not_withdrawn_or_changed_again(acting: Acting) -> None:
    need = await a_need(acting, 10)
    shown = "collaboration { pledges { nodes { id } } }"
    made = await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, need, 3))
    (pledge,) = made["pledges"]["nodes"]
    given = {"pledgeId": pledge["id"], "reason": "Contoh"}
    await done(acting, Role.KOLABORATOR, "withdrawPledge", "pledge { status }", **given)
    assert (await refused(acting, Role.KOLABORATOR, "withdrawPledge", **given))[0] == "NOT_POSSIBLE_NOW"
    change = {"pledgeId": pledge["id"], "estimatedValue": 1, "endsOn": form_a(acting, need, 1)["endsOn"]}
    assert (await refused(acting, Role.KOLABORATOR, "revisePledge", quantity=1, **change))[0] == "NOT_POSSIBLE_NOW"
    assert await pledged_of(acting, need) == 0


async def test_what_was_delivered_counts_once_however_often_its_pledge_is_changed(acting: Acting) -> None:
    need = await a_need(acting, 10)
    shown = "collaboration { pledges { nodes { id } } }"
    made = await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, need, 5))
    (pledge,) = made["pledges"]["nodes"]
    delivered = "update ksbb.pledge set delivered_quantity = 2, status = 'TERPENUHI_SEBAGIAN' where public_id = $1"
    await acting.tables.execute(delivered, pledge["id"])
    change = {"estimatedValue": 1, "endsOn": form_a(acting, need, 1)["endsOn"]}
    for quantity in (10, 6):
        given = {"pledgeId": pledge["id"], "quantity": quantity, **change}
        pledge = await done(acting, Role.KOLABORATOR, "revisePledge", "pledge { id }", **given)
        assert await pledged_of(acting, need) == quantity


async def test_a_schedule_without_end_is_refused(acting: Acting) -> None:
    endless = form_a(acting, None, 1, endsOn="9999-12-31")
    assert await refused(acting, Role.KOLABORATOR, "submitPledge", **endless) == ("DATE_OUT_OF_ORDER", ["endsOn"])


async def test_a_donation_does_not_grow_past_the_programme_office(acting: Acting) -> None:
    shown = "collaboration { pledgedValue pledges { nodes { id } } }"
    made = await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, None, 1))
    pledge = made["pledges"]["nodes"][0]["id"]
    change = {"pledgeId": pledge, "quantity": 1, "endsOn": form_a(acting, None, 1)["endsOn"]}
    for value in (VERY_LARGE, 2**53 - 1):
        code = await refused(acting, Role.KOLABORATOR, "revisePledge", estimatedValue=value, **change)
        assert code == ("BECOMES_VERY_LARGE", ["estimatedValue"])
    just = {**change, "estimatedValue": VERY_LARGE - 1}
    assert await done(acting, Role.KOLABORATOR, "revisePledge", "pledge { estimatedValue }", **just)


async def test_a_donation_is_worth_no_more_than_readers_of_json_keep(acting: Acting) -> None:
    form = form_a(acting, None, 1)
    form["items"] = [{**form["items"][0], "estimatedValue": 2**53 - 1}] * 2
    assert await refused(acting, Role.KOLABORATOR, "submitPledge", **form) == ("UNUSABLE_ITEM", ["items"])

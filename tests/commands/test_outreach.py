"""Donors are met, registered, announce themselves and are answered, through GraphQL, as each role in turn."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from kernel.clock import day_in_jakarta
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.commands.test_loan_journey import done, refused

DONOR = {"kind": "PERORANGAN", "name": "Contoh Dermawan", "contactName": "Contoh", "contactPhone": "081200000003"}
LARGE = {"packageKind": "SARPRAS", "estimatedValue": 1_000_000_000, "text": "Contoh: gerobak untuk satu kota"}
BUREAU_OFFICER = (
    "select u.public_id from ksbb.user_account u join ksbb.role_assignment r on r.user_account_id = u.id"
    " where r.role = $1 limit 1"
)


async def a_donor(acting: Acting, **changes: Any) -> tuple[str, Viewer]:
    """A donor that was just registered."""
    made = await done(acting, Role.BIRO_KSD, "registerCollaborator", "collaborator { id }", **DONOR | changes)
    key = str(acting.city.secrets.internal_key(made["id"])[1])
    return made["id"], Viewer(Role.KOLABORATOR, key, institution_id=key)


def a_forum(acting: Acting) -> dict[str, Any]:
    """A forum of today."""
    today = str(day_in_jakarta(acting.clock.now()))
    return {"kind": "TOWN_HALL", "title": "Town hall Contoh", "heldOn": today, "place": "Balai Contoh", "donors": 25}


async def test_a_forum_is_held_and_a_candidate_met_there_is_recommended(acting: Acting) -> None:
    event = await done(
        acting, Role.DINAS, "recordOutreachEvent", "outreachEvent { id donors businesses }", **a_forum(acting)
    )
    assert (event["donors"], event["businesses"]) == (25, 0)
    donor, _ = await a_donor(acting)
    met = {"collaboratorId": donor, "eventId": event["id"], "recommended": True, "note": "Contoh"}
    today = day_in_jakarta(acting.clock.now())
    early = {**met, "metOn": str(today - dt.timedelta(1))}
    assert await refused(acting, Role.DINAS, "recordProspect", **early) == ("BEFORE_THE_FORUM", ["eventId"])
    shown = "prospect { forum recommended event { title } collaborator { id } }"
    prospect = await done(acting, Role.DINAS, "recordProspect", shown, **met, metOn=str(today))
    assert prospect == {
        "forum": "Town hall Contoh",
        "recommended": True,
        "event": {"title": "Town hall Contoh"},
        "collaborator": {"id": donor},
    }
    alone = {"collaboratorId": donor, "recommended": False, "metOn": str(today)}
    assert await refused(acting, Role.DINAS, "recordProspect", **alone) == ("UNUSABLE_NAME", ["forum"])


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"donors": -1}, "COUNT_OUT_OF_RANGE"),
        ({"officials": 1_000_001}, "COUNT_OUT_OF_RANGE"),
        ({"heldOn": "2099-01-01"}, "DATE_OUT_OF_ORDER"),
        ({"title": " "}, "UNUSABLE_NAME"),
    ],
)
async def test_a_forum_that_cannot_have_been_is_refused(acting: Acting, wrong: dict[str, Any], code: str) -> None:
    found, path = await refused(acting, Role.BIRO_KSD, "recordOutreachEvent", **{**a_forum(acting), **wrong})
    assert (found, path) == (code, list(wrong))


async def test_the_public_and_donors_do_not_read_forums_and_prospects(acting: Acting) -> None:
    for query in ("{ outreachEvents { nodes { donors } } }", "{ prospects { nodes { note } } }"):
        for role in (Role.PUBLIK, Role.KOLABORATOR, Role.AGREGATOR, Role.FINTECH):
            assert "errors" in await acting(role, query), (role, query)


async def test_a_donor_is_registered_without_any_number_of_a_person(acting: Acting) -> None:
    for field in ("name", "contactName", "contactPhone"):
        for number in ("3171011203900001", "31.7101.120390.0001", "NIK 3171 0112 0390 0001"):
            given = {**DONOR, field: number}
            refusal = await refused(acting, Role.BIRO_KSD, "registerCollaborator", **given)
            assert refusal == ("NUMBER_OF_A_PERSON", [field])
    query = "query ($id: ID!) { collaborator(id: $id) { name } }"
    for changes, name in (
        ({}, "Perorangan"),
        ({"nameConsented": True}, "Contoh Dermawan"),
        ({"kind": "DUNIA_USAHA", "anonymous": True}, "Anonim"),
    ):
        donor, _ = await a_donor(acting, **changes)
        assert (await acting(Role.PUBLIK, query, {"id": donor}))["data"]["collaborator"] == {"name": name}


async def test_a_fund_manager_registers_the_donor_that_it_pledges_for(acting: Acting) -> None:
    made = await done(acting, Role.AGREGATOR, "registerCollaborator", "collaborator { id kind }", **DONOR)
    assert made["kind"] == "PERORANGAN"


async def test_a_fintech_registers_the_donor_whose_money_it_lends(acting: Acting) -> None:
    made = await done(acting, Role.FINTECH, "registerCollaborator", "collaborator { id kind }", **DONOR)
    assert made["kind"] == "PERORANGAN"


NAMED = """query ($id: ID!, $of: ID!) {
  collaborator(id: $id) { name }
  collaboration(id: $of) { collaborator { name } }
}"""


async def names(acting: Acting, who: Role, donor: str, collaboration: str) -> set[str]:
    """Every name under which somebody sees a donor."""
    data = (await acting(who, NAMED, {"id": donor, "of": collaboration}))["data"]
    return {data["collaborator"]["name"], data["collaboration"]["collaborator"]["name"]}


async def test_a_name_that_is_withdrawn_is_hidden_at_once_and_everywhere(acting: Acting) -> None:
    donor, viewer = await a_donor(acting, nameConsented=True)
    today = day_in_jakarta(acting.clock.now())
    item = {"item": "Contoh gerobak", "quantity": 1, "estimatedValue": 1}
    form = {"title": "Contoh", "packageKind": "SARPRAS", "regionCode": "31.73", "items": [item]}
    days = {"startsOn": str(today), "endsOn": str(today)}
    made = await done(acting, viewer, "submitPledge", "collaboration { id }", **form, **days)
    for change, shown in (
        ({}, DONOR["name"]),
        ({"nameConsented": False}, "Perorangan"),
        ({"contactPhone": "081200000009"}, "Perorangan"),
        ({"nameConsented": True}, DONOR["name"]),
        ({"anonymous": True}, "Anonim"),
        ({"anonymous": False, "nameConsented": False}, "Perorangan"),
    ):
        seen = await done(acting, viewer, "updateCollaborator", "collaborator { name }", **change)
        assert seen["name"] == DONOR["name"]
        for role in (Role.PUBLIK, Role.DINAS, Role.WILAYAH, Role.DISKOMINFOTIK):
            assert await names(acting, role, donor, made["id"]) == {shown}, (role, change)
    kept = await acting.tables.fetchrow(
        "select contact_name, contact_phone from ksbb.collaborator where public_id = $1", donor
    )
    assert tuple(kept or ()) == (DONOR["contactName"], "081200000009")


async def test_the_audit_trail_says_when_a_donor_changed_its_mind_and_no_contact(acting: Acting) -> None:
    _, viewer = await a_donor(acting, nameConsented=True)
    change = {"nameConsented": False, "contactName": "Contoh Rahasia", "contactPhone": "081299999999"}
    await done(acting, viewer, "updateCollaborator", "collaborator { id }", **change)
    of = "select details::jsonb ->> 'name_consented' from ksbb.audit_entry where act = 'UpdateCollaborator'"
    assert await acting.tables.fetchval(f"{of} order by id desc limit 1") == "false"
    for table in ("event", "audit_entry"):
        rows = await acting.tables.fetch(f"select t::text as text from ksbb.{table} t")
        for value in ("Contoh Rahasia", "081299999999"):
            assert not any(value in row["text"] for row in rows), table


async def test_a_donor_updates_its_own_entry_with_texts_that_can_be_used(acting: Acting) -> None:
    _, company = await a_donor(acting, kind="DUNIA_USAHA")
    for change, refusal in (
        ({"nameConsented": True}, ("NOT_A_PERSON", ["nameConsented"])),
        ({"contactName": " "}, ("UNUSABLE_NAME", ["contactName"])),
        ({"contactPhone": ""}, ("UNUSABLE_NAME", ["contactPhone"])),
        ({"contactPhone": "3171011203900001"}, ("NUMBER_OF_A_PERSON", ["contactPhone"])),
    ):
        assert await refused(acting, company, "updateCollaborator", **change) == refusal
    nobody = "018f5d0a-7c3b-7def-8123-456789abcdef"
    stranger = Viewer(Role.KOLABORATOR, nobody, institution_id=nobody)
    assert await refused(acting, stranger, "updateCollaborator", anonymous=True) == ("NOT_FOUND", [])


async def test_a_very_large_donor_announces_itself_and_is_answered(acting: Acting) -> None:
    donor, viewer = await a_donor(acting)
    small = {**LARGE, "estimatedValue": 999_999_999}
    assert await refused(acting, viewer, "announceLargeDonation", **small) == ("NOT_VERY_LARGE", ["estimatedValue"])
    empty = {**LARGE, "text": " "}
    assert await refused(acting, viewer, "announceLargeDonation", **empty) == ("UNUSABLE_TEXT", ["text"])
    shown = "announcement { id status text answer }"
    made = await done(acting, viewer, "announceLargeDonation", shown, **LARGE)
    assert (made["status"], made["text"], made["answer"]) == ("DIAJUKAN", LARGE["text"], None)
    of = {"announcementId": made["id"]}
    outsider = await acting.tables.fetchval(BUREAU_OFFICER, "ADMIN")
    refusal = await refused(acting, Role.BIRO_KSD, "assignAnnouncement", **of, officerId=outsider)
    assert refusal == ("NO_OFFICER_OF_THE_BUREAU", ["officerId"])
    officer = await acting.tables.fetchval(BUREAU_OFFICER, "BIRO_KSD")
    seen = "announcement { status officer { id } prospect { forum recommended collaborator { id } } }"
    assigned = await done(acting, Role.BIRO_KSD, "assignAnnouncement", seen, **of, officerId=officer)
    assert assigned == {
        "status": "DITUGASKAN",
        "officer": {"id": officer},
        "prospect": {"forum": "PIC KSBB", "recommended": False, "collaborator": {"id": donor}},
    }
    answer = {"answer": "Contoh: mari bertemu", "recommended": True}
    answered = await done(acting, Role.BIRO_KSD, "answerAnnouncement", seen, **of, **answer)
    assert (answered["status"], answered["prospect"]["recommended"]) == ("DIJAWAB", True)
    assert await refused(acting, Role.BIRO_KSD, "answerAnnouncement", **of, **answer) == ("NOT_POSSIBLE_NOW", [])
    own = "query ($id: ID!) { announcement(id: $id) { status answer } }"
    found = (await acting(viewer, own, {"id": made["id"]}))["data"]["announcement"]
    assert found == {"status": "DIJAWAB", "answer": "Contoh: mari bertemu"}
    _, stranger = await a_donor(acting)
    assert (await acting(stranger, own, {"id": made["id"]}))["data"]["announcement"] is None


async def test_everybody_reads_how_the_pic_is_reached_as_the_bureau_told_it(acting: Acting) -> None:
    assert await refused(acting, Role.BIRO_KSD, "publishOfficeContact", office="Biro Contoh") == (
        "NO_WAY_TO_REACH",
        ["email"],
    )
    told = {"office": "Biro Contoh", "email": "pic@contoh.example"}
    await done(acting, Role.BIRO_KSD, "publishOfficeContact", "officeContact { id }", **told)
    query = "{ officeContacts(filter: {actor: {eq: BIRO_KSD}}) { nodes { office email phone } } }"
    for role in Role:
        found = (await acting(role, query))["data"]["officeContacts"]["nodes"]
        assert found == [{**told, "phone": None}], role

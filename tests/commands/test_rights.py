"""What a person may ask about the own data: filed, decided in time by those who may, and told to nobody else."""

from __future__ import annotations

import datetime as dt
import json
import logging
from typing import Any

import pytest

from kernel.clock import FixedClock
from models.all import METADATA
from policy.viewer import Role, Viewer
from server import bus_of
from tests.acting import Acting
from tests.commands.test_loan_journey import Parties, done, parties, refused

CANARY = "KenariPerbaikan"
SHOWN = "rightsRequest { id kind status field proposed dueAt requestedAt }"


async def asked(acting: Acting, p: Parties, field: str = "NAMA_USAHA", value: str = f"{CANARY} Jaya") -> Any:
    """A correction that waits."""
    return await done(acting, p.owner, "requestCorrection", SHOWN, field=field, value=value, reason=f"{CANARY} alasan")


async def officer_of(acting: Acting, request: str, p: Parties) -> Viewer:
    """The officer in whose area a request lies: of the business, or of the person's home."""
    region = await acting.tables.fetchval("select region_code from ksbb.rights_request where public_id = $1", request)
    return Viewer(Role.PENDAMPING, "officer", area=region[:8], person_id=p.officer.person_id)


async def where_found(acting: Acting, text: str) -> set[str]:
    """The tables in whose rows a text stands, as text, JSON or bytes."""
    found = set()
    for table in METADATA.tables.values():
        query = f"select exists (select from ksbb.{table.name} t where t::text like '%' || $1 || '%')"
        if await acting.tables.fetchval(query, text):
            found.add(table.name)
    return found


async def test_a_correction_waits_72_hours_and_is_carried_out_when_it_is_accepted(acting: Acting) -> None:
    p = await parties(acting, 20)
    request = await asked(acting, p)
    officer = await officer_of(acting, request["id"], p)
    asked_at, due_at = (dt.datetime.fromisoformat(request[name]) for name in ("requestedAt", "dueAt"))
    assert due_at - asked_at == dt.timedelta(hours=72)
    assert request["proposed"] == f"{CANARY} Jaya"
    code, _ = await refused(acting, p.owner, "requestCorrection", field="NAMA_USAHA", value="x", reason="y")
    assert code == "ASKED_ALREADY"
    decided = await done(acting, officer, "decideCorrection", SHOWN, requestId=request["id"], accepted=True)
    assert (decided["status"], decided["proposed"]) == ("DIPENUHI", None)
    query = "query ($id: ID!) { recipient(id: $id) { tradeName } }"
    assert (await acting(p.owner, query, {"id": p.business}))["data"]["recipient"]["tradeName"] == f"{CANARY} Jaya"
    code, _ = await refused(acting, officer, "decideCorrection", requestId=request["id"], accepted=True)
    assert code == "NOT_POSSIBLE_NOW"


async def test_the_old_value_stays_as_a_hash_only(acting: Acting) -> None:
    p = await parties(acting, 21)
    before = await acting.tables.fetchval("select name from ksbb.owner where id = $1::uuid", p.owner.person_id)
    request = await asked(acting, p, "NAMA", f"{CANARY} Baru")
    officer = await officer_of(acting, request["id"], p)
    await done(acting, officer, "decideCorrection", SHOWN, requestId=request["id"], accepted=True)
    kept = await acting.tables.fetchval(
        "select details::text from ksbb.audit_entry where act = 'DecideCorrection' and about_id = $1", request["id"]
    )
    assert before not in kept
    assert json.loads(kept)["before_hash"] == acting.city.secrets.blind(before, "owner.name").hex()


async def test_a_proposal_is_in_no_event_audit_entry_receipt_log_or_error(
    acting: Acting, caplog: pytest.LogCaptureFixture
) -> None:
    p = await parties(acting, 22)
    caplog.set_level(logging.DEBUG)
    value = f"{CANARY}Rahasia"
    for field in ("NAMA", "TELEPON", "KBLI"):
        given = {"field": field, "value": value, "reason": "Contoh", "idempotencyKey": f"{'k' * 16}{field}"}
        payload = await acting.do(p.owner, "requestCorrection", SHOWN, **given)
        if field != "NAMA":
            (error,) = payload["userErrors"]
            assert (error["code"], error["path"]) == ("UNUSABLE_VALUE", ["value"])
            assert value not in json.dumps(payload)
    assert await where_found(acting, value) == set()
    assert await where_found(acting, value.encode().hex()) == set()
    assert value not in caplog.text


async def test_a_refusal_needs_a_reason_that_the_person_reads(acting: Acting) -> None:
    p = await parties(acting, 23)
    request = await asked(acting, p, "ALAMAT")
    officer = await officer_of(acting, request["id"], p)
    given = {"requestId": request["id"], "accepted": False}
    assert await refused(acting, officer, "decideCorrection", **given) == ("REASON_MISSING", ["reason"])
    await done(acting, Role.DINAS, "decideCorrection", SHOWN, reason="Contoh: bukti kurang", **given)
    shown = "query ($id: ID!) { rightsRequest(id: $id) { status decisionReason proposed } }"
    seen = (await acting(p.owner, shown, {"id": request["id"]}))["data"]["rightsRequest"]
    assert seen == {"status": "DITOLAK", "decisionReason": "Contoh: bukti kurang", "proposed": None}


async def test_nobody_decides_on_what_one_may_not_read_or_has_asked_for(acting: Acting) -> None:
    p = await parties(acting, 24)
    request = await asked(acting, p, "NAMA")
    given = {"requestId": request["id"], "accepted": True}
    elsewhere = Viewer(Role.PENDAMPING, "elsewhere", area="31.01", person_id=p.officer.person_id)
    for who in (Role.DINAS, elsewhere):
        assert (await refused(acting, who, "decideCorrection", **given))[0] == "NOT_FOUND"
    other = (await parties(acting, 25)).owner
    query = "query ($id: ID!) { rightsRequest(id: $id) { status } }"
    for who in (other, Role.DINAS, elsewhere):
        assert (await acting(who, query, {"id": request["id"]}))["data"]["rightsRequest"] is None
    assert (await refused(acting, other, "withdrawRightsRequest", requestId=request["id"]))[0] == "NOT_FOUND"
    for who in (p.owner, Role.BIRO_KSD, Role.INSPEKTORAT):
        answer = await acting(who, f'mutation {{ decideCorrection(input: {{requestId: "{request["id"]}"}}) {{ x }} }}')
        assert "errors" in answer
    gone = await done(acting, p.owner, "withdrawRightsRequest", SHOWN, requestId=request["id"])
    assert (gone["status"], gone["proposed"]) == ("DITARIK", None)


@pytest.mark.parametrize("role", [Role.INSPEKTORAT, Role.DISKOMINFOTIK])
async def test_who_supervises_sees_the_queue_and_no_value(acting: Acting, role: Role) -> None:
    query = "{ rightsRequests(first: 500) { nodes { id kind status requestedAt dueAt overdueAt field } } }"
    nodes = (await acting(role, query))["data"]["rightsRequests"]["nodes"]
    assert {node["kind"] for node in nodes} >= {"PERBAIKAN", "PENGHAPUSAN"}
    assert CANARY not in json.dumps(nodes)
    for field in ("proposed", "reason", "decisionReason"):
        assert "errors" in await acting(role, f"{{ rightsRequests {{ nodes {{ {field} }} }} }}")


async def test_a_request_that_nobody_decides_is_marked_late_once_and_told_without_its_value(acting: Acting) -> None:
    p = await parties(acting, 26)
    request = await asked(acting, p, "TELEPON", "0811 7700 771")
    officer = await officer_of(acting, request["id"], p)
    due_at = dt.datetime.fromisoformat(request["dueAt"])
    marked, events = [], []
    for moment in (due_at, due_at + dt.timedelta(seconds=1), due_at + dt.timedelta(days=2)):
        bus = bus_of(acting.city.settings, acting.city.server, FixedClock(moment))
        try:
            await bus.tick()
        finally:
            await bus.close()
        key = acting.city.secrets.internal_key(request["id"])[1]
        events = await acting.tables.fetch(
            "select payload::text as text from ksbb.event where type = 'RightsRequestOverdue' and subject_id = $1", key
        )
        marked.append(len(events))
    assert marked == [0, 1, 1]
    assert "7700" not in events[0]["text"]
    query = "query ($id: ID!) { rightsRequest(id: $id) { status overdueAt } }"
    seen = (await acting(p.owner, query, {"id": request["id"]}))["data"]["rightsRequest"]
    assert seen["status"] == "DIAJUKAN"
    assert seen["overdueAt"] is not None
    decided = await done(acting, officer, "decideCorrection", SHOWN, requestId=request["id"], accepted=True)
    assert decided["status"] == "DIPENUHI"


async def test_a_field_holds_only_what_it_can(acting: Acting) -> None:
    p = await parties(acting, 27)
    for field, value in (("NAMA", " "), ("NAMA", "x" * 201), ("TELEPON", "12"), ("KBLI", "00000"), ("KBLI", "56")):
        code, path = await refused(acting, p.owner, "requestCorrection", field=field, value=value, reason="Contoh")
        assert (code, path) == ("UNUSABLE_VALUE", ["value"]), field
    given = {"field": "NAMA", "value": "Contoh", "reason": "Contoh", "recipientId": p.business}
    assert (await refused(acting, p.owner, "requestCorrection", **given))[0] == "WHICH_BUSINESS"
    other = (await parties(acting, 28)).business
    given = {**given, "field": "NAMA_USAHA", "recipientId": other}
    assert (await refused(acting, p.owner, "requestCorrection", **given))[0] == "WHICH_BUSINESS"
    code = await acting.tables.fetchval(
        "select k.code from ksbb.kbli_code k join ksbb.business b on b.kbli_version = k.version"
        " where b.public_id = $1 and k.section <> b.kbli_section limit 1",
        p.business,
    )
    request = await asked(acting, p, "KBLI", code)
    await done(acting, Role.DINAS, "decideCorrection", SHOWN, requestId=request["id"], accepted=True)
    fits = "select b.kbli_section = k.section and k.code = $2 from ksbb.business b join ksbb.kbli_code k"
    assert await acting.tables.fetchval(f"{fits} on k.id = b.kbli_id where b.public_id = $1", p.business, code)


async def test_a_screening_that_lost_its_consent_is_seen_by_the_fintech_no_longer(acting: Acting) -> None:
    p = await parties(acting, 29)
    given = {"recipientId": p.business, "fintechId": p.fintech, "principal": 6_000_000, "tenorMonths": 4}
    loan = (await done(acting, Role.DINAS, "recommendLoan", "loan { id }", **given))["id"]
    await done(acting, p.owner, "consentToScreening", "loan { consentedOn }", loanId=loan)
    await done(acting, p.lender, "screenLoan", "loan { status }", loanId=loan)
    query = "query ($l: ID!, $r: ID!) { loan(id: $l) { status } recipient(id: $r) { tradeName owner { name } } }"
    seen = {"l": loan, "r": p.business}
    assert (await acting(p.lender, query, seen))["data"]["recipient"]["owner"]["name"]
    await done(acting, p.owner, "withdrawConsent", "consent { withdrawnOn }", purpose="PENYARINGAN")
    assert (await acting(p.lender, query, seen))["data"] == {"loan": None, "recipient": None}
    own = "query ($l: ID!) { loan(id: $l) { status statusReason consentedOn } }"
    told = (await acting(p.owner, own, {"l": loan}))["data"]["loan"]
    assert told == {"status": "BATAL", "statusReason": "PERSETUJUAN_DITARIK", "consentedOn": None}


async def test_a_listing_that_is_withdrawn_takes_the_photo_with_it(acting: Acting) -> None:
    p = await parties(acting, 30)
    query = "query ($id: ID!) { recipient(id: $id) { photo } }"
    for purpose in ("TAMPIL_PUBLIK", "FOTO"):
        await done(acting, p.owner, "giveConsent", "consent { givenOn }", purpose=purpose)
    assert (await acting(Role.PUBLIK, query, {"id": p.business}))["data"]["recipient"] is not None
    await done(acting, p.owner, "withdrawConsent", "consent { purpose withdrawnOn }", purpose="TAMPIL_PUBLIK")
    assert (await acting(Role.PUBLIK, query, {"id": p.business}))["data"]["recipient"] is None

"""Accreditation from form G to its end, through GraphQL, as each role in turn."""

from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from kernel.clock import FixedClock, day_in_jakarta
from models.reference.form_g import required
from models.vocabulary import DocumentKind, InstitutionKind, PackageKind
from policy.viewer import Role, Viewer
from server import bus_of
from tests.acting import Acting
from tests.commands.test_loan_journey import done, form_e, paid_out, parties, refused, repayment
from tests.commands.test_pledge import form_a
from tests.uploading import an_upload

SHOWN = "accreditation { id status stoppedOn items(first: 50) { nodes { item metOn } } } missing missingText"
NPWP = "990000010000000"
WHY = {"reason": "Contoh alasan"}


@dataclass(frozen=True)
class Body:
    """An institution and who speaks for it."""

    id: str
    viewer: Viewer


async def a_body(acting: Acting, kind: str = "AGREGATOR", *, complete: bool = True) -> Body:
    """A new institution, whose entry is filled in unless the test says otherwise."""
    entry = {"name": "Yayasan Contoh Baru", "email": "baru@contoh.example", "phone": "081200000001"}
    made = await done(acting, Role.BIRO_KSD, "registerInstitution", "institution { id }", kind=kind, **entry)
    key = str(acting.city.secrets.internal_key(made["id"])[1])
    body = Body(made["id"], Viewer(Role(kind), key, institution_id=key))
    if complete:
        await done(
            acting,
            body.viewer,
            "updateInstitution",
            "institution { taxNumber }",
            account="Bank Contoh 1",
            contactPerson="Contoh Narahubung",
            legalForm="Yayasan",
            permitNumber="CONTOH-1",
            regulator="Kementerian Contoh",
            taxNumber=NPWP,
        )
    return body


async def papers(acting: Acting, body: Body, package: str, *, but: str = "") -> list[dict[str, str]]:
    """Every paper that form G asks for, but one."""
    asked = required(InstitutionKind[body.viewer.role], PackageKind[package])
    return [await paper(acting, body, r.item, r.document_kind) for r in asked if r.document_kind and r.item != but]


async def paper(
    acting: Acting, body: Body, item: str, kind: DocumentKind = DocumentKind.PERSYARATAN_LEMBAGA
) -> dict[str, str]:
    """A paper for an item."""
    return {"item": str(item), "documentId": await an_upload(acting, body.viewer, kind)}


async def applied(acting: Acting, body: Body, package: str = "SARPRAS", *, but: str = "") -> str:
    """An application, complete but for one paper."""
    given = await papers(acting, body, package, but=but)
    made = await done(
        acting, body.viewer, "applyForAccreditation", "accreditation { id }", packageKind=package, papers=given
    )
    identifier: str = made["id"]
    return identifier


async def discussed(acting: Acting, body: Body, package: str = "SARPRAS") -> str:
    """An accreditation that only lacks the agreement."""
    identifier = await applied(acting, body, package)
    of = {"accreditationId": identifier}
    await done(acting, Role.BIRO_KSD, "reviewAccreditation", "accreditation { status }", **of)
    assessed = {"eligible": True, "decision": "Contoh: memenuhi"}
    await done(acting, Role.BIRO_KSD, "assessAccreditation", "accreditation { status }", **of, **assessed)
    return identifier


async def pks(acting: Acting, number: str, days: int = 365) -> dict[str, Any]:
    """An agreement from today on."""
    today = day_in_jakarta(acting.clock.now())
    last = today + dt.timedelta(days)
    file = await an_upload(acting, Role.BIRO_KSD, DocumentKind.PKS)
    return {"number": number, "startsOn": str(today), "endsOn": str(last), "documentIds": [file]}


async def signed(acting: Acting, body: Body, number: str, days: int = 365) -> str:
    """An accreditation in force."""
    identifier = await discussed(acting, body)
    await done(
        acting, Role.BIRO_KSD, "signAgreement", "agreement { id }", accreditationIds=[identifier],
        **await pks(acting, number, days),
    )  # fmt: skip
    return identifier


async def status(acting: Acting, identifier: str) -> str:
    """The state of an accreditation, as everybody reads it."""
    query = "query ($id: ID!) { accreditation(id: $id) { status } }"
    found: str = (await acting(Role.PUBLIK, query, {"id": identifier}))["data"]["accreditation"]["status"]
    return found


def through(acting: Acting, body: Body, donor: str) -> dict[str, Any]:
    """Form A of a fund manager for a donor."""
    return form_a(acting, None, 1, onBehalfOf=donor)


async def a_donor(acting: Acting) -> str:
    """Somebody who gives."""
    found: str = await acting.tables.fetchval("select public_id from ksbb.collaborator order by id limit 1")
    return found


async def test_everybody_reads_what_form_g_asks_for_per_kind_and_package(acting: Acting) -> None:
    query = """{ accreditationRequirements(first: 50, orderBy: {field: POSITION}, filter:
        {institutionKind: {eq: FINTECH}, packageKind: {eq: PINJAMAN_MODAL}})
        { nodes { item documentKind field textIndonesian textEnglish origin source } } }"""
    for role in Role:
        found = (await acting(role, query))["data"]["accreditationRequirements"]["nodes"]
        assert [node["item"] for node in found] == [
            r.item.value for r in required(InstitutionKind.FINTECH, PackageKind.PINJAMAN_MODAL)
        ]
        assert {"TANDA_OJK", "KEPATUHAN_OJK", "AKTA"} <= {node["item"] for node in found}
        assert all((node["documentKind"] is None) is (node["field"] is not None) for node in found)


async def test_what_is_missing_is_named_kept_and_completed_before_the_review(acting: Acting) -> None:
    body = await a_body(acting, complete=False)
    given = {"packageKind": "SARPRAS", "papers": await papers(acting, body, "SARPRAS", but="RENCANA_SARPRAS")}
    payload = await acting.do(body.viewer, "applyForAccreditation", SHOWN, **given)
    lacking = {"BADAN_HUKUM", "NOMOR_IZIN", "REGULATOR", "NPWP", "REKENING", "NARAHUBUNG", "RENCANA_SARPRAS"}
    assert set(payload["missing"]) == lacking
    assert "Plan for the facilities package" in payload["missingText"]
    accreditation = payload["accreditation"]
    assert accreditation["status"] == "DIAJUKAN"
    assert {n["item"] for n in accreditation["items"]["nodes"] if n["metOn"] is None} == lacking
    of = {"accreditationId": accreditation["id"]}
    (error,) = (await acting.do(Role.BIRO_KSD, "reviewAccreditation", **of))["userErrors"]
    assert error["code"] == "FILE_INCOMPLETE"
    assert "Plan for the facilities package" in error["message"]
    assert "Rencana paket sarana prasarana" in error["messageId"]
    returned = await acting.do(Role.BIRO_KSD, "returnAccreditation", SHOWN, missing=["AKTA"], remark="Contoh", **of)
    assert returned["accreditation"]["status"] == "KURANG_LENGKAP"
    assert set(returned["missing"]) == lacking | {"AKTA"}
    plan = await paper(acting, body, "RENCANA_SARPRAS")
    code, path = await refused(acting, body.viewer, "completeAccreditation", **of, papers=[plan])
    assert (code, path) == ("EVIDENCE_MISSING", ["papers", "0", "documentId"])
    plan = await paper(acting, body, "RENCANA_SARPRAS", DocumentKind.LAIN)
    again = {"papers": [await paper(acting, body, "AKTA"), plan]}
    completed = await acting.do(body.viewer, "completeAccreditation", SHOWN, **of, **again)
    assert completed["accreditation"]["status"] == "DIAJUKAN"
    assert set(completed["missing"]) == lacking - {"RENCANA_SARPRAS"}
    await done(acting, Role.BIRO_KSD, "returnAccreditation", SHOWN, **of)
    assert await refused(acting, body.viewer, "completeAccreditation", **of) == ("NOTHING_ADDED", ["papers"])
    entry = {"account": "Bank Contoh 2", "contactPerson": "Contoh", "legalForm": "Yayasan", "permitNumber": "CONTOH"}
    filled = {**entry, "regulator": "Contoh", "taxNumber": NPWP}
    await done(acting, body.viewer, "updateInstitution", "institution { account }", **filled)
    completed = await acting.do(body.viewer, "completeAccreditation", SHOWN, **of)
    assert completed["missing"] == []
    reviewed = await done(acting, Role.BIRO_KSD, "reviewAccreditation", "accreditation { status }", **of)
    assert reviewed["status"] == "DITINJAU"


async def test_nobody_takes_a_step_out_of_turn_or_for_somebody_else(acting: Acting) -> None:
    body, other = await a_body(acting), await a_body(acting)
    identifier = await applied(acting, body, but="AKTA")
    of = {"accreditationId": identifier}
    await done(acting, Role.BIRO_KSD, "returnAccreditation", "accreditation { status }", **of)
    missing = {"papers": [await paper(acting, body, "AKTA")]}
    path = ["accreditationId"]
    assert await refused(acting, other.viewer, "completeAccreditation", **of, **missing) == ("NOT_FOUND", path)
    items = "query ($id: ID!) { accreditation(id: $id) { items(first: 50) { nodes { item } } } }"
    for viewer, count in ((body.viewer, 9), (other.viewer, 0), (acting.city.viewer(Role.BIRO_KSD), 9)):
        found = (await acting(viewer, items, {"id": identifier}))["data"]["accreditation"]
        assert len(found["items"]["nodes"]) == count
    assert "errors" in await acting(Role.PUBLIK, items, {"id": identifier})
    await done(acting, body.viewer, "completeAccreditation", "accreditation { status }", **of, **missing)
    out_of_turn: dict[str, dict[str, Any]] = {
        "assessAccreditation": {"eligible": True, "decision": "Contoh"},
        "suspendAccreditation": WHY,
        "resumeAccreditation": WHY,
        "revokeAccreditation": WHY,
    }
    for mutation, given in out_of_turn.items():
        assert await refused(acting, Role.BIRO_KSD, mutation, **of, **given) == ("NOT_POSSIBLE_NOW", []), mutation
    sign = {"accreditationIds": [identifier], **await pks(acting, "CONTOH/PKS/GILIRAN")}
    assert await refused(acting, Role.BIRO_KSD, "signAgreement", **sign) == ("NOT_POSSIBLE_NOW", [])
    await done(acting, Role.BIRO_KSD, "reviewAccreditation", "accreditation { status }", **of)
    no_reason = {"eligible": False, "decision": " "}
    refusal = await refused(acting, Role.BIRO_KSD, "assessAccreditation", **of, **no_reason)
    assert refusal == ("REASON_MISSING", ["reason"])
    decided = {"eligible": False, "decision": "Contoh: izin tidak berlaku"}
    await done(acting, Role.BIRO_KSD, "assessAccreditation", "accreditation { status }", **of, **decided)
    assert await status(acting, identifier) == "TIDAK_MEMENUHI"
    assert await applied(acting, body) != identifier


async def test_only_the_bureau_decides_and_only_institutions_apply(acting: Acting) -> None:
    for role in set(Role) - {Role.BIRO_KSD}:
        query = 'mutation { reviewAccreditation(input: {accreditationId: "x"}) { userErrors { code } } }'
        assert "errors" in await acting(role, query), role
    for role in set(Role) - {Role.AGREGATOR, Role.FINTECH}:
        query = "mutation { applyForAccreditation(input: {packageKind: SARPRAS}) { userErrors { code } } }"
        assert "errors" in await acting(role, query), role


async def test_a_donor_finds_no_form_g_in_its_schema(acting: Acting) -> None:
    for name in ("UpdateInstitutionInput", "ApplyForAccreditationInput", "CompleteAccreditationInput"):
        query = f'{{ __type(name: "{name}") {{ name }} }}'
        assert (await acting(Role.KOLABORATOR, query))["data"]["__type"] is None
        assert (await acting(Role.AGREGATOR, query))["data"]["__type"] == {"name": name}


async def test_a_second_application_for_a_package_is_refused_also_at_the_same_time(acting: Acting) -> None:
    body = await a_body(acting)
    given: dict[str, Any] = {"packageKind": "PELATIHAN", "papers": await papers(acting, body, "PELATIHAN")}
    payloads = await asyncio.gather(*(acting.do(body.viewer, "applyForAccreditation", **given) for _ in range(4)))
    codes = sorted(error["code"] for payload in payloads for error in payload["userErrors"])
    assert codes == ["APPLIED_ALREADY"] * 3
    await applied(acting, body, "SARPRAS")


async def test_a_fintech_applies_for_loans_only_and_papers_are_those_that_are_asked_for(acting: Acting) -> None:
    fintech = await a_body(acting, "FINTECH")
    refusal = await refused(acting, fintech.viewer, "applyForAccreditation", packageKind="SARPRAS")
    assert refusal == ("PACKAGE_NOT_OPEN", ["packageKind"])
    for item in ("RENCANA_SARPRAS", "NPWP"):
        given = {"packageKind": "PINJAMAN_MODAL", "papers": [await paper(acting, fintech, item)]}
        refusal = await refused(acting, fintech.viewer, "applyForAccreditation", **given)
        assert refusal == ("ITEM_NOT_ASKED", ["papers", "0", "item"])
    await discussed(acting, fintech, "PINJAMAN_MODAL")


async def test_two_signatures_with_one_number_at_once_give_one_agreement(acting: Acting) -> None:
    identifiers = [await discussed(acting, await a_body(acting)) for _ in range(2)]
    signs = [{"accreditationIds": [i], **await pks(acting, "CONTOH/PKS/SERENTAK")} for i in identifiers]
    payloads = await asyncio.gather(*(acting.do(Role.BIRO_KSD, "signAgreement", **sign) for sign in signs))
    (error,) = [error for payload in payloads for error in payload["userErrors"]]
    assert error["code"] in {"CONFLICT", "AGREEMENT_NUMBER_TAKEN"}
    count = "select count(*) from ksbb.agreement where number = $1"
    assert await acting.tables.fetchval(count, "CONTOH/PKS/SERENTAK") == 1
    states = [await status(acting, i) for i in identifiers]
    assert sorted(states) == ["AKTIF", "PEMBAHASAN_PKS"]
    late = identifiers[states.index("PEMBAHASAN_PKS")]
    taken = await pks(acting, " contoh/pks/serentak ")
    refusal = await refused(acting, Role.BIRO_KSD, "signAgreement", accreditationIds=[late], **taken)
    assert refusal == ("AGREEMENT_NUMBER_TAKEN", ["number"])


@pytest.mark.parametrize("wrong", [{"number": " "}, {"endsOn": "2021-12-31"}, {"startsOn": "2099-01-01"}])
async def test_an_agreement_has_a_number_and_days_in_order(acting: Acting, wrong: dict[str, str]) -> None:
    identifier = await discussed(acting, await a_body(acting))
    given = {**await pks(acting, "CONTOH/PKS/SALAH"), **wrong}
    code, path = await refused(acting, Role.BIRO_KSD, "signAgreement", accreditationIds=[identifier], **given)
    assert code in {"UNUSABLE_AGREEMENT_NUMBER", "DATE_OUT_OF_ORDER"}
    assert path in (["number"], ["endsOn"])


async def test_one_agreement_covers_the_packages_of_one_institution_only(acting: Acting) -> None:
    body, other = await a_body(acting), await a_body(acting)
    own = [await discussed(acting, body, package) for package in ("SARPRAS", "PELATIHAN")]
    mixed = [own[0], await discussed(acting, other)]
    code, _ = await refused(
        acting, Role.BIRO_KSD, "signAgreement", accreditationIds=mixed, **await pks(acting, "CONTOH/PKS/CAMPUR")
    )
    assert code == "ACCREDITATIONS_OF_ONE_INSTITUTION"
    agreement = await pks(acting, "CONTOH/PKS/DUA-PAKET")
    await done(acting, Role.BIRO_KSD, "signAgreement", "agreement { number }", accreditationIds=own, **agreement)
    assert [await status(acting, identifier) for identifier in own] == ["AKTIF", "AKTIF"]


async def test_a_commitment_names_the_agreement_and_a_suspended_institution_takes_no_more(acting: Acting) -> None:
    body, donor = await a_body(acting), await a_donor(acting)
    identifier = await discussed(acting, body)
    early = await refused(acting, body.viewer, "submitPledge", **through(acting, body, donor))
    assert early == ("INSTITUTION_NOT_ACTIVE", ["distributorId"])
    agreement = await pks(acting, "CONTOH/PKS/KOMITMEN")
    sign = {"accreditationIds": [identifier], **agreement}
    await done(acting, Role.BIRO_KSD, "signAgreement", "agreement { id }", **sign)
    shown = "collaboration { id status agreement { number } pledges { nodes { id } } }"
    made = await done(acting, body.viewer, "submitPledge", shown, **through(acting, body, donor))
    assert made["agreement"] == {"number": "CONTOH/PKS/KOMITMEN"}
    large = through(acting, body, donor)
    large["items"][0]["estimatedValue"] = 1_000_000_000
    waiting = await done(acting, body.viewer, "submitPledge", shown, **large)
    of = {"accreditationId": identifier}
    stopped = await done(acting, Role.BIRO_KSD, "suspendAccreditation", "accreditation { stoppedOn }", **of, **WHY)
    assert stopped["stoppedOn"] == str(day_in_jakarta(acting.clock.now()))
    refusal = await refused(acting, body.viewer, "submitPledge", **through(acting, body, donor))
    assert refusal == ("INSTITUTION_NOT_ACTIVE", ["distributorId"])
    confirm = {"collaborationId": waiting["id"]}
    refusal = await refused(acting, Role.BIRO_KSD, "confirmCollaboration", **confirm)
    assert refusal == ("INSTITUTION_NOT_ACTIVE", ["collaborationId"])
    (pledge,) = made["pledges"]["nodes"]
    change = {"pledgeId": pledge["id"], "endsOn": form_a(acting, None, 1)["endsOn"], "estimatedValue": 500_000}
    refusal = await refused(acting, body.viewer, "revisePledge", quantity=2, **change)
    assert refusal == ("INSTITUTION_NOT_ACTIVE", ["pledgeId"])
    await done(acting, body.viewer, "revisePledge", "pledge { version }", quantity=1, **change)
    sign = {"accreditationIds": [identifier], **await pks(acting, "CONTOH/PKS/LAGI")}
    assert await refused(acting, Role.BIRO_KSD, "signAgreement", **sign) == ("NOT_POSSIBLE_NOW", [])
    resumed = await done(acting, Role.BIRO_KSD, "resumeAccreditation", "accreditation { stoppedOn }", **of, **WHY)
    assert resumed["stoppedOn"] is None
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", **confirm)
    await done(acting, Role.BIRO_KSD, "revokeAccreditation", "accreditation { status }", **of, **WHY)
    assert await refused(acting, Role.BIRO_KSD, "resumeAccreditation", **of, **WHY) == ("NOT_POSSIBLE_NOW", [])


async def test_loans_of_a_fintech_that_was_suspended_and_ended_go_on_and_are_reported(acting: Acting) -> None:
    p = await parties(acting, 20)
    loan = await paid_out(acting, p)
    key = acting.city.secrets.internal_key(p.fintech)[1]
    identifier = await acting.tables.fetchval(
        "select public_id from ksbb.accreditation where institution_id = $1 and package_kind = 'PINJAMAN_MODAL'", key
    )
    of = {"accreditationId": identifier}
    restore = "update ksbb.accreditation set status = 'AKTIF', stopped_on = null where public_id = $1"
    try:
        await done(acting, Role.BIRO_KSD, "suspendAccreditation", "accreditation { status }", **of, **WHY)
        other = await parties(acting, 21)
        asked = {"recipientId": other.business, "fintechId": p.fintech, "principal": 6_000_000, "tenorMonths": 4}
        assert (await refused(acting, Role.DINAS, "recommendLoan", **asked))[0] == "INSTITUTION_NOT_ACTIVE"
        given = {"repayment": repayment(acting, loan, 1_000_000, "suspended-1")}
        await done(acting, p.lender, "recordRepayment", "repayment { amount }", **given)
        await done(acting, Role.BIRO_KSD, "revokeAccreditation", "accreditation { status }", **of, **WHY)
        given = {"repayment": repayment(acting, loan, 1_000_000, "revoked-1")}
        await done(acting, p.lender, "recordRepayment", "repayment { amount }", **given)
        await acting.tables.execute(restore.replace("AKTIF", "BERAKHIR"), identifier)
        report = await form_e(acting, p, repayment(acting, loan, 1_000_000, "ended-1"))
        await done(acting, p.lender, "submitPeriodicReport", "periodicReport { total }", **report)
    finally:
        await acting.tables.execute(restore, identifier)


async def test_an_accreditation_ends_with_its_last_agreement_and_not_before(acting: Acting) -> None:
    renewed, ended = await a_body(acting), await a_body(acting)
    first = await signed(acting, renewed, "CONTOH/PKS/DIPERPANJANG", days=10)
    second = await signed(acting, ended, "CONTOH/PKS/BERAKHIR", days=10)
    next_ = {"institutionId": renewed.id, **await pks(acting, "CONTOH/PKS/DIPERPANJANG-2", days=400)}
    await done(acting, Role.BIRO_KSD, "renewAgreement", "agreement { number }", **next_)
    for days, expected in ((10, ["AKTIF", "AKTIF"]), (11, ["AKTIF", "BERAKHIR"])):
        bus = bus_of(acting.city.settings, acting.city.server, FixedClock(acting.clock.now() + dt.timedelta(days=days)))
        await bus.tick()
        await bus.close()
        assert [await status(acting, identifier) for identifier in (first, second)] == expected
    query = "query ($id: ID!) { accreditation(id: $id) { stoppedOn } }"
    found = (await acting(Role.PUBLIK, query, {"id": second}))["data"]["accreditation"]
    assert found == {"stoppedOn": str(day_in_jakarta(acting.clock.now()) + dt.timedelta(days=11))}
    late = {"institutionId": ended.id, **await pks(acting, "CONTOH/PKS/TERLAMBAT")}
    assert (await refused(acting, Role.BIRO_KSD, "renewAgreement", **late))[0] == "NO_AGREEMENT_TO_RENEW"


async def test_what_was_assessed_is_not_changed_afterwards(
    acting: Acting,
) -> None:
    body = await a_body(acting)
    refusal = await refused(acting, body.viewer, "updateInstitution", taxNumber="123")
    assert refusal == ("UNUSABLE_NPWP", ["taxNumber"])
    assert await refused(acting, body.viewer, "updateInstitution", phone=" ") == ("UNUSABLE_ENTRY", ["phone"])
    await signed(acting, body, "CONTOH/PKS/DINILAI")
    refusal = await refused(acting, body.viewer, "updateInstitution", permitNumber="CONTOH-9")
    assert refusal == ("ASSESSED_ALREADY", ["permitNumber"])
    await done(acting, body.viewer, "updateInstitution", "institution { phone }", phone="081200000002")
    query = "query ($id: ID!) { institution(id: $id) { phone account } }"
    found = (await acting(Role.PUBLIK, query, {"id": body.id}))["data"]["institution"]
    assert found == {"phone": "081200000002", "account": "Bank Contoh 1"}

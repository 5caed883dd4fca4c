"""Steps 5 to 7 of Lampiran I, which come before any step of an institution: form G, its assessment, the agreement."""

from __future__ import annotations

import datetime as dt
from typing import Any

from kernel.clock import day_in_jakarta
from models.reference.form_g import required
from models.vocabulary import DocumentKind, InstitutionKind, PackageKind
from policy.viewer import Role
from tests.commands.test_accreditation import Body, a_body, status
from tests.commands.test_loan_journey import done, refused
from tests.journeys_http.annex import Journey
from tests.journeys_http.conftest import OverHttp

STEPS = ("I-05", "I-06", "I-07")


async def accredited(http: OverHttp, journey: Journey, kind: InstitutionKind, package: PackageKind) -> Body:
    """An institution that went through them, with papers that were really sent."""
    with journey.step(
        "I-05",
        "Would-be fund managers and fintechs apply to the collaboration division, with what is required of them.",
    ):
        body = await a_body(http, kind.value)
        asked = [each for each in required(kind, package) if each.document_kind is not None]
        papers = [await _paper(http, body, each.item.value, each.document_kind) for each in asked]
        given = {"packageKind": package.value, "papers": papers[1:]}
        payload = await http.do(body.viewer, "applyForAccreditation", "missing accreditation { id }", **given)
        assert payload["missing"] == [asked[0].item.value]
        of = {"accreditationId": payload["accreditation"]["id"]}
    with journey.step("I-06", "The application is assessed; whoever is eligible goes on to the agreement."):
        shown = "accreditation { status }"
        assert (await refused(http, Role.BIRO_KSD, "reviewAccreditation", **of))[0] == "FILE_INCOMPLETE"
        await done(http, Role.BIRO_KSD, "returnAccreditation", shown, **of)
        await done(http, body.viewer, "completeAccreditation", shown, **of, papers=papers[:1])
        await done(http, Role.BIRO_KSD, "reviewAccreditation", shown, **of)
        assert (await http.fetched(Role.BIRO_KSD, papers[0]["documentId"])).status_code == 200
        for stranger in (Role.AGREGATOR, Role.FINTECH, Role.PUBLIK):
            assert (await http.fetched(stranger, papers[0]["documentId"])).status_code == 404
        decided = {"eligible": True, "decision": "Contoh: memenuhi"}
        assessed = await done(http, Role.BIRO_KSD, "assessAccreditation", shown, **of, **decided)
        assert assessed["status"] == "PEMBAHASAN_PKS"
    with journey.step("I-07", "The cooperation agreement with DKI is discussed and signed."):
        await _signed(http, of["accreditationId"], f"CONTOH/PKS/{package.value}")
    return body


async def _paper(http: OverHttp, body: Body, item: str, kind: DocumentKind | None) -> dict[str, Any]:
    assert kind is not None
    return {"item": item, "documentId": await http.sent(body.viewer, kind)}


async def _signed(http: OverHttp, accreditation: str, number: str) -> None:
    today = day_in_jakarta(http.clock.now())
    agreement = {
        "accreditationIds": [accreditation],
        "number": number,
        "startsOn": today.isoformat(),
        "endsOn": (today + dt.timedelta(365)).isoformat(),
    }
    assert (await refused(http, Role.BIRO_KSD, "signAgreement", **agreement, documentIds=[]))[0] == "EVIDENCE_MISSING"
    file = await http.sent(Role.BIRO_KSD, DocumentKind.PKS)
    await done(http, Role.BIRO_KSD, "signAgreement", "agreement { number }", **agreement, documentIds=[file])
    assert await status(http, accreditation) == "AKTIF"

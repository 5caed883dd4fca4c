"""PINJAMAN_MODAL: a loan from the recommendation to the last report, through HTTP, in the order of Lampiran I."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from commands.periodic_report import FORM_E
from commands.reconcile import RECONCILIATION
from kernel.clock import day_in_jakarta
from models.ledger import Account
from models.vocabulary import DocumentKind, InstitutionKind, PackageKind
from policy.viewer import Role, Viewer
from tests.books import books
from tests.commands.test_loan_journey import (
    FEES,
    PRINCIPAL,
    Parties,
    done,
    form_b,
    form_d,
    parties,
    refused,
    repayment,
    signature,
)
from tests.edge.test_evidence import PAGE
from tests.journeys_http import accrediting
from tests.journeys_http.accrediting import accredited
from tests.journeys_http.annex import Journey, numbered
from tests.journeys_http.conftest import OverHttp

ROUTE = (
    *accrediting.STEPS,
    *("I-19", "I-20", "I-21", "II-L4", "II-L5", "II-L6", "I-22", "I-23", "I-24", "II-L9"),
    *("I-25", "I-26", "I-27"),
)


def test_the_route_holds_every_step_of_the_loans() -> None:
    assert numbered("I-", 19, 27) <= set(ROUTE)


async def loan_seen(http: OverHttp, who: Role | Viewer, loan: str) -> Any:
    """The status of the loan as somebody sees it; None when it is not theirs to see."""
    found = (await http(who, "query ($id: ID!) { loan(id: $id) { status } }", {"id": loan}))["data"]["loan"]
    return found and found["status"]


async def recommended(http: OverHttp, p: Parties) -> str:
    """A loan that was proposed to the fintech."""
    given = {"recipientId": p.business, "fintechId": p.fintech, "principal": PRINCIPAL, "tenorMonths": 4}
    identifier: str = (await done(http, Role.DINAS, "recommendLoan", "loan { id }", **given))["id"]
    return identifier


async def test_a_loan_travels_the_steps_of_lampiran_i(http: OverHttp) -> None:
    journey = Journey(ROUTE)
    fintech = await accredited(http, journey, InstitutionKind.FINTECH, PackageKind.PINJAMAN_MODAL)
    p, q = [replace(await parties(http, skip), fintech=fintech.id, lender=fintech.viewer) for skip in (0, 1)]
    day = day_in_jakarta(http.clock.now()).isoformat()
    with journey.step(
        "I-19",
        "The list of candidate borrowers is drawn from the platform and the prospecting team gives its recommendation.",
    ):
        drawn = "query ($id: ID!) { recipient(id: $id) { status verifiedOn } }"
        assert (await http(Role.DINAS, drawn, {"id": p.business}))["data"]["recipient"]["verifiedOn"]
        loan, other = await recommended(http, p), await recommended(http, q)
        assert await loan_seen(http, p.lender, loan) is None, "a fintech sees nobody who did not consent"
    with journey.step(
        "I-20", "Credit is decided and candidates are screened further, under each institution's own policy."
    ):
        for one, who in ((loan, p), (other, q)):
            await done(http, who.owner, "consentToScreening", "loan { consentedOn }", loanId=one)
            await done(http, who.lender, "screenLoan", "loan { status }", loanId=one)
        why = {"loanId": other, "reason": "KEBIJAKAN_LEMBAGA"}
        assert (await done(http, q.lender, "screenOutLoan", "loan { status }", **why))["status"] == "TIDAK_LOLOS"
    with journey.step("I-21", "Businesses that pass appear on the fintech's platform."):
        assert (await done(http, p.lender, "offerLoan", "loan { status }", loanId=loan))["status"] == "DITAWARKAN"
        assert await loan_seen(http, p.owner, loan) == "DITAWARKAN"
    with journey.step("II-L4", "The recipients of the loans are chosen."):
        form = await form_b(http, p, loan)
    with journey.step(
        "II-L5",
        "The fintech helps to fill in the confirmation form: amount, fees, insurance, schedule of the "
        "act, draft e-contract.",
    ):
        bare = await refused(http, p.lender, "submitLoanPledge", **{**form, "documentIds": []})
        assert bare == ("EVIDENCE_MISSING", ["documentIds"])
        made = await done(http, p.lender, "submitLoanPledge", "collaboration { id status number }", **form)
        assert (made["status"], made["number"]) == ("DIAJUKAN", None)
    with journey.step("II-L6", "Collaboration ID and contact are received."):
        given = {"collaborationId": made["id"]}
        confirmed = await done(http, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", **given)
        assert confirmed["number"].startswith("KSBB-UMK-")
    await _the_money_goes_out(http, journey, p, loan, day)
    await _and_comes_back(http, journey, p, loan, day)
    await _reports_differ(http, journey, q, day)
    journey.arrive()


async def _the_money_goes_out(http: OverHttp, journey: Journey, p: Parties, loan: str, day: str) -> None:
    with journey.step("I-22", "E-contracts are signed, the donor's first, and the loan is transferred."):
        donor, owner = [await signature(http, p, loan, party) for party in ("DONATUR", "UMKM")]
        assert (await refused(http, p.lender, "signEContract", **owner))[0] == "DONOR_SIGNS_FIRST"
        bare = await refused(http, p.lender, "signEContract", **{**donor, "documentIds": []}, sha256="5e" * 32)
        assert bare == ("EVIDENCE_MISSING", ["documentIds"])
        await done(http, p.lender, "signEContract", "loan { status }", **donor)
        signed = await done(http, p.lender, "signEContract", "loan { status }", **owner)
        assert signed["status"] == "TERKONTRAK"
    with journey.step("I-23", "The fintech reports the proof of disbursement."):
        invoice, contract = [
            await http.sent(p.lender, kind) for kind in (DocumentKind.INVOICE_PENCAIRAN, DocumentKind.ECONTRACT_UMKM)
        ]
        form = {"loanId": loan, "amount": PRINCIPAL - sum(FEES), "disbursedOn": day, "invoice": "CONTOH/1"}
        for few in ([invoice], []):
            alone = await refused(http, p.lender, "disburseLoan", **form, documentIds=few)
            assert alone == ("EVIDENCE_MISSING", ["documentIds"])
        form["documentIds"] = [invoice, contract]
        assert (await done(http, p.lender, "disburseLoan", "loan { status }", **form))["status"] == "CAIR"
    with journey.step(
        "I-24",
        "The officer checks with the owner, reports on or validates the proof, and accompanies the "
        "business while the loan runs.",
    ):
        proof = await http.fetched(p.officer, invoice)
        assert (proof.status_code, proof.content) == (200, PAGE)
        assert (await http.fetched(Role.FINTECH, invoice)).status_code == 404, "it is of another fintech"
        given = {"loanId": loan, "accepted": True}
        running = await done(http, p.officer, "validateDisbursement", "loan { status }", **given)
        assert running["status"] == "BERJALAN"
    journey.outside("II-L9", "the map is drawn from the next release of the open data")


async def _and_comes_back(http: OverHttp, journey: Journey, p: Parties, loan: str, day: str) -> None:
    with journey.step(
        "I-25",
        "The fintech reports repayments online at regular intervals, with the mentoring done and any "
        "trouble or default.",
    ):
        trouble = {"loanId": loan, "reason": "Contoh: usaha sepi", "action": "Contoh: pendampingan"}
        said = await http.sent(p.lender, DocumentKind.LAPORAN_KENDALA)
        await done(http, p.lender, "reportLoanProblem", "loan { status }", **trouble, documentIds=[said])
        assert (await http.fetched(p.officer, said)).status_code == 200
        rows = [repayment(http, loan, amount, f"http-{amount}") for amount in (1_500_000, 4_500_000)]
        filed = [await http.sent(p.lender, kind) for (kind,) in FORM_E]
        report = {"period": day[:4] + day[5:7], "rows": rows, "total": PRINCIPAL, "documentIds": filed}
        bare = await refused(http, p.lender, "submitPeriodicReport", **{**report, "documentIds": filed[:1]})
        assert bare == ("EVIDENCE_MISSING", ["documentIds"])
        for _ in range(2):
            await done(
                http, p.lender, "submitPeriodicReport", "periodicReport { rows }", **report, idempotencyKey="k" * 20
            )
        assert await loan_seen(http, p.owner, loan) == "LUNAS"
    with journey.step(
        "I-26", "Once a loan is fully repaid, the fintech hands the donated money to the fund manager and reports it."
    ):
        proof = await http.sent(p.lender, DocumentKind.BUKTI_SERAH_DANA)
        form = {"fundManagerId": p.manager, "loanIds": [loan], "sentOn": day}
        bare = await refused(http, p.lender, "sendHandover", **form, proofSha256="5e" * 32)
        assert bare == ("EVIDENCE_MISSING", ["documentIds"])
        sent = await done(http, p.lender, "sendHandover", "handover { id amount }", **form, documentIds=[proof])
        received = {"handoverId": sent["id"], "amount": PRINCIPAL, "receivedOn": day}
        await done(http, p.receiver, "confirmHandover", "handover { status }", **received)
        assert await loan_seen(http, p.lender, loan) == "DISERAHKAN"
        aid = {"handoverId": sent["id"], "givenOn": day, "programme": "PANGAN", "description": "Contoh sembako"}
        await done(http, p.receiver, "recordOnwardAid", "onwardAid { amount }", amount=PRINCIPAL, **aid)
        assert await books(http, loan) == {
            Account.DONATUR: -PRINCIPAL,
            Account.KAS_FINTECH: sum(FEES),
            Account.BIAYA: -sum(FEES),
            Account.PENYALURAN_ULANG: PRINCIPAL,
        }


async def _reports_differ(http: OverHttp, journey: Journey, q: Parties, day: str) -> None:
    with journey.step(
        "I-27", "The programme is monitored and evaluated; those who reported are told where reports differ."
    ):
        loan = await recommended(http, q)
        await done(http, q.owner, "consentToScreening", "loan { id }", loanId=loan)
        for mutation in ("screenLoan", "offerLoan"):
            await done(http, q.lender, mutation, "loan { status }", loanId=loan)
        made = await done(http, q.lender, "submitLoanPledge", "collaboration { id }", **await form_b(http, q, loan))
        await done(http, Role.BIRO_KSD, "confirmCollaboration", "collaboration { id }", collaborationId=made["id"])
        for party in ("DONATUR", "UMKM"):
            await done(http, q.lender, "signEContract", "loan { status }", **await signature(http, q, loan, party))
        await done(http, q.lender, "disburseLoan", "loan { status }", **await form_d(http, q, loan))
        differs = {"loanId": loan, "accepted": False, "receivedAmount": 5_000_000, "note": "Contoh"}
        await done(http, q.officer, "validateDisbursement", "loan { status }", **differs)
        await _explained(http, q, loan)
        await _evaluated(http, q)


async def _explained(http: OverHttp, q: Parties, loan: str) -> None:
    """The discrepancy that the officer's report opened is told by reconciliation, explained and accepted."""
    key = http.city.secrets.internal_key(loan)[1]
    opened = await http.tables.fetchval("select public_id from ksbb.discrepancy where loan_id = $1", key)
    given, shown = {"discrepancyId": opened}, "discrepancy { status }"
    await http.bus.tick(RECONCILIATION)
    told = await http(q.lender, "query ($id: ID!) { discrepancy(id: $id) { status } }", {"id": opened})
    assert told["data"]["discrepancy"] == {"status": "DIBERITAHUKAN"}
    said = {"explanation": "Contoh: biaya transfer dipotong bank"}
    stranger = Viewer(Role.AGREGATOR, "stranger", institution_id=q.receiver.institution_id)
    assert (await refused(http, stranger, "explainDiscrepancy", **given, **said))[0] == "NOT_FOUND"
    assert (await done(http, q.lender, "explainDiscrepancy", shown, **given, **said))["status"] == "DIJELASKAN"
    assert (await done(http, Role.INSPEKTORAT, "settleDiscrepancy", shown, **given))["status"] == "DITERIMA"


async def _evaluated(http: OverHttp, q: Parties) -> None:
    """The fintech's audited report of last year, and the indicators of the day."""
    year = day_in_jakarta(http.clock.now()).year - 1
    report = await http.sent(q.lender, DocumentKind.LAPORAN_AUDIT)
    given = {"year": year, "auditor": "KAP Contoh", "documentIds": [report]}
    assert (await done(http, q.lender, "submitAuditReport", "auditReport { version }", **given))["version"] == 1
    assert (await http.fetched(Role.INSPEKTORAT, report)).content == PAGE
    measured = await http.do(Role.BIRO_KSD, "measureIndicators", "indicators { name figures { part number percent } }")
    assert len(measured["indicators"]) > 10

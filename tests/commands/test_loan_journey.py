"""A loan from the recommendation to the aid that its repaid money became, through GraphQL, as each role in turn."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

import pytest

from commands.periodic_report import FORM_E
from kernel.clock import day_in_jakarta
from models.ledger import Account
from models.vocabulary import DocumentKind
from policy.viewer import Role, Viewer
from tests.acting import Acting
from tests.books import books
from tests.uploading import an_upload

PRINCIPAL, FEES = 6_000_000, (50_000, 100_000, 25_000)


@dataclass(frozen=True)
class Parties:
    """Whom a new loan concerns; identifiers are public ones, `owner` and `officer` are viewers."""

    business: str
    owner: Viewer
    officer: Viewer
    fintech: str
    lender: Viewer
    manager: str
    receiver: Viewer
    donor: str
    region: str


async def parties(acting: Acting, skip: int) -> Parties:
    """A verified business without any loan, and institutions whose accreditation and agreement are in force."""
    find = acting.tables.fetchrow
    business = await find(
        "select b.* from ksbb.business b where b.verified_on is not null and b.status = 'AKTIF' and not exists"
        " (select from ksbb.loan l where l.owner_id = b.owner_id) order by b.id offset $1 limit 1",
        skip,
    )
    active = (
        "select i.* from ksbb.institution i join ksbb.accreditation a on a.institution_id = i.id"
        " join ksbb.agreement g on g.institution_id = i.id where i.kind = $1 and a.package_kind = any ($3)"
        " and a.status = 'AKTIF' and g.ends_on >= $2 order by i.id limit 1"
    )
    today = day_in_jakarta(acting.clock.now())
    fintech = await find(active, "FINTECH", today, ["PINJAMAN_MODAL"])
    manager = await find(active, "AGREGATOR", today, ["SARPRAS", "PELATIHAN"])
    donor = await find("select public_id from ksbb.collaborator order by id limit 1")
    assert business
    assert fintech
    assert manager
    assert donor
    officer = acting.city.viewer(Role.PENDAMPING)
    return Parties(
        business["public_id"],
        Viewer(Role.UMKM, "owner", person_id=str(business["owner_id"])),
        Viewer(Role.PENDAMPING, "officer", area=business["region_code"][:8], person_id=officer.person_id),
        fintech["public_id"],
        Viewer(Role.FINTECH, "lender", institution_id=str(fintech["id"])),
        manager["public_id"],
        Viewer(Role.AGREGATOR, "receiver", institution_id=str(manager["id"])),
        donor["public_id"],
        business["region_code"],
    )


async def done(acting: Acting, who: Role | Viewer, mutation: str, selection: str, **given: Any) -> Any:
    """What a mutation shows that must be carried out."""
    payload = await acting.do(who, mutation, selection, **given)
    assert payload["userErrors"] == [], (mutation, payload)
    return next(value for key, value in payload.items() if key != "userErrors")


async def refused(acting: Acting, who: Role | Viewer, mutation: str, **given: Any) -> tuple[str, list[str]]:
    """Code and path of what refuses a mutation."""
    (error,) = (await acting.do(who, mutation, **given))["userErrors"]
    return error["code"], error["path"]


async def proposed(acting: Acting, p: Parties) -> str:
    """A loan on the fintech's platform."""
    loan = await done(
        acting,
        Role.DINAS,
        "recommendLoan",
        "loan { id }",
        recipientId=p.business,
        fintechId=p.fintech,
        principal=PRINCIPAL,
        tenorMonths=4,
    )
    assert await refused(acting, p.lender, "screenLoan", loanId=loan["id"]) == ("NOT_FOUND", ["loanId"])
    await done(acting, p.owner, "consentToScreening", "loan { consentedOn }", loanId=loan["id"])
    await done(acting, p.lender, "screenLoan", "loan { status }", loanId=loan["id"])
    assert (await done(acting, p.lender, "offerLoan", "loan { status }", loanId=loan["id"]))["status"] == "DITAWARKAN"
    identifier: str = loan["id"]
    return identifier


async def form_b(acting: Acting, p: Parties, *loans: str) -> dict[str, Any]:
    """Form B for some loans, with its evidence."""
    today = day_in_jakarta(acting.clock.now())
    admin, origination, insurance = FEES
    return {
        "collaboratorId": p.donor,
        "loanIds": list(loans),
        "title": "Contoh pinjaman",
        "regionCode": p.region[:5],
        "adminFee": admin,
        "originationFee": origination,
        "insurancePremium": insurance,
        "startsOn": today.isoformat(),
        "endsOn": (today + dt.timedelta(30)).isoformat(),
        "documentIds": [await an_upload(acting, p.lender, DocumentKind.DRAF_ECONTRACT)],
    }


async def signature(acting: Acting, p: Parties, loan: str, party: str, **changes: Any) -> dict[str, Any]:
    """An e-contract signed now, with its file."""
    signed = await an_upload(acting, p.lender, DocumentKind[f"ECONTRACT_{party}"])
    now = acting.clock.now().isoformat()
    return {"loanId": loan, "party": party, "signedAt": now, "documentIds": [signed], **changes}


async def form_d(acting: Acting, p: Parties, loan: str, **changes: Any) -> dict[str, Any]:
    """Form D for a loan, with its evidence."""
    kinds = (DocumentKind.INVOICE_PENCAIRAN, DocumentKind.ECONTRACT_UMKM)
    return {
        "loanId": loan,
        "amount": PRINCIPAL - sum(FEES),
        "disbursedOn": day_in_jakarta(acting.clock.now()).isoformat(),
        "invoice": "CONTOH/1",
        "documentIds": [await an_upload(acting, p.lender, kind) for kind in kinds],
        **changes,
    }


async def form_e(acting: Acting, p: Parties, *rows: dict[str, Any]) -> dict[str, Any]:
    """Form E for some repayments, with its evidence."""
    filed = [await an_upload(acting, p.lender, kind) for (kind,) in FORM_E]
    return {"period": "202202", "rows": list(rows), "total": sum(r["amount"] for r in rows), "documentIds": filed}


async def form_f(acting: Acting, p: Parties, loan: str) -> dict[str, Any]:
    """Form F for a loan, with its evidence."""
    proof = await an_upload(acting, p.lender, DocumentKind.BUKTI_SERAH_DANA)
    day = day_in_jakarta(acting.clock.now()).isoformat()
    return {"fundManagerId": p.manager, "loanIds": [loan], "sentOn": day, "documentIds": [proof]}


async def disbursed(acting: Acting, p: Parties) -> str:
    """A loan that was disbursed."""
    loan = await proposed(acting, p)
    form = await form_b(acting, p, loan)
    made = await done(acting, p.lender, "submitLoanPledge", "collaboration { id status }", **form)
    donor, owner = [await signature(acting, p, loan, party) for party in ("DONATUR", "UMKM")]
    confirmed = await done(
        acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number status }", collaborationId=made["id"]
    )
    assert confirmed["status"] == "DIKONFIRMASI"
    assert confirmed["number"].startswith("KSBB-UMK-")
    assert await refused(acting, p.lender, "signEContract", **owner) == ("DONOR_SIGNS_FIRST", ["signedAt"])
    for sign in (donor, owner):
        await done(acting, p.lender, "signEContract", "loan { status }", **sign)
    form = await form_d(acting, p, loan)
    code, path = await refused(acting, p.lender, "disburseLoan", **{**form, "amount": PRINCIPAL})
    assert (code, path) == ("AMOUNT_NOT_AS_DECLARED", ["amount"])
    bare = await refused(acting, p.lender, "disburseLoan", **{**form, "documentIds": []})
    assert bare == ("EVIDENCE_MISSING", ["documentIds"])
    await done(acting, p.lender, "disburseLoan", "loan { status }", **form)
    return loan


async def paid_out(acting: Acting, p: Parties) -> str:
    """A loan that was disbursed and validated."""
    loan = await disbursed(acting, p)
    shown = "loan { status instalments { nodes { number principal dueOn } } }"
    running = await done(acting, p.officer, "validateDisbursement", shown, loanId=loan, accepted=True)
    assert running["status"] == "BERJALAN"
    assert [i["principal"] for i in running["instalments"]["nodes"]] == [1_500_000] * 4
    return loan


def repayment(acting: Acting, loan: str, amount: int, key: str) -> dict[str, Any]:
    """One row of form E."""
    day = day_in_jakarta(acting.clock.now()).isoformat()
    return {"loanId": loan, "amount": amount, "paidOn": day, "invoice": f"CONTOH/{key}", "reportKey": key}


async def test_a_loan_does_not_show_among_those_who_received_something(acting: Acting) -> None:
    received = "select array_agg(id order by id) from ksbb.business where has_received"
    before = await acting.tables.fetchval(received)
    await paid_out(acting, await parties(acting, 0))
    assert await acting.tables.fetchval(received) == before


async def test_a_loan_goes_from_the_recommendation_to_the_aid_that_it_became(acting: Acting) -> None:
    p = await parties(acting, 0)
    loan = await paid_out(acting, p)
    acting.clock.move(dt.timedelta(days=31))
    shown = 'repayment { amount loan { status measures(asOf: "2099-01-01") { outstanding } } }'
    first = await done(
        acting, p.lender, "recordRepayment", shown, repayment=repayment(acting, loan, 1_500_000, "journey-1")
    )
    assert first["loan"]["measures"]["outstanding"] == 4_500_000
    again = await done(
        acting, p.lender, "recordRepayment", shown, repayment=repayment(acting, loan, 1_500_000, "journey-1")
    )
    assert again["loan"]["measures"]["outstanding"] == 4_500_000
    code, path = await refused(
        acting, p.lender, "recordRepayment", repayment=repayment(acting, loan, 4_500_001, "journey-2")
    )
    assert (code, path) == ("REPAYMENT_EXCEEDS_BALANCE", ["repayment", "amount"])
    rows = [repayment(acting, loan, amount, f"journey-{amount}") for amount in (1_500_000, 3_000_000)]
    report = await form_e(acting, p, *rows)
    await done(acting, p.lender, "submitPeriodicReport", "periodicReport { rows total }", **report)
    day = day_in_jakarta(acting.clock.now()).isoformat()
    sent = await form_f(acting, p, loan)
    handover = await done(acting, p.lender, "sendHandover", "handover { id amount status }", **sent)
    assert (handover["amount"], handover["status"]) == (PRINCIPAL, "DIKIRIM")
    assert (await refused(acting, p.lender, "sendHandover", **sent))[0] == "LOANS_NOT_REPAID"
    received = {"handoverId": handover["id"], "receivedOn": day}
    assert (await refused(acting, p.receiver, "confirmHandover", amount=1, **received))[0] == "ANOTHER_AMOUNT"
    await done(acting, p.receiver, "confirmHandover", "handover { status }", amount=PRINCIPAL, **received)
    aid = {"handoverId": handover["id"], "givenOn": day, "programme": "PANGAN", "description": "Contoh sembako"}
    await done(acting, p.receiver, "recordOnwardAid", "onwardAid { amount }", amount=PRINCIPAL - 1, **aid)
    code, path = await refused(acting, p.receiver, "recordOnwardAid", amount=2, **aid)
    assert (code, path) == ("MORE_THAN_RECEIVED", ["amount"])
    query = "query ($id: ID!) { loan(id: $id) { status repaidOn } }"
    assert (await acting(p.lender, query, {"id": loan}))["data"]["loan"] == {"status": "DISERAHKAN", "repaidOn": day}
    assert await books(acting, loan) == {
        Account.DONATUR: -PRINCIPAL,
        Account.KAS_FINTECH: sum(FEES),
        Account.BIAYA: -sum(FEES),
        Account.KAS_AGREGATOR: 1,
        Account.PENYALURAN_ULANG: PRINCIPAL - 1,
    }


async def test_one_owner_has_one_loan_at_a_time_whoever_proposes(acting: Acting) -> None:
    p = await parties(acting, 5)
    await proposed(acting, p)
    again = {"recipientId": p.business, "fintechId": p.fintech, "principal": PRINCIPAL, "tenorMonths": 4}
    assert await refused(acting, Role.DINAS, "recommendLoan", **again) == ("OWNER_HAS_A_LOAN", ["recipientId"])


@pytest.mark.parametrize("principal", [4_999_999, 10_000_001])
async def test_a_loan_outside_the_rule_is_refused(acting: Acting, principal: int) -> None:
    p = await parties(acting, 6)
    given = {"recipientId": p.business, "fintechId": p.fintech, "principal": principal, "tenorMonths": 4}
    assert (await refused(acting, Role.DINAS, "recommendLoan", **given))[0] == "AMOUNT_OUT_OF_RANGE"


async def test_a_refused_proof_opens_a_discrepancy_and_undoes_no_money(acting: Acting) -> None:
    p = await parties(acting, 7)
    loan = await proposed(acting, p)
    made = await done(acting, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(acting, p, loan))
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", collaborationId=made["id"])
    for party in ("DONATUR", "UMKM"):
        await done(acting, p.lender, "signEContract", "loan { status }", **await signature(acting, p, loan, party))
    day = day_in_jakarta(acting.clock.now()).isoformat()
    await done(acting, p.lender, "disburseLoan", "loan { status }", **await form_d(acting, p, loan))
    found = await done(
        acting,
        p.officer,
        "validateDisbursement",
        "loan { status }",
        loanId=loan,
        accepted=False,
        receivedAmount=5_000_000,
    )
    assert found["status"] == "CAIR"
    key = acting.city.secrets.internal_key(loan)[1]
    opened = await acting.tables.fetchrow("select value_a, value_b from ksbb.discrepancy where loan_id = $1", key)
    assert opened is not None
    assert tuple(opened) == (PRINCIPAL - sum(FEES), 5_000_000)
    bounced = {"loanId": loan, "returnedOn": day, "invoice": "CONTOH/3", "reason": "Contoh: rekening tutup"}
    cancelled = await done(acting, p.lender, "reportBouncedTransfer", "loan { status }", **bounced)
    assert cancelled["status"] == "BATAL"
    total = "select sum(amount)::bigint from ksbb.disbursement where loan_id = $1"
    assert await acting.tables.fetchval(total, key) == 0
    assert await books(acting, loan) == {}


async def test_trouble_has_its_way_from_default_over_a_new_schedule_to_the_end(acting: Acting) -> None:
    p = await parties(acting, 8)
    loan = await paid_out(acting, p)
    said = {"loanId": loan, "reason": "Contoh: usaha sepi"}
    await done(acting, p.lender, "reportLoanProblem", "loan { status }", **said)
    await done(acting, p.lender, "declareDefault", "loan { status }", **said)
    shown = "loan { status everDefaulted instalments(filter: {schedule: {eq: 2}}) { nodes { principal } } }"
    new = await done(acting, p.lender, "restructureLoan", shown, tenorMonths=3, **said)
    assert new["everDefaulted"]
    assert [i["principal"] for i in new["instalments"]["nodes"]] == [2_000_000] * 3
    paid = repayment(acting, loan, 2_000_000, "trouble-1")
    first = await done(acting, p.lender, "recordRepayment", "repayment { id loan { status } }", repayment=paid)
    assert first["loan"]["status"] == "BERJALAN"
    wrong = {"repaymentId": first["id"], "reason": "Contoh: salah pinjaman"}
    await done(acting, p.lender, "reverseRepayment", "repayment { amount }", **wrong)
    assert (await refused(acting, p.lender, "reverseRepayment", **wrong))[0] == "REVERSED_ALREADY"
    await done(acting, p.lender, "declareDefault", "loan { status }", **said)
    assert (await refused(acting, Role.BIRO_KSD, "writeOffLoan", **said))[0] == "WRITE_OFF_NOT_PROPOSED"
    await done(acting, p.lender, "proposeWriteOff", "loan { status }", **said)
    assert (await done(acting, Role.BIRO_KSD, "writeOffLoan", "loan { status }", **said))["status"] == "HAPUS"
    assert (await books(acting, loan))[Account.PENGHAPUSAN] == PRINCIPAL


@pytest.mark.parametrize("signed", ["0001-01-01T00:00:00Z", "2021-12-31T09:00:00+07:00", "9999-12-31T23:59:59.999999Z"])
async def test_nobody_signs_before_the_loan_was_proposed_or_after_today(acting: Acting, signed: str) -> None:
    p = await parties(acting, 9)
    loan = await proposed(acting, p)
    made = await done(acting, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(acting, p, loan))
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", collaborationId=made["id"])
    sign = await signature(acting, p, loan, "DONATUR", signedAt=signed)
    assert await refused(acting, p.lender, "signEContract", **sign) == ("DATE_OUT_OF_ORDER", ["signedAt"])
    await done(acting, p.lender, "cancelLoan", "loan { status }", loanId=loan, reason="Contoh")


async def test_no_contract_is_signed_before_the_number_or_under_a_cancelled_collaboration(
    acting: Acting,
) -> None:
    p = await parties(acting, 10)
    loan = await proposed(acting, p)
    sign = await signature(acting, p, loan, "DONATUR")
    made = await done(acting, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(acting, p, loan))
    assert (await refused(acting, p.lender, "signEContract", **sign))[0] == "NOT_FUNDED_YET"
    given = {"collaborationId": made["id"]}
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", **given)
    why = {"reason": "Contoh: donatur mundur"}
    await done(acting, Role.BIRO_KSD, "cancelCollaboration", "collaboration { status }", **given, **why)
    assert (await refused(acting, p.lender, "signEContract", **sign))[0] == "NOT_FUNDED_YET"
    again = await done(acting, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(acting, p, loan))
    given = {"collaborationId": again["id"]}
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", **given)
    await done(acting, p.lender, "signEContract", "loan { status }", **sign)
    assert (await refused(acting, Role.BIRO_KSD, "cancelCollaboration", **given, **why))[0] == "LOANS_UNDER_CONTRACT"
    await done(acting, p.lender, "cancelLoan", "loan { status }", loanId=loan, **why)
    await done(acting, Role.BIRO_KSD, "cancelCollaboration", "collaboration { status }", **given, **why)


async def test_a_transfer_that_was_repaid_in_part_did_not_come_back(acting: Acting) -> None:
    p = await parties(acting, 11)
    loan = await disbursed(acting, p)
    paid = repayment(acting, loan, 1_000_000, "bounced-1")
    first = await done(acting, p.lender, "recordRepayment", "repayment { id }", repayment=paid)
    day = day_in_jakarta(acting.clock.now()).isoformat()
    bounced = {"loanId": loan, "returnedOn": day, "invoice": "CONTOH/4", "reason": "Contoh: rekening tutup"}
    assert (await refused(acting, p.lender, "reportBouncedTransfer", **bounced))[0] == "REPAID_ALREADY"
    wrong = {"repaymentId": first["id"], "reason": "Contoh: salah pinjaman"}
    await done(acting, p.lender, "reverseRepayment", "repayment { amount }", **wrong)
    await done(acting, p.lender, "reportBouncedTransfer", "loan { status }", **bounced)
    assert await books(acting, loan) == {}

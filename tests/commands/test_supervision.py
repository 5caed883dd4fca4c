"""Supervision: complaints that are tracked, late or taken over, findings, and amounts outside the rule."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from typing import Any

import pytest

from kernel.clock import FixedClock, day_in_jakarta
from policy.viewer import Role, Viewer
from server import bus_of
from tests.acting import Acting
from tests.commands.test_complaint import filed
from tests.commands.test_loan_journey import done, paid_out, parties, proposed, refused

CANARY = "Kenari rahasia"
TRACKED = "tracked { __typename category status agency receivedAt dueAt closedAt followUps { status takenAt } }"


async def tracked(acting: Acting, who: Role, code: str) -> Any:
    """What the code shows."""
    return await done(acting, who, "trackComplaint", TRACKED, trackingCode=code)


async def told(acting: Acting, kind: str, key: Any) -> list[dict[str, Any]]:
    """The events of a type about a subject."""
    query = "select payload, region_code, institutions from ksbb.event where type = $1 and subject_id = $2"
    return [dict(row) for row in await acting.tables.fetch(query, kind, key)]


async def canary_complaint(acting: Acting) -> tuple[str, str]:
    """A complaint all of whose words are canaries."""
    area = acting.city.cast.kelurahan
    form = {"category": "PUNGUTAN", "text": CANARY, "reporterName": CANARY, "reporterContact": CANARY}
    code = await done(acting, Role.PUBLIK, "fileComplaint", "trackingCode", regionCode=area, **form)
    query = "select public_id from ksbb.complaint where text = $1 order by received_at desc, id desc limit 1"
    return code, await acting.tables.fetchval(query, CANARY)


async def test_whoever_has_the_code_sees_the_way_of_a_complaint_and_never_a_word_of_it(acting: Acting) -> None:
    code, complaint = await canary_complaint(acting)
    await done(acting, Role.WILAYAH, "verifyComplaint", "complaint { id }", complaintId=complaint, note=CANARY)
    await done(
        acting,
        Role.DINAS,
        "forwardComplaint",
        "complaint { id }",
        complaintId=complaint,
        agency="KELURAHAN",
        note=CANARY,
    )
    for who in (Role.PUBLIK, Role.UMKM, Role.FINTECH):
        shown = await tracked(acting, who, f" {code.lower()} ")
        assert shown["__typename"] == "TrackedComplaint"
        assert (shown["status"], shown["agency"], shown["category"]) == ("DITERUSKAN", "KELURAHAN", "PUNGUTAN")
        assert [step["status"] for step in shown["followUps"]] == ["DIVERIFIKASI", "DITERUSKAN"]
        assert dt.datetime.fromisoformat(shown["dueAt"]) == acting.clock.now() + dt.timedelta(days=7)
        assert CANARY not in json.dumps(shown)
    payloads = json.dumps([dict(row) for row in await acting.tables.fetch("select payload::text from ksbb.event")])
    assert CANARY not in payloads


@pytest.mark.parametrize("code", ["", "x", "0" * 16, "'; drop", "Z" * 4_000])
async def test_a_code_of_no_complaint_is_told_like_any_other(acting: Acting, code: str) -> None:
    payload = await acting.do(Role.PUBLIK, "trackComplaint", TRACKED, trackingCode=code)
    (error,) = payload["userErrors"]
    assert (error["code"], error["path"], payload["tracked"]) == ("NO_SUCH_TRACKING_CODE", ["trackingCode"], None)
    assert code == "" or code not in error["message"]


async def test_a_late_complaint_stands_in_the_queue_and_is_announced_once_for_each_clock(acting: Acting) -> None:
    _, complaint = await filed(acting)
    key = acting.city.secrets.internal_key(complaint)[1]
    queue = (
        "query ($now: DateTime!) { complaints(first: 500, filter: {dueAt: {lt: $now}}) { nodes { id overdueSince } } }"
    )

    async def late(who: Role) -> dict[str, Any]:
        found = (await acting(who, queue, {"now": acting.clock.now().isoformat()}))["data"]["complaints"]["nodes"]
        return {row["id"]: row["overdueSince"] for row in found}

    acting.clock.move(dt.timedelta(hours=5, minutes=59))
    assert complaint not in await late(Role.INSPEKTORAT)
    acting.clock.move(dt.timedelta(minutes=2))
    for who in (Role.INSPEKTORAT, Role.DINAS, Role.WILAYAH):
        assert complaint in await late(who)
    assert (await acting.bus.tick())["overdue complaints announced"] >= 1
    assert (await acting.bus.tick())["overdue complaints announced"] == 0
    (event,) = await told(acting, "ComplaintOverdue", key)
    assert event["region_code"] == acting.city.cast.kelurahan
    assert (await late(Role.WILAYAH))[complaint] is not None
    await done(acting, Role.WILAYAH, "verifyComplaint", "complaint { id }", complaintId=complaint)
    routed = {"complaintId": complaint, "agency": "DINAS_PPKUKM"}
    shown = await done(acting, Role.WILAYAH, "forwardComplaint", "complaint { dueAt overdueSince }", **routed)
    assert shown["overdueSince"] is None
    acting.clock.move(dt.timedelta(days=7, seconds=1))
    await acting.bus.tick()
    assert len(await told(acting, "ComplaintOverdue", key)) == 2
    await done(acting, Role.DINAS, "followUpComplaint", "complaint { id }", complaintId=complaint)
    closed = await done(
        acting, Role.DINAS, "resolveComplaint", "complaint { dueAt overdueSince }", complaintId=complaint
    )
    assert closed == {"dueAt": None, "overdueSince": None}


async def test_two_processes_announce_a_late_complaint_once(acting: Acting) -> None:
    _, complaint = await filed(acting)
    key = acting.city.secrets.internal_key(complaint)[1]
    later = FixedClock(acting.clock.now() + dt.timedelta(hours=7))
    buses = [bus_of(acting.city.settings, acting.city.server, later) for _ in range(2)]
    try:
        await asyncio.gather(*(bus.tick() for bus in buses))
    finally:
        for bus in buses:
            await bus.close()
    assert len(await told(acting, "ComplaintOverdue", key)) == 1


async def test_the_inspectorate_takes_over_any_open_complaint_and_then_nobody_else_goes_on(acting: Acting) -> None:
    _, complaint = await filed(acting)
    mine = {"complaintId": complaint, "reason": "Contoh: menyangkut aparat"}
    assert "trackComplaint" in str(await acting(Role.PUBLIK, '{ __type(name: "Mutation") { fields { name } } }'))
    denied = await acting(
        Role.DINAS, "mutation ($i: TakeOverComplaintInput!) { takeOverComplaint(input: $i) { userErrors { code } } }"
    )
    assert "errors" in denied
    shown = "complaint { status assignedAgency forwardedAt followUps { nodes { status } } }"
    taken = await done(acting, Role.INSPEKTORAT, "takeOverComplaint", shown, **mine)
    assert (taken["status"], taken["assignedAgency"]) == ("DITERUSKAN", "INSPEKTORAT")
    assert [step["status"] for step in taken["followUps"]["nodes"]] == ["DIVERIFIKASI", "DITERUSKAN"]
    assert await refused(acting, Role.DINAS, "followUpComplaint", complaintId=complaint) == (
        "TAKEN_OVER",
        ["complaintId"],
    )
    await done(acting, Role.INSPEKTORAT, "followUpComplaint", "complaint { id }", complaintId=complaint)
    again = await done(acting, Role.INSPEKTORAT, "takeOverComplaint", "complaint { status }", **mine)
    assert again["status"] == "DITINDAKLANJUTI"
    await done(acting, Role.INSPEKTORAT, "rejectComplaint", "complaint { id }", **mine)
    assert (await refused(acting, Role.INSPEKTORAT, "takeOverComplaint", **mine))[0] == "NOT_POSSIBLE_NOW"


async def a_closed_complaint(acting: Acting, ago: dt.timedelta) -> str:
    """The code of a complaint that was settled some time ago."""
    code, complaint = await filed(acting)
    for mutation, more in [("verify", {}), ("forward", {"agency": "DINAS_PPKUKM"}), ("followUp", {}), ("resolve", {})]:
        await done(acting, Role.DINAS, f"{mutation}Complaint", "complaint { id }", complaintId=complaint, **more)
    closed = "update ksbb.complaint set closed_at = $2 where public_id = $1"
    await acting.tables.execute(closed, complaint, acting.clock.now() - ago)
    return code


async def test_a_complaint_is_reopened_only_within_fourteen_days_and_its_clock_runs_anew(acting: Acting) -> None:
    code = await a_closed_complaint(acting, dt.timedelta(days=14))
    again = {"trackingCode": code, "reason": "Contoh: belum selesai"}
    assert (await acting.do(Role.PUBLIK, "reopenComplaint", **again))["userErrors"] == []
    shown = await tracked(acting, Role.PUBLIK, code)
    assert (shown["status"], shown["closedAt"]) == ("DIBUKA_KEMBALI", None)
    assert dt.datetime.fromisoformat(shown["dueAt"]) == acting.clock.now() + dt.timedelta(days=7)
    late = {**again, "trackingCode": await a_closed_complaint(acting, dt.timedelta(days=14, seconds=1))}
    assert (await refused(acting, Role.PUBLIK, "reopenComplaint", **late))[0] == "TOO_LATE_TO_REOPEN"


# ---- findings


def finding(acting: Acting, **about: Any) -> dict[str, Any]:
    """The input of a finding."""
    due = (day_in_jakarta(acting.clock.now()) + dt.timedelta(days=14)).isoformat()
    words = {"text": CANARY, "recommendation": CANARY}
    return {"classification": "KEUANGAN", "dueOn": due, **words, **about}


SHOWN = "finding { id status assignedAgency closedOn dueOn }"


async def test_a_finding_is_answered_by_the_body_concerned_closed_and_opened_again(acting: Acting) -> None:
    p = await parties(acting, 20)
    made = await done(acting, Role.INSPEKTORAT, "recordFinding", SHOWN, **finding(acting, institutionId=p.fintech))
    assert (made["status"], made["assignedAgency"]) == ("TERBUKA", "FINTECH")
    answer = {"findingId": made["id"], "answer": CANARY}
    own = "query ($id: ID!) { finding(id: $id) { text recommendation steps { nodes { status text } } } }"
    assert (await acting(p.lender, own, {"id": made["id"]}))["data"]["finding"]["text"] == CANARY
    for who in (Role.WILAYAH, Role.DINAS, p.receiver, Role.KOLABORATOR):
        assert (await acting(who, own, {"id": made["id"]}))["data"]["finding"] is None
        assert await refused(acting, who, "answerFinding", **answer) == ("NOT_FOUND", ["findingId"])
    assert (await refused(acting, Role.BIRO_KSD, "answerFinding", **answer))[0] == "ANOTHER_ANSWERS"
    early = {"findingId": made["id"], "reason": "Contoh"}
    assert (await refused(acting, Role.INSPEKTORAT, "closeFinding", **early))[0] == "NOT_POSSIBLE_NOW"
    assert (await done(acting, p.lender, "answerFinding", SHOWN, **answer))["status"] == "DIJAWAB"
    closed = await done(acting, Role.INSPEKTORAT, "closeFinding", SHOWN, **early)
    assert (closed["status"], closed["closedOn"]) == ("SELESAI", day_in_jakarta(acting.clock.now()).isoformat())
    due = (day_in_jakarta(acting.clock.now()) + dt.timedelta(days=3)).isoformat()
    opened = await done(acting, Role.INSPEKTORAT, "reopenFinding", SHOWN, dueOn=due, **early)
    assert (opened["status"], opened["closedOn"], opened["dueOn"]) == ("DIBUKA_KEMBALI", None, due)
    await done(acting, p.lender, "answerFinding", SHOWN, **answer)
    events = await acting.tables.fetch("select payload::text from ksbb.event where type = 'FindingMoved'")
    assert len(events) >= 5
    assert not any(CANARY in event["payload"] for event in events)


async def test_a_finding_about_a_region_is_for_its_administration_alone(acting: Acting) -> None:
    area = acting.city.cast.kelurahan
    made = await done(acting, Role.INSPEKTORAT, "recordFinding", SHOWN, **finding(acting, regionCode=area))
    elsewhere = Viewer(Role.WILAYAH, "elsewhere", area="31.01" if not area.startswith("31.01") else "31.73")
    answer = {"findingId": made["id"], "answer": "Contoh jawaban"}
    for who in (elsewhere, Role.DINAS, Role.FINTECH):
        assert (await refused(acting, who, "answerFinding", **answer))[0] == "NOT_FOUND"
    assert (await done(acting, Role.WILAYAH, "answerFinding", SHOWN, **answer))["status"] == "DIJAWAB"


async def test_a_finding_says_what_it_is_about_and_by_when(acting: Acting) -> None:
    p = await parties(acting, 20)
    nothing = finding(acting)
    assert (await refused(acting, Role.INSPEKTORAT, "recordFinding", **nothing))[0] == "ABOUT_ONE_THING"
    both = finding(acting, institutionId=p.fintech, regionCode="31.73")
    assert (await refused(acting, Role.INSPEKTORAT, "recordFinding", **both))[0] == "ABOUT_ONE_THING"
    late = {**finding(acting, regionCode="31.73"), "dueOn": "2021-01-01"}
    assert await refused(acting, Role.INSPEKTORAT, "recordFinding", **late) == ("DATE_OUT_OF_ORDER", ["dueOn"])
    wordless = {**finding(acting, regionCode="31.73"), "text": "  "}
    assert await refused(acting, Role.INSPEKTORAT, "recordFinding", **wordless) == ("UNUSABLE_TEXT", ["text"])
    nowhere = finding(acting, institutionId=p.fintech, agency="WILAYAH")
    assert (await refused(acting, Role.INSPEKTORAT, "recordFinding", **nowhere))[0] == "NOBODY_TO_ANSWER"
    agency = finding(acting, institutionId=p.fintech, agency="DINAS_PPKUKM")
    made = await done(acting, Role.INSPEKTORAT, "recordFinding", SHOWN, **agency)
    answer = {"findingId": made["id"], "answer": "Contoh jawaban"}
    assert (await refused(acting, p.lender, "answerFinding", **answer))[0] == "NOT_FOUND"
    assert (await done(acting, Role.DINAS, "answerFinding", SHOWN, **answer))["status"] == "DIJAWAB"


# ---- loans


async def test_an_amount_outside_the_rule_needs_the_programme_office_and_a_reason(acting: Acting) -> None:
    p = await parties(acting, 21)
    loan = await proposed(acting, p)
    other = {"loanId": loan, "principal": 12_000_000}
    assert await refused(acting, Role.BIRO_KSD, "overrideLoanAmount", **other, reason=" ") == (
        "REASON_MISSING",
        ["reason"],
    )
    assert (await refused(acting, Role.BIRO_KSD, "overrideLoanAmount", loanId=loan, principal=0, reason="x"))[0] == (
        "AMOUNT_OUT_OF_RANGE"
    )
    shown = "loan { principal amountRule amountReason }"
    made = await done(acting, Role.BIRO_KSD, "overrideLoanAmount", shown, **other, reason="Contoh: alat mahal")
    assert made == {"principal": 12_000_000, "amountRule": "2020", "amountReason": "Contoh: alat mahal"}
    entry = await acting.tables.fetchrow(
        "select role, reason from ksbb.audit_entry where act = 'OverrideLoanAmount' and about_id = $1", loan
    )
    assert tuple(entry) == ("BIRO_KSD", "Contoh: alat mahal")
    running = await paid_out(acting, await parties(acting, 22))
    fixed = {"loanId": running, "principal": 12_000_000, "reason": "Contoh"}
    assert (await refused(acting, Role.BIRO_KSD, "overrideLoanAmount", **fixed))[0] == "AMOUNT_IS_FIXED"


async def test_a_default_is_proposed_once_after_ninety_days_and_declares_nothing(acting: Acting) -> None:
    p = await parties(acting, 23)
    loan = await paid_out(acting, p)
    key = acting.city.secrets.internal_key(loan)[1]
    query = "query ($id: ID!) { loan(id: $id) { status defaultProposedOn } }"
    today = day_in_jakarta(acting.clock.now())

    async def late_by(days: int) -> Any:
        first = "(select min(due_on) from ksbb.instalment where loan_id = $1)"
        shift = f"update ksbb.instalment set due_on = due_on - ({first} - $2::date) where loan_id = $1"
        await acting.tables.execute(shift, key, today - dt.timedelta(days))
        await acting.bus.tick()
        return (await acting(p.lender, query, {"id": loan}))["data"]["loan"]

    assert await late_by(90) == {"status": "BERJALAN", "defaultProposedOn": None}
    late = await late_by(91)
    assert late == {"status": "BERJALAN", "defaultProposedOn": today.isoformat()}
    assert await late_by(95) == late
    assert (await acting(p.officer, query, {"id": loan}))["data"]["loan"] == late
    (event,) = await told(acting, "DefaultProposed", key)
    assert event["payload"] == "{}"
    assert [str(i) for i in event["institutions"]] == [p.lender.institution_id]
    for who in (Role.DINAS, Role.KOLABORATOR, Role.AGREGATOR, Role.DISKOMINFOTIK):
        assert "errors" in await acting(who, "{ loans { nodes { defaultProposedOn } } }")
    said = {"loanId": loan, "reason": "Contoh: usaha sepi", "tenorMonths": 3}
    renewed = await done(acting, p.lender, "restructureLoan", "loan { defaultProposedOn }", **said)
    assert renewed["defaultProposedOn"] is None


async def test_a_donor_explains_what_concerns_its_own_promise_and_not_a_loan(acting: Acting) -> None:
    donor = acting.city.viewer(Role.KOLABORATOR)
    rows = await acting.tables.fetch(
        "select id, public_id, loan_id is null and handover_id is null as own from ksbb.discrepancy"
        " where collaborator_id is not null order by own, id"
    )
    of_loan, own = rows[0], rows[-1]
    assert (of_loan["own"], own["own"]) == (False, True)
    for row in (of_loan, own):
        await acting.tables.execute(
            "update ksbb.discrepancy set status = 'DIBERITAHUKAN', collaborator_id = $2 where id = $1",
            row["id"],
            donor.institution_id,
        )
    said = {"explanation": "Contoh: salah ketik"}
    wrong = await refused(acting, donor, "explainDiscrepancy", discrepancyId=of_loan["public_id"], **said)
    assert wrong == ("NOT_BY_THE_DONOR", ["discrepancyId"])
    shown = "discrepancy { status }"
    explained = await done(acting, donor, "explainDiscrepancy", shown, discrepancyId=own["public_id"], **said)
    assert explained["status"] == "DIJELASKAN"

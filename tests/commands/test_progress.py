"""How far a collaboration of loans has come, and how any collaboration ends."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from policy.viewer import Role
from tests.acting import Acting
from tests.commands.deliveries import a_scene, figures, in_days, reported, validated
from tests.commands.test_loan_journey import (
    PRINCIPAL,
    Parties,
    done,
    form_b,
    form_d,
    form_f,
    paid_out,
    parties,
    proposed,
    refused,
    repayment,
    signature,
)


async def standing(acting: Acting, loan: str) -> tuple[str, str, int, bool]:
    """State of the collaboration of a loan, of its pledge, how many loans count as realised, and if it is closed."""
    row = await acting.tables.fetchrow(
        "select c.status, p.status, p.delivered_quantity, c.closed_on is not null from ksbb.loan l"
        " join ksbb.collaboration c on c.id = l.collaboration_id join ksbb.pledge p on p.collaboration_id = c.id"
        " where l.id = $1",
        acting.city.secrets.internal_key(loan)[1],
    )
    assert row is not None
    return tuple(row)


async def disbursed(acting: Acting, p: Parties) -> str:
    """A loan that was paid out and not checked."""
    loan = await proposed(acting, p)
    made = await done(acting, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(acting, p, loan))
    await done(acting, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", collaborationId=made["id"])
    for party in ("DONATUR", "UMKM"):
        await done(acting, p.lender, "signEContract", "loan { status }", **await signature(acting, p, loan, party))
    await done(acting, p.lender, "disburseLoan", "loan { status }", **await form_d(acting, p, loan))
    return loan


async def test_a_collaboration_of_loans_is_reported_checked_and_complete_when_all_are_final(acting: Acting) -> None:
    p = await parties(acting, 10)
    loan = await paid_out(acting, p)
    assert await standing(acting, loan) == ("TERVALIDASI", "TERPENUHI", 1, False)
    paid = repayment(acting, loan, PRINCIPAL, "progress-1")
    await done(acting, p.lender, "recordRepayment", "repayment { amount }", repayment=paid)
    await acting.bus.tick()
    assert (await standing(acting, loan))[0] == "TERVALIDASI"  # repaid, and not yet handed over
    day = in_days(acting, 0)
    handover = await done(acting, p.lender, "sendHandover", "handover { id }", **await form_f(acting, p, loan))
    got = {"handoverId": handover["id"], "receivedOn": day, "amount": PRINCIPAL}
    await done(acting, p.receiver, "confirmHandover", "handover { status }", **got)
    await acting.bus.tick()
    assert await standing(acting, loan) == ("SELESAI", "TERPENUHI", 1, True)


async def test_a_transfer_that_bounces_takes_the_report_back(acting: Acting) -> None:
    p = await parties(acting, 11)
    loan = await disbursed(acting, p)
    assert await standing(acting, loan) == ("DILAPORKAN", "DITERIMA", 0, False)
    cancelling = {"collaborationId": await collaboration_of(acting, loan), "reason": "Contoh"}
    assert (await refused(acting, Role.BIRO_KSD, "cancelCollaboration", **cancelling))[0] == "DELIVERED_ALREADY"
    bounced = {"loanId": loan, "returnedOn": in_days(acting, 0), "invoice": "CONTOH/10", "reason": "Contoh: tutup"}
    await done(acting, p.lender, "reportBouncedTransfer", "loan { status }", **bounced)
    assert await standing(acting, loan) == ("BERJALAN", "DITERIMA", 0, False)
    ended = await done(acting, Role.BIRO_KSD, "cancelCollaboration", "collaboration { status }", **cancelling)
    assert ended["status"] == "DIBATALKAN"


async def collaboration_of(acting: Acting, loan: str) -> str:
    """The identifier of the collaboration of a loan."""
    query = "select c.public_id from ksbb.loan l join ksbb.collaboration c on c.id = l.collaboration_id where l.id = $1"
    found: str = await acting.tables.fetchval(query, acting.city.secrets.internal_key(loan)[1])
    return found


async def test_a_loan_that_is_repaid_before_its_check_leaves_nothing_waiting(acting: Acting) -> None:
    p = await parties(acting, 12)
    loan = await disbursed(acting, p)
    paid = repayment(acting, loan, PRINCIPAL, "progress-2")
    await done(acting, p.lender, "recordRepayment", "repayment { amount }", repayment=paid)
    assert (await standing(acting, loan))[0] == "DILAPORKAN"
    await acting.bus.tick()
    assert await standing(acting, loan) == ("TERVALIDASI", "TERPENUHI", 1, False)


async def test_a_pledge_of_loans_is_not_withdrawn_by_its_donor(acting: Acting) -> None:
    p = await parties(acting, 13)
    loan = await disbursed(acting, p)
    key = acting.city.secrets.internal_key(loan)[1]
    pledge, donor = await acting.tables.fetchrow(
        "select p.public_id, p.collaborator_id from ksbb.loan l join ksbb.pledge p"
        " on p.collaboration_id = l.collaboration_id where l.id = $1",
        key,
    )
    who = replace(acting.city.viewer(Role.KOLABORATOR), institution_id=str(donor))
    given = {"pledgeId": pledge, "reason": "Contoh"}
    assert await refused(acting, who, "withdrawPledge", **given) == ("LOANS_PROMISED", ["pledgeId"])


async def test_an_officer_accompanies_a_loan_that_was_paid_out(acting: Acting) -> None:
    p = await parties(acting, 14)
    loan = await paid_out(acting, p)
    visit = {"loanId": loan, "outcome": "Contoh: usaha berjalan"}
    shown = "mentoringVisit { visitedOn outcome }"
    made = await done(acting, p.officer, "recordMentoringVisit", shown, visitedOn=in_days(acting, 0), **visit)
    assert made["outcome"] == "Contoh: usaha berjalan"
    late = await refused(acting, p.officer, "recordMentoringVisit", visitedOn=in_days(acting, 1), **visit)
    assert late == ("DATE_OUT_OF_ORDER", ["visitedOn"])
    both = {"deliveryId": await reported(acting, await a_scene(acting), 1), "visitedOn": in_days(acting, 0), **visit}
    assert (await refused(acting, p.officer, "recordMentoringVisit", **both))[0] == "NOTHING_TO_ACCOMPANY"
    elsewhere = replace(p.officer, area="31.01.01")
    given = {"visitedOn": in_days(acting, 0), **visit}
    assert (await refused(acting, elsewhere, "recordMentoringVisit", **given))[0] == "NOT_FOUND"


async def test_a_visit_does_not_tell_who_received_something_in_another_area(acting: Acting) -> None:
    scene = await a_scene(acting)
    delivery = await validated(acting, scene, 1)
    elsewhere = replace(scene.officer, area="31.01.01")
    visit = {"deliveryId": delivery, "visitedOn": in_days(acting, 0), "outcome": "Contoh"}
    told = [
        await acting.do(elsewhere, "recordMentoringVisit", recipientId=business, **visit)
        for business in scene.businesses[:2]
    ]
    assert [answer["userErrors"][0]["code"] for answer in told] == ["NOTHING_TO_ACCOMPANY"] * 2
    assert told[0] == told[1]


async def test_a_report_that_waits_keeps_its_pledge_from_running_out(acting: Acting) -> None:
    scene = await a_scene(acting)
    await reported(acting, scene, 1)
    acting.clock.move(dt.timedelta(days=60))
    await acting.bus.tick()
    assert await figures(acting, scene) == ("DILAPORKAN", "DITERIMA", 0)


async def test_the_last_day_is_still_one(acting: Acting) -> None:
    p = await parties(acting, 15)
    offered = await proposed(acting, p)
    today = dt.datetime.fromisoformat(in_days(acting, 0)).date()
    proposal = {"recipientId": p.business, "fintechId": p.fintech, "principal": PRINCIPAL, "tenorMonths": 4}
    for ends_on, expected in ((today, None), (today - dt.timedelta(days=1), "PROGRAMME_ENDED")):
        settings = replace(acting.city.settings, programme_ends_on=ends_on)
        async with acting.under(settings) as late:
            codes = [
                error["code"]
                for mutation, who, given in (
                    ("recommendLoan", Role.DINAS, proposal),
                    ("submitLoanPledge", p.lender, await form_b(acting, p, offered, offered)),
                )
                for error in (await late.do(who, mutation, **given))["userErrors"]
            ]
            assert ("PROGRAMME_ENDED" in codes) is (expected is not None)
            assert expected is None or set(codes) == {expected}

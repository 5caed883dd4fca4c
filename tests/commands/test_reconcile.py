"""Differing reports become discrepancies once, are told, corrected, accepted, and escalated on their day."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from commands.reconcile import RECONCILIATION, compare
from commands.red_flags import RED_FLAGS
from demo.city import CitySize
from demo.planted import PLANTED
from kernel.clock import FixedClock, day_in_jakarta
from models.writing import writing
from policy.viewer import Role
from server import bus_of
from tests.acting import Acting, an_acting_city
from tests.commands.test_loan_journey import (
    FEES,
    PRINCIPAL,
    done,
    form_b,
    form_d,
    form_f,
    paid_out,
    parties,
    proposed,
    repayment,
    signature,
)

ABOUT = "measure, subject_id, value_a, value_b"
EVENTS = """select type, payload::text as payload, institutions from ksbb.event
    where type like 'Discrepancy%' or type like 'RedFlag%'"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[Acting]:
    """A city whose discrepancies come and go."""
    async with an_acting_city() as made:
        yield made


@pytest_asyncio.fixture
async def unknown(city: Acting) -> set[tuple[Any, ...]]:
    """What was planted and nobody knows of yet: measure, subject and both values."""
    await city.tables.execute("delete from ksbb.discrepancy")
    return await differing(city)


async def differing(city: Acting) -> set[tuple[Any, ...]]:
    await city.bus.tick({"opened": RECONCILIATION["discrepancies opened"]})
    found = {tuple(row) for row in await city.tables.fetch(f"select {ABOUT} from ksbb.discrepancy")}
    await city.tables.execute("delete from ksbb.discrepancy")
    return found


async def reconciled(city: Acting) -> dict[str, int]:
    """What the jobs did, by the last words of their names."""
    return {name.removeprefix("discrepancies "): n for name, n in (await city.bus.tick(RECONCILIATION)).items()}


async def the_pledged(city: Acting) -> Any:
    """The discrepancy about the value of a collaboration."""
    return await city.tables.fetchrow(
        "select * from ksbb.discrepancy where measure = 'NILAI_KOMITMEN' order by id desc limit 1"
    )


async def off_by(city: Acting, subject: Any, amount: int) -> None:
    """Make the value of a collaboration differ from its pledges by so much."""
    await city.tables.execute(
        """update ksbb.collaboration c set pledged_value = $2 + (select sum(estimated_value) from ksbb.pledge p
            where p.collaboration_id = c.id) where id = $1""",
        subject,
        amount,
    )


async def settled(city: Acting, discrepancy: Any) -> str:
    """The state after Biro KSD accepted a discrepancy."""
    given = {"discrepancyId": discrepancy["public_id"]}
    return str((await done(city, Role.BIRO_KSD, "settleDiscrepancy", "discrepancy { status }", **given))["status"])


async def test_a_clean_city_has_no_differences() -> None:
    async with an_acting_city(CitySize.of_recipients(1_000, clean=True)) as clean:
        assert await clean.tables.fetchval("select count(*) from ksbb.discrepancy") == 0
        async with writing(clean.city.server.uri()) as connection:
            compared = await compare(connection, day_in_jakarta(clean.clock.now()))
        assert [one.measure for one in compared if one.differing] == []
        assert set((await reconciled(clean)).values()) == {0}


async def test_what_is_recorded_already_is_not_opened_again(city: Acting) -> None:
    assert (await city.bus.tick({"opened": RECONCILIATION["discrepancies opened"]})) == {"opened": 0}


async def test_two_processes_at_once_open_what_was_planted_once(city: Acting, unknown: set[tuple[Any, ...]]) -> None:
    assert len(unknown) == PLANTED
    other = bus_of(city.city.settings, city.city.server, city.clock)
    try:
        both = await asyncio.gather(city.bus.tick(RECONCILIATION), other.tick(RECONCILIATION))
    finally:
        await other.close()
    assert sum(one["discrepancies opened"] for one in both) == PLANTED
    rows = await city.tables.fetch(f"select {ABOUT} from ksbb.discrepancy where status = 'DIBERITAHUKAN'")
    assert {tuple(row) for row in rows} == unknown
    assert len(rows) == PLANTED
    assert set((await reconciled(city)).values()) == {0}


async def test_events_of_discrepancies_and_flags_hold_codes_and_no_person(
    city: Acting, unknown: set[tuple[Any, ...]]
) -> None:
    await city.bus.tick({**RECONCILIATION, **RED_FLAGS})
    events = await city.tables.fetch(EVENTS)
    assert {event["type"] for event in events} >= {"DiscrepancyOpened", "DiscrepancyMoved"}
    told = {key for event in events for key in json.loads(event["payload"])}
    assert told <= {"measure", "status", "kind"}
    assert all(event["institutions"] for event in events if event["type"] == "DiscrepancyOpened")


@pytest.mark.parametrize(("days", "escalated"), [(14, 0), (15, PLANTED)])
async def test_a_discrepancy_is_escalated_once_it_was_open_for_more_than_fourteen_days(
    city: Acting, unknown: set[tuple[Any, ...]], days: int, escalated: int
) -> None:
    await reconciled(city)
    later = FixedClock(city.clock.now() + dt.timedelta(days=days))
    bus = bus_of(city.city.settings, city.city.server, later)
    try:
        first, again = await bus.tick(RECONCILIATION), await bus.tick(RECONCILIATION)
    finally:
        await bus.close()
    assert (first["discrepancies escalated"], again["discrepancies escalated"]) == (escalated, 0)
    count = "select count(*) from ksbb.discrepancy where status = 'DIESKALASI'"
    assert await city.tables.fetchval(count) == escalated


async def test_reports_that_agree_again_say_so_and_wait_for_being_accepted(
    city: Acting, unknown: set[tuple[Any, ...]]
) -> None:
    await reconciled(city)
    opened = await the_pledged(city)
    await off_by(city, opened["subject_id"], 0)
    assert (await reconciled(city))["that agree again"] == 1
    agreed = await the_pledged(city)
    assert (agreed["status"], agreed["agreed_on"]) == ("DIKOREKSI", day_in_jakarta(city.clock.now()))
    assert (agreed["value_a"], agreed["value_b"]) == (opened["value_a"], opened["value_b"])
    await off_by(city, opened["subject_id"], 2_000_000)
    assert (await reconciled(city))["that differ again"] == 1
    assert (await the_pledged(city))["agreed_on"] is None
    await off_by(city, opened["subject_id"], 0)
    await reconciled(city)
    assert await settled(city, agreed) == "DITERIMA"
    await off_by(city, opened["subject_id"], 2_000_000)
    assert (await reconciled(city))["opened"] == 1, "a correction that is undone is a new difference"
    assert (await the_pledged(city))["id"] != opened["id"]


async def test_values_that_were_accepted_as_they_are_are_not_opened_again_but_others_are(
    city: Acting, unknown: set[tuple[Any, ...]]
) -> None:
    await reconciled(city)
    opened = await the_pledged(city)
    await city.tables.execute("update ksbb.discrepancy set status = 'DIJELASKAN' where id = $1", opened["id"])
    assert await settled(city, opened) == "DITERIMA"
    assert (await reconciled(city))["opened"] == 0
    await off_by(city, opened["subject_id"], 3_000_000)
    assert (await reconciled(city))["opened"] == 1
    await off_by(city, opened["subject_id"], 2_000_000)


async def test_a_proof_that_is_refused_twice_opens_one_discrepancy_that_a_later_check_corrects(city: Acting) -> None:
    p = await parties(city, 2)
    loan = await proposed(city, p)
    made = await done(city, p.lender, "submitLoanPledge", "collaboration { id }", **await form_b(city, p, loan))
    await done(city, Role.BIRO_KSD, "confirmCollaboration", "collaboration { number }", collaborationId=made["id"])
    for party in ("DONATUR", "UMKM"):
        await done(city, p.lender, "signEContract", "loan { status }", **await signature(city, p, loan, party))
    day = day_in_jakarta(city.clock.now()).isoformat()
    await done(city, p.lender, "disburseLoan", "loan { status }", **await form_d(city, p, loan))
    check = {"loanId": loan, "accepted": False, "receivedAmount": 5_000_000}
    for _ in range(2):
        await done(city, p.officer, "validateDisbursement", "loan { status }", **check)
    shown = """query ($id: ID!) { loan(id: $id) { validations { nodes { receivedAmount } }
        discrepancies { nodes { measure valueA valueB status agreedOn } } } }"""

    async def seen() -> Any:
        return (await city(Role.BIRO_KSD, shown, {"id": loan}))["data"]["loan"]

    (opened,) = (await seen())["discrepancies"]["nodes"]
    assert opened["measure"] == "NILAI_PENCAIRAN"
    assert (opened["valueA"], opened["valueB"], opened["status"]) == (PRINCIPAL - sum(FEES), 5_000_000, "TERDETEKSI")
    assert [one["receivedAmount"] for one in (await seen())["validations"]["nodes"]] == [5_000_000] * 2
    assert (await reconciled(city))["that agree again"] == 0
    await done(city, p.officer, "validateDisbursement", "loan { status }", loanId=loan, accepted=True)
    await reconciled(city)
    (agreed,) = (await seen())["discrepancies"]["nodes"]
    assert (agreed["status"], agreed["agreedOn"]) == ("DIKOREKSI", day)


async def test_both_institutions_of_a_disputed_handover_see_its_discrepancy(city: Acting) -> None:
    p = await parties(city, 3)
    loan = await paid_out(city, p)
    await done(
        city, p.lender, "recordRepayment", "repayment { id }", repayment=repayment(city, loan, PRINCIPAL, "reconcile-1")
    )
    handover = await done(city, p.lender, "sendHandover", "handover { id }", **await form_f(city, p, loan))
    said = {"handoverId": handover["id"], "amount": PRINCIPAL - 1, "reason": "Contoh: biaya transfer"}
    shown = "handover { receivedAmount discrepancies { nodes { measure valueA valueB } } }"
    disputed = await done(city, p.receiver, "disputeHandover", shown, **said)
    assert disputed["receivedAmount"] == PRINCIPAL - 1
    expected = [{"measure": "NILAI_SERAH_TERIMA", "valueA": PRINCIPAL, "valueB": PRINCIPAL - 1}]
    assert disputed["discrepancies"]["nodes"] == expected
    query = "query ($id: ID!) { handover(id: $id) { discrepancies { nodes { measure valueA valueB } } } }"
    seen = await city(p.lender, query, {"id": handover["id"]})
    assert seen["data"]["handover"]["discrepancies"]["nodes"] == expected
    assert (await reconciled(city))["opened"] == 0

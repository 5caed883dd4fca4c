"""Indicators as of a day, and the report to the Sekda: the same day, the same bytes, whatever is recorded later."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import os
import sys
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commands.indicators.all import INDICATORS
from commands.indicators.indicator import AsOf, Basis, Indicator, Share, Unit
from commands.indicators.reading import Figure, Reading, guarded, read
from commands.sekda_page import page
from commands.sekda_report import UnusablePeriod, canonical, computed, last_day_of, latest_period
from kernel.clock import day_in_jakarta
from models.writing import writing
from policy.small_counts import AMOUNT_STEP
from policy.viewer import Role
from tests.acting import Acting
from tests.commands.test_complaint import filed
from tests.commands.test_loan_journey import done, form_f, paid_out, parties, refused, repayment
from tests.commands.test_pledge import a_need, form_a

MEASURED = "indicators { name unit basis ofPersons sources figures { part number percent } }"
DEMO_DAY = dt.date(2021, 7, 15)


async def text_on(acting: Acting, day: dt.date) -> str:
    """The report as of a day, computed now."""
    async with writing(acting.city.server.uri()) as connection:
        return await computed(connection, latest_period(day), day)


async def exact(acting: Acting, day: dt.date) -> dict[str, dict[str, Any]]:
    """Exact values by indicator and part."""
    async with writing(acting.city.server.uri()) as connection:
        readings = await read(connection, AsOf(day), INDICATORS)
    return {r.indicator.name: {f.part: f.value for f in r.figures} for r in readings}


async def test_every_indicator_is_measured_for_those_who_coordinate_and_nobody_else(acting: Acting) -> None:
    for who in (Role.BIRO_KSD, Role.INSPEKTORAT, Role.DINAS):
        payload = await acting.do(who, "measureIndicators", f"on {MEASURED}")
        assert payload["userErrors"] == []
        found = {entry["name"]: entry for entry in payload["indicators"]}
        assert list(found) == [indicator.name for indicator in INDICATORS]
        assert who is Role.DINAS or found["tkb90"]["figures"][0]["percent"] is not None
        assert {entry["basis"] for entry in found.values()} == {basis.value for basis in Basis}
    for who in (Role.PUBLIK, Role.FINTECH, Role.DISKOMINFOTIK, Role.PENDAMPING):
        assert "errors" in await acting(who, "mutation { measureIndicators(input: {}) { userErrors { code } } }")
    later = (day_in_jakarta(acting.clock.now()) + dt.timedelta(days=1)).isoformat()
    assert await refused(acting, Role.DINAS, "measureIndicators", on=later) == ("DATE_OUT_OF_ORDER", ["on"])


async def test_two_days_do_not_tell_the_agency_what_one_loan_paid(acting: Acting) -> None:
    p = await parties(acting, 3)
    loan = await paid_out(acting, p)

    async def told(who: Role) -> Any:
        payload = await acting.do(who, "measureIndicators", MEASURED)
        return {i["name"]: i["figures"] for i in payload["indicators"] if i["ofPersons"]}

    before = {who: await told(who) for who in (Role.BIRO_KSD, Role.DINAS)}
    paid = repayment(acting, loan, 1_234_567, "two-days")
    await done(acting, p.lender, "recordRepayment", "repayment { id }", repayment=paid)
    after = {who: await told(who) for who in (Role.BIRO_KSD, Role.DINAS)}
    name, owed = "principal_repaid", "principal_outstanding"
    assert after[Role.BIRO_KSD][name][0]["number"] - before[Role.BIRO_KSD][name][0]["number"] == 1_234_567
    for indicator in (name, owed):
        numbers = [reading[Role.DINAS][indicator][0]["number"] for reading in (before, after)]
        assert all(number is None or number % AMOUNT_STEP == 0 for number in numbers), indicator
    counts = [figure["number"] for figure in after[Role.DINAS]["loans_disbursed"]]
    assert all(number is None or number % 5 == 0 for number in counts)


async def test_the_loan_indicators_are_the_measures_that_the_api_tells(acting: Acting) -> None:
    today = day_in_jakarta(acting.clock.now())
    query = """query ($day: Date!) { loanGroups(by: []) { portfolio(asOf: $day) {
      loans disbursed repaid outstanding outstandingOver90Days tkb90 repaidInFull
    } } }"""
    answer = await acting(Role.BIRO_KSD, query, {"day": today.isoformat()})
    assert "errors" not in answer, answer
    (group,) = answer["data"]["loanGroups"]
    told = group["portfolio"]
    found = await exact(acting, today)
    names = {
        "loans": "loans_disbursed",
        "disbursed": "principal_disbursed",
        "repaid": "principal_repaid",
        "outstanding": "principal_outstanding",
        "outstandingOver90Days": "outstanding_over_90_days",
        "repaidInFull": "loans_repaid_in_full",
    }
    assert {name: told[name] for name in names} == {name: found[ours][""] for name, ours in names.items()}
    assert told["tkb90"] == float(found["tkb90"][""])


async def test_what_is_recorded_later_changes_no_report_of_a_day_before(acting: Acting) -> None:
    p = await parties(acting, 30)
    loan = await paid_out(acting, p)
    code, complaint = await filed(acting)
    need = await a_need(acting, 10)
    acting.clock.move(dt.timedelta(days=1))
    day = day_in_jakarta(acting.clock.now()) - dt.timedelta(days=1)
    past = [day, DEMO_DAY, dt.date(2021, 1, 15)]
    before = {then: (await text_on(acting, then), await exact(acting, then)) for then in past}
    assert before[day][1]["loans_disbursed"][""] > before[DEMO_DAY][1]["loans_disbursed"][""]

    back_dated = {**repayment(acting, loan, 1_500_000, "monev-1"), "paidOn": day.isoformat()}
    made = await done(acting, p.lender, "recordRepayment", "repayment { id }", repayment=back_dated)
    await done(acting, p.lender, "reverseRepayment", "repayment { id }", repaymentId=made["id"], reason="Contoh")
    rest = {**repayment(acting, loan, 6_000_000, "monev-2"), "paidOn": day.isoformat()}
    await done(acting, p.lender, "recordRepayment", "repayment { id }", repayment=rest)
    sent = {**await form_f(acting, p, loan), "sentOn": day.isoformat()}
    handover = await done(acting, p.lender, "sendHandover", "handover { id amount }", **sent)
    received = {"handoverId": handover["id"], "amount": handover["amount"], "receivedOn": day.isoformat()}
    await done(acting, p.receiver, "confirmHandover", "handover { id }", **received)
    await paid_out(acting, await parties(acting, 31))
    for mutation, more in [("verify", {}), ("forward", {"agency": "DINAS_PPKUKM"}), ("followUp", {}), ("resolve", {})]:
        await done(acting, Role.DINAS, f"{mutation}Complaint", "complaint { id }", complaintId=complaint, **more)
    again = await acting.do(Role.PUBLIK, "reopenComplaint", trackingCode=code, reason="Contoh")
    assert again["userErrors"] == []
    shown = "collaboration { id pledges { nodes { id } } }"
    pledged = await done(acting, Role.KOLABORATOR, "submitPledge", shown, **form_a(acting, need, 7))
    (pledge,) = pledged["pledges"]["nodes"]
    await done(acting, Role.KOLABORATOR, "withdrawPledge", "pledge { id }", pledgeId=pledge["id"], reason="Contoh")
    await acting.bus.tick()

    for then, (text, figures) in before.items():
        assert await text_on(acting, then) == text
        now = await exact(acting, then)
        assert {n: v for n, v in now.items() if n != "delivered_reported"} == {
            n: v for n, v in figures.items() if n != "delivered_reported"
        }
    since = await exact(acting, day_in_jakarta(acting.clock.now()))
    assert since["handed_over"][""] > before[day][1]["handed_over"][""]


async def test_a_report_is_fixed_once_and_is_what_is_computed_in_any_process(acting: Acting) -> None:
    acting.clock.move(dt.timedelta(days=1))
    today = day_in_jakarta(acting.clock.now())
    day = today - dt.timedelta(days=1)
    period = latest_period(day)
    given_ = {"period": period, "on": day.isoformat()}
    shown = "sekdaReport { id period fixedOn content fileSha256 }"
    first = await done(acting, Role.BIRO_KSD, "fixSekdaReport", shown, **given_)
    assert first["content"] == await text_on(acting, day)
    assert first["fileSha256"] == sha256(first["content"].encode()).hexdigest()
    await filed(acting)
    assert await done(acting, Role.DISKOMINFOTIK, "fixSekdaReport", shown, **given_) == first
    for who in (Role.INSPEKTORAT, Role.FINTECH, Role.PUBLIK):
        mutation = "mutation ($i: FixSekdaReportInput!) { fixSekdaReport(input: $i) { userErrors { code } } }"
        assert "errors" in await acting(who, mutation, {"i": given_})
    early = {**given_, "on": today.isoformat()}
    assert await refused(acting, Role.BIRO_KSD, "fixSekdaReport", **early) == ("DATE_OUT_OF_ORDER", ["on"])
    wrong = {**given_, "period": f"{day.year}-S3"}
    assert await refused(acting, Role.BIRO_KSD, "fixSekdaReport", **wrong) == ("UNUSABLE_PERIOD", ["period"])
    script = (
        "import asyncio, datetime, sys\n"
        "from commands.sekda_report import computed\n"
        "from models.writing import writing\n"
        "async def main():\n"
        "    async with writing(sys.argv[1]) as c:\n"
        "        print(await computed(c, sys.argv[2], datetime.date.fromisoformat(sys.argv[3])))\n"
        "asyncio.run(main())\n"
    )
    for seed in ("1", "77"):
        run = [sys.executable, "-c", script, acting.city.server.uri(), period, day.isoformat()]
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        process = await asyncio.create_subprocess_exec(*run, env=environment, stdout=asyncio.subprocess.PIPE)
        printed, _ = await process.communicate()
        assert printed.decode().strip() == first["content"]


async def test_the_page_shows_the_figures_of_the_report_and_no_person(acting: Acting) -> None:
    text = await text_on(acting, DEMO_DAY)
    shown = page(text)
    content = json.loads(text)
    assert "per tanggal 15 Juli 2021" in shown
    for entry in content["indikator"]:
        assert entry["judul"] in shown
        for figure in entry["nilai"]:
            value = figure["nilai"]
            if isinstance(value, int) and entry["satuan"] == "RUPIAH":
                assert f"Rp {value:,}".replace(",", ".") in shown
            if entry["perorangan"] and value is not None:
                assert value % (5_000_000 if entry["satuan"] == "RUPIAH" else 5) == 0
    tkb90 = next(line for line in shown.splitlines() if line.startswith("| TKB90"))
    assert all(word in tkb90 for word in ("Jumlah pinjaman cair", "Pokok tersalur", "Pokok dibayar"))
    assert canonical(content) == text


def test_every_column_that_an_indicator_names_exists_and_none_is_personal() -> None:
    from models.all import METADATA
    from models.base import SCHEMA
    from models.privacy import Privacy, privacy_of

    names = [indicator.name for indicator in INDICATORS]
    assert len(names) == len(set(names))
    for indicator in INDICATORS:
        if isinstance(indicator, Share):
            assert {indicator.part, indicator.whole, *indicator.beside} <= set(names)
            continue
        for source in indicator.sources:
            table, column = source.split(".")
            privacy = privacy_of(METADATA.tables[f"{SCHEMA}.{table}"].c[column])
            assert privacy not in {Privacy.CONTACT, Privacy.IDENTITY, Privacy.FREE_TEXT, Privacy.DONOR}


def a_reading(value: int, persons: int, unit: Unit) -> Reading:
    """A reading of an indicator of persons."""
    indicator = next(i for i in INDICATORS if isinstance(i, Indicator) and i.of_persons and i.unit is unit)
    return Reading(indicator, (Figure(value=value, persons=persons),))


@given(st.integers(0, 10**6), st.sampled_from([Unit.JUMLAH, Unit.RUPIAH]), st.integers(0, 10**12))
def test_fewer_than_ten_persons_are_never_told_and_more_only_roughly(persons: int, unit: Unit, amount: int) -> None:
    value = persons if unit is Unit.JUMLAH else amount
    ((told,),) = (reading.figures for reading in guarded([a_reading(value, persons, unit)]))
    if persons < 10:
        assert told.value is None
    else:
        step = 5 if unit is Unit.JUMLAH else 5_000_000
        assert isinstance(told.value, int)
        assert told.value % step == 0
        assert abs(told.value - value) <= step / 2


def test_a_part_with_few_persons_is_as_if_it_were_not_there() -> None:
    indicator = next(i for i in INDICATORS if i.name == "complaints_by_state")
    few, many = Figure(part="DITOLAK", value=9, persons=9), Figure(part="SELESAI", value=12, persons=12)
    (told,) = guarded([Reading(indicator, (few, many))])
    assert [(figure.part, figure.value) for figure in told.figures] == [("SELESAI", 10)]


def test_a_share_is_made_of_what_the_rule_leaves_of_its_parts() -> None:
    def told(late: int, debtors: int) -> Any:
        values = {"principal_outstanding": (98_765_432, 120), "outstanding_over_90_days": (late, debtors)}
        readings = [
            Reading(i, (Figure(value=values[i.name][0], persons=values[i.name][1]),))
            if i.name in values
            else Reading(i, (Figure(value=0),))
            for i in INDICATORS
        ]
        return next(r for r in guarded(readings) if r.indicator.name == "tkb90").figures[0].value

    assert told(12_345_678, 9) is None
    assert told(12_345_678, 10) == 90  # of 10 and 100 million


@pytest.mark.parametrize(
    ("day", "period"),
    [("2021-06-29", "2020-S2"), ("2021-06-30", "2021-S1"), ("2021-12-30", "2021-S1"), ("2021-12-31", "2021-S2")],
)
def test_the_latest_period_is_the_half_year_that_was_over(day: str, period: str) -> None:
    on = dt.date.fromisoformat(day)
    assert latest_period(on) == period
    assert last_day_of(period, on) <= on
    for wrong in ("2021-S3", "21", "2021-S1 ", "", "0000", f"{on.year + 1}"):
        with pytest.raises(UnusablePeriod):
            last_day_of(wrong, on)

"""What fields of commands may say: real months, days and amounts, each refused where it is not."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from commands.disbursement import ValidateDisbursement
from commands.guards import NotAMonth, month_given
from commands.handover import DisputeHandover
from commands.loan import ConsentToScreening
from commands.periodic_report import SubmitPeriodicReport
from commands.refusal import Refusal
from commands.repayment import RepaymentRow
from commands.target import RegisterNeed, RegisterPlace
from models.vocabulary import PackageKind, PlaceKind
from tests.commands.lives import PRINCIPAL, Lives
from tests.sequences.giving import DINAS
from tests.sequences.lending import DIGEST, an_officer
from tests.sequences.world import owner

WHY = "Contoh alasan"


@pytest.mark.parametrize(
    "text", ["", "2022", "202200", "202213", "20221", "2022-01", "\u0662\u0660\u0662\u0662\u0660\u0661", "192201"]
)
def test_a_period_is_a_month(text: str) -> None:
    with pytest.raises(NotAMonth):
        month_given(text)


def test_blanks_around_a_month_do_not_matter() -> None:
    assert month_given(" 202201 ") == "202201"


async def test_periods_of_needs_and_reports_are_months(lives: Lives) -> None:
    needed: dict[str, Any] = {
        "item": "Contoh",
        "quantity": 1,
        "estimated_value": 1,
        "package_kind": PackageKind.SARPRAS,
    }
    assert await lives.refused(DINAS, RegisterNeed(**needed, period="bulan ini")) == "NOT_A_MONTH"
    report = SubmitPeriodicReport(period="202213", rows=(), total=0, file_sha256=DIGEST)
    assert await lives.refused(lives.fintech, report) == "NOT_A_MONTH"


async def test_a_report_names_the_row_without_an_invoice(lives: Lives) -> None:
    loan = await lives.running()
    paid: dict[str, Any] = {"loan_id": loan, "amount": 1_000_000, "paid_on": lives.world.today}
    rows = tuple(RepaymentRow(**paid, invoice=text, report_key=f"contoh-tanpa-{text!r}") for text in ("CONTOH", " "))
    report = SubmitPeriodicReport(period="202201", rows=rows, total=2_000_000, file_sha256=DIGEST)
    with pytest.raises(Refusal) as refusal:
        await lives.do(lives.fintech, report)
    assert (refusal.value.code, refusal.value.path) == ("INVOICE_MISSING", ("rows", 1, "invoice"))


async def test_nothing_is_handed_over_before_it_was_repaid(lives: Lives) -> None:
    loan, _ = await lives.repaid()
    early = replace(await lives.handing_over(loan), sent_on=lives.world.today - dt.timedelta(1))
    assert await lives.refused(lives.fintech, early) == "DATE_OUT_OF_ORDER"


async def test_a_handover_is_disputed_with_another_amount(lives: Lives) -> None:
    sent = await lives.sent()
    for amount in (-1, PRINCIPAL):
        command = DisputeHandover(handover_id=sent, amount=amount, reason=WHY)
        assert await lives.refused(lives.manager, command) == "NOTHING_TO_DISPUTE"
    await lives.do(lives.manager, DisputeHandover(handover_id=sent, amount=0, reason=WHY))


async def test_a_disbursement_is_refused_with_what_was_received(lives: Lives) -> None:
    loan = await lives.disbursed()
    officer = an_officer(lives.world, await lives.row("loan", loan))
    assert officer is not None
    for amount in (None, -1):
        command = ValidateDisbursement(loan_id=loan, accepted=False, received_amount=amount)
        assert await lives.refused(officer, command) == "RECEIVED_AMOUNT_MISSING"
    await lives.do(officer, ValidateDisbursement(loan_id=loan, accepted=False, received_amount=0))


async def test_consent_to_a_screening_is_given_before_it(lives: Lives) -> None:
    loan: UUID = await lives.screened()
    person = owner((await lives.row("loan", loan))["owner_id"])
    assert await lives.refused(person, ConsentToScreening(loan_id=loan)) == "NOT_POSSIBLE_NOW"


async def test_a_site_lies_in_a_kelurahan(lives: Lives) -> None:
    command = RegisterPlace(kind=PlaceKind.LOKSEM, name="Contoh", region_code="31.73.03")
    assert await lives.refused(DINAS, command) == "NOT_A_KELURAHAN"

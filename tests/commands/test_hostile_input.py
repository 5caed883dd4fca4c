"""Input that is well formed and means harm: nothing is forged by it, and nothing of it is a fault of ours."""

from __future__ import annotations

import pytest

from commands.repayment import LONGEST_REPORT_KEY, REVERSAL
from tests.acting import Acting
from tests.commands.test_loan_journey import done, paid_out, parties, refused, repayment


async def test_a_fintech_cannot_make_a_repayment_look_reversed(acting: Acting) -> None:
    p = await parties(acting, 0)
    loan = await paid_out(acting, p)
    first = repayment(acting, loan, 1_000_000, "real-1")
    made = await done(acting, p.lender, "recordRepayment", "repayment { id }", repayment=first)
    forged = repayment(acting, loan, 1, f"{REVERSAL}{made['id']}")
    assert await refused(acting, p.lender, "recordRepayment", repayment=forged) == (
        "UNUSABLE_REPORT_KEY",
        ["repayment", "reportKey"],
    )
    shown = "repayment { amount }"
    undone = await done(acting, p.lender, "reverseRepayment", shown, repaymentId=made["id"], reason="Contoh")
    assert undone == {"amount": -1_000_000}


@pytest.mark.parametrize("key", ["", "k" * (LONGEST_REPORT_KEY + 1)])
async def test_a_report_key_can_be_told_again(acting: Acting, key: str) -> None:
    p = await parties(acting, 0)
    loan = await paid_out(acting, p)
    code, _ = await refused(acting, p.lender, "recordRepayment", repayment=repayment(acting, loan, 1, key))
    assert code == "UNUSABLE_REPORT_KEY"

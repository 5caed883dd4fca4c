"""What loans refuse in states in which a step would leave books or persons in a state that nobody can mend."""

from __future__ import annotations

from typing import Any

from commands.repayment import ReverseRepayment
from commands.trouble import DeclareDefault, ProposeWriteOff, ReportLoanProblem, ResumeLoan, WriteOffLoan
from tests.commands.lives import PRINCIPAL, Lives
from tests.sequences.giving import BIRO_KSD

WHY = "Contoh alasan"


async def test_no_repayment_of_a_loan_that_was_written_off_is_reversed(lives: Lives) -> None:
    loan = await lives.running()
    repayment = await lives.do(lives.fintech, lives.payment(loan, PRINCIPAL // 2))
    for command in (DeclareDefault(loan_id=loan, reason=WHY), ProposeWriteOff(loan_id=loan, reason=WHY)):
        await lives.do(lives.fintech, command)
    await lives.do(BIRO_KSD, WriteOffLoan(loan_id=loan, reason=WHY))
    reversal = ReverseRepayment(repayment_id=repayment, reason=WHY)
    assert await lives.refused(lives.fintech, reversal) == "NOT_BEING_REPAID"
    assert await lives.world.broken() == []


async def test_a_reversal_brings_a_loan_repaid_in_full_back(lives: Lives) -> None:
    loan, repayment = await lives.repaid()
    await lives.do(lives.fintech, ReverseRepayment(repayment_id=repayment, reason=WHY))
    assert (await lives.row("loan", loan))["status"] == "BERJALAN"
    assert await lives.world.broken() == []


async def test_a_write_off_needs_a_proposal_of_the_present_default(lives: Lives) -> None:
    loan = await lives.running()
    of: dict[str, Any] = {"loan_id": loan, "reason": WHY}
    for command in (DeclareDefault(**of), ProposeWriteOff(**of), ResumeLoan(**of), DeclareDefault(**of)):
        await lives.do(lives.fintech, command)
    assert await lives.refused(BIRO_KSD, WriteOffLoan(**of)) == "WRITE_OFF_NOT_PROPOSED"
    await lives.do(lives.fintech, ProposeWriteOff(**of))
    await lives.do(BIRO_KSD, WriteOffLoan(**of))
    assert (await lives.row("loan", loan))["status"] == "HAPUS"


async def test_a_problem_is_reported_of_loans_that_are_owed_and_proposes_nothing(lives: Lives) -> None:
    offered = await lives.offered()
    assert await lives.refused(lives.fintech, ReportLoanProblem(loan_id=offered, reason=WHY)) == "NOT_BEING_REPAID"
    repaid, _ = await lives.repaid()
    assert await lives.refused(lives.fintech, ReportLoanProblem(loan_id=repaid, reason=WHY)) == "NOT_BEING_REPAID"
    running = await lives.running()
    for action in ("USUL_HAPUS_BUKU", " GAGAL_BAYAR "):
        command = ReportLoanProblem(loan_id=running, reason=WHY, action=action)
        assert await lives.refused(lives.fintech, command) == "RESERVED_ACTION"
    await lives.do(lives.fintech, ReportLoanProblem(loan_id=running, reason=WHY, action="Contoh tindakan"))

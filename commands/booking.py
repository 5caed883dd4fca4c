"""Handlers book their money events with these: the postings of `commands/ledger.py`, in their transaction."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, insert, select

from commands.ledger import Book, FundedLoan, Posting, Source, shares
from commands.loan import fees
from commands.work import Work
from kernel.errors import KsbbError
from kernel.money import Rupiah
from models.handover import Handover, HandoverLoan, OnwardAid
from models.ledger import Account, LedgerEntry, LedgerPosting
from models.loan import Disbursement, Loan, Repayment


class LoanWithoutCollaboration(KsbbError):
    """Money of a loan that no collaboration funds: its forms were not handled in order."""

    code = "LOAN_WITHOUT_COLLABORATION"

    def __init__(self) -> None:
        super().__init__("The loan has no collaboration to book its money under. Handle its form B first.")


async def book_disbursement(work: Work, loan: Loan, fact: Disbursement) -> None:
    """Funding and disbursement, or with a negative amount both of them reversed."""
    book, source = _book(loan), Source("disbursement", fact.id)
    await _write(
        work,
        book.funding(source, fact.amount < 0, fact.disbursed_on, work.now),
        book.disbursement(source, fact.amount, fact.disbursed_on, work.now),
    )


async def book_repayments(work: Work, facts: Sequence[tuple[Loan, Repayment]]) -> None:
    """Repayments and reversals, however many, in two statements."""
    await _write(
        work,
        *(
            _book(loan).repayment(Source("repayment", fact.id), fact.amount, fact.paid_on, work.now)
            for loan, fact in facts
        ),
    )


async def book_write_off(work: Work, loan: Loan) -> None:
    """What is still owed on a loan is given up today."""
    paid = select(func.coalesce(func.sum(Repayment.amount), 0)).where(Repayment.loan_id == loan.id)
    owed = loan.principal - int((await work.session.execute(paid)).scalar_one())
    await _write(work, _book(loan).write_off(Source("loan", loan.id), owed, work.today, work.now))


async def book_handover_sent(work: Work, handover: Handover, loans: Sequence[tuple[Loan, HandoverLoan]]) -> None:
    """The money of each loan leaves the fintech."""
    await _write(
        work,
        *(
            _book(loan).handover_sent(Source("handover_loan", fact.id), fact.amount, handover.sent_on, work.now)
            for loan, fact in loans
        ),
    )


async def book_handover_received(work: Work, handover: Handover, loans: Sequence[Loan], on: dt.date) -> None:
    """The money of each loan is with the fund manager."""
    facts = {fact.loan_id: fact for fact in await work.rows(HandoverLoan, HandoverLoan.handover_id == handover.id)}
    await _write(
        work,
        *(
            _book(loan).handover_received(
                Source("handover_loan", facts[loan.id].id), facts[loan.id].amount, on, work.now
            )
            for loan in loans
        ),
    )


async def book_onward_aid(work: Work, aid: OnwardAid, loans: Sequence[Loan]) -> None:
    """The gift is taken from what the fund manager has left of each loan of the handover, in their order."""
    left = await _left_of(work, [loan.id for loan in loans])
    given = dict(shares(aid.amount, {loan.id: left.get(loan.id, 0) for loan in loans}))
    source = Source("onward_aid", aid.id)
    await _write(
        work,
        *(
            _book(loan).onward_aid(source, given[loan.id], 0, aid.given_on, work.now)
            for loan in loans
            if loan.id in given
        ),
    )


async def _left_of(work: Work, loans: Sequence[UUID]) -> dict[UUID, Rupiah]:
    cash = (
        select(LedgerPosting.loan_id, func.sum(LedgerEntry.amount))
        .join(LedgerEntry, LedgerEntry.posting_id == LedgerPosting.id)
        .where(LedgerPosting.loan_id.in_(loans), LedgerEntry.account == Account.KAS_AGREGATOR)
        .group_by(LedgerPosting.loan_id)
    )
    return {loan: int(amount) for loan, amount in await work.session.execute(cash)}


def _book(loan: Loan) -> Book:
    if loan.collaboration_id is None:
        raise LoanWithoutCollaboration
    return Book(
        FundedLoan(id=loan.id, collaboration_id=loan.collaboration_id, principal=loan.principal, fees=fees(loan))
    )


async def _write(work: Work, *postings: Posting) -> None:
    rows, entries = [], []
    for posting in postings:
        key = work.keys.new()
        rows.append(
            {
                "id": key,
                "collaboration_id": posting.collaboration_id,
                "loan_id": posting.loan_id,
                "kind": posting.kind,
                "source_table": posting.source.table,
                "source_id": posting.source.id,
                "entry_on": posting.entry_on,
                "recorded_at": posting.recorded_at,
            }
        )
        entries += [{"posting_id": key, "account": a, "amount": amount} for a, amount in posting.amounts.items()]
    if rows:
        await work.session.execute(insert(LedgerPosting), rows)
        await work.session.execute(insert(LedgerEntry), entries)

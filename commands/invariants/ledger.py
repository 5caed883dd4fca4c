"""Invariant 19, and what the ledger says about 4, 5, 8 and 9: the money of each loan, account by account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select

from commands.invariants.rule import Invariant, Rule, found, is_known, total
from models.discrepancy import Discrepancy
from models.handover import Handover, HandoverLoan, OnwardAid
from models.ledger import Account, LedgerEntry, LedgerPosting, PostingKind
from models.loan import Disbursement, Loan, Repayment
from models.vocabulary import HandoverStatus, LoanStatus

_GONE = (Account.DALAM_PERJALANAN, Account.KAS_AGREGATOR, Account.PENYALURAN_ULANG)
"""Where money is that left the fintech for a fund manager; `SELISIH` apart."""


def ledger_invariants() -> tuple[Invariant, ...]:
    """Number 19."""
    return (
        Invariant(
            19,
            "Every money event posts balanced rows to the ledger of its collaboration.",
            "Setiap peristiwa uang dibukukan seimbang dalam buku besar kolaborasinya.",
            (
                Rule(
                    "postings_balance",
                    "The entries of each posting sum to zero, and there are some.",
                    "Jumlah entri setiap pembukuan adalah nol, dan entrinya ada.",
                    _unbalanced(),
                ),
                *_every_fact_is_posted(),
                Rule(
                    "postings_are_of_the_loan_of_their_collaboration",
                    "A posting stands under the collaboration of its loan.",
                    "Pembukuan tercatat pada kolaborasi dari pinjamannya.",
                    found(Loan.public_id)
                    .join(LedgerPosting, LedgerPosting.loan_id == Loan.id)
                    .where(LedgerPosting.collaboration_id.is_distinct_from(Loan.collaboration_id)),
                ),
            ),
            ("ledger_entry_balances", "commands/ledger.py"),
        ),
    )


def balances(*accounts: Account) -> Any:
    """The balance of each loan over some accounts, as `loan_id` and `amount`."""
    return (
        select(LedgerPosting.loan_id, func.sum(LedgerEntry.amount).label("amount"))
        .join(LedgerEntry, LedgerEntry.posting_id == LedgerPosting.id)
        .where(LedgerEntry.account.in_(accounts))
        .group_by(LedgerPosting.loan_id)
        .subquery("_".join(["balance", *accounts]).lower())
    )


def receivable_out_of_range() -> Select[Any]:
    """Loans on which the ledger says that less than nothing or more than the principal is owed."""
    owed = balances(Account.PIUTANG)
    return (
        found(Loan.public_id)
        .join(owed, owed.c.loan_id == Loan.id)
        .where(not_(owed.c.amount.between(0, Loan.principal)))
    )


def fees_not_as_declared(fees: ColumnElement[Any]) -> Select[Any]:
    """Paid out loans whose fees in the ledger are not the declared ones, cancelled ones that have any."""
    withheld = balances(Account.BIAYA)
    booked = -func.coalesce(withheld.c.amount, 0)
    return (
        found(Loan.public_id)
        .outerjoin(withheld, withheld.c.loan_id == Loan.id)
        .where(
            or_(
                and_(Loan.disbursed_on.is_not(None), booked != fees),
                and_(Loan.disbursed_on.is_(None), booked != 0),
            )
        )
    )


def difference_is_known() -> Select[Any]:
    """Loans on which the ledger holds a difference between reports, and whether a discrepancy says so."""
    difference = balances(Account.SELISIH)
    by_handover = exists().where(
        HandoverLoan.loan_id == Loan.id,
        Discrepancy.handover_id == HandoverLoan.handover_id,
    )
    known = or_(is_known("PENCAIRAN", Discrepancy.loan_id, Loan.id), by_handover)
    return (
        found(Loan.public_id, known).join(difference, difference.c.loan_id == Loan.id).where(difference.c.amount != 0)
    )


def more_handed_over_than_repaid() -> Select[Any]:
    """Loans of which more left the fintech for a fund manager than came back."""
    gone = balances(*_GONE)
    repaid = total(Repayment.amount, Repayment.loan_id == Loan.id)
    beyond = func.coalesce(
        select(func.sum(-LedgerEntry.amount))
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .where(
            LedgerPosting.loan_id == Loan.id,
            LedgerPosting.kind == PostingKind.PENYALURAN_ULANG,
            LedgerEntry.account == Account.SELISIH,
        )
        .scalar_subquery(),
        0,
    )
    return found(Loan.public_id).join(gone, gone.c.loan_id == Loan.id).where(gone.c.amount - beyond > repaid)


def below_zero(*accounts: Account) -> Select[Any]:
    """Loans whose balance over some accounts is less than nothing."""
    balance = balances(*accounts)
    return found(Loan.public_id).join(balance, balance.c.loan_id == Loan.id).where(balance.c.amount < 0)


def _unbalanced() -> Select[Any]:
    return (
        found(Loan.public_id)
        .join(LedgerPosting, LedgerPosting.loan_id == Loan.id)
        .outerjoin(LedgerEntry, LedgerEntry.posting_id == LedgerPosting.id)
        .group_by(Loan.id, LedgerPosting.id)
        .having(or_(func.count(LedgerEntry.amount) == 0, func.sum(LedgerEntry.amount) != 0))
    )


def _every_fact_is_posted() -> tuple[Rule, ...]:
    received = and_(HandoverLoan.handover_id == Handover.id, Handover.status == HandoverStatus.DITERIMA)
    sent = and_(HandoverLoan.handover_id == Handover.id, Handover.status != HandoverStatus.DRAF)
    sent_kind, received_kind = PostingKind.SERAH_TERIMA_DIKIRIM, PostingKind.SERAH_TERIMA_DITERIMA
    return (
        _posted("disbursement", Disbursement, PostingKind.PENCAIRAN, Account.KAS_FINTECH, -1),
        _posted("repayment", Repayment, PostingKind.PEMBAYARAN, Account.KAS_FINTECH, 1),
        _posted("handover_sent", HandoverLoan, sent_kind, Account.KAS_FINTECH, -1, exists().where(sent)),
        _posted("handover_received", HandoverLoan, received_kind, Account.KAS_AGREGATOR, 1, exists().where(received)),
        _posted("onward_aid", OnwardAid, PostingKind.PENYALURAN_ULANG, Account.PENYALURAN_ULANG, 1),
        Rule(
            "write_off_is_posted",
            "A loan that was written off owes nothing in the ledger any more.",
            "Pinjaman yang dihapusbukukan tidak lagi memiliki piutang dalam buku besar.",
            _written_off(),
        ),
    )


def _posted(
    name: str, fact: Any, kind: PostingKind, account: Account, sign: int, *conditions: ColumnElement[bool]
) -> Rule:
    booked = (
        select(LedgerPosting.source_id, func.sum(LedgerEntry.amount).label("amount"))
        .join(LedgerEntry, LedgerEntry.posting_id == LedgerPosting.id)
        .where(LedgerPosting.kind == kind, LedgerEntry.account == account)
        .group_by(LedgerPosting.source_id)
        .subquery("booked")
    )
    offending = (
        found(fact.public_id)
        .outerjoin(booked, booked.c.source_id == fact.id)
        .where(func.coalesce(booked.c.amount, 0) != sign * fact.amount, *conditions)
    )
    return Rule(
        f"{name}_is_posted",
        f"Each fact is booked with its own amount as {kind.label_en.lower()}.",
        f"Setiap fakta dibukukan sebesar nilainya sebagai {kind.label_id.lower()}.",
        offending,
    )


def _written_off() -> Select[Any]:
    owed = balances(Account.PIUTANG)
    return (
        found(Loan.public_id)
        .join(owed, owed.c.loan_id == Loan.id)
        .where(Loan.status == LoanStatus.HAPUS, owed.c.amount != 0)
    )

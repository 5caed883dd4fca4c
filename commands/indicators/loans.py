"""Indicators of loans and of the money that comes back; as known by then, also where a later report tells otherwise."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Select, func, literal, select, true

from commands.indicators.history import figures, named
from commands.indicators.indicator import AsOf, Basis, Indicator, Measure, Share, Unit
from models import loan_book
from models.delivery import Validation
from models.ledger import Account, LedgerEntry, LedgerPosting, PostingKind
from models.loan import Disbursement, Instalment, Loan, Repayment
from models.vocabulary import LoanStatus

_WHOLE = literal("")
_MONEY = named(Disbursement.disbursed_on, Disbursement.reported_at, Loan.principal)
_BOOK = (*_MONEY, *named(Repayment.amount, Repayment.paid_on, Repayment.reported_at, Instalment.due_on))
_LEDGER = named(LedgerEntry.amount, LedgerPosting.kind, LedgerPosting.entry_on, LedgerPosting.recorded_at)


def _known(as_of: AsOf) -> Any:
    """Loans that were paid out by then as far as was reported by then, and had not bounced."""
    return (
        select(
            Loan.id,
            Loan.principal,
            func.min(Disbursement.disbursed_on).label("disbursed_on"),
            literal(LoanStatus.CAIR.value).label("status"),
        )
        .join(Disbursement, Disbursement.loan_id == Loan.id)
        .where(Disbursement.disbursed_on <= as_of.day, Disbursement.reported_at < as_of.before)
        .group_by(Loan.id, Loan.principal)
        .having(func.sum(Disbursement.amount) > 0)
        .subquery("known")
    )


def _portfolio(measure: str, concerned: Callable[[Any], Any] = lambda _: true()) -> Measure:
    """A measure of `models/loan_book.py`; `concerned` tells which loans stand behind it."""

    def measured(as_of: AsOf) -> Select[Any]:
        known = _known(as_of)
        state = loan_book.of_tables(literal(as_of.day), known, literal(as_of.before))
        persons = func.count().filter(concerned(state.c))
        return figures(_WHOLE, loan_book.portfolio(state, measure), persons).select_from(known.join(state, true()))

    return measured


def _validated(as_of: AsOf) -> Select[Any]:
    loans = func.count(Validation.loan_id.distinct())
    return figures(_WHOLE, loans).where(
        Validation.loan_id.is_not(None),
        Validation.accepted,
        Validation.validated_on <= as_of.day,
        Validation.id < as_of.first_later_key,
    )


def _booked(kind: PostingKind, account: Account) -> Measure:
    """What the ledger booked to an account by then, as far as it was recorded by then."""

    def measured(as_of: AsOf) -> Select[Any]:
        value = func.coalesce(func.sum(LedgerEntry.amount), 0)
        return (
            figures(_WHOLE, value, func.count(LedgerPosting.loan_id.distinct()))
            .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
            .where(
                LedgerPosting.kind == kind,
                LedgerEntry.account == account,
                LedgerPosting.entry_on <= as_of.day,
                LedgerPosting.recorded_at < as_of.before,
            )
        )

    return measured


def _of_loans(
    name: str, titles: tuple[str, str], meanings: tuple[str, str], unit: Unit, basis: Basis, measure: Measure, *of: str
) -> Indicator:
    return Indicator(
        name=name,
        english=titles[0],
        indonesian=titles[1],
        defined=meanings[0],
        definisi=meanings[1],
        unit=unit,
        basis=basis,
        sources=of,
        measure=measure,
        of_persons=True,
    )


OF_LOANS = (
    _of_loans(
        "loans_disbursed",
        ("Loans disbursed", "Jumlah pinjaman cair"),
        ("Loans whose disbursement was reported by then.", "Pinjaman yang pencairannya dilaporkan sampai saat itu."),
        Unit.JUMLAH,
        Basis.DILAPORKAN,
        _portfolio("loans"),
        *_MONEY,
    ),
    _of_loans(
        "loans_validated",
        ("Disbursements validated", "Pencairan tervalidasi"),
        ("Loans whose proof an officer had accepted.", "Pinjaman yang bukti pencairannya diterima pendamping."),
        Unit.JUMLAH,
        Basis.TERVALIDASI,
        _validated,
        *named(Validation.loan_id, Validation.accepted, Validation.validated_on),
    ),
    _of_loans(
        "principal_disbursed",
        ("Principal disbursed", "Pokok tersalur"),
        ("Principal of these loans.", "Pokok pinjaman yang cair."),
        Unit.RUPIAH,
        Basis.DILAPORKAN,
        _portfolio("disbursed"),
        *_MONEY,
    ),
    _of_loans(
        "principal_repaid",
        ("Principal repaid", "Pokok dibayar"),
        ("Repayments made and reported by then.", "Pembayaran yang dilakukan dan dilaporkan sampai saat itu."),
        Unit.RUPIAH,
        Basis.DILAPORKAN,
        _portfolio("repaid", lambda c: c.repaid > 0),
        *_BOOK,
    ),
    _of_loans(
        "principal_outstanding",
        ("Principal outstanding", "Sisa pokok"),
        ("What was still owed.", "Pokok yang belum dibayar."),
        Unit.RUPIAH,
        Basis.DIHITUNG,
        _portfolio("outstanding", lambda c: c.outstanding > 0),
        *_BOOK,
    ),
    _of_loans(
        "outstanding_over_90_days",
        ("Outstanding, more than 90 days past due", "Sisa pokok menunggak lebih dari 90 hari"),
        ("Owed on loans more than 90 days past due.", "Sisa pokok pinjaman yang menunggak lebih dari 90 hari."),
        Unit.RUPIAH,
        Basis.DIHITUNG,
        _portfolio("outstandingOver90Days", lambda c: c.outstanding_over_90 > 0),
        *_BOOK,
    ),
    _of_loans(
        "loans_repaid_in_full",
        ("Loans repaid in full", "Pinjaman lunas"),
        ("Loans on which nothing was owed any more.", "Pinjaman yang seluruh pokoknya sudah dibayar."),
        Unit.JUMLAH,
        Basis.DIHITUNG,
        _portfolio("repaidInFull", lambda c: c.outstanding == 0),
        *_BOOK,
    ),
    _of_loans(
        "handed_over",
        ("Handed over to fund managers", "Diserahkan kepada agregator"),
        ("Principal that fintechs sent.", "Dana yang dikirim fintech."),
        Unit.RUPIAH,
        Basis.DILAPORKAN,
        _booked(PostingKind.SERAH_TERIMA_DIKIRIM, Account.DALAM_PERJALANAN),
        *_LEDGER,
    ),
    _of_loans(
        "received_by_fund_managers",
        ("Confirmed by fund managers", "Diterima agregator"),
        ("Principal whose receipt fund managers confirmed.", "Dana yang penerimaannya dikonfirmasi agregator."),
        Unit.RUPIAH,
        Basis.DILAPORKAN,
        _booked(PostingKind.SERAH_TERIMA_DITERIMA, Account.KAS_AGREGATOR),
        *_LEDGER,
    ),
    _of_loans(
        "passed_on",
        ("Passed on to people in need", "Disalurkan ulang"),
        ("What fund managers gave from it.", "Dana yang disalurkan ulang oleh agregator."),
        Unit.RUPIAH,
        Basis.DILAPORKAN,
        _booked(PostingKind.PENYALURAN_ULANG, Account.PENYALURAN_ULANG),
        *_LEDGER,
    ),
)
SHARES_OF_LOANS = (
    Share(
        name="tkb90",
        english="TKB90",
        indonesian="TKB90",
        defined="100 less the share of what is owed on loans more than 90 days past due; read it beside their number.",
        definisi="100 dikurangi bagian sisa pokok yang menunggak lebih dari 90 hari; baca bersama jumlah pinjamannya.",
        part="outstanding_over_90_days",
        whole="principal_outstanding",
        rest=True,
        beside=("loans_disbursed", "principal_disbursed", "principal_repaid"),
    ),
)

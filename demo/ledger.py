"""The ledger of the city: it reads the rows of money as they pass, and books each of them.

So the ledger holds exactly what the city's facts say, as it would had commands written them. Memory: one loan at a
time, and the handovers with what was given on from each.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from commands.ledger import Book, FundedLoan, Posting, Source
from demo.chance import at
from demo.loan_life import WRITTEN_OFF_AFTER_DAYS
from demo.plan import CityPlan
from demo.rows import Row
from kernel.money import Rupiah
from models.vocabulary import HandoverStatus, LoanStatus

_NOON = 12


@dataclass
class _Gift:
    """Onward aid: its fact, and what of it is not booked yet."""

    source: Source
    given_on: dt.date
    left: Rupiah


@dataclass
class _Handed:
    """A handover: its dates, and what of it is not booked yet."""

    sent_on: dt.date | None
    received_on: dt.date | None
    left: Rupiah
    gifts: list[_Gift] = field(default_factory=list)


class Bookkeeper:
    """Passes rows on, each fact of money followed by its postings."""

    def __init__(self, plan: CityPlan) -> None:
        self._plan = plan
        self._postings = 0
        self._handovers: dict[UUID, _Handed] = {}
        self._book: Book | None = None
        self._status = LoanStatus.DIUSULKAN
        self._owed: Rupiah = 0

    def booked(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, with postings and entries among them. A handover comes before its loans, a loan before its facts.

        A repayment counts as owed no more before the write-off comes.
        """
        for table, row in rows:
            yield table, row
            for posting in self._postings_of(table, row):
                yield from self._rows_of(posting)

    def _postings_of(self, table: str, row: dict[str, Any]) -> Iterator[Posting]:
        match table:
            case "handover":
                sent = row["status"] is not HandoverStatus.DRAF
                self._handovers[row["id"]] = _Handed(
                    row["sent_on"] if sent else None, row["received_on"], row["amount"]
                )
            case "onward_aid":
                gift = _Gift(Source(table, row["id"]), row["given_on"], row["amount"])
                self._handovers[row["handover_id"]].gifts.append(gift)
            case "loan":
                self._open(row)
            case "disbursement" | "repayment" | "handover_loan" | "problem_report" if self._book:
                yield from self._of_loan(self._book, table, row)

    def _open(self, row: dict[str, Any]) -> None:
        """Turn to the next loan; one that no collaboration funds has no book."""
        self._status, self._owed, self._book = row["status"], row["principal"], None
        if row["collaboration_id"] is not None:
            fees = row["admin_fee"] + row["origination_fee"] + row["insurance_premium"]
            self._book = Book(
                FundedLoan(
                    id=row["id"], collaboration_id=row["collaboration_id"], principal=row["principal"], fees=fees
                )
            )

    def _of_loan(self, book: Book, table: str, row: dict[str, Any]) -> Iterator[Posting]:
        source = Source(table, row["id"])
        match table:
            case "disbursement":
                amount, day, instant = row["amount"], row["disbursed_on"], row["reported_at"]
                yield book.funding(source, amount < 0, day, instant)
                yield book.disbursement(source, amount, day, instant)
            case "repayment":
                self._owed -= row["amount"]
                yield book.repayment(source, row["amount"], row["paid_on"], row["reported_at"])
            case "handover_loan":
                yield from self._handed_over(book, source, row["amount"], self._handovers[row["handover_id"]])
            case "problem_report" if self._status is LoanStatus.HAPUS:
                day = row["reported_on"] + dt.timedelta(WRITTEN_OFF_AFTER_DAYS)
                yield book.write_off(Source("loan", book.loan.id), self._owed, day, at(day, _NOON))

    def _handed_over(self, book: Book, source: Source, amount: Rupiah, handed: _Handed) -> Iterator[Posting]:
        """A loan's way through its handover; the first loans are given on first, and the last also what is too much."""
        handed.left -= amount
        if handed.sent_on is None:
            return
        yield book.handover_sent(source, amount, handed.sent_on, at(handed.sent_on, _NOON))
        if handed.received_on is None:
            return
        yield book.handover_received(source, amount, handed.received_on, at(handed.received_on, _NOON))
        for gift in handed.gifts:
            taken = min(gift.left, amount)
            beyond = gift.left - taken if handed.left == 0 else 0
            amount -= taken
            gift.left -= taken + beyond
            if taken or beyond:
                yield book.onward_aid(gift.source, taken, beyond, gift.given_on, at(gift.given_on, _NOON))

    def _rows_of(self, posting: Posting) -> Iterator[Row]:
        key = self._plan.key("ledger_posting", self._postings, posting.entry_on)
        self._postings += 1
        yield (
            "ledger_posting",
            {
                "id": key,
                "collaboration_id": posting.collaboration_id,
                "loan_id": posting.loan_id,
                "kind": posting.kind,
                "source_table": posting.source.table,
                "source_id": posting.source.id,
                "entry_on": posting.entry_on,
                "recorded_at": posting.recorded_at,
            },
        )
        for account, amount in posting.amounts.items():
            yield "ledger_entry", {"posting_id": key, "account": account, "amount": amount}

"""The balanced postings of each money event (pembukuan): small functions, used by the handlers and by the demo city.

Each takes a loan's money as declared and what the fact says, and gives a `Posting` that balances or does not exist. A
reversing fact has a negative amount and gives the mirrored posting. Source: `models/ledger.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar
from uuid import UUID

from kernel.errors import KsbbError
from kernel.money import Rupiah
from models.ledger import Account, PostingKind

K = TypeVar("K")


class PostingDoesNotBalance(KsbbError):
    """The rows of a posting do not sum to zero, or there is none."""

    code = "POSTING_DOES_NOT_BALANCE"

    def __init__(self, kind: PostingKind, total: Rupiah) -> None:
        super().__init__(
            f"A posting {kind} sums to Rp {total:,}: its rows must sum to 0 and there must be some. "
            "Check the amounts of the fact that it books.",
            kind=kind,
            total=total,
        )


class Source(NamedTuple):
    """The fact that a posting books: its table and key."""

    table: str
    id: UUID


@dataclass(frozen=True, kw_only=True)
class FundedLoan:
    """A loan of a collaboration, with its principal and the sum of its declared fees in whole rupiah."""

    id: UUID
    collaboration_id: UUID
    principal: Rupiah
    fees: Rupiah


@dataclass(frozen=True, kw_only=True)
class Posting:
    """One money event: balanced amounts by account, in whole rupiah, none of them zero.

    Raises:
        PostingDoesNotBalance: they are not balanced.
    """

    kind: PostingKind
    collaboration_id: UUID
    loan_id: UUID
    source: Source
    entry_on: dt.date
    recorded_at: dt.datetime
    amounts: Mapping[Account, Rupiah]

    def __post_init__(self) -> None:
        total = sum(self.amounts.values())
        if total or not self.amounts:
            raise PostingDoesNotBalance(self.kind, total)


@dataclass(frozen=True)
class Book:
    """Postings of one loan, from facts of a day that were recorded at an instant."""

    loan: FundedLoan

    def funding(self, source: Source, reversed_: bool, entry_on: dt.date, recorded_at: dt.datetime) -> Posting:
        """The donor's money comes to the fintech (or, reversed, goes back): the principal.

        The sources do not say when; booked with the disbursement that it pays, so that a loan that never was leaves
        no trace, and one that bounced leaves zero.
        """
        principal = -self.loan.principal if reversed_ else self.loan.principal
        return self._posting(
            PostingKind.PENDANAAN,
            source,
            entry_on,
            recorded_at,
            {Account.DONATUR: -principal, Account.KAS_FINTECH: principal},
        )

    def disbursement(self, source: Source, amount: Rupiah, entry_on: dt.date, recorded_at: dt.datetime) -> Posting:
        """The business owes the principal, got the amount, and paid the declared fees; what is missing is a difference.

        A negative amount is a transfer that came back: everything mirrored.
        """
        sign = -1 if amount < 0 else 1
        owed, fees = sign * self.loan.principal, sign * self.loan.fees
        return self._posting(
            PostingKind.PENCAIRAN,
            source,
            entry_on,
            recorded_at,
            {
                Account.PIUTANG: owed,
                Account.KAS_FINTECH: -amount,
                Account.BIAYA: -fees,
                Account.SELISIH: amount + fees - owed,
            },
        )

    def repayment(self, source: Source, amount: Rupiah, entry_on: dt.date, recorded_at: dt.datetime) -> Posting:
        """Principal comes back to the fintech; a negative amount reverses a report."""
        return self._posting(
            PostingKind.PEMBAYARAN,
            source,
            entry_on,
            recorded_at,
            {Account.KAS_FINTECH: amount, Account.PIUTANG: -amount},
        )

    def write_off(self, source: Source, outstanding: Rupiah, entry_on: dt.date, recorded_at: dt.datetime) -> Posting:
        """What is still owed is given up by decision."""
        return self._posting(
            PostingKind.PENGHAPUSAN,
            source,
            entry_on,
            recorded_at,
            {Account.PENGHAPUSAN: outstanding, Account.PIUTANG: -outstanding},
        )

    def handover_sent(self, source: Source, amount: Rupiah, entry_on: dt.date, recorded_at: dt.datetime) -> Posting:
        """Repaid money leaves the fintech; until it is confirmed it is on its way."""
        return self._posting(
            PostingKind.SERAH_TERIMA_DIKIRIM,
            source,
            entry_on,
            recorded_at,
            {Account.DALAM_PERJALANAN: amount, Account.KAS_FINTECH: -amount},
        )

    def handover_received(self, source: Source, amount: Rupiah, entry_on: dt.date, recorded_at: dt.datetime) -> Posting:
        """The fund manager confirms that it has the money."""
        return self._posting(
            PostingKind.SERAH_TERIMA_DITERIMA,
            source,
            entry_on,
            recorded_at,
            {Account.KAS_AGREGATOR: amount, Account.DALAM_PERJALANAN: -amount},
        )

    def onward_aid(
        self, source: Source, amount: Rupiah, beyond: Rupiah, entry_on: dt.date, recorded_at: dt.datetime
    ) -> Posting:
        """The fund manager passes money on: of this loan's money, and `beyond` it, which is then a difference."""
        return self._posting(
            PostingKind.PENYALURAN_ULANG,
            source,
            entry_on,
            recorded_at,
            {
                Account.PENYALURAN_ULANG: amount + beyond,
                Account.KAS_AGREGATOR: -amount,
                Account.SELISIH: -beyond,
            },
        )

    def _posting(
        self,
        kind: PostingKind,
        source: Source,
        entry_on: dt.date,
        recorded_at: dt.datetime,
        amounts: Mapping[Account, Rupiah],
    ) -> Posting:
        return Posting(
            kind=kind,
            collaboration_id=self.loan.collaboration_id,
            loan_id=self.loan.id,
            source=source,
            entry_on=entry_on,
            recorded_at=recorded_at,
            amounts={account: amount for account, amount in amounts.items() if amount},
        )


def shares(amount: Rupiah, left: Mapping[K, Rupiah]) -> Iterator[tuple[K, Rupiah]]:
    """An amount taken from what is left of several, in their order, the first one emptied first.

    Yields who gives how much, nobody nothing. What is more than all have is not yielded.
    """
    for who, has in left.items():
        if not amount:
            return
        if taken := min(amount, has):
            amount -= taken
            yield who, taken

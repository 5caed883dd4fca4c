"""The trace of a collaboration: pledge, loans, repayments, handover, onward aid, to the rupiah.

Each figure of the facts stands beside the one of the ledger; where both are right they are equal.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from random import SystemRandom
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.invariants.loans import FEES
from commands.invariants.rule import total
from kernel.clock import Clock
from kernel.errors import KsbbError
from kernel.keys import KeyMaker
from kernel.money import Rupiah
from models.audit import AuditEntry
from models.collaboration import Collaboration, Pledge
from models.handover import Handover, HandoverLoan
from models.ledger import Account, LedgerEntry, LedgerPosting, PostingKind
from models.loan import Disbursement, Loan, Repayment
from models.vocabulary import HandoverStatus, LoanStatus, PledgeStatus
from policy.viewer import Role

_STANDING = (PledgeStatus.DITERIMA, PledgeStatus.TERPENUHI_SEBAGIAN, PledgeStatus.TERPENUHI)


class NoSuchCollaboration(KsbbError):
    """No collaboration has this number."""

    code = "NO_SUCH_COLLABORATION"

    def __init__(self, number: str) -> None:
        super().__init__(
            f"No collaboration has the number {number!r}. Give it as issued, such as KSBB-UMK-2020-7K3M9K.",
            number=number,
        )


@dataclass(frozen=True, kw_only=True)
class Money:
    """Where the money of a loan (or of all) is, in whole rupiah, by what the facts say or the ledger does.

    `received` counts handovers that were confirmed; what was sent and not confirmed is `handed_over - received`.
    """

    principal: Rupiah
    fees: Rupiah
    disbursed: Rupiah
    repaid: Rupiah
    written_off: Rupiah
    handed_over: Rupiah
    received: Rupiah


@dataclass(frozen=True, kw_only=True)
class LoanTrace:
    """One paid out loan: facts beside ledger, and the onward aid that its money became, as the ledger booked it."""

    id: str
    status: LoanStatus
    facts: Money
    ledger: Money
    passed_on: Rupiah


@dataclass(frozen=True, kw_only=True)
class Trace:
    """A collaboration from its pledges to the aid that its money became; amounts in whole rupiah."""

    number: str
    pledged: Rupiah
    facts: Money
    ledger: Money
    passed_on: Rupiah
    balances: Mapping[Account, Rupiah]
    loans: tuple[LoanTrace, ...]

    @property
    def differences(self) -> dict[str, Rupiah]:
        """By how much the facts are more than the ledger says, where they are."""
        facts, booked = asdict(self.facts), asdict(self.ledger)
        return {name: facts[name] - booked[name] for name in facts if facts[name] != booked[name]}

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {**asdict(self), "differences": self.differences}

    def lines(self) -> Iterator[str]:
        """For a terminal."""
        yield f"{self.number}: pledged (komitmen) {_rupiah(self.pledged)}"
        yield from (f"  {line}" for line in _steps(self.facts, self.passed_on))
        for loan in self.loans:
            yield f"{loan.id} {loan.status}"
            yield from (f"  {line}" for line in _steps(loan.facts, loan.passed_on))
        yield "ledger (buku besar)"
        yield from (f"  {account.label_en} ({account.label_id}) {_rupiah(b)}" for account, b in self.balances.items())
        for name, amount in self.differences.items():
            yield f"DIFFERENCE {name} {_rupiah(amount)}"


def _steps(money: Money, passed_on: Rupiah) -> Iterator[str]:
    yield f"lent (pokok) {_rupiah(money.principal)}"
    yield f"fees withheld (biaya) {_rupiah(money.fees)}, disbursed (dicairkan) {_rupiah(money.disbursed)}"
    yield f"repaid (dibayar) {_rupiah(money.repaid)}, written off (dihapus) {_rupiah(money.written_off)}"
    yield f"handed over (diserahkan) {_rupiah(money.handed_over)}, received (diterima) {_rupiah(money.received)}"
    yield f"passed on (disalurkan ulang) {_rupiah(passed_on)}"


def _rupiah(amount: Rupiah) -> str:
    return f"Rp {amount:,}"


async def trace(connection: AsyncConnection, number: str) -> Trace:
    """Follow the money of the collaboration with a number. Loans that were never paid out are not in it.

    Raises:
        NoSuchCollaboration: there is none.
    """
    pledged = total(Pledge.estimated_value, Pledge.collaboration_id == Collaboration.id, Pledge.status.in_(_STANDING))
    query = select(Collaboration.id, pledged).where(Collaboration.number == number)
    found = (await connection.execute(query)).one_or_none()
    if found is None:
        raise NoSuchCollaboration(number)
    loans = await _loans(connection, found[0])
    return Trace(
        number=number,
        pledged=int(found[1]),
        facts=_sum([loan.facts for loan in loans]),
        ledger=_sum([loan.ledger for loan in loans]),
        passed_on=sum(loan.passed_on for loan in loans),
        balances=await _balances(connection, found[0]),
        loans=loans,
    )


async def logged_trace(connection: AsyncConnection, number: str, by: str, clock: Clock) -> Trace:
    """The trace that somebody at the machine asks for; it tells of persons' money, so that the audit trail tells of it.

    Raises:
        NoSuchCollaboration: there is none.
    """
    found = await trace(connection, number)
    entry = insert(AuditEntry).values(
        id=KeyMaker(SystemRandom(), clock).new(),
        at=clock.now(),
        role=Role.ADMIN,
        subject=by,
        act="READ",
        purpose=f"ksbb check --collaboration {number}",
        details={"fields": _TOLD, "rows": len(found.loans)},
    )
    await connection.execute(entry)
    return found


_TOLD = ["disbursement.amount", "handover_loan.amount", "loan.principal", "loan.status", "repayment.amount"]


def _sum(parts: list[Money]) -> Money:
    columns = [asdict(part) for part in parts]
    return Money(**{name: sum(c[name] for c in columns) for name in Money.__dataclass_fields__})


async def _loans(connection: AsyncConnection, collaboration_id: Any) -> tuple[LoanTrace, ...]:
    ever = select(Disbursement.loan_id).where(Disbursement.loan_id == Loan.id).exists()
    facts, booked = _facts(), _booked()
    passed_on = _of(PostingKind.PENYALURAN_ULANG, Account.PENYALURAN_ULANG, 1)
    query = (
        select(Loan.public_id, Loan.status, *facts, *booked, passed_on)
        .where(Loan.collaboration_id == collaboration_id, ever)
        .order_by(Loan.id)
    )
    made = []
    for id_, status, *amounts in await connection.execute(query):
        whole = [int(amount) for amount in amounts]
        first, second = (
            Money(**dict(zip(Money.__dataclass_fields__, part, strict=True)))
            for part in (whole[: len(facts)], whole[len(facts) : -1])
        )
        made.append(LoanTrace(id=id_, status=status, facts=first, ledger=second, passed_on=whole[-1]))
    return tuple(made)


def _facts() -> list[ColumnElement[Any]]:
    """What the facts say of a loan, in the order of `Money`."""
    stands = Loan.disbursed_on.is_not(None)
    repaid = total(Repayment.amount, Repayment.loan_id == Loan.id)
    inside = and_(HandoverLoan.loan_id == Loan.id, HandoverLoan.handover_id == Handover.id)
    return [
        case((stands, Loan.principal), else_=0),
        case((stands, FEES), else_=0),
        total(Disbursement.amount, Disbursement.loan_id == Loan.id),
        repaid,
        case((Loan.status == LoanStatus.HAPUS, Loan.principal - repaid), else_=0),
        total(HandoverLoan.amount, inside, Handover.status != HandoverStatus.DRAF),
        total(HandoverLoan.amount, inside, Handover.status == HandoverStatus.DITERIMA),
    ]


def _booked() -> list[ColumnElement[Any]]:
    """What the ledger says of a loan, in the order of `Money`."""
    kind = PostingKind
    return [
        _of(kind.PENCAIRAN, Account.PIUTANG, 1),
        _of(kind.PENCAIRAN, Account.BIAYA, -1),
        _of(kind.PENCAIRAN, Account.KAS_FINTECH, -1),
        _of(kind.PEMBAYARAN, Account.PIUTANG, -1),
        _of(kind.PENGHAPUSAN, Account.PENGHAPUSAN, 1),
        _of(kind.SERAH_TERIMA_DIKIRIM, Account.DALAM_PERJALANAN, 1),
        _of(kind.SERAH_TERIMA_DITERIMA, Account.KAS_AGREGATOR, 1),
    ]


def _of(kind: PostingKind, account: Account, sign: int) -> ColumnElement[Any]:
    booked = total(
        LedgerEntry.amount,
        LedgerEntry.posting_id == LedgerPosting.id,
        LedgerPosting.loan_id == Loan.id,
        LedgerPosting.kind == kind,
        LedgerEntry.account == account,
    )
    return sign * booked


async def _balances(connection: AsyncConnection, collaboration_id: Any) -> dict[Account, Rupiah]:
    query = (
        select(LedgerEntry.account, func.sum(LedgerEntry.amount))
        .join(LedgerPosting, LedgerPosting.id == LedgerEntry.posting_id)
        .where(LedgerPosting.collaboration_id == collaboration_id)
        .group_by(LedgerEntry.account)
    )
    found = {account: int(amount) for account, amount in await connection.execute(query)}
    return {account: found[account] for account in Account if account in found}

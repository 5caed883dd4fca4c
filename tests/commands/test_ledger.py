"""The ledger balances, stays as it was written, and books every money event."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio
from hypothesis import given
from hypothesis import strategies as st

from commands.ledger import Book, FundedLoan, Posting, PostingDoesNotBalance, Source, shares
from models.base import SCHEMA
from models.ledger import Account, PostingKind
from tests.conftest import City

DAY = dt.date(2021, 3, 1)
NOW = dt.datetime(2021, 3, 2, 3, tzinfo=dt.UTC)
FACT = Source("disbursement", UUID(int=1))
LOAN = UUID(int=7)
amounts = st.integers(min_value=1, max_value=10_000_000)


def a_book(principal: int = 5_000_000, fees: int = 100_000) -> Book:
    return Book(FundedLoan(id=LOAN, collaboration_id=UUID(int=8), principal=principal, fees=fees))


def balance(*postings: Posting) -> dict[Account, int]:
    """What is on each account after some postings, but for those with nothing."""
    sums: Counter[Account] = Counter()
    for posting in postings:
        sums.update(posting.amounts)
    return {account: amount for account, amount in sums.items() if amount}


@pytest_asyncio.fixture
async def tables(walled_city: City) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner of the tables; what a test writes is undone."""
    connection = await asyncpg.connect(walled_city.server.uri(), server_settings={"search_path": SCHEMA})
    undone = connection.transaction()
    await undone.start()
    yield connection
    await undone.rollback()
    await connection.close()


def test_a_posting_that_does_not_balance_cannot_be_made() -> None:
    with pytest.raises(PostingDoesNotBalance, match="sums to Rp 1"):
        Posting(
            kind=PostingKind.PEMBAYARAN,
            collaboration_id=UUID(int=8),
            loan_id=LOAN,
            source=FACT,
            entry_on=DAY,
            recorded_at=NOW,
            amounts={Account.KAS_FINTECH: 1},
        )


def test_a_disbursement_owes_the_principal_whatever_was_withheld() -> None:
    assert a_book().disbursement(FACT, 4_900_000, DAY, NOW).amounts == {
        Account.PIUTANG: 5_000_000,
        Account.KAS_FINTECH: -4_900_000,
        Account.BIAYA: -100_000,
    }


def test_what_was_not_paid_out_as_declared_is_a_difference() -> None:
    assert a_book().disbursement(FACT, 4_800_000, DAY, NOW).amounts[Account.SELISIH] == -100_000


@given(amounts, amounts, amounts)
def test_what_is_reversed_leaves_nothing(principal: int, fees: int, amount: int) -> None:
    book = a_book(principal, fees)
    there = [book.funding(FACT, False, DAY, NOW), book.disbursement(FACT, amount, DAY, NOW)]
    back = [book.funding(FACT, True, DAY, NOW), book.disbursement(FACT, -amount, DAY, NOW)]
    repaid = [book.repayment(FACT, amount, DAY, NOW), book.repayment(FACT, -amount, DAY, NOW)]
    assert balance(*there, *back, *repaid) == {}


@given(amounts, st.data())
def test_money_that_went_all_the_way_is_the_donors_and_was_passed_on(principal: int, data: st.DataObject) -> None:
    fees = data.draw(st.integers(min_value=0, max_value=principal - 1))
    first = data.draw(st.integers(min_value=1, max_value=principal))
    book = a_book(principal, fees)
    parts = [part for part in (first, principal - first) if part]
    after = balance(
        book.funding(FACT, False, DAY, NOW),
        book.disbursement(FACT, principal - fees, DAY, NOW),
        *(book.repayment(FACT, part, DAY, NOW) for part in parts),
        book.handover_sent(FACT, principal, DAY, NOW),
        book.handover_received(FACT, principal, DAY, NOW),
        *(book.onward_aid(FACT, part, 0, DAY, NOW) for part in parts),
    )
    kept = {Account.KAS_FINTECH: fees, Account.BIAYA: -fees} if fees else {}
    assert after == {Account.DONATUR: -principal, Account.PENYALURAN_ULANG: principal, **kept}


@given(st.integers(min_value=0, max_value=100), st.lists(st.integers(min_value=0, max_value=30)))
def test_shares_add_up_to_the_amount_or_to_all_there_is(amount: int, left: list[int]) -> None:
    given_ = list(shares(amount, dict(enumerate(left))))
    assert sum(part for _, part in given_) == min(amount, sum(left))
    assert all(0 < part <= left[who] for who, part in given_)


async def test_the_database_refuses_a_posting_that_does_not_balance(tables: asyncpg.Connection) -> None:
    await tables.execute("insert into ledger_entry select id, 'SELISIH', 1 from ledger_posting limit 1")
    with pytest.raises(asyncpg.CheckViolationError, match="does not balance"):
        await tables.execute("set constraints all immediate")


@pytest.mark.parametrize("change", ["update ledger_entry set amount = 2", "delete from ledger_entry"])
async def test_the_database_refuses_to_change_an_entry(tables: asyncpg.Connection, change: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="reversing entry"):
        await tables.execute(change)


@pytest.mark.parametrize("change", ["update ledger_posting set entry_on = now()", "delete from ledger_posting"])
async def test_the_database_refuses_to_change_a_posting(tables: asyncpg.Connection, change: str) -> None:
    with pytest.raises(asyncpg.RestrictViolationError, match="reversing entry"):
        await tables.execute(change)


async def test_the_role_that_writes_adds_entries_and_changes_none(tables: asyncpg.Connection) -> None:
    for table in ("ksbb.ledger_posting", "ksbb.ledger_entry"):
        may = {
            right: await tables.fetchval("select has_table_privilege('ksbb_writer', $1, $2)", table, right)
            for right in ("select", "insert", "update", "delete")
        }
        assert may == {"select": True, "insert": True, "update": False, "delete": False}

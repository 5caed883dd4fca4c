"""Each collaboration can be followed from its pledge to the onward aid, to the rupiah."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Column, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commands.trace import NoSuchCollaboration, Trace, logged_trace, trace
from kernel.clock import FixedClock
from models.all import METADATA
from models.audit import AuditEntry
from models.base import SCHEMA
from models.collaboration import Collaboration
from models.handover import HandoverLoan, OnwardAid
from models.ledger import Account
from models.loan import Repayment
from models.privacy import Privacy, privacy_of
from models.vocabulary import PackageKind
from models.writing import writing
from tests.conftest import City

NEW_YEAR = dt.datetime(2022, 1, 1, tzinfo=dt.UTC)


@pytest_asyncio.fixture
async def tables(walled_city: City) -> AsyncIterator[AsyncConnection]:
    """A connection as the owner of the tables."""
    async with writing(walled_city.server.uri()) as connection:
        yield connection


async def traces(tables: AsyncConnection) -> list[Trace]:
    """Of all loan collaborations with a number."""
    numbers = select(Collaboration.number).where(
        Collaboration.package_kind == PackageKind.PINJAMAN_MODAL, Collaboration.number.is_not(None)
    )
    return [await trace(tables, number) for number in (await tables.execute(numbers)).scalars().all() if number]


async def test_facts_and_ledger_agree_for_every_collaboration(tables: AsyncConnection) -> None:
    found = await traces(tables)
    assert {made.number: made.differences for made in found if made.differences} == {}
    assert all(sum(made.balances.values()) == 0 for made in found)


async def test_the_traces_together_are_all_the_money_there_is(tables: AsyncConnection) -> None:
    found = await traces(tables)
    for amount, traced in (
        (Repayment.amount, sum(made.facts.repaid for made in found)),
        (OnwardAid.amount, sum(made.passed_on for made in found)),
    ):
        assert (await tables.execute(select(func.sum(amount)))).scalar_one() == traced
    handed = sum(made.facts.handed_over for made in found)
    assert 0 < handed <= (await tables.execute(select(func.sum(HandoverLoan.amount)))).scalar_one()


async def test_a_trace_for_somebody_stands_in_the_audit_trail_without_an_amount(tables: AsyncConnection) -> None:
    made = max(await traces(tables), key=lambda one: len(one.loans))
    assert await logged_trace(tables, made.number, "petugas", FixedClock(NEW_YEAR)) == made
    entry = (await tables.execute(select(AuditEntry).where(AuditEntry.subject == "petugas"))).mappings().one()
    assert (entry["act"], entry["details"]["rows"]) == ("READ", len(made.loans))
    assert set(entry["details"]) == {"fields", "rows"}
    assert all(privacy_of(column_named(field)) is Privacy.FINANCE for field in entry["details"]["fields"])
    await tables.rollback()


def column_named(field: str) -> Column[Any]:
    table, _, column = field.partition(".")
    return METADATA.tables[f"{SCHEMA}.{table}"].columns[column]


async def test_no_money_is_lost_between_two_steps(tables: AsyncConnection) -> None:
    for made in await traces(tables):
        facts, balances = made.facts, made.balances
        owed = facts.principal - facts.repaid - facts.written_off
        assert balances.get(Account.PIUTANG, 0) == owed
        assert balances.get(Account.DALAM_PERJALANAN, 0) == facts.handed_over - facts.received
        left = facts.received - balances.get(Account.KAS_AGREGATOR, 0)
        assert made.passed_on - left in (0, 1_000_000)  # two gifts of the city are more than was received, by design


async def test_a_trace_is_told_line_by_line(tables: AsyncConnection) -> None:
    made = max(await traces(tables), key=lambda one: one.passed_on)
    told = "\n".join(made.lines())
    assert f"passed on (disalurkan ulang) Rp {made.passed_on:,}" in told
    assert "DIFFERENCE" not in told
    assert made.as_dict()["differences"] == {}


async def test_a_number_that_was_not_issued_is_refused(tables: AsyncConnection) -> None:
    with pytest.raises(NoSuchCollaboration, match="as issued"):
        await trace(tables, "KSBB-UMK-2020-000000")

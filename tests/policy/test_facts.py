"""What was recorded stays as it was, whoever asks: also the owner of the tables, whom no grant stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import pytest

from tests.conftest import City
from tests.policy.conftest import owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

FACTS = (
    *("audit_entry", "disbursement", "finding_step", "follow_up", "handover_loan", "intake_step", "repayment"),
    *("sekda_report", "validation"),
)
ENTRY = (
    "insert into ksbb.audit_entry (id, at, role, subject, act, details)"
    " values ($1, '2021-01-01T00:00Z', 'ADMIN', 'somebody', 'READ', '{}')"
)
FAR = 10**12
"""A position in the chain that no other entry has."""


@asynccontextmanager
async def nothing_kept(city: City) -> AsyncIterator[asyncpg.Connection]:
    """A connection as the owner of the tables, in a transaction that is taken back."""
    async with owner_of(city.server) as owner:
        transaction = owner.transaction()
        await transaction.start()
        yield owner
        await transaction.rollback()


async def refused(owner: asyncpg.Connection, sql: str) -> bool:
    """Whether a statement is refused as one that changes a fact; what it did is taken back."""
    transaction = owner.transaction()
    await transaction.start()
    try:
        await owner.execute(sql)
    except asyncpg.PostgresError as error:
        return bool(error.sqlstate == "23001")
    finally:
        await transaction.rollback()
    return False


@pytest.mark.parametrize("table", FACTS)
async def test_a_fact_is_never_changed_or_deleted(walled_city: City, table: str) -> None:
    async with nothing_kept(walled_city) as owner:
        if table == "audit_entry":
            await owner.execute(ENTRY, UUID(int=1))
        column = "act" if table == "audit_entry" else "public_id"
        assert await owner.fetchval(f"select count(*) from ksbb.{table}")
        assert await refused(owner, f"update ksbb.{table} set {column} = 'other'")
        assert await refused(owner, f"delete from ksbb.{table}")
        assert await refused(owner, f"truncate ksbb.{table} cascade")


async def test_a_handover_changes_its_state_but_neither_its_amount_nor_its_parties(walled_city: City) -> None:
    async with nothing_kept(walled_city) as owner:
        for change in ("amount = amount + 1", "fintech_id = fund_manager_id", "fund_manager_id = fintech_id"):
            assert await refused(owner, f"update ksbb.handover set {change}"), change
        assert await refused(owner, "delete from ksbb.handover")
        assert not await refused(owner, "update ksbb.handover set status = 'DITERIMA', received_on = '2021-12-31'")


async def test_an_audit_entry_gets_its_place_in_the_chain_whole_and_once(walled_city: City) -> None:
    async with nothing_kept(walled_city) as owner:
        await owner.execute(ENTRY, UUID(int=1))
        mine = f"id = '{UUID(int=1)}'"  # others may have their place already
        assert await refused(owner, f"update ksbb.audit_entry set position = {FAR}, hash = 'x' where {mine}")
        place = f"position = {FAR}, hash = 'x', sealed_on = '2022-01-01'"
        await owner.execute(f"update ksbb.audit_entry set {place} where {mine}")
        assert await refused(owner, f"update ksbb.audit_entry set hash = 'y' where {mine}")

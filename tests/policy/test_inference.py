"""What one permitted fact tells of another: links, kinds, dates and orders that would say what a treatment hides."""

from __future__ import annotations

import pytest

from policy.viewer import Role
from tests.conftest import Asking, City
from tests.policy.conftest import as_viewer, owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

# ---- around a loan

_WITHOUT_CLEAR_FINANCE = [Role.DINAS, Role.KOLABORATOR, Role.AGREGATOR, Role.WILAYAH, Role.DISKOMINFOTIK, Role.PUBLIK]


@pytest.mark.parametrize("role", _WITHOUT_CLEAR_FINANCE)
async def test_evidence_checks_and_visits_of_a_loan_are_for_those_who_read_its_money(
    walled_city: City, role: Role
) -> None:
    """A report of trouble, an invoice or a validation would say which loan is in arrears, and when it was paid out."""
    async with owner_of(walled_city.server) as owner, as_viewer(walled_city, walled_city.viewer(role)) as connection:
        for table in ("document", "validation", "mentoring_visit"):
            of_loans = await owner.fetch(f"select public_id from ksbb.{table} where loan_id is not null")
            assert of_loans, table
            exists = await connection.fetchval("select to_regclass($1) is not null", table)
            mine = await connection.fetch(f"select public_id from {table}") if exists else []
            assert not {row["public_id"] for row in of_loans} & {row["public_id"] for row in mine}, table


@pytest.mark.parametrize("role", [Role.WILAYAH, Role.PUBLIK])
async def test_a_business_that_has_only_a_loan_looks_like_one_that_has_nothing(walled_city: City, role: Role) -> None:
    """A lurah sees that help came, never who owes; the public cannot watch a count of persons move with a loan."""
    async with owner_of(walled_city.server) as owner, as_viewer(walled_city, walled_city.viewer(role)) as connection:
        lent = await owner.fetch(
            "select b.public_id from ksbb.business b join ksbb.loan l on l.business_id = b.id"
            " where l.disbursed_on is not null and not exists (select from ksbb.delivery_recipient r"
            " where r.business_id = b.id and r.received_on is not null)"
        )
        seen = "select count(*) from business where public_id = any ($1)"
        ids = [row["public_id"] for row in lent]
        assert await connection.fetchval(seen, ids) > 0
        assert await connection.fetchval(f"{seen} and has_received", ids) == 0


async def test_nobody_in_public_sees_a_training_whose_delivery_was_not_validated(
    walled_city: City, ask: Asking
) -> None:
    async with owner_of(walled_city.server) as owner:
        rows = await owner.fetch(
            "select s.public_id, d.validated_on is not null as validated from ksbb.training_session s"
            " join ksbb.delivery d on d.id = s.delivery_id"
        )
    assert {row["validated"] for row in rows} == {True, False}
    answer = await ask(Role.PUBLIK, "{ trainingSessions(first: 200) { nodes { id } } }")
    seen = {node["id"] for node in answer["data"]["trainingSessions"]["nodes"]}
    assert seen == {row["public_id"] for row in rows if row["validated"]}

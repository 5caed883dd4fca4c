"""What one permitted fact tells of another: links, kinds, dates and orders that would say what a treatment hides."""

from __future__ import annotations

import pytest

from policy.viewer import Role
from policy.wall import views
from resolvers.paging import last_key
from schema.nouns import CATALOGUE
from tests.conftest import Asking, City
from tests.policy import promises
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


# ---- what a link leads to

_PLACE_IN_GENERAL = [Role.PUBLIK, Role.AGREGATOR, Role.BIRO_KSD, Role.DISKOMINFOTIK]


async def _fields(ask: Asking, role: Role, type_: str) -> set[str]:
    document = "query($t: String!) { __type(name: $t) { fields { name } inputFields { name } } }"
    found = (await ask(role, document, {"t": type_}))["data"]["__type"]
    return {field["name"] for field in found["fields"] or found["inputFields"]}


@pytest.mark.parametrize("role", _PLACE_IN_GENERAL)
async def test_who_reads_places_in_general_form_is_not_led_to_the_site_of_a_business(ask: Asking, role: Role) -> None:
    assert "place" not in await _fields(ask, role, "Recipient")
    assert "place" not in await _fields(ask, role, "RecipientFilter")
    assert "recipients" not in await _fields(ask, role, "Place")


async def test_a_donor_is_led_to_the_site_of_a_business_while_contact_is_open_only(walled_city: City) -> None:
    viewer = walled_city.viewer(Role.KOLABORATOR)
    async with owner_of(walled_city.server) as owner, as_viewer(walled_city, viewer) as connection:
        opened = await owner.fetch(
            "select distinct business_id as id from ksbb.involvement"
            " where contact_open and collaborator_id = $1::uuid and business_id is not null",
            viewer.institution_id,
        )
        at_a_site = await owner.fetch("select id from ksbb.business where place_id is not null")
        shown = await connection.fetch("select id from business where place_id is not null")
    both = {row["id"] for row in opened} & {row["id"] for row in at_a_site}
    assert both < {row["id"] for row in at_a_site}
    assert {row["id"] for row in shown} == both


async def test_no_row_about_a_business_leads_the_steward_to_it_or_to_where_it_is(ask: Asking) -> None:
    """Its public id is the same for everybody, and gives anybody the name and kelurahan of a listed business."""
    role = Role.DISKOMINFOTIK
    for type_ in ("Loan", "Need", "DeliveryRecipient"):
        for suffix in ("", "Filter"):
            links = await _fields(ask, role, f"{type_}{suffix}") & {"recipient", "owner", "delivery", "collaboration"}
            assert links == ({"collaboration"} if type_ == "Loan" else set()), (type_, suffix)
    for suffix in ("", "Filter"):
        assert not await _fields(ask, role, f"Recipient{suffix}") & {"loans", "needs", "received", "place"}
    assert not await _fields(ask, role, "Recipient") & {"assets", "yearlyTurnover"}


async def test_the_steward_reads_the_kecamatan_of_a_need_of_a_business(walled_city: City) -> None:
    async with (
        owner_of(walled_city.server) as owner,
        as_viewer(walled_city, walled_city.viewer(Role.DISKOMINFOTIK)) as connection,
    ):
        expected = await owner.fetch(
            "select id, case when business_id is null then region_code else left(region_code, 8) end from ksbb.need"
            " order by id"
        )
        assert await connection.fetch("select id, region_code from need order by id") == expected


@pytest.mark.parametrize("role", [Role.DINAS, Role.DISKOMINFOTIK, Role.KOLABORATOR])
async def test_who_received_the_repaid_money_is_for_those_who_read_the_money(ask: Asking, role: Role) -> None:
    assert "fundManager" not in await _fields(ask, role, "Loan")
    assert "fundManager" not in await _fields(ask, role, "LoanFilter")


# ---- what an order tells


@pytest.mark.parametrize("role", [Role.DINAS, Role.DISKOMINFOTIK, Role.KOLABORATOR])
async def test_a_list_of_loans_is_in_no_order_of_time_for_whom_dates_are_general(ask: Asking, role: Role) -> None:
    """Keys are made as time goes by: in their order a list would date each loan between its neighbours."""
    for order in ("", ", orderBy: [{field: PROPOSED_ON}]"):
        query = f"{{ loans(first: 200{order}) {{ nodes {{ id proposedOn }} }} }}"
        nodes = (await ask(role, query))["data"]["loans"]["nodes"]
        assert len(nodes) > 1
        parts = [(node["proposedOn"] if order else "", node["id"]) for node in nodes]
        assert parts == sorted(parts)


async def test_an_order_ends_in_the_opaque_identifier_exactly_where_days_are_hidden() -> None:
    for noun in CATALOGUE.nouns.values():
        for role in Role:
            if noun.table.name in views(role):
                opaque = role.value in promises.DAYS_HIDDEN.get(noun.table.name, "").split()
                assert last_key(noun, role) == ("public_id" if opaque else noun.key.key), (noun.name, role)

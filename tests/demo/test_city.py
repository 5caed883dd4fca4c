"""The demo city is the same every time, unmistakably synthetic, and shows the whole life cycle."""

from __future__ import annotations

from collections import Counter

import asyncpg
import pytest

from demo.cast import Cast, NobodyThere, cast
from demo.city import CityAlreadyThere, CitySize, CitySummary, build
from demo.identity import identity
from demo.plan import CUT_OFF, CityPlan
from demo.size import SMALL, CityTooSmall
from geo.regions import regions
from kernel.collaboration_id import read_collaboration_id
from kernel.family_card import read_family_card
from kernel.nik import read_nik
from models.all import METADATA
from models.base import SCHEMA
from models.server import Server
from models.vocabulary import AccreditationStatus, DiscrepancyStatus, HandoverStatus, IntakeStatus, LoanStatus
from policy.viewer import SCOPE_OF, Role
from tests.demo.conftest import SECRETS, a_city

EMPTY = {
    *("audit_entry", "command_receipt", "event", "imported_file", "release", "subscription", "webhook_delivery"),
    *("event_log", "event_sight", "token_revocation", "held_release", "release_approval", "publication_request"),
    *("told_group", "audit_root", "api_key", "reveal", "reveal_year"),
}
"""What only commands, imports, the publisher, the sequencer and migrations write."""


async def test_a_city_is_the_same_every_time(server: Server, city: asyncpg.Connection) -> None:
    await a_city(server, "again", SMALL)
    again = await asyncpg.connect(server.uri("again"), server_settings={"search_path": SCHEMA})
    for table in METADATA.tables.values():
        digest = f"select md5(string_agg(t::text, '|' order by t::text)) from {table.name} t"
        assert await again.fetchval(digest) == await city.fetchval(digest), table.name
    await again.close()


async def test_another_seed_is_another_city(server: Server, city: asyncpg.Connection) -> None:
    await a_city(server, "other", CitySize.of_recipients(1_000, seed=7))
    other = await asyncpg.connect(server.uri("other"), server_settings={"search_path": SCHEMA})
    one = {row[0] for row in await city.fetch("select id from business")}
    assert one.isdisjoint({row[0] for row in await other.fetch("select id from business")})
    assert await other.fetchval("select count(*) from discrepancy") == 12
    await other.close()


async def test_every_table_has_rows_but_those_that_others_write(summary: CitySummary) -> None:
    tables = {table.name for table in METADATA.tables.values()}
    assert tables - EMPTY == set(summary.rows)


@pytest.mark.parametrize(
    ("table", "statuses"),
    [
        ("loan", LoanStatus),
        ("accreditation", AccreditationStatus),
        ("discrepancy", DiscrepancyStatus),
        ("handover", HandoverStatus),
        ("intake_application", IntakeStatus),
    ],
)
async def test_every_status_occurs(city: asyncpg.Connection, table: str, statuses: type[LoanStatus]) -> None:
    found = {row[0] for row in await city.fetch(f"select distinct status from {table}")}
    assert found == {status.value for status in statuses}


async def test_people_are_unmistakably_synthetic(city: asyncpg.Connection) -> None:
    for row in await city.fetch("select nik, nik_last4, nik_hash, family_card, name, phone, sex, born_on from owner"):
        digits = SECRETS.decrypt(row["nik"], "owner.nik")
        nik = read_nik(digits, regions().keys(), CUT_OFF)
        assert digits[12:14] == "99"
        assert (nik.last_four, nik.sex.value, nik.birth_date) == (row["nik_last4"], row["sex"], row["born_on"])
        assert SECRETS.blind(digits, "owner.nik") == row["nik_hash"]
        read_family_card(SECRETS.decrypt(row["family_card"], "owner.family_card"), regions().keys())
        assert row["name"].startswith("Contoh ")
        assert row["phone"] is None or row["phone"].startswith("0812000")


@pytest.mark.parametrize(
    "names",
    [
        "select name from institution union all select name from user_account union all select name from collaborator",
        "select contact_name from collaborator union all select pic_name from place",
        "select trade_name from business union all select address from business union all select address from owner",
        "select applicant_name from intake_application union all select text from complaint",
        "select reporter_name from complaint where reporter_name is not null",
    ],
)
async def test_every_name_says_that_it_is_an_example(city: asyncpg.Connection, names: str) -> None:
    assert all("Contoh" in row[0] for row in await city.fetch(names))


async def test_no_two_people_share_a_number() -> None:
    assert len({identity(number).nik for number in range(50_000)}) == 50_000


async def test_collaboration_numbers_are_as_issued(city: asyncpg.Connection) -> None:
    for row in await city.fetch("select number, number_issued_on from collaboration where number is not null"):
        assert read_collaboration_id(row["number"]).year == row["number_issued_on"].year


async def test_businesses_live_in_every_kelurahan_of_a_usual_city() -> None:
    plan = CityPlan(CitySize())
    assert set(Counter(plan.home_of(number).code for number in range(plan.size.businesses))) == {
        kelurahan.code for kelurahan in plan.kelurahan
    }


@pytest.mark.parametrize("code", ["31", "31.73", "31.74.05", "31.73.03.1008"])
async def test_the_slots_of_a_region_are_those_of_its_businesses(code: str) -> None:
    plan = CityPlan(CitySize())
    listed = {plan.business_at(slot) for slot in plan.slots(code)}
    assert listed == {n for n in range(plan.size.businesses) if f"{plan.home_of(n).code}.".startswith(f"{code}.")}


async def test_the_cast_has_a_viewer_of_every_role(city: asyncpg.Connection) -> None:
    found = await cast(city)
    assert isinstance(found, Cast)
    for role in Role:
        viewer = found.viewer(role)
        assert viewer.role is role
        assert {scope for scope, value in viewer.scope if value} == SCOPE_OF[role]


async def test_the_cast_is_connected(city: asyncpg.Connection) -> None:
    found = await cast(city)
    loan = await city.fetchrow("select * from loan where id = $1", found.loan)
    assert (loan["owner_id"], loan["business_id"], loan["kecamatan_code"], loan["region_code"]) == (
        found.owner,
        found.business,
        found.kecamatan,
        found.kelurahan,
    )
    assert await city.fetchval("select count(*) from validation where officer_id = $1", found.officer)


async def test_an_empty_database_has_no_cast(city: asyncpg.Connection) -> None:
    undone = city.transaction()
    await undone.start()
    await city.execute("set local session_replication_role = replica")  # or triggers refuse to empty what was recorded
    await city.execute("truncate loan cascade")
    with pytest.raises(NobodyThere):
        await cast(city)
    await undone.rollback()


async def test_reported_figures_keep_their_value_as_reported(city: asyncpg.Connection) -> None:
    rows = {row["id"]: row for row in await city.fetch("select * from reported_figure")}
    assert (rows["luas_dki"]["value"], str(rows["luas_dki"]["number"])) == ("661.53", "661.53")
    assert (rows["wilayah_jakarta"]["value"], rows["wilayah_jakarta"]["number"]) == ("6 / 44 / 267", None)
    mentions = await city.fetch("select figure_id from figure_mention where check_id = 'C1' order by 1")
    assert [row[0] for row in mentions] == ["kolaborator_pangan", "kolaborator_total", "kolaborator_umkm"]


async def test_a_city_is_not_built_into_somebodys_data(city: asyncpg.Connection) -> None:
    with pytest.raises(CityAlreadyThere):
        await build(city, SMALL, SECRETS)


async def test_the_number_of_rows_is_foretold_within_a_quarter(summary: CitySummary) -> None:
    assert abs(SMALL.about_rows - sum(summary.rows.values())) < sum(summary.rows.values()) / 4


async def test_a_city_too_small_is_refused() -> None:
    with pytest.raises(CityTooSmall, match="businesses"):
        CitySize(businesses=100)

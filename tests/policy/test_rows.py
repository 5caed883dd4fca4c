"""Which rows each role sees, compared with conditions written by hand and asked as the owner of the tables."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import Column

from kernel.errors import KsbbError
from models.privacy import Privacy, privacy_of
from policy.viewer import SCOPE_OF, Role, Viewer
from policy.wall import table as base_table
from policy.wall import views
from resolvers.cursors import BadCursor
from schema.build import role_schema
from schema.nouns import CATALOGUE
from server import reader_of
from tests.conftest import Asking, City
from tests.policy import promises
from tests.policy.conftest import Pairs, as_viewer, login, login_name, owner_of

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCOPED = [role for role in Role if SCOPE_OF[role]]


async def _keys(connection: asyncpg.Connection, table: str, where: str = "true") -> list[str]:
    rows = await connection.fetch(f"select t.public_id from {table} t where {where} order by 1")
    return [row["public_id"] for row in rows]


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_sees_exactly_its_rows(walled_city: City, pairs: Pairs, role: Role) -> None:
    for viewer in pairs.get(role, (walled_city.viewer(role),)):
        async with owner_of(walled_city.server) as owner, as_viewer(walled_city, viewer) as connection:
            for table in views(role):
                promised = await _keys(owner, f"ksbb.{table}", promises.rows(table, viewer))
                assert await _keys(connection, table) == promised, table


@pytest.mark.parametrize("role", list(Role))
async def test_conditional_cells_are_clear_on_exactly_the_promised_rows(
    walled_city: City, pairs: Pairs, role: Role
) -> None:
    for viewer in pairs.get(role, (walled_city.viewer(role),)):
        async with owner_of(walled_city.server) as owner, as_viewer(walled_city, viewer) as connection:
            for table, column in _conditional_columns(role):
                privacy = privacy_of(column)
                clear = promises.is_clear(table, column.key, privacy, viewer, {*column.table.columns.keys()})
                where = f"({promises.rows(table, viewer)}) and ({clear})"
                asked = f"select public_id, {column.key}::text as value from {{}} t where {{}} order by 1"
                promised = await owner.fetch(asked.format(f"ksbb.{table}", where))
                ids = [row["public_id"] for row in promised]
                assert await connection.fetch(asked.format(table, "public_id = any ($1)"), ids) == promised, column
                if promises.cell(table, column.key, privacy, role) == "C|-":
                    rest = f"select count(*) from {table} t where public_id <> all ($1) and {column.key} is not null"
                    assert await connection.fetchval(rest, ids) == 0, column


def _conditional_columns(role: Role) -> Iterator[tuple[str, Column[Any]]]:
    for table, view in views(role).items():
        for column in base_table(table).columns:
            privacy = privacy_of(column)
            is_read = privacy is not Privacy.KEY and column.key in view.selected_columns
            if is_read and "|" in promises.cell(table, column.key, privacy, role):
                yield table, column


@pytest.mark.parametrize("role", list(Role))
async def test_a_role_has_views_of_no_other_tables_than_promised(role: Role) -> None:
    assert set(views(role)) == {table for table, by_role in promises.ROWS.items() if role in by_role}


async def test_scoped_viewers_of_the_demo_see_some_rows_and_not_all(walled_city: City, pairs: Pairs) -> None:
    """Else the comparison above would be of nothing with nothing."""
    seen = {
        Role.FINTECH: "business owner loan repayment handover",
        Role.KOLABORATOR: "owner loan delivery_recipient pledge",
        Role.AGREGATOR: "business loan handover onward_aid",
        Role.UMKM: "business owner loan repayment complaint",
        Role.PENDAMPING: "business owner loan repayment delivery_recipient complaint",
        Role.WILAYAH: "business owner delivery_recipient complaint",
        Role.SATPOL_PP: "delivery_recipient business",
        Role.PETUGAS_INTAKE: "intake_application",
    }
    nothing = set()
    async with owner_of(walled_city.server) as owner:
        for role, tables in seen.items():
            for table in tables.split():
                everything = await _keys(owner, f"ksbb.{table}")
                found = [await _keys(owner, f"ksbb.{table}", promises.rows(table, viewer)) for viewer in pairs[role]]
                assert all(len(rows) < len(everything) for rows in found), (role, table)
                if not any(found):
                    nothing.add((role, table))
    assert nothing == set()


async def test_unfinished_work_is_seen_by_those_who_do_it_and_in_whose_area_it_lies(walled_city: City) -> None:
    """Drafts, pledges not yet accepted and deliveries not yet validated, of all distributors and all kota."""
    unfinished = (
        "collaboration where number is null",
        "pledge where status = 'DRAF'",
        "delivery where validated_on is null",
    )
    async with owner_of(walled_city.server) as owner:
        for source in unfinished:
            table = source.partition(" ")[0]
            rows = await owner.fetch(f"select id, public_id, distributor_id, region_code from ksbb.{source}")
            row = next(row for row in rows if row["distributor_id"] is not None)
            scope = {"institution_id": str(row["distributor_id"]), "area": row["region_code"][:5]}
            for role in (Role.AGREGATOR, Role.FINTECH, Role.PENDAMPING, Role.WILAYAH):
                async with as_viewer(walled_city, Viewer(role, **scope)) as connection:
                    seen = {r["public_id"] for r in await connection.fetch(f"select public_id from {table}")}
                assert row["public_id"] in seen, (table, role)
                assert not {r["public_id"] for r in rows} <= seen, (table, role)
            async with as_viewer(walled_city, Viewer(Role.SATPOL_PP, area="31")) as connection:
                seen = {r["public_id"] for r in await connection.fetch(f"select public_id from {table}")}
            assert ({r["public_id"] for r in rows} & seen != set()) is (table == "delivery"), table


@pytest.mark.parametrize("role", SCOPED)
async def test_a_viewer_without_scope_sees_no_scoped_rows(walled_city: City, role: Role) -> None:
    nobody = Viewer(role)
    async with (
        owner_of(walled_city.server) as owner,
        login(walled_city.server, login_name(walled_city, role), walled_city.secrets) as without,
        login(walled_city.server, login_name(walled_city, role), walled_city.secrets, nobody) as empty,
    ):
        for table in views(role):
            condition = promises.ROWS[table][role]
            if "{" not in condition:
                continue
            of_nobody = condition.format_map(defaultdict(lambda: str(UUID(int=0))))  # which no row has
            rest = await _keys(owner, f"ksbb.{table}", of_nobody)
            assert await _keys(without, table) == rest, table
            assert await _keys(empty, table) == rest, table


# ---- two viewers on one pool


_LISTS = {
    Role.FINTECH: "loans",
    Role.AGREGATOR: "handovers",
    Role.KOLABORATOR: "loans",
    Role.UMKM: "loans",
    Role.PENDAMPING: "loans",
    Role.WILAYAH: "recipients",
    Role.SATPOL_PP: "deliveryRecipients",
    Role.PETUGAS_INTAKE: "intakeApplications",
}


@pytest.mark.parametrize("pool_size", [1, 4])
async def test_interleaved_viewers_on_one_pool_never_see_each_others_rows(
    walled_city: City, pairs: Pairs, pool_size: int
) -> None:
    settings = replace(walled_city.settings, pool_size=pool_size)
    reader = reader_of(settings, walled_city.server)
    ask = Asking(walled_city, reader)
    try:
        for role, pair in pairs.items():
            plural = _LISTS[role]
            query = f"{{ {plural}(first: 200) {{ nodes {{ id }} totalCount }} }}"
            expected = [await ask(viewer, query) for viewer in pair]
            ids = [{node["id"] for node in answer["data"][plural]["nodes"]} for answer in expected]
            assert ids[0] or ids[1], role
            assert not ids[0] & ids[1], role
            turns = [which for which, _ in zip(cycle([0, 1, 1, 0, 0]), range(40), strict=False)]
            answers = await asyncio.gather(*(ask(pair[which], query) for which in turns))
            assert answers == [expected[which] for which in turns], role
    finally:
        await reader.close()


async def test_a_refused_statement_leaves_no_scope_behind(walled_city: City, pairs: Pairs) -> None:
    """After an error the connection serves the next viewer, with the next viewer's scope."""
    settings = replace(walled_city.settings, pool_size=1)
    reader = reader_of(settings, walled_city.server)
    ask = Asking(walled_city, reader)
    one, other = pairs[Role.FINTECH]
    query = """query($d: Float!) {
        loans(first: 200) { nodes { id } }
        places(filter: {point: {near: {lon: 106.8, lat: -6.2, distanceM: $d}}}) { nodes { id } }
    }"""
    try:
        mine = await ask(one, query, {"d": 100})
        with pytest.raises(KsbbError):
            await ask(other, query, {"d": -1})
        assert await ask(one, query, {"d": 100}) == mine
        assert (await ask(other, query, {"d": 100})) != mine
    finally:
        await reader.close()


# ---- cursors and identifiers


async def test_a_cursor_opens_for_its_own_viewer_and_order_only(pairs: Pairs, ask: Asking) -> None:
    one, other = pairs[Role.FINTECH]
    page = "query($after: String) { loans(first: 2, after: $after) { nodes { id } pageInfo { endCursor } } }"
    ordered = (
        "query($after: String) { loans(first: 2, after: $after, orderBy: [{field: PRINCIPAL}])"
        " { nodes { id } pageInfo { endCursor } } }"
    )
    cursor = (await ask(one, page))["data"]["loans"]["pageInfo"]["endCursor"]
    assert (await ask(one, page, {"after": cursor}))["data"]["loans"]["nodes"]
    for viewer, query in ((other, page), (Role.BIRO_KSD, page), (one, ordered)):
        with pytest.raises(BadCursor):
            await ask(viewer, query, {"after": cursor})


@pytest.mark.parametrize("role", list(Role))
async def test_absent_foreign_and_hidden_identifiers_answer_alike(walled_city: City, ask: Asking, role: Role) -> None:
    viewer = walled_city.viewer(role)
    secrets, absent = walled_city.secrets, walled_city.cast.loan  # a key that the other tables do not have
    hidden = []
    async with owner_of(walled_city.server) as owner:
        for noun in CATALOGUE.nouns.values():
            where = promises.rows(noun.table.name, viewer)
            hidden += (await _keys(owner, f"ksbb.{noun.table.name}", f"not coalesce(({where}), false)"))[:2]
            if noun.table.name != "loan":
                hidden.append(secrets.public_id(noun.table.name, absent))
    hidden += [secrets.public_id(kind, absent) for kind in ("audit_entry", "involvement", "wall", "nothing")]
    for start in range(0, len(hidden), 100):
        some = hidden[start : start + 100]
        answer = await ask(viewer, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": some})
        assert answer == {"data": {"nodes": [None] * len(some)}}
    for noun in CATALOGUE.nouns.values():
        if noun.name in role_schema(role).schema.type_map and noun.key.type.python_type is not str:
            query = f"query($id: ID!) {{ {noun.singular}(id: $id) {{ id }} }}"
            for identifier in (secrets.public_id(noun.table.name, UUID(int=1)), hidden[-1]):
                assert await ask(viewer, query, {"id": identifier}) == {"data": {noun.singular: None}}

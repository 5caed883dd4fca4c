"""The twin-database test: what a role may not see cannot change anything that it is told.

Two databases hold the same city. In the second, everything that a role may not see is changed: values that its cell
hides, and rows that its condition leaves out (half of them are gone). All that can be asked is asked of both.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import asyncpg
import graphql
import pytest
import pytest_asyncio

from kernel.errors import KsbbError
from kernel.settings import Settings
from models.server import Server
from policy.viewer import Role, Viewer
from resolvers.execute import QueryReader
from resolvers.pools import Pools, RolePool
from schema.build import role_schema
from tests.conftest import Asking, City
from tests.policy.conftest import Copies, login_name, owner_of
from tests.policy.documents import LONG, Questions, Seen
from tests.policy.hiding import hide

pytestmark = pytest.mark.asyncio(loop_scope="session")

_TURNS = 4


class Leak(AssertionError):
    """The twins told a role different things."""


class TwinPool(RolePool):
    """Runs every statement on both databases and compares what comes back, byte by byte, errors too."""

    def __init__(self, one: RolePool, other: RolePool) -> None:
        self._twins = one, other
        self.timeout_ms, self.patience = one.timeout_ms, one.patience
        self.wanted = self.compared = 0

    async def fetch(self, viewer: Viewer, sql: str, parameters: list[Any]) -> bytes:
        """The answer of both."""
        answers = [await _outcome(twin, viewer, sql, parameters) for twin in self._twins]
        if answers[0] != answers[1]:
            raise Leak(f"{viewer.role}: {_difference(*answers)}\n{sql[:3000]}")
        self.compared += 1
        if isinstance(answers[0], bytes):
            return answers[0]
        raise AssertionError(f"{viewer.role}: both refused with {answers[0]}")

    async def close(self) -> None:
        """Close both."""
        for twin in self._twins:
            await twin.close()


async def _outcome(pool: RolePool, viewer: Viewer, sql: str, parameters: list[Any]) -> bytes | str:
    try:
        return await pool.fetch(viewer, sql, parameters)
    except asyncpg.PostgresError as error:
        return repr(error)


def _difference(one: bytes | str, other: bytes | str) -> str:
    at = next(
        (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), min(len(one), len(other))
    )
    return f"at {at}: {one[max(0, at - 200) : at + 100]!r}\n    and {other[max(0, at - 200) : at + 100]!r}"


class TwinPools(Pools):
    """The pools of one role's twins."""

    def __init__(self, settings: Settings, city: City, one: Server, other: Server) -> None:
        self._settings, self._city, self._servers = settings, city, (one, other)
        self._pools = {}

    def of(self, role: Role) -> RolePool:
        """The pool of a role."""
        if role not in self._pools:
            name = login_name(self._city, role)
            password = self._city.secrets.role_password(name)
            one, other = (RolePool(s.role_dsn(name, password), 1, 60_000) for s in self._servers)
            self._pools[role] = TwinPool(one, other)
        return self._pools[role]


@asynccontextmanager
async def _asking(city: City, one: Server, other: Server) -> AsyncIterator[Asking]:
    settings = replace(city.settings, cost_limits="*=0")  # all is asked at once
    pools = TwinPools(settings, city, one, other)
    reader = QueryReader(
        settings, city.secrets, pools, schema_of=role_schema, parse=graphql.parse, longest_document=100_000
    )
    try:
        yield Asking(city, reader)
    finally:
        await reader.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def original(copies: Copies) -> AsyncIterator[Server]:
    """The first of the twins."""
    async with copies.copy("original", *Role) as server:
        yield server


@pytest.mark.parametrize("role", list(Role))
async def test_what_a_role_may_not_see_changes_nothing_that_it_is_told(
    copies: Copies, original: Server, role: Role
) -> None:
    city = copies.city
    viewer = city.viewer(role)
    async with copies.copy(f"twin_{role.lower()}", role) as twin:
        async with owner_of(twin) as owner:
            changed = await hide(owner, viewer)
        assert changed.values >= 10
        assert changed.rows > 100
        async with _asking(city, original, twin) as ask:
            await _ask_everything(ask, viewer, original)


async def _ask_everything(ask: Asking, viewer: Viewer, original: Server) -> None:
    """All values of all rows; neighbours, orders, filters and groups of some of the nouns, of all in the long run.

    Which goes by the role, so that every noun has its turn in several roles.
    """
    questions, seen = Questions(viewer.role), Seen()
    turn = list(Role).index(viewer.role) % _TURNS
    in_depth = questions.nouns if LONG else questions.nouns[turn::_TURNS]
    for noun in questions.nouns:
        document = questions.whole(noun) if noun in in_depth else questions.values(noun)
        seen.note(noun, await _whole(ask, viewer, document))
    for noun in in_depth:
        orders = questions.orders(noun)
        if orders is not None:
            lists = (await ask(viewer, orders))["data"]
            ends = {f"c_{k[:-4]}": v["pageInfo"]["endCursor"] for k, v in lists.items() if k.endswith("_ASC")}
            await ask(viewer, questions.next_pages(noun), ends)
        for document, sets in questions.filters(noun, seen):
            for variables in sets:
                answer = await ask(viewer, document, variables)
                assert "data" in answer, (document, answer)
        for document in questions.groups(noun):
            await ask(viewer, document)
    layers = questions.layers()
    if layers is not None:
        await ask(viewer, layers)
    await _ask_by_identifier(ask, viewer, questions, original)


async def _whole(ask: Asking, viewer: Viewer, document: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = []
    variables: dict[str, Any] = {}
    while True:
        answer = await ask(viewer, document, variables)
        assert "data" in answer, (document, answer)
        page = answer["data"]["page"]
        nodes += [edge["node"] for edge in page["edges"]]
        if not page["pageInfo"]["hasNextPage"]:
            return nodes
        variables = {"after": page["pageInfo"]["endCursor"]}


async def _ask_by_identifier(ask: Asking, viewer: Viewer, questions: Questions, original: Server) -> None:
    """Rows by their identifiers, seen or not."""
    async with owner_of(original) as owner:
        ids = [
            row["public_id"]
            for noun in questions.nouns
            for row in await owner.fetch(f"(select public_id from ksbb.{noun.table.name} order by 1 limit 2)")
        ]
        niks = await owner.fetch("select nik from ksbb.owner order by id limit 5")
    for start in range(0, len(ids), 50):
        await ask(
            viewer, "query($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }", {"ids": ids[start : start + 50]}
        )
    if questions.schema.query_type is not None and "recipientsByNik" in questions.schema.query_type.fields:
        for row in niks:
            nik = ask.city.secrets.decrypt(row["nik"], "owner.nik")
            found = await ask(viewer, "query($n: String!) { recipientsByNik(nik: $n) { id } }", {"n": nik})
            assert "data" in found


_TELLING = {
    Role.PUBLIK: "update ksbb.business set trade_name = trade_name || '.' where listed",
    Role.DINAS: "update ksbb.loan set principal = principal + 5000000 where principal < 6000000",
    Role.FINTECH: "delete from ksbb.repayment where fintech_id = '{fintech}' and reporting_lag_days > 3",
}


@pytest.mark.parametrize("role", [Role.PUBLIK, Role.DINAS, Role.FINTECH])
async def test_the_comparison_sees_a_leak_when_there_is_one(copies: Copies, original: Server, role: Role) -> None:
    """A change of what the role does see is told apart: the test can fail."""
    viewer = copies.city.viewer(role)
    async with copies.copy("telling", role) as twin:
        async with owner_of(twin) as owner:
            await owner.execute("set session_replication_role = replica")
            await owner.execute(_TELLING[role].replace("{fintech}", str(copies.city.cast.fintech)))
        async with _asking(copies.city, original, twin) as ask:
            with pytest.raises(Leak):
                await _ask_everything(ask, viewer, original)


async def test_errors_do_not_depend_on_what_is_hidden(copies: Copies, original: Server) -> None:
    """Refusals are told before the database is asked, or alike by both."""
    role = Role.FINTECH
    viewer = copies.city.viewer(role)
    async with copies.copy("erring", role) as twin:
        async with owner_of(twin) as owner:
            await hide(owner, viewer)
        async with _asking(copies.city, original, twin) as ask:
            for document in (
                "{ loans(first: 100000) { nodes { id } } }",
                '{ loans(after: "abc") { nodes { id } } }',
                '{ loans(filter: {regionCode: {within: "3171"}}) { nodes { id } } }',
                '{ loan(id: "loan_nothing") { id } }',
                "{ loans(filter: {principal: {eq: 99999999999999999999}}) { nodes { id } } }",
            ):
                try:
                    assert "errors" in await ask(viewer, document), document
                except KsbbError:
                    continue

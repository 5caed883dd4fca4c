"""A list is walked in pages, both ways, while rows are added to it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from policy import wall
from policy.viewer import Role
from resolvers.execute import QueryReader
from server import reader_of
from tests.conftest import Asking, City
from tests.databases import a_database

pytestmark = pytest.mark.asyncio(loop_scope="session")

PAGE = 7
FORWARD = """query ($size: Int!, $after: String, $order: [KbliCodeOrder!]) {
  kbliCodes(first: $size, after: $after, orderBy: $order) {
    edges { cursor node { id section title } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}"""
BACKWARD = FORWARD.replace("first:", "last:").replace("after", "before")
ORDERS: list[list[dict[str, str]] | None] = [
    None,
    [{"field": "SECTION"}],
    [{"field": "SECTION", "direction": "DESC"}, {"field": "TITLE"}],
    [{"field": "TITLE", "direction": "DESC"}, {"field": "VERSION", "direction": "ASC"}],
]


@dataclass
class Shelf:
    """Codes in a database of their own, to which others are added."""

    ask: Asking
    connection: asyncpg.Connection
    random: Random

    async def add(self, count: int) -> set[str]:
        """New codes at random places of every order, some equal in all but their key."""
        added = set()
        for _ in range(count):
            code = f"{self.random.randrange(100_000):05}"
            row = (f"2020:{code}", 2020, code, self.random.choice("abc"), self.random.choice("ABCGI"))
            done = await self.connection.execute(
                "insert into ksbb.kbli_code (id, version, code, title, section, source) values ($1, $2, $3, $4, $5, '')"
                " on conflict do nothing",
                *row,
            )
            added |= {f"kbli_{row[0]}"} if done == "INSERT 0 1" else set()
        return added


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def shelf(walled_city: City) -> AsyncIterator[Shelf]:
    server = await a_database(walled_city.server, "paging")
    settings = replace(walled_city.settings, role_prefix="paging_")
    await wall.build(server.uri(), settings.role_prefix, walled_city.secrets.role_password)
    connection = await asyncpg.connect(server.uri())
    reader: QueryReader = reader_of(settings, server)
    yield Shelf(Asking(walled_city, reader), connection, Random(7))
    await reader.close()
    await connection.close()


async def walk(
    shelf: Shelf, order: list[dict[str, str]] | None, *, back: bool, meanwhile: Callable[[], Awaitable[Any]]
) -> list[str]:
    """The identifiers of all pages, in the order of the list."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        variables = {"size": PAGE, "order": order, ("before" if back else "after"): cursor}
        page = (await shelf.ask(Role.PUBLIK, BACKWARD if back else FORWARD, variables))["data"]["kbliCodes"]
        ids, info = [edge["node"]["id"] for edge in page["edges"]], page["pageInfo"]
        assert len(ids) <= PAGE
        assert [page["edges"][i]["cursor"] for i in (0, -1)] == [info["startCursor"], info["endCursor"]]
        assert info["hasNextPage" if back else "hasPreviousPage"] is (cursor is not None)
        found = [*ids, *found] if back else [*found, *ids]
        if not info["hasPreviousPage" if back else "hasNextPage"]:
            return found
        cursor = info["startCursor" if back else "endCursor"]
        await meanwhile()


@pytest.mark.parametrize("back", [False, True], ids=["forward", "backward"])
@pytest.mark.parametrize("order", ORDERS, ids=str)
async def test_a_walk_loses_and_repeats_nothing_while_rows_are_inserted(
    shelf: Shelf, order: list[dict[str, str]] | None, back: bool
) -> None:
    await shelf.connection.execute("delete from ksbb.kbli_code")
    await shelf.add(60)
    before = [i async for i in all_of(shelf, order)]
    found = await walk(shelf, order, back=back, meanwhile=lambda: shelf.add(2))
    assert len(found) == len(set(found))
    assert [i for i in found if i in set(before)] == before
    after = [i async for i in all_of(shelf, order)]
    assert found == [i for i in after if i in set(found)]


async def test_both_ways_are_one_list_when_nothing_changes(shelf: Shelf) -> None:
    async def nothing() -> None:
        return None

    for order in ORDERS:
        forward = await walk(shelf, order, back=False, meanwhile=nothing)
        assert forward == await walk(shelf, order, back=True, meanwhile=nothing)


async def test_a_page_of_no_rows_has_no_cursors(shelf: Shelf) -> None:
    await shelf.add(1)
    page = (await shelf.ask(Role.PUBLIK, FORWARD, {"size": 0}))["data"]["kbliCodes"]
    assert page["edges"] == []
    assert page["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None}


async def all_of(shelf: Shelf, order: list[dict[str, str]] | None) -> AsyncIterator[str]:
    """The identifiers of the whole list, read at once."""
    query = "query ($o: [KbliCodeOrder!]) { kbliCodes(first: 500, orderBy: $o) { nodes { id } totalCount } }"
    found = (await shelf.ask(Role.PUBLIK, query, {"o": order}))["data"]["kbliCodes"]
    assert found["totalCount"] == len(found["nodes"])
    for node in found["nodes"]:
        yield node["id"]

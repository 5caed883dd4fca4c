"""The reading connections: what happens when they are cut off."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg
import pytest

from policy.viewer import Role
from resolvers.execute import QueryReader
from resolvers.request import GraphQLRequest
from resolvers.run import DatabaseUnavailable
from server import reader_of
from tests.conftest import City
from tests.events.wire import a_wire

QUESTION = GraphQLRequest("{ regions(first: 1) { nodes { code } } }")


async def cut_connections(city: City) -> None:
    """End every connection of the public's login, as a restart of the database would."""
    owner = await asyncpg.connect(city.server.uri())
    try:
        await owner.fetch("select pg_terminate_backend(pid) from pg_stat_activity where usename = 'ksbb_publik'")
    finally:
        await owner.close()


@pytest.fixture
def reader(walled_city: City) -> QueryReader:
    return reader_of(walled_city.settings, walled_city.server)


async def test_after_the_database_cut_its_connections_the_next_questions_are_answered(
    walled_city: City, reader: QueryReader
) -> None:
    viewer = walled_city.viewer(Role.PUBLIK)
    await asyncio.gather(*(reader.answer(viewer, QUESTION) for _ in range(8)))
    await cut_connections(walled_city)
    await asyncio.sleep(0.1)
    answers = await asyncio.gather(*(reader.answer(viewer, QUESTION) for _ in range(8)))
    assert len({a.body for a in answers}) == 1
    await reader.close()


async def test_a_question_that_is_given_up_leaves_no_half_used_connection(
    walled_city: City, reader: QueryReader
) -> None:
    viewer = walled_city.viewer(Role.INSPEKTORAT)
    slow = GraphQLRequest('{ loanGroups(by: [KELURAHAN]) { count portfolio(asOf: "2021-12-31") { outstanding } } }')
    whole = await reader.answer(viewer, slow)
    for waited_ms in range(5):
        task = asyncio.create_task(reader.answer(viewer, slow))
        await asyncio.sleep(waited_ms / 1000)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert await reader.answer(viewer, slow) == whole
    assert (await reader.answer(viewer, QUESTION)).executed
    await reader.close()


async def test_without_a_database_the_refusal_says_so(walled_city: City) -> None:
    reader = reader_of(walled_city.settings, walled_city.server)
    reader.runner._pools._dsn = lambda _: "postgresql://nobody@/ksbb?host=/nowhere"
    with pytest.raises(DatabaseUnavailable):
        await reader.answer(walled_city.viewer(Role.PUBLIK), QUESTION)


async def test_a_session_that_was_ended_and_still_looks_open_is_no_internal_error(
    walled_city: City, reader: QueryReader
) -> None:
    viewer = walled_city.viewer(Role.PUBLIK)
    dsn = walled_city.server.role_dsn("ksbb_publik", walled_city.secrets.role_password("ksbb_publik"))
    async with a_wire(dsn) as wire:
        reader.runner._pools._dsn = lambda _: wire.dsn
        await reader.answer(viewer, QUESTION)
        wire.hides_ends = True
        await cut_connections(walled_city)
        await asyncio.sleep(0.1)
        with pytest.raises(DatabaseUnavailable):
            await reader.answer(viewer, QUESTION)
        wire.hides_ends = False
        assert (await reader.answer(viewer, QUESTION)).executed
        await reader.close()

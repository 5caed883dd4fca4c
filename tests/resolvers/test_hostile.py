"""Requests that are made to hurt: they cost little, are refused in words, and teach nothing."""

from __future__ import annotations

import asyncio
import json
import time
from contextlib import suppress
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from graphql import get_introspection_query

from kernel.errors import BadInput, KsbbError
from policy.traced import LOOK_UPS_A_DAY
from policy.viewer import Role
from resolvers.literals import lift
from resolvers.pools import RolePool
from resolvers.request import GraphQLRequest
from tests.acting import Acting
from tests.conftest import Asking

ODD_TEXTS = ['"' + '\\"', "1" * 9 + "a", '\\"""\n', '"""', "1.", "1e", "-", '"', '""\\', "1-", "#", '"\\u']


@pytest.mark.parametrize("part", ODD_TEXTS)
def test_a_text_is_read_once_however_odd_it_is(part: str) -> None:
    """Reading twice for every character would take minutes here; the number of values is what is left to count."""
    text = part * (1_000_000 // len(part))
    assert len(lift(text).values) <= len(text)
    assert lift("{" + text).shape.startswith("{")


async def test_a_refused_document_is_not_remembered(ask: Asking) -> None:
    reader = ask.reader
    kept = len(reader.preparing._texts._entries)
    for number in range(5):
        for text in (f"{{ x{number} " + "x" * 200_000, f"{{ x{number} }}", f'{{ "{number}'):
            with suppress(KsbbError):
                answer = json.loads((await reader.answer(ask.city.viewer(Role.PUBLIK), GraphQLRequest(text))).body)
                assert "errors" in answer
    assert len(reader.preparing._texts._entries) == kept


async def test_variables_have_a_size_like_documents(ask: Asking) -> None:
    query = "query ($f: CollaborationFilter) { collaborations(filter: $f) { nodes { title } } }"
    for many in ({"and": [{"title": {"eq": "x"}}] * 30_000}, {"title": {"in": ["x"] * 30_000}}):
        with pytest.raises(BadInput, match="variables may hold"):
            await ask(Role.PUBLIK, query, {"f": many})
    assert "errors" not in await ask(Role.PUBLIK, query, {"f": {"title": {"in": ["x"] * 1_000}}})
    with pytest.raises(BadInput, match="variables may hold"):
        await ask(
            Role.PUBLIK, "{ regions(first: 1) { nodes { code } } }", {f"v{number}": 1 for number in range(10_000)}
        )


@pytest.mark.parametrize(
    "shape",
    [
        {"type": "Polygon", "coordinates": [[[10**400, 0], [1, 1], [0, 1]]]},
        {"type": {}, "coordinates": []},
        {"type": ["Polygon"]},
    ],
)
async def test_a_geometry_that_is_none_is_refused_in_words(ask: Asking, shape: Any) -> None:
    query = "query ($g: GeoJSON) { places(filter: {point: {within: $g}}) { nodes { id } } }"
    with pytest.raises(BadInput, match="GeoJSON"):
        await ask(Role.PUBLIK, query, {"g": shape})


async def test_nobody_searches_for_a_book(ask: Asking) -> None:
    query = "query ($s: String) { places(filter: {search: $s}) { nodes { id } } }"
    with pytest.raises(BadInput, match="pencarian"):
        await ask(Role.PUBLIK, query, {"s": "a " * 100_000})


async def test_the_schema_is_asked_for_what_this_request_names(ask: Asking) -> None:
    for name in ("Region", "Place"):
        answer = await ask(Role.PUBLIK, f'{{ __type(name: "{name}") {{ name }} }}')
        assert answer["data"]["__type"]["name"] == name


async def test_all_of_a_schema_keeps_nobody_waiting_and_is_told_once(ask: Asking) -> None:
    whole = get_introspection_query() + f"# {uuid4()}"
    loop = asyncio.get_running_loop()
    asking = asyncio.create_task(ask(Role.BIRO_KSD, whole))
    waits: list[float] = []
    while not asking.done():
        started = loop.time()
        await asyncio.sleep(0.001)
        waits.append(loop.time() - started)
    first = await asking
    assert first["data"]["__schema"]["queryType"]["name"] == "Query"
    assert len(waits) > 20
    started_cpu = time.process_time()
    assert await ask(Role.BIRO_KSD, whole) == first
    assert time.process_time() - started_cpu < 0.25
    assert (await ask(Role.PUBLIK, whole))["data"] != first["data"]
    mixed = await ask(
        Role.PUBLIK, "{ z: regions(first: 1) { totalCount } s: __schema { queryType { name } } a: __typename }"
    )
    assert list(mixed["data"]) == ["z", "s", "a"]


async def test_a_read_that_is_stopped_leaves_its_trace(acting: Acting, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = RolePool.fetch

    async def stopped(pool: RolePool, viewer: Any, sql: str, parameters: list[Any]) -> bytes:
        if "AS data" in sql:
            raise asyncpg.QueryCanceledError("canceling statement due to statement timeout")
        return await whole(pool, viewer, sql, parameters)

    trail = "select count(*) from ksbb.audit_entry where act in ('READ', 'LOOK_UP')"
    for role, query in [
        (Role.INSPEKTORAT, "{ loans(filter: {principal: {gt: 1}}) { nodes { id } } }"),
        (Role.INSPEKTORAT, '{ recipientsByNik(nik: "3174071308009912") { id } }'),
        (Role.DINAS, '{ recipientsByNik(nik: "3174071308009912") { id } }'),
    ]:
        before = await acting.tables.fetchval(trail)
        monkeypatch.setattr(RolePool, "fetch", stopped)
        with pytest.raises(KsbbError, match="stopped"):
            await acting(role, query)
        monkeypatch.undo()
        assert await acting.tables.fetchval(trail) == before + 1


async def test_niks_are_looked_up_one_by_one_and_not_by_the_hundred(acting: Acting) -> None:
    one = '{ recipientsByNik(nik: "3174071308009912") { id } }'
    two = '{ a: recipientsByNik(nik: "3174071308009912") { id } b: recipientsByNik(nik: "3174071308009913") { id } }'
    with pytest.raises(BadInput, match="one NIK per request"):
        await acting(Role.DINAS, two)
    subject = acting.city.viewer(Role.DINAS).subject
    await acting.tables.executemany(
        "insert into ksbb.audit_entry (id, at, role, subject, act, details)"
        " values ($1, clock_timestamp(), 'DINAS', $2, 'LOOK_UP', '{}')",
        [(UUID(int=number), subject) for number in range(LOOK_UPS_A_DAY)],
    )
    with pytest.raises(KsbbError, match="limit"):
        await acting(Role.DINAS, one)
    assert "data" in await acting(Role.INSPEKTORAT, one)

"""What operations cost before they run: by page sizes alone, refused over a budget, explained without being run."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from kernel.settings import UnusableSetting
from policy.viewer import Role
from resolvers.cost import COUNTED, CostTooHigh
from resolvers.request import GraphQLRequest
from resolvers.run import TooSlow
from server import reader_of
from tests.conftest import Asking, City

NOTHING: Mapping[str, Any] = {}


@asynccontextmanager
async def asking(city: City, **settings: Any) -> AsyncIterator[Asking]:
    """Who asks with other settings."""
    reader = reader_of(replace(city.settings, **settings), city.server)
    try:
        yield Asking(city, reader)
    finally:
        await reader.close()


async def told(ask: Asking, role: Role, query: str, variables: Mapping[str, Any] = NOTHING, **wish: bool) -> Any:
    viewer = ask.city.viewer(role)
    request = GraphQLRequest(query, None, variables, **wish)
    return json.loads((await ask.reader.answer(viewer, request)).body)


async def cost(ask: Asking, query: str, variables: Mapping[str, Any] = NOTHING) -> int:
    answer = await told(ask, Role.PUBLIK, query, variables, tells_cost=True)
    assert answer["extensions"]["cost"]["limit"] == 100_000
    found: int = answer["extensions"]["cost"]["requested"]
    return found


async def test_pages_within_pages_multiply(ask: Asking) -> None:
    assert await cost(ask, "{ collaborations(first: 3) { nodes { number } } }") == 3 + 1
    nested = "{ collaborations(first: 3) { nodes { pledges(first: 5) { edges { node { item } } } } } }"
    assert await cost(ask, nested) == 3 + 1 + 3 * (5 + 1)
    assert await cost(ask, "{ collaborations { totalCount } }") == 20 + 1 + COUNTED
    linked = "{ collaborations(first: 3) { nodes { collaborator { name } } } }"
    assert await cost(ask, linked) == 3 + 1 + 3


async def test_a_page_size_in_a_variable_counts(ask: Asking) -> None:
    query = "query($n: Int) { collaborations(first: $n) { nodes { number } } }"
    assert [await cost(ask, query, {"n": n}) for n in (1, 50)] == [2, 51]


async def test_fragments_and_aliases_count_each_time_they_are_answered(ask: Asking) -> None:
    query = """{ a: collaborations(first: 2) { ...page } b: collaborations(first: 4) { ...page ...page } }
    fragment page on CollaborationConnection { nodes { number } }"""
    assert await cost(ask, query) == 2 + 1 + 4 + 1


async def test_nodes_cost_as_many_as_are_named(ask: Asking) -> None:
    query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Collaboration { pledges(first: 4) { nodes { item } } } } }"
    costs = [await cost(ask, query, {"ids": ["x"] * n}) for n in (1, 3)]
    assert costs == [n + 1 + n * (4 + 1) for n in (1, 3)]
    written = '{ nodes(ids: ["x", "y"]) { ... on Collaboration { number } } }'
    assert await cost(ask, written) == 3


async def took(ask: Asking, role: Role, query: str) -> tuple[int, int]:
    found = (await told(ask, role, query, tells_cost=True))["extensions"]["cost"]
    assert found["remaining"] is None
    return found["actual"], found["requested"]


async def test_what_an_answer_took_is_told_beside_it(ask: Asking) -> None:
    number = (await ask(Role.PUBLIK, "{ regions(first: 500) { totalCount } }"))["data"]["regions"]["totalCount"]
    assert number < 500
    query = "{ regions(first: 500) { totalCount nodes { code } more: edges { node { name } } } }"
    assert await took(ask, Role.PUBLIK, query) == (number + 1 + COUNTED, 500 + 1 + COUNTED)
    nested = "{ collaborations(first: 3) { edges { of: node { pledges(first: 500) { nodes { item } } } } } }"
    asked = await ask(Role.PUBLIK, nested)
    pledges = sum(len(edge["of"]["pledges"]["nodes"]) for edge in asked["data"]["collaborations"]["edges"])
    assert await took(ask, Role.PUBLIK, nested) == (3 + 1 + 3 + pledges, 3 + 1 + 3 * 501)
    linked = "{ a: loans(first: 2) { nodes { recipient { owner { name } } measures { outstanding } } } }"
    assert await took(ask, Role.INSPEKTORAT, linked) == (2 + 1 + 3 * 2, 2 + 1 + 3 * 2)


async def test_rows_of_any_type_take_what_is_there_of_them(ask: Asking) -> None:
    one = (await ask(Role.PUBLIK, "{ collaborations(first: 1) { nodes { id } } }"))["data"]["collaborations"]["nodes"]
    ids = f'["{one[0]["id"]}", "nobody"]'
    query = (
        f"{{ nodes(ids: {ids}) {{ id ... on Collaboration {{ collaborator {{ name }} }} ... on Pledge {{ item }} }} }}"
    )
    assert await took(ask, Role.PUBLIK, query) == (1 + 1 + 1, 2 + 1 + 2)
    assert await took(ask, Role.PUBLIK, '{ node(id: "nobody") { id } }') == (0, 1)
    groups = "{ collaborationGroups(by: []) { count } datasets { name } }"
    actual, requested = await took(ask, Role.PUBLIK, groups)
    assert 2 * (1 + COUNTED) <= actual < requested


async def test_a_long_answer_is_not_read_again_to_count_it(ask: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    query = "{ regions(first: 3) { nodes { name } } }"
    assert (await told(ask, Role.PUBLIK, query, tells_cost=True))["extensions"]["cost"]["actual"] == 3 + 1
    monkeypatch.setattr("resolvers.execute._LONGEST_COUNTED", 10)
    assert (await told(ask, Role.PUBLIK, query, tells_cost=True))["extensions"]["cost"]["actual"] is None


async def test_what_an_operation_costs_is_charged_before_it_is_read(ask: Asking) -> None:
    charged: list[int] = []

    async def charge(cost: int) -> int:
        charged.append(cost)
        raise ZeroDivisionError

    request = GraphQLRequest("{ collaborations(first: 3) { nodes { number } } }")
    with pytest.raises(ZeroDivisionError):
        await ask.reader.answer(ask.city.viewer(Role.PUBLIK), request, charge=charge)
    assert charged == [3 + 1]


async def test_each_role_has_the_time_that_its_settings_give(walled_city: City) -> None:
    query = "{ collaborationGroups(by: [STATUS, PROGRAMME]) { count } collaborations(first: 500) { nodes { number } } }"

    async def many_times(ask: Asking, role: Role) -> None:
        for _ in range(50):
            await ask(role, query)

    async with asking(walled_city, statement_timeouts_ms="PUBLIK=1,*=5000") as ask:
        with pytest.raises(TooSlow, match="longer than 1 ms"):
            await many_times(ask, Role.PUBLIK)
        await many_times(ask, Role.DINAS)


async def test_an_answer_does_not_speak_of_cost_unasked(ask: Asking) -> None:
    assert (await told(ask, Role.PUBLIK, "{ collaborations(first: 1) { totalCount } }")).keys() == {"data"}


async def test_what_is_over_the_budget_of_a_role_is_refused_before_it_is_read(walled_city: City) -> None:
    query = "{ collaborations(first: 10) { nodes { pledges(first: 20) { nodes { item } } } } }"
    async with asking(walled_city, cost_limits="PUBLIK=100,*=1000") as ask:
        with pytest.raises(CostTooHigh, match="terlalu berat") as refused:
            await ask(Role.PUBLIK, query)
        assert "errors" not in await ask(Role.DINAS, query)
    assert refused.value.details == {"cost": 221, "limit": 100, "rows": 210}


@pytest.mark.parametrize("limits", ["SIAPA=3", "PUBLIK=3,SIAPA=3"])
def test_a_budget_of_no_role_is_refused(walled_city: City, limits: str) -> None:
    with pytest.raises(UnusableSetting, match="KSBB_COST_LIMITS names SIAPA"):
        reader_of(replace(walled_city.settings, cost_limits=limits), walled_city.server)


async def test_a_query_is_explained_and_not_run(ask: Asking) -> None:
    query = "{ loans(first: 7) { totalCount nodes { principal status } } }"
    answer = await told(ask, Role.INSPEKTORAT, query, explains=True)
    assert answer["data"] is None
    found = answer["extensions"]["explain"]
    assert found["cost"] == {"requested": 7 + 1 + COUNTED, "limit": 1_000_000}
    assert found["rows"] == {"atMost": 7}
    principal, _ = found["fields"]
    assert principal == {
        "path": ["loans", "nodes", "principal"],
        "privacy": "FINANCE",
        "treatments": ["CLEAR"],
        "isLogged": True,
    }


async def test_what_is_over_the_budget_is_explained_all_the_same(ask: Asking) -> None:
    query = "{ collaborations(first: 500) { nodes { pledges(first: 500) { nodes { item } } } } }"
    found = (await told(ask, Role.PUBLIK, query, explains=True))["extensions"]["explain"]
    assert found["cost"]["requested"] > found["cost"]["limit"]

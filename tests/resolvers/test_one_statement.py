"""One operation is one reading statement, whatever it asks."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from policy.viewer import Role
from tests.conftest import City
from tests.watching import Watched, watching

pytestmark = pytest.mark.asyncio(loop_scope="session")

DEEP = """{
  loans(first: 20, orderBy: [{field: PRINCIPAL, direction: DESC}]) {
    totalCount
    pageInfo { hasNextPage endCursor }
    edges {
      cursor
      node {
        principal measures { daysPastDue }
        recipient { tradeName loans { totalCount } region { parent { name parent { name } } } }
        fintech { name accreditations(first: 3) { nodes { status } } }
        instalments(first: 30) { nodes { dueOn principal } }
        repayments(first: 10, filter: {amount: {gt: 0}}) {
          totalCount nodes { amount loan { collaboration { title } } }
        }
      }
    }
  }
}"""
WIDE = """{
  collaborations(first: 50) { nodes { pledges { nodes { deliveries { nodes { item place { name } } } } } } }
  a: regions(filter: {level: {eq: KOTA}}) { nodes { children { totalCount nodes { children { totalCount } } } } }
  mapLayer(layer: PLEDGE, level: KOTA) { regionName value }
  pledgeGroups(by: [COLLABORATION, EXPIRES_ON_MONTH]) { count keys { collaborationName } }
  __schema { queryType { name } }
}"""
SMALL = "{ regions(first: 1) { nodes { code } } }"


@pytest_asyncio.fixture(loop_scope="session")
async def watched(walled_city: City) -> AsyncIterator[Watched]:
    async with watching(walled_city) as found:
        yield found


@pytest.mark.parametrize(("role", "query"), [(Role.INSPEKTORAT, DEEP), (Role.FINTECH, DEEP), (Role.PUBLIK, WIDE)])
async def test_an_operation_is_one_reading_statement_whatever_the_nesting(
    watched: Watched, role: Role, query: str
) -> None:
    await watched.answer(role, query)
    assert len(watched.reading) == 1
    assert sum("set_config" in statement for statement in watched.sent) <= 1
    await watched.answer(role, query)
    assert watched.sent == watched.reading


async def test_the_scope_is_set_only_when_it_changes(watched: Watched) -> None:
    one = watched.ask.city.viewer(Role.WILAYAH)
    other = replace(one, area="31.75")
    sent = []
    for viewer in (one, one, other, other, one):
        await watched.answer(viewer, SMALL)
        sent.append(len(watched.sent))
    assert sent == [2, 1, 2, 1, 2]


async def test_a_role_without_a_scope_sets_none(watched: Watched) -> None:
    await watched.answer(Role.DINAS, SMALL)
    assert len(watched.sent) == 1

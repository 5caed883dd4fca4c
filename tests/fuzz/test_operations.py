"""Operations that hypothesis-graphql makes of each role's schema, and of what others see: over HTTP, never a 500."""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
import pytest_asyncio
from graphql import NameNode, ObjectFieldNode, ObjectValueNode, is_specified_scalar_type, parse, validate
from graphql.type import is_scalar_type
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import Mode, mutations, nodes, queries

from edge.authentication import Authentication
from edge.documents import documents_of
from edge.rates import Rates
from edge.reader import Reader
from edge.streams import OpenConnections, StreamLimits
from edge.view import GraphQLView
from kernel.clock import FixedClock
from kernel.settings import Settings
from policy.tokens import Verifier, issue
from policy.viewer import Role
from resolvers.execute import QueryReader
from schema.build import role_schema
from tests.acting import Acting
from tests.conftest import City
from tests.edge.conftest import NOON, FakeReader
from tests.watching import Watched, watching

JSON = {"content-type": "application/json"}
LONG = bool(os.environ.get("TEST_LONG"))
OPERATIONS = 300 if LONG else 8
"""Per test and role."""

some_operations = settings(
    max_examples=OPERATIONS,
    derandomize=not LONG,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def _a_point(longitude: float, latitude: float) -> ObjectValueNode:
    at = nodes.List([nodes.Float(longitude), nodes.Float(latitude)])
    parts = {"type": nodes.String("Point"), "coordinates": at}
    return nodes.Object([ObjectFieldNode(name=NameNode(value=name), value=part) for name, part in parts.items()])


_COORDINATES = st.floats(-200, 200)
_WRITTEN = {
    "Date": st.dates().map(lambda day: nodes.String(day.isoformat())),
    "DateTime": st.datetimes(timezones=st.timezones()).map(lambda instant: nodes.String(instant.isoformat())),
    "Rupiah": st.one_of(st.integers(-(2**70), 2**70), st.sampled_from([0, 5_000_000, 2**53])).map(nodes.Int),
    "RegionCode": st.one_of(st.sampled_from(["31", "31.74", "31.74.05.1001", "33", ""]), st.text()).map(nodes.String),
    "JSON": st.text().map(nodes.String),
    "GeoJSON": st.one_of(st.text().map(nodes.String), st.builds(_a_point, _COORDINATES, _COORDINATES)),
}


def test_every_scalar_of_ours_is_made() -> None:
    ours = {
        name
        for role in Role
        for name, type_ in role_schema(role).schema.type_map.items()
        if is_scalar_type(type_) and not is_specified_scalar_type(type_)
    }
    assert ours == _WRITTEN.keys()


@cache
def _operations(role: Role, field: str, mode: Mode) -> st.SearchStrategy[str]:
    """Queries that ask for a field of the root, or mutations."""
    schema = role_schema(role).schema
    make = queries if schema.query_type is not None and field in schema.query_type.fields else mutations
    scalars = {name: made for name, made in _WRITTEN.items() if name in schema.type_map}
    return make(schema, fields=[field], custom_scalars=scalars, mode=mode)


def _drawn(data: st.DataObject, role: Role, fields: Sequence[str], mode: Mode = Mode.POSITIVE) -> str:
    return data.draw(_operations(role, data.draw(st.sampled_from(sorted(fields))), mode))


@dataclass
class Edges:
    """The edge in front of a reader, asked by somebody of each role."""

    city: City
    reader: QueryReader
    folder: Path
    clients: dict[Role, httpx.AsyncClient] = field(default_factory=dict)

    async def asked(self, role: Role, document: str) -> dict[str, Any]:
        """The answer, which is none of a fault of ours."""
        if role not in self.clients:
            self.clients[role] = self._client(role)
        content = json.dumps({"query": document}).encode()
        answer = await self.clients[role].post("/graphql", content=content, headers=JSON)
        assert answer.status_code < 500, document
        body: dict[str, Any] = answer.json()
        assert "data" in body or body["errors"], document
        assert "INTERNAL_SERVER_ERROR" not in {error["extensions"]["code"] for error in body.get("errors", ())}
        return body

    def _client(self, role: Role) -> httpx.AsyncClient:
        own, clock, reader = Settings(data_dir=self.folder), FixedClock(NOON), cast(Reader, self.reader)
        known = Authentication(Verifier(own, clock), clock)
        view = GraphQLView(
            reader, FakeReader(), known, OpenConnections(StreamLimits()), documents_of(own), Rates(), body_bytes=10**7
        )
        bearer = {"authorization": f"Bearer {issue(own, clock, self.city.viewer(role), dt.timedelta(hours=1))}"}
        headers = {} if role is Role.PUBLIK else bearer
        return httpx.AsyncClient(transport=httpx.ASGITransport(view), base_url="http://ksbb", headers=headers)

    async def close(self) -> None:
        """Close the clients."""
        for client in self.clients.values():
            await client.aclose()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def watched(walled_city: City) -> AsyncIterator[Watched]:
    """A reader whose statements are counted."""
    async with watching(walled_city) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def reading(watched: Watched, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edges]:
    """Before that reader."""
    edges = Edges(watched.ask.city, watched.ask.reader, tmp_path_factory.mktemp("reading"))
    yield edges
    await edges.close()


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def writing(acting: Acting, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Edges]:
    """Before a reader that carries out mutations."""
    edges = Edges(acting.city, acting.reader, tmp_path_factory.mktemp("writing"))
    yield edges
    await edges.close()


def _queries(role: Role) -> list[str]:
    root = role_schema(role).schema.query_type
    assert root is not None
    return sorted(root.fields)


def _mutations(role: Role) -> list[str]:
    root = role_schema(role).schema.mutation_type
    return [] if root is None else sorted(root.fields)


@pytest.mark.parametrize("role", list(Role))
@some_operations
@given(data=st.data())
async def test_a_query_is_answered_by_one_statement_or_refused(
    watched: Watched, reading: Edges, role: Role, data: st.DataObject
) -> None:
    document = _drawn(data, role, _queries(role))
    watched.sent.clear()
    await reading.asked(role, document)
    assert len(watched.reading) <= 1, document


@pytest.mark.parametrize("role", list(Role))
@some_operations
@given(data=st.data())
async def test_what_a_role_does_not_see_is_not_there(
    watched: Watched, reading: Edges, role: Role, data: st.DataObject
) -> None:
    """Documents that are broken, and documents of the role that sees most."""
    if data.draw(st.booleans()):
        document = _drawn(data, role, _queries(role), Mode.NEGATIVE)
    else:
        document = _drawn(data, Role.INSPEKTORAT, _queries(Role.INSPEKTORAT))
    watched.sent.clear()
    body = await reading.asked(role, document)
    if validate(role_schema(role).schema, parse(document)):
        assert body.get("data") is None, document
        assert watched.reading == [], document


@pytest.mark.parametrize("role", [role for role in Role if _mutations(role)])
@some_operations
@given(data=st.data())
async def test_a_mutation_is_carried_out_or_refused(writing: Edges, role: Role, data: st.DataObject) -> None:
    await writing.asked(role, _drawn(data, role, _mutations(role)))

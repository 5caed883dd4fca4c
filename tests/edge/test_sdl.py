"""Each role finds its own schema at its address, and nobody else's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from edge.authentication import Authentication
from edge.sdl import sdl_route
from kernel.clock import SystemClock
from policy.tokens import Verifier, issue
from policy.viewer import Role
from schema.build import sdl
from server import create_app
from tests.acting import Acting
from tests.conftest import City


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def http(walled_city: City) -> AsyncIterator[httpx.AsyncClient]:
    authentication = Authentication(Verifier(walled_city.settings, SystemClock()), SystemClock())
    transport = httpx.ASGITransport(Starlette(routes=[sdl_route(authentication, sdl)]))
    async with httpx.AsyncClient(transport=transport, base_url="http://ksbb") as client:
        yield client


def token_of(city: City, role: Role) -> dict[str, str]:
    return {"authorization": f"Bearer {issue(city.settings, SystemClock(), city.viewer(role), timedelta(hours=1))}"}


async def test_the_schema_of_the_public_is_for_all(http: httpx.AsyncClient, walled_city: City) -> None:
    as_officer = await http.get("/graphql/schema.publik.graphql", headers=token_of(walled_city, Role.DINAS))
    answer = await http.get("/graphql/schema.publik.graphql")
    assert (answer.status_code, answer.text, as_officer.text) == (200, sdl(Role.PUBLIK), sdl(Role.PUBLIK))
    assert answer.headers["cache-control"] == "public, max-age=0, must-revalidate"
    tag = {"if-none-match": answer.headers["etag"]}
    assert (await http.get("/graphql/schema.publik.graphql", headers=tag)).status_code == 304
    head = await http.head("/graphql/schema.publik.graphql")
    assert (head.content, head.headers["etag"]) == (b"", answer.headers["etag"])
    assert int(head.headers["content-length"]) == len(answer.content)


async def test_another_schema_is_for_its_role_alone(http: httpx.AsyncClient, walled_city: City) -> None:
    own = await http.get("/graphql/schema.dinas.graphql", headers=token_of(walled_city, Role.DINAS))
    assert (own.status_code, own.text) == (200, sdl(Role.DINAS))
    assert own.headers["cache-control"].startswith("private")
    others = [
        await http.get(f"/graphql/schema.{name}.graphql", headers=headers)
        for name in ("dinas", "DINAS", "publiK", "raja", "..%2f..%2fx")
        for headers in ({}, token_of(walled_city, Role.INSPEKTORAT), token_of(walled_city, Role.ADMIN))
    ]
    assert {answer.status_code for answer in others} == {404}
    assert "schema {" not in "".join(answer.text for answer in others)


@pytest.mark.parametrize("authorization", ["Bearer x.y.z", "Basic eA=="])
async def test_a_bad_token_is_401(http: httpx.AsyncClient, authorization: str) -> None:
    answer = await http.get("/graphql/schema.publik.graphql", headers={"authorization": authorization})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"].startswith("Bearer ")


async def test_the_application_has_these_addresses(acting: Acting) -> None:
    app = create_app(acting.city.settings, acting.city.server)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://ksbb") as client:
        assert (await client.get("/graphql/schema.publik.graphql")).text == sdl(Role.PUBLIK)

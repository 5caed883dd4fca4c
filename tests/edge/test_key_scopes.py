"""API keys: what one may be used for, and how it is told what it may not."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from commands.token import RevokeTokens
from edge.app import Edge
from edge.documents import documents_of
from edge.log import RequestLog
from edge.rates import Rates
from edge.streams import OpenConnections, StreamLimits
from edge.view import GraphQLView
from policy.api_keys import new_secret
from policy.viewer import Act, KeyMayNot, Role
from resolvers.request import GraphQLRequest
from server import updates_of
from tests.acting import Acting

from .key_office import Office, beginning, header

QUERY = "{ regions(first: 1) { nodes { name } } }"
WRITING = 'mutation { trackComplaint(input: { trackingCode: "contoh" }) { userErrors { code } } }'


@pytest.fixture
def office(acting: Acting) -> Office:
    return Office(acting)


@pytest.mark.parametrize(
    ("acts", "query", "lacks"),
    [
        ((Act.READ,), QUERY, None),
        ((Act.READ,), "{ __typename }", None),
        ((Act.SUBSCRIBE, Act.WRITE), QUERY, Act.READ),
        ((Act.SUBSCRIBE, Act.WRITE), "{ __schema { types { name } } }", Act.READ),
        ((Act.WRITE,), WRITING, None),
        ((Act.READ, Act.SUBSCRIBE), WRITING, Act.WRITE),
    ],
)
async def test_a_key_may_what_its_scopes_say(
    office: Office, acts: tuple[Act, ...], query: str, lacks: Act | None
) -> None:
    who = await office.process.viewer(header(await office.made(Role.BIRO_KSD, *acts)))
    if lacks is None:
        assert "errors" not in await office.acting(who, query)
        return
    with pytest.raises(KeyMayNot, match=f"scope `{lacks}`"):
        await office.acting(who, query)


async def test_what_a_mutation_would_show_is_a_reading_and_is_refused_before_it_is_carried_out(office: Office) -> None:
    query = """mutation { fileComplaint(input: { category: KUALITAS, regionCode: "31.71", text: "Contoh" }) {
      userErrors { code } complaint { id }
    } }"""
    who = await office.process.viewer(header(await office.made(Role.BIRO_KSD, Act.WRITE)))
    before = await office.acting.tables.fetchval("select count(*) from ksbb.audit_entry")
    with pytest.raises(KeyMayNot) as refusal:
        await office.acting(who, query)
    assert refusal.value.details["scope"] == "read"
    assert await office.acting.tables.fetchval("select count(*) from ksbb.audit_entry") == before


async def test_the_bus_refuses_a_key_that_may_not_write_whoever_asks_it(office: Office) -> None:
    viewer = office.viewer(Role.INSPEKTORAT, Act.READ, Act.SUBSCRIBE)
    with pytest.raises(KeyMayNot):
        await office.acting.bus.carry_out(viewer, RevokeTokens(subject="contoh"))


async def test_a_key_that_may_not_subscribe_opens_no_stream(office: Office) -> None:
    acting, subscription = office.acting, GraphQLRequest("subscription { events { id } }")
    feeds = updates_of(acting.city.settings, acting.city.server, acting.clock, acting.reader).feeds
    who = await office.process.viewer(header(await office.made(Role.INSPEKTORAT, Act.READ, Act.WRITE)))
    with pytest.raises(KeyMayNot, match="scope `subscribe`"):
        await feeds.subscribe(who, subscription)
    async with asked(office, feeds=feeds) as http:
        headers = {"accept": "text/event-stream", "authorization": f"Bearer {await office.made(Role.DINAS, Act.READ)}"}
        answer = await http.post("/graphql", json={"query": subscription.query}, headers=headers)
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"


@asynccontextmanager
async def asked(
    office: Office, rates: Rates | None = None, client: str = "192.0.2.1", feeds: Any = None
) -> AsyncIterator[httpx.AsyncClient]:
    """The edge over the city, asked over HTTP."""
    reader = office.acting.reader
    view = GraphQLView(
        reader,
        feeds,
        office.process,
        OpenConnections(StreamLimits()),
        documents_of(office.acting.city.settings),
        rates or Rates(),
        log=RequestLog(lambda _: None),
    )
    transport = httpx.ASGITransport(Edge(view, Starlette()), client=(client, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://ksbb") as http:
        yield http


async def test_what_a_key_may_not_is_forbidden_and_what_is_no_key_unauthenticated(office: Office) -> None:
    key = await office.made(Role.BIRO_KSD, Act.READ)
    async with asked(office) as http:
        answers = [
            await http.post("/graphql", json={"query": query}, headers={"authorization": f"Bearer {text}"})
            for query, text in ((QUERY, key), (WRITING, key), (QUERY, beginning(key)))
        ]
    assert [answer.status_code for answer in answers] == [200, 403, 401]
    errors = [answer.json()["errors"][0] for answer in answers[1:]]
    assert [error["extensions"]["code"] for error in errors] == ["FORBIDDEN", "UNAUTHENTICATED"]
    assert errors[0]["extensions"]["scopes"] == ["read"]
    assert key not in answers[2].text


async def test_a_key_may_be_for_trusted_documents_only(office: Office) -> None:
    key = await office.made(Role.BIRO_KSD, Act.READ, trusted_only=True)
    async with asked(office) as http:
        answer = await http.post("/graphql", json={"query": QUERY}, headers={"authorization": f"Bearer {key}"})
    assert answer.status_code == 403
    assert answer.json()["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    assert "API key" in answer.json()["errors"][0]["message"]
    who = await office.process.viewer(header(key))
    assert await office.acting(who, GraphQLRequest(QUERY).query)


async def test_wrong_secrets_of_one_key_are_counted_from_wherever_they_come_and_lock_no_holder_out(
    office: Office,
) -> None:
    key, other = await office.made(Role.BIRO_KSD), await office.made(Role.BIRO_KSD)
    rates = Rates(failures=3)

    async def status(text: str, client: str) -> int:
        async with asked(office, rates, client) as http:
            answer = await http.post("/graphql", json={"query": QUERY}, headers={"authorization": f"Bearer {text}"})
        return answer.status_code

    guesses = [await status(f"{beginning(key)}_{new_secret()}", f"192.0.2.{n}") for n in range(5)]
    assert guesses == [401, 401, 401, 429, 429]
    assert await status(f"{beginning(other)}_{new_secret()}", "192.0.2.99") == 401
    assert await status(f"ksbb_{'0' * 26}_{new_secret()}", "192.0.2.98") == 401
    assert await status(key, "192.0.2.1") == 200

"""The figures of `/metrics`: what is counted, who may read them, and that no label holds what a caller wrote."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

import httpx
import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families
from starlette.applications import Starlette

from edge.app import Edge
from edge.authentication import Authentication
from edge.documents import Documents, documents_of
from edge.metrics import Sources, metrics_route, networks_of
from edge.rates import Rates
from edge.streams import OpenConnections, StreamLimits
from edge.traffic import OTHER, STREAM, Traffic
from edge.trusted import Trusted, documents_folder
from edge.view import GraphQLView
from events.lag import Behind
from kernel.settings import UnusableSetting
from policy.tokens import Verifier
from policy.viewer import Role
from resolvers.pools import PoolUse
from server import create_app
from tests.acting import Acting
from tests.serving import started

from .conftest import Installation

Figures = Mapping[tuple[str, frozenset[tuple[str, str]]], float]
TRUSTED = "query DaftarKota { a }"
NAME = "Siti_KENARI_3171019901019999"


def the(name: str, **labels: str) -> tuple[str, frozenset[tuple[str, str]]]:
    return name, frozenset(labels.items())


def figures(text: str) -> Figures:
    samples = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


async def _behind() -> Behind:
    return Behind(41, 2, 1.5)


SOURCES = Sources(
    pools=lambda: {"PUBLIK": PoolUse(16, 3, 1)},
    streams=lambda: {"DINAS": 4},
    behind=_behind,
    released_at_s=lambda: 1_600_000_000.0,
    policy="abc",
)


def an_edge(installation: Installation, sources: Sources = SOURCES, networks: str = "") -> Edge:
    traffic = Traffic()
    view = GraphQLView(
        installation.reader,
        installation.reader,
        Authentication(Verifier(installation.settings, installation.clock), installation.clock),
        OpenConnections(StreamLimits()),
        documents_of(installation.settings),
        Rates({Role.DINAS: 1}, key=b"k"),
        traffic=traffic,
    )
    return Edge(view, Starlette(routes=[metrics_route(traffic, sources, networks_of(networks))]), traffic=traffic)


def asking(app: Edge, host: str = "127.0.0.1") -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app, client=(host, 1)), base_url="http://x")


async def test_requests_are_counted_by_role_status_and_trusted_operation(installation: Installation) -> None:
    trusted = Trusted(documents_folder(installation.settings))
    hash_ = trusted.add(TRUSTED)
    async with asking(an_edge(installation)) as http:
        await http.post("/graphql", json={"documentId": f"sha256:{hash_}"})
        await http.post("/graphql", json={"query": TRUSTED, "operationName": "DaftarKota"})
        await http.post("/graphql", json={"query": TRUSTED, "operationName": NAME})
        await http.post("/graphql", json={"query": f"query {NAME} {{ a }}", "operationName": NAME})
        await http.post("/graphql", json={"query": "crash"})
        token = {"authorization": f"Bearer {installation.token()}"}
        for _ in range(2):
            await http.post("/graphql", json={"query": "{ a }"}, headers=token)
        await http.request(NAME, f"/{NAME}/{NAME}?{NAME}", headers={"x-request-id": NAME})
        text = (await http.get("/metrics")).text
    trusted.remove(hash_)
    found = figures(text)
    asked = {"door": "graphql", "role": "PUBLIK", "status": "2xx"}
    assert found[the("ksbb_requests_total", **asked, operation="DaftarKota")] == 2
    assert found[the("ksbb_requests_total", **asked, operation=OTHER)] == 2
    assert found[the("ksbb_requests_total", **{**asked, "status": "5xx"}, operation=OTHER)] == 1
    assert found[the("ksbb_requests_total", **{**asked, "role": "DINAS", "status": "4xx"}, operation=OTHER)] == 1
    assert found[the("ksbb_requests_total", door=OTHER, role="", status="4xx", operation=OTHER)] == 1
    assert found[the("ksbb_refused_total", code="TOO_MANY_REQUESTS")] == 1
    assert found[the("ksbb_refused_total", code="INTERNAL_SERVER_ERROR")] == 1
    assert found[the("ksbb_request_seconds_count", door="graphql", operation="DaftarKota")] == 2
    assert "KENARI" not in text


async def test_the_state_is_that_of_the_moment(installation: Installation) -> None:
    async with asking(an_edge(installation)) as http:
        answer = await http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    found = figures(answer.text)
    assert found[the("ksbb_pool_size", role="PUBLIK")] == 16
    assert found[the("ksbb_pool_in_use", role="PUBLIK")] == 3
    assert found[the("ksbb_pool_waiting", role="PUBLIK")] == 1
    assert found[the("ksbb_streams_open", role="DINAS")] == 4
    assert found[the("ksbb_database_up")] == 1
    assert found[the("ksbb_events_last_position")] == 41
    assert found[the("ksbb_events_waiting")] == 2
    assert found[the("ksbb_events_waiting_seconds")] == 1.5
    assert found[the("ksbb_release_timestamp_seconds")] == 1_600_000_000
    assert found[the("ksbb_policy_info", hash="abc")] == 1
    assert found[the("ksbb_requests_open")] == 1
    assert the("process_resident_memory_bytes") in found


async def test_a_database_that_hangs_leaves_its_figures_out(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, goes_on = 0, asyncio.Event()

    async def hangs() -> Behind:
        nonlocal asked
        asked += 1
        await goes_on.wait()
        return Behind(1, 0, 0)

    monkeypatch.setattr("edge.metrics.READ_WITHIN_S", 0.05)
    async with asking(an_edge(installation, replace(SOURCES, behind=hangs))) as http:
        for _ in range(2):
            found = figures((await http.get("/metrics")).text)
            assert found[the("ksbb_database_up")] == 0
            assert the("ksbb_events_waiting") not in found
        goes_on.set()
        assert figures((await http.get("/metrics")).text)[the("ksbb_database_up")] == 1
    assert asked == 1


async def test_a_database_that_does_not_answer_is_told(installation: Installation) -> None:
    async def refuses() -> Behind:
        raise ConnectionRefusedError

    async with asking(an_edge(installation, replace(SOURCES, behind=refuses))) as http:
        found = figures((await http.get("/metrics")).text)
    assert found[the("ksbb_database_up")] == 0


@pytest.mark.parametrize(
    ("host", "networks", "headers", "status"),
    [
        ("127.0.0.1", "", {}, 200),
        ("127.9.9.9", "", {}, 200),
        ("::1", "", {}, 200),
        ("::ffff:127.0.0.1", "", {}, 200),
        ("10.1.2.3", "", {}, 404),
        ("10.1.2.3", "10.0.0.0/8", {}, 200),
        ("10.1.2.3", "2001:db8::/32,10.1.2.3", {}, 200),
        ("11.1.2.3", "10.0.0.0/8", {}, 404),
        ("127.0.0.1", "", {"x-forwarded-for": "127.0.0.1"}, 404),
        ("127.0.0.1", "", {"forwarded": "for=127.0.0.1"}, 404),
        ("10.1.2.3", "10.0.0.0/8", {"via": "1.1 x"}, 404),
        ("", "0.0.0.0/0", {}, 404),
    ],
)
async def test_nobody_reads_them_but_who_is_named(
    installation: Installation, host: str, networks: str, headers: dict[str, str], status: int
) -> None:
    async with asking(an_edge(installation, networks=networks), host) as http:
        answer = await http.get("/metrics", headers=headers)
        unknown = await http.get("/nowhere")
    assert answer.status_code == status
    if status == 404:
        assert (answer.content, answer.headers["content-type"]) == (unknown.content, unknown.headers["content-type"])


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/40", "abc", "::/200"])
def test_what_is_no_network_is_refused_in_words(text: str) -> None:
    with pytest.raises(UnusableSetting, match="KSBB_METRICS_FROM"):
        networks_of(text)


def test_a_document_that_is_not_trusted_has_no_known_operation(installation: Installation) -> None:
    trusted = Trusted(documents_folder(installation.settings))
    documents, two = Documents(trusted), "query A { a } query B { b }"
    assert documents.known_operation(two, "A") is None
    hashes = [trusted.add(two), trusted.add("{ a }")]
    assert documents.known_operation(two, "A") == "A"
    assert documents.known_operation(two, None) is None
    assert documents.known_operation("{ a }", None) is None
    assert documents.known_operation(two + " ", "A") is None
    for hash_ in hashes:
        trusted.remove(hash_)


async def test_the_application_tells_its_own_state(acting: Acting) -> None:
    city = acting.city
    app = create_app(city.settings, city.server)
    async with started(app), asking(app) as http:
        await http.post("/graphql", json={"query": "{ regions(first: 1) { nodes { name } } }"})
        found = figures((await http.get("/metrics")).text)
    asked = {"door": "graphql", "role": "PUBLIK", "status": "2xx", "operation": OTHER}
    assert found[the("ksbb_requests_total", **asked)] == 1
    assert found[the("ksbb_pool_size", role="PUBLIK")] == city.settings.pool_size
    assert found[the("ksbb_pool_in_use", role="PUBLIK")] == 0
    assert found[the("ksbb_database_up")] == 1
    assert the("ksbb_events_last_position") in found


def test_how_long_is_told_by_door_and_operation_and_of_streams_not_at_all() -> None:
    traffic = Traffic()
    for role, lasted_s in (("PUBLIK", 0.001), ("DINAS", 0.02), ("DINAS", 60.0)):
        traffic.count("graphql", role, 200, OTHER, lasted_s)
    traffic.count(STREAM, "DINAS", 200, OTHER, 3_600.0)
    found = figures(generate_latest(traffic.registry).decode())
    asked = {"door": "graphql", "operation": OTHER}
    up_to = {le: found[the("ksbb_request_seconds_bucket", **asked, le=le)] for le in ("0.001", "0.01", "0.025", "+Inf")}
    assert up_to == {"0.001": 1, "0.01": 1, "0.025": 2, "+Inf": 3}
    assert found[the("ksbb_request_seconds_sum", **asked)] == pytest.approx(60.021)
    assert found[the("ksbb_requests_total", door=STREAM, role="DINAS", status="2xx", operation=OTHER)] == 1
    assert the("ksbb_request_seconds_count", door=STREAM, operation=OTHER) not in found

"""What a real server writes down while it is asked, refused, broken and told nonsense: nothing that anybody sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from policy.viewer import Role
from tests.edge.test_evidence import PAGE
from tests.journeys_http.conftest import OverHttp

pytestmark = pytest.mark.asyncio(loop_scope="session")

NAME, NIK, TOKEN = "Kenari_Budi_Santoso", "3171019901019999", "eyKenari.eyKenari.Kenari"
SENT = (NAME, NIK, TOKEN, "Kenari", "kenari")
OFFICER = Role.BIRO_KSD
TRACE = "0af7651916cd43dd8448eb211c80319c"


async def test_the_log_holds_nothing_that_anybody_sent(http: OverHttp) -> None:
    await _asked_and_refused(http)
    address = await _uploaded(http)
    await _said_over_a_websocket(http)
    failed = await _broken(http)
    await asyncio.sleep(0.5)
    written = http.log.read_bytes().decode()
    lines = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    rest = [line for line in written.splitlines() if not line.startswith("{")]
    assert len(lines) > 20
    assert {line["event"] for line in lines} >= {"ksbb.request", "ksbb.failure"}
    assert all("Serving http" in line for line in rest), rest
    for secret in (*SENT, address, http.city.settings.secret_key, "Bearer", "nodes"):
        assert secret not in written, secret
    failures = [line for line in lines if line["event"] == "ksbb.failure"]
    assert [line["id"] for line in failures] == failed
    assert all(line["request"] == line["id"] for line in failures)
    assert {line.get("trace") for line in failures} == {TRACE, None}
    assert {line["sqlstate"] for line in failures} == {"42P01"}


async def _asked_and_refused(http: OverHttp) -> None:
    """Names, numbers and tokens wherever they can be put."""
    search = "recipients(first: 1, filter: {search: $s}) { nodes { id } }"
    for who in (OFFICER, Role.PUBLIK):
        for query in (
            f"query {NAME}($s: String!) {{ {search} }}",
            f"query {NAME} {{ {NAME}: {search.replace('$s', json.dumps(NAME))} }}",
            f"{{ {NAME} }}",
            f"{NAME} {NIK}",
            f'mutation {{ fileComplaint(input: {{ {NAME}: "{NIK}" }}) {{ userErrors {{ code }} }} }}',
        ):
            asked: dict[str, Any] = {"query": query, "variables": {"s": NIK}}
            await http.client.post("/graphql", json=asked, headers=http.bearer(who))
            await http.client.post("/graphql", json={**asked, "operationName": NAME}, headers=http.bearer(who))
            await http.client.get("/graphql", params={"query": query}, headers=http.bearer(who))
    await http.client.post("/graphql", json={"query": "{ a }"}, headers={"authorization": f"Bearer {TOKEN}"})
    await http.client.post("/graphql", content=f"{NAME} {NIK}", headers={"content-type": "application/json"})
    for path in (f"/{NAME}", f"/data/{NAME}?{NIK}", f"/evidence/{NAME}", f"/me/export/{NAME}", f"/feeds/{NAME}.atom"):
        await http.client.get(path, headers={"authorization": f"Bearer {TOKEN}", "traceparent": NAME})


async def _uploaded(http: OverHttp) -> str:
    """A file with a name in it, and one that is refused; the address that let it in."""
    content = PAGE + NAME.encode()
    announced = {"kind": "BAST", "mediaType": "application/pdf", "sizeBytes": len(content)}
    asked = await http.do(OFFICER, "requestUpload", "id url userErrors { code }", **announced)
    wrong = await http.client.put(asked["url"], content=b"kenari")
    assert wrong.status_code >= 400
    assert (await http.client.put(asked["url"], content=content)).status_code == 201
    return str(asked["url"]).rpartition("/")[2]


async def _said_over_a_websocket(http: OverHttp) -> None:
    """What is good, what is refused, and what is none of the protocol."""
    query = f"query {NAME}($s: String!) {{ recipients(filter: {{search: $s}}) {{ nodes {{ id }} }} }}"
    good = {"query": query, "operationName": NAME, "variables": {"s": NIK}}
    async with _socket(http) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": {"Authorization": f"Bearer {TOKEN}"}}))
        await _heard(socket)
    async with _socket(http) as socket:
        await socket.send(json.dumps({"type": "connection_init", "payload": dict(_authorization(http))}))
        await _heard(socket)
        for number, payload in enumerate((good, {"query": NAME}, {**good, "variables": {"s": {NAME: NIK}}})):
            await socket.send(json.dumps({"id": f"{NAME}{number}", "type": "subscribe", "payload": payload}))
            await _heard(socket)
        await socket.send(NAME)
        await _heard(socket)


async def _broken(http: OverHttp) -> list[str]:
    """Internal errors: a view is gone for a moment. The ids that their callers were told."""
    query = f"{{ {NAME}: regions(first: 1) {{ nodes {{ name }} }} }}"
    ids = []
    await http.tables.execute("alter view ksbb_publik.region rename to gone")
    try:
        for headers in ({"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"}, {}):
            asked = {"query": query}
            answer = await http.client.post("/graphql", json=asked, headers=headers)
            assert answer.status_code == 500, answer.text
            ids.append(answer.headers["x-request-id"])
    finally:
        await http.tables.execute("alter view ksbb_publik.gone rename to region")
    return ids


@asynccontextmanager
async def _socket(http: OverHttp) -> AsyncIterator[Any]:
    url = f"{http.client.base_url}".replace("http", "ws").rstrip("/")
    async with connect(f"{url}/graphql", subprotocols=["graphql-transport-ws"], proxy=None) as socket:  # type: ignore[list-item]  # a name
        yield socket


async def _heard(socket: Any) -> None:
    with suppress(ConnectionClosed):
        await asyncio.wait_for(socket.recv(), 30)


def _authorization(http: OverHttp) -> dict[str, str]:
    return {"Authorization": http.bearer(OFFICER)["authorization"]}

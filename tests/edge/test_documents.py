"""Documents that are named by their SHA-256 instead of being sent."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from edge.documents import DocumentNotFound, Documents, documents_of
from edge.trusted import Trusted, documents_folder, hash_of
from kernel.settings import Settings, UnusableSetting
from policy.viewer import PUBLIC, Role, Viewer

from .conftest import Installation, Streaming
from .test_view import GRAPHQL, code

STATIC = "query Satu($kode: String) { a(first: 10, code: $kode) }"


def apollo(text: str, parts: dict[str, Any] | None = None, *, sent: bool = False) -> dict[str, Any]:
    """The parameters of an automatic persisted query."""
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": hash_of(text)}}, **(parts or {})}
    return {"query": text, **named} if sent else named


def in_address(parameters: dict[str, Any]) -> str:
    return "/graphql?" + urlencode({k: v if isinstance(v, str) else json.dumps(v) for k, v in parameters.items()})


@pytest.fixture
def trusted(installation: Installation) -> Iterator[Trusted]:
    folder = Trusted(documents_folder(installation.settings))
    yield folder
    for name in list(folder.all()):
        folder.remove(name)


async def test_a_document_that_was_sent_once_is_known_by_its_hash(http: httpx.AsyncClient) -> None:
    text = STATIC + "# known by its hash"
    for accept, status in (("application/json", 200), (GRAPHQL, 400)):
        unknown = await http.post("/graphql", json=apollo(text), headers={"accept": accept})
        assert (unknown.status_code, code(unknown)) == (status, "PERSISTED_QUERY_NOT_FOUND")
        assert unknown.json()["errors"][0]["message"] == "PersistedQueryNotFound"
        assert unknown.headers["cache-control"] == "no-store"
    assert (await http.post("/graphql", json=apollo(text, sent=True))).status_code == 200
    values: dict[str, Any] = {"variables": {"kode": "31.71"}, "operationName": "Satu"}
    for answer in (
        await http.post("/graphql", json=apollo(text, values)),
        await http.post("/graphql", json={"documentId": f"sha256:{hash_of(text)}", **values}),
        await http.get(in_address(apollo(text, values))),
        await http.get(in_address({"documentId": hash_of(text), **values})),
    ):
        told = answer.json()["data"]
        assert (told["operation"], told["variables"]) == ("Satu", {"kode": "31.71"})
    assert "etag" in (await http.get(in_address(apollo(text)))).headers


@pytest.mark.parametrize("value", ['"3171010101010001"', "3171010101010001", "1.5", '"""3171"""', "-100000"])
async def test_a_document_that_holds_values_is_not_remembered(http: httpx.AsyncClient, value: str) -> None:
    text = f"{{ a(nik: {value}) }}"
    assert (await http.post("/graphql", json=apollo(text, sent=True))).status_code == 200
    assert code(await http.post("/graphql", json=apollo(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_role_does_not_learn_what_another_asks(http: httpx.AsyncClient, installation: Installation) -> None:
    text = "{ a } # of an officer"
    as_officer = {"authorization": f"Bearer {installation.token()}"}
    assert (await http.post("/graphql", json=apollo(text, sent=True), headers=as_officer)).status_code == 200
    assert (await http.post("/graphql", json=apollo(text), headers=as_officer)).json()["data"]["role"] == "DINAS"
    assert code(await http.post("/graphql", json=apollo(text))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    "parameters",
    [
        apollo("{ a }", sent=True) | {"query": "{ b }"},
        {"query": "{ b }", "documentId": "sha256:" + hash_of("{ a }")},
        {"documentId": "sha256:1"},
        {"documentId": 1},
        {"documentId": "md5:" + "0" * 64},
        {"documentId": "sha256:" + "A" * 64},
        {"documentId": "../../secret"},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": "0" * 64}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": []}},
        {"extensions": {}},
        {"query": 1, "documentId": "0" * 64},
    ],
)
async def test_a_name_that_is_none_or_of_another_document_is_400(
    http: httpx.AsyncClient, parameters: dict[str, Any]
) -> None:
    answer = await http.post("/graphql", json=parameters)
    assert (answer.status_code, code(answer)) == (400, "BAD_REQUEST")


async def test_a_mutation_by_its_name_does_not_come_by_get(http: httpx.AsyncClient) -> None:
    assert (await http.post("/graphql", json=apollo("mutation { a }", sent=True))).status_code == 200
    assert (await http.get(in_address(apollo("mutation { a }")))).status_code == 405


async def test_a_trusted_document_is_known_to_every_role_at_once_and_until_it_is_removed(
    http: httpx.AsyncClient, installation: Installation, trusted: Trusted
) -> None:
    named = {"documentId": f"sha256:{hash_of('{ a } # trusted')}"}
    for headers in ({}, {"authorization": f"Bearer {installation.token()}"}):
        assert code(await http.post("/graphql", json=named, headers=headers)) == "PERSISTED_QUERY_NOT_FOUND"
        trusted.add("{ a } # trusted")
        assert "data" in (await http.post("/graphql", json=named, headers=headers)).json()
        trusted.remove(hash_of("{ a } # trusted"))
    assert code(await http.post("/graphql", json=named)) == "PERSISTED_QUERY_NOT_FOUND"


async def test_a_role_of_trusted_documents_may_send_no_others(
    http: httpx.AsyncClient, installation: Installation, trusted: Trusted
) -> None:
    order = Viewer(role=Role.SATPOL_PP, subject="contoh", area="31.71")
    headers = {"authorization": f"Bearer {installation.token(order)}"}
    for parameters in ({"query": "{ a }"}, apollo("{ a }", sent=True), {"query": "{ __schema { types { name } } }"}):
        answer = await http.post("/graphql", json=parameters, headers=headers)
        assert (answer.status_code, code(answer)) == (403, "DOCUMENT_NOT_TRUSTED")
    trusted.add("{ a }")
    for parameters in ({"query": "{ a }"}, apollo("{ a }", sent=True), apollo("{ a }")):
        assert (await http.post("/graphql", json=parameters, headers=headers)).status_code == 200
    assert (await http.post("/graphql", json={"query": "{ b }"})).status_code == 200


async def test_a_file_that_is_not_what_its_name_says_is_no_document(tmp_path: Path) -> None:
    folder = Trusted(tmp_path)
    name = folder.add("{ a }")
    (tmp_path / f"{'0' * 64}.graphql").write_text("{ a }", encoding="utf-8")
    (tmp_path / f"{sha256(b'{ b }').hexdigest()}.graphql").write_bytes(b"\xff")
    assert dict(folder.all()) == {name: "{ a }"}
    assert not folder.remove("../" + name)


def test_what_is_remembered_has_an_end(tmp_path: Path) -> None:
    documents = Documents(Trusted(tmp_path))
    texts = [f"{{ a{number} " + "a " * 20_000 + "}" for number in range(300)]
    for text in texts:
        documents.text(PUBLIC, apollo(text, sent=True))
    assert documents.text(PUBLIC, apollo(texts[-1])) == texts[-1]
    with pytest.raises(DocumentNotFound):
        documents.text(PUBLIC, apollo(texts[0]))


def test_a_role_that_there_is_not_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnusableSetting, match="RAJA"):
        documents_of(Settings(data_dir=tmp_path, trusted_only="PUBLIK,RAJA"))


async def test_a_websocket_takes_names_too(edge: Streaming) -> None:
    async with connect(f"ws://{edge.address}/graphql", subprotocols=[Subprotocol("graphql-transport-ws")]) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        await socket.recv()
        answers = []
        for number, payload in enumerate((apollo("{ a }"), apollo("{ a }", sent=True), apollo("{ a }"))):
            await socket.send(json.dumps({"id": str(number), "type": "subscribe", "payload": payload}))
            answers.append(json.loads(await asyncio.wait_for(socket.recv(), 5)))
            if number:
                await socket.recv()
    assert [answer["type"] for answer in answers] == ["error", "next", "next"]
    assert answers[0]["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"

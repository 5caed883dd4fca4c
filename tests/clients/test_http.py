"""Clients and audits written by others find GraphQL over HTTP as they know it, on a running server."""

from __future__ import annotations

import asyncio
import json

import pytest

from tests.clients.test_clients import HERE, run, serving, tool
from tests.conftest import City


async def test_every_audit_of_graphql_http_passes(walled_city: City) -> None:
    node = tool("tsc")[0]
    async with serving(walled_city) as url:
        printed = await asyncio.to_thread(run, [node, str(HERE / "audits" / "graphql_http.mjs"), url], HERE)
    results = list(map(json.loads, printed.splitlines()))
    assert len(results) >= 60
    assert [result for result in results if result["status"] != "ok"] == []


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_apollo_sends_a_document_once_and_its_hash_from_then_on(walled_city: City, method: str) -> None:
    node = tool("tsc")[0]
    async with serving(walled_city) as url:
        command = [node, str(HERE / "documents" / "apollo.mjs"), url, method.lower()]
        told = json.loads(await asyncio.to_thread(run, command, HERE))
    assert told["found"] == [1, 2]
    assert [(request["method"], request["hasText"]) for request in told["sent"]] == [
        (method, False),
        ("POST", True),
        (method, False),
    ]

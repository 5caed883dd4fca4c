"""The audits of the npm package graphql-http, which follow the draft of GraphQL over HTTP, on a running server."""

from __future__ import annotations

import asyncio
import json

from tests.clients.test_clients import HERE, run, serving, tool
from tests.conftest import City


async def test_every_audit_of_graphql_http_passes(walled_city: City) -> None:
    node = tool("tsc")[0]
    async with serving(walled_city) as url:
        printed = await asyncio.to_thread(run, [node, str(HERE / "audits" / "graphql_http.mjs"), url], HERE)
    results = list(map(json.loads, printed.splitlines()))
    assert len(results) >= 60
    assert [result for result in results if result["status"] != "ok"] == []

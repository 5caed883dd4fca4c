"""The server is killed with -9 in the middle of a stream of commands: nothing half, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from random import Random

import httpx
import pytest

from tests.acting import Acting
from tests.serving import free_port, served, until_ready

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

KILLS = 100 if os.environ.get("TEST_LONG") else 10
WORKERS = 6
MUTATION = """mutation ($input: FileComplaintInput!) {
  fileComplaint(input: $input) { userErrors { code } trackingCode }
}"""


class Stream:
    """Complaints that are sent one after the other, each with its key, and what was acknowledged."""

    def __init__(self, url: str, region: str) -> None:
        self._url = url
        self._region = region
        self._number = 0
        self.acknowledged: dict[str, str] = {}
        self.open: set[str] = set()

    async def send(self, client: httpx.AsyncClient, key: str) -> None:
        """Send one; it stays open when no answer came."""
        self.open.add(key)
        form = {"category": "LAIN", "regionCode": self._region, "text": key, "idempotencyKey": key}
        body = {"query": MUTATION, "variables": {"input": form}}
        try:
            answer = await client.post(f"{self._url}/graphql", json=body)
        except httpx.TransportError:
            return
        payload = answer.json()["data"]["fileComplaint"]
        assert payload["userErrors"] == []
        code = self.acknowledged.setdefault(key, payload["trackingCode"])
        assert code == payload["trackingCode"]
        self.open.discard(key)

    async def work(self, stop: asyncio.Event) -> None:
        """Send until told to stop."""
        async with httpx.AsyncClient() as client:
            while not stop.is_set():
                self._number += 1
                await self.send(client, f"contoh-pengaduan-{self._number:08}")


async def test_a_server_killed_in_a_stream_of_commands_leaves_nothing_half_and_loses_nothing(acting: Acting) -> None:
    port, random = free_port(), Random(2020)
    url = f"http://127.0.0.1:{port}"
    stream = Stream(url, acting.city.cast.kelurahan)
    for _ in range(KILLS):
        with served(acting.city.settings, port) as server:
            await until_ready(url)
            stop = asyncio.Event()
            workers = [asyncio.create_task(stream.work(stop)) for _ in range(WORKERS)]
            await asyncio.sleep(random.uniform(0.1, 0.5))
            server.kill()
            stop.set()
            await asyncio.gather(*workers)
    unanswered = len(stream.open)
    with served(acting.city.settings, port):
        await until_ready(url)
        async with httpx.AsyncClient() as client:
            for key in (*stream.open, *list(stream.acknowledged)[:20]):
                await stream.send(client, key)
    assert stream.open == set()
    rows = await acting.tables.fetch("select id, text from ksbb.complaint where text like 'contoh-pengaduan-%'")
    assert Counter(row["text"] for row in rows) == Counter(list(stream.acknowledged))
    keys = [row["id"] for row in rows]
    events = await acting.tables.fetchval("select count(*) from ksbb.event where subject_id = any ($1)", keys)
    audited = await acting.tables.fetchval(
        "select count(*) from ksbb.audit_entry a join ksbb.complaint c on c.public_id = a.details->>'id'"
        " where a.act = 'FileComplaint' and c.id = any ($1)",
        keys,
    )
    assert events == audited == len(rows) > KILLS
    assert unanswered, "the kills came when nothing was under way: they prove nothing"

"""Server and database are killed with -9 in a stream of commands: nothing half, nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import datetime as dt
import os
import signal
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from commands.check import check
from commands.invariants.all import invariants
from kernel.clock import SystemClock, today
from kernel.settings import Settings
from models.server import Server
from models.writing import writing
from policy.tokens import issue
from policy.viewer import Role, Viewer
from tests.conftest import SECRET_KEY, City, a_walled_city
from tests.folders import a_data_folder
from tests.serving import PATIENCE_S, free_port, served, until_ready

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

KILLS = 100 if os.environ.get("TEST_LONG") else 10
DATABASE_EVERY = 3
"""In each third round PostgreSQL is killed, and the server after it."""
WORKERS = 3
"""Clients of each stream."""
COMPLAINT = """mutation ($input: FileComplaintInput!) {
  fileComplaint(input: $input) { userErrors { code } trackingCode }
}"""
REPAYMENT = """mutation ($input: RecordRepaymentInput!) {
  recordRepayment(input: $input) { userErrors { code } repayment { id } }
}"""


@pytest_asyncio.fixture(loop_scope="session")
async def killed_city() -> AsyncIterator[City]:
    """A city of its own, whose database dies."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        server = Server.open(settings)
        yield await a_walled_city(settings, server)
        server.stop()


@dataclass
class Stream:
    """Commands that are sent one after the other, each with its key, and the answers that were acknowledged."""

    mutation: str
    form: Mapping[str, Any]
    headers: Mapping[str, str]
    named: str
    """The first part of the keys."""
    acknowledged: dict[str, Any] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    answered: asyncio.Event = field(default_factory=asyncio.Event)
    _number: int = 0

    async def send(self, client: httpx.AsyncClient, key: str) -> None:
        """Send one; it stays open when no answer came, or one that says that the database is gone."""
        self.open.add(key)
        body = {"query": self.mutation, "variables": {"input": _with(self.form, key)}}
        try:
            answer = await client.post("/graphql", json=body, headers=dict(self.headers))
        except httpx.TransportError:
            return
        told = answer.json()
        if "errors" in told:
            return
        (payload,) = told["data"].values()
        assert payload["userErrors"] == []
        assert self.acknowledged.setdefault(key, payload) == payload
        self.open.discard(key)
        self.answered.set()

    async def work(self, url: str, stop: asyncio.Event) -> None:
        """Send until told to stop."""
        async with httpx.AsyncClient(base_url=url, trust_env=False) as client:
            while not stop.is_set():
                self._number += 1
                await self.send(client, f"{self.named}-{self._number:08}")


def _with(form: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The form with its key where a key is."""
    filled = {name: _with(value, key) if isinstance(value, dict) else value for name, value in form.items()}
    return {name: key if value == "KEY" else value for name, value in filled.items()}


async def streams_of(city: City) -> tuple[Stream, Stream]:
    """Complaints of anybody, and repayments of Rp 1 on a running loan by its fintech."""
    owner = await asyncpg.connect(Server.running(city.settings).uri())
    loan = await owner.fetchval("select public_id from ksbb.loan where id = $1", city.cast.loan)
    lender = await owner.fetchval("select fintech_id from ksbb.loan where id = $1", city.cast.loan)
    await owner.close()
    viewer = Viewer(Role.FINTECH, "kills", institution_id=str(lender))
    token = issue(city.settings, SystemClock(), viewer, dt.timedelta(hours=5))
    day = today(SystemClock()).isoformat()
    complaint = {"category": "LAIN", "regionCode": city.cast.kelurahan, "text": "KEY", "idempotencyKey": "KEY"}
    paid = {"loanId": loan, "amount": 1, "paidOn": day, "invoice": "KEY", "reportKey": "KEY"}
    repayment = {"repayment": paid, "idempotencyKey": "KEY"}
    return (
        Stream(COMPLAINT, complaint, {}, "contoh-pengaduan"),
        Stream(REPAYMENT, repayment, {"authorization": f"Bearer {token}"}, "contoh-pembayaran"),
    )


def kill_database(settings: Settings) -> None:
    """The postmaster dies at once, and with it every process of the database."""
    pid = int((settings.data_dir / "postgres" / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)


async def test_kills_in_a_stream_of_commands_leave_nothing_half_and_lose_nothing(killed_city: City) -> None:
    settings, port, random = killed_city.settings, free_port(), Random(2020)
    url, streams = f"http://127.0.0.1:{port}", await streams_of(killed_city)
    for turn in range(KILLS):
        with served(settings, port) as server:
            await until_ready(url)
            stop = asyncio.Event()
            workers = [asyncio.create_task(s.work(url, stop)) for s in streams for _ in range(WORKERS)]
            await _flowing(streams)
            await asyncio.sleep(random.uniform(0, 0.5))
            if turn % DATABASE_EVERY == 0:
                kill_database(settings)
                await asyncio.sleep(random.uniform(0, 0.1))
            server.kill()
            stop.set()
            await asyncio.gather(*workers)
    unanswered = sum(len(stream.open) for stream in streams)
    with served(settings, port):
        await until_ready(url)
        await _sent_again(url, streams)
        await _nothing_half(killed_city, streams)
    assert unanswered, "the kills came when nothing was under way: they prove nothing"
    print(f"{KILLS} kills, {unanswered} unanswered, {sum(len(s.acknowledged) for s in streams)} carried out")  # noqa: T201  # the figure


async def _flowing(streams: tuple[Stream, ...]) -> None:
    """Wait for an answer: a server that was just started makes its schemas first."""
    for stream in streams:
        stream.answered.clear()
    async with asyncio.timeout(PATIENCE_S):
        await asyncio.gather(*(stream.answered.wait() for stream in streams))


async def _sent_again(url: str, streams: tuple[Stream, ...]) -> None:
    """What had no answer, and some of what had one, with the same keys."""
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        for stream in streams:
            for key in (*stream.open, *list(stream.acknowledged)[:20]):
                await stream.send(client, key)
            assert stream.open == set()


async def _nothing_half(city: City, streams: tuple[Stream, Stream]) -> None:
    """Each key is one row, one event and one audit entry, and all invariants hold, those of the ledger too."""
    uri = Server.running(city.settings).uri()
    owner = await asyncpg.connect(uri)
    found = (
        await owner.fetch("select id, public_id, text as key from ksbb.complaint where text like 'contoh-pengaduan-%'"),
        await owner.fetch("select id, public_id, invoice as key from ksbb.repayment where invoice like 'contoh-%'"),
    )
    for rows, stream in zip(found, streams, strict=True):
        assert Counter(row["key"] for row in rows) == Counter(list(stream.acknowledged))
        events = "select count(*) from ksbb.event where subject_id = any ($1)"
        assert await owner.fetchval(events, [row["id"] for row in rows]) == len(rows) > KILLS
        audited = "select count(*) from ksbb.audit_entry where about_id = any ($1)"
        assert await owner.fetchval(audited, [row["public_id"] for row in rows]) == len(rows)
    await owner.close()
    async with writing(uri) as connection:
        checked = await check(connection, invariants())
    assert [(f.rule, f.ids) for one in checked for f in one.findings if f.offending] == []

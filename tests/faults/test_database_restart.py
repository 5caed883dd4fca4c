"""PostgreSQL is restarted under load: requests in between fail clean, nothing wrong is said, and all comes back."""

from __future__ import annotations

import asyncio
import datetime as dt
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import pytest_asyncio

from kernel.clock import SystemClock
from kernel.settings import Settings
from models.embedded import EmbeddedPostgres, binary
from models.server import Server
from policy.tokens import issue
from policy.viewer import Role, Viewer
from tests.conftest import SECRET_KEY, City, a_walled_city
from tests.events.chaos import Consumer, truth
from tests.folders import a_data_folder
from tests.serving import free_port, served, until_ready

pytestmark = [pytest.mark.slow, pytest.mark.asyncio(loop_scope="session")]

AWAY_S = 1.5
"""For which the database stays away."""
ANSWERS_WITHIN_S = 8.0
"""Every request, the database there or not; the machine may have ten other things to do."""
BACK_WITHIN_S = 5.0
_PATIENCE_S = 20.0
CLEAN = {"DATABASE_UNAVAILABLE", "TOKEN_REVOCATIONS_UNAVAILABLE"}

QUERIES: Mapping[str, tuple[Role, str]] = {
    "regions": (Role.PUBLIK, "{ regions(first: 50) { totalCount nodes { code name parent { name } } } }"),
    "collaborations": (
        Role.PUBLIK,
        "{ collaborations(first: 10) { nodes { id title pledges(first: 3) { nodes { id item } } } } }",
    ),
    "loans": (Role.INSPEKTORAT, "{ loans(first: 10) { totalCount nodes { id principal status } } }"),
    "recipients": (Role.DINAS, "{ recipients(first: 10) { nodes { id tradeName region { name } } } }"),
}
CLIENTS_PER_QUERY = 2
COMPLAINT = """mutation ($input: FileComplaintInput!) {
  fileComplaint(input: $input) { userErrors { code } trackingCode }
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[City]:
    """A city of its own, whose database is restarted."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY)
        with Server.open(settings) as server:
            yield await a_walled_city(settings, server)


@dataclass
class Load:
    """Clients that ask the same again and again, and what became of it."""

    url: str
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    faults: list[str] = field(default_factory=list)
    refused_at: list[float] = field(default_factory=list)
    refused: Counter[str] = field(default_factory=Counter)
    answered: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0
    acknowledged: dict[str, Any] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)

    async def ask(self, name: str, client: httpx.AsyncClient, headers: Mapping[str, str], known: bytes) -> None:
        """Ask one query; each answer is the one from before, or a clean refusal."""
        while not self.stop.is_set():
            answer = await self._sent(client, {"query": QUERIES[name][1]}, headers)
            if answer.status_code != 200:
                self._refused(answer)
            elif answer.content == known:
                self.answered[name] += 1
            else:
                self.faults.append(f"another answer: {answer.text[:500]}")
            await asyncio.sleep(0.01)

    async def complain(self, client: httpx.AsyncClient, named: str, region: str) -> None:
        """File complaints, each under its own key."""
        while not self.stop.is_set():
            await self.file(
                client, f"{named}-{len(self.acknowledged) + len(self.open):06}-{time.monotonic_ns()}", region
            )
            await asyncio.sleep(0.01)

    async def file(self, client: httpx.AsyncClient, key: str, region: str) -> None:
        """File one; it stays open until an answer tells that it is there."""
        self.open.add(key)
        form = {"category": "LAIN", "regionCode": region, "text": key, "idempotencyKey": key}
        answer = await self._sent(client, {"query": COMPLAINT, "variables": {"input": form}}, {})
        if answer.status_code != 200:
            self._refused(answer)
            return
        payload = answer.json()["data"]["fileComplaint"]
        if payload["userErrors"] or self.acknowledged.setdefault(key, payload) != payload:
            self.faults.append(f"another answer: {payload}")
        self.open.discard(key)

    async def _sent(
        self, client: httpx.AsyncClient, body: Mapping[str, object], headers: Mapping[str, str]
    ) -> httpx.Response:
        started = time.monotonic()
        try:
            answer = await client.post(f"{self.url}/graphql", json=body, headers=dict(headers), timeout=_PATIENCE_S)
        except httpx.TimeoutException:
            self.faults.append(f"no answer within {_PATIENCE_S} s: {body}")
            return httpx.Response(503, json={"errors": []})
        self.slowest_s = max(self.slowest_s, time.monotonic() - started)
        return answer

    def _refused(self, answer: httpx.Response) -> None:
        codes = {error["extensions"]["code"] for error in answer.json()["errors"]}
        self.refused.update(codes)
        self.refused_at.append(time.monotonic())
        if answer.status_code != 503 or not codes <= CLEAN:
            self.faults.append(f"{answer.status_code}: {answer.text[:300]}")


def _stop_and_start(settings: Settings, mode: str) -> None:
    """PostgreSQL ends and comes back a moment later."""
    postgres = EmbeddedPostgres(settings.data_dir)
    options = (postgres.folder / "postmaster.opts").read_text().strip().partition(" ")[2].replace('"', "'")
    control: list[str | Path] = [binary("pg_ctl"), "-w", "-s", "-D", postgres.folder]
    stopped = postgres.account.run([*control, "-m", mode, "stop"])
    assert stopped.returncode == 0, stopped.stderr
    time.sleep(AWAY_S)
    started = postgres.account.run([*control, "-l", postgres.folder / "log", "-o", options, "start"])
    assert started.returncode == 0, started.stderr


def _token(city: City, role: Role) -> dict[str, str]:
    if role is Role.PUBLIK:
        return {}
    return {"authorization": f"Bearer {issue(city.settings, SystemClock(), city.viewer(role), dt.timedelta(hours=1))}"}


@pytest.mark.parametrize("mode", ["fast", "immediate"])
async def test_a_restart_of_the_database_under_load_is_survived(city: City, tmp_path: Path, mode: str) -> None:
    port = free_port()
    load = Load(f"http://127.0.0.1:{port}")
    tables = await asyncpg.connect(city.server.uri())
    start = await tables.fetchval("select last_position from ksbb.event_log")
    await tables.close()
    inspector = Viewer(Role.INSPEKTORAT, "contoh-inspektorat")
    followers = [Consumer(city, k, inspector, [load.url], tmp_path / f"{k}.jsonl", start) for k in ("ws", "sse")]
    with (tmp_path / "server.log").open("wb") as log, served(city.settings, port, log, KSBB_RATE_LIMITS="") as process:
        await until_ready(load.url)
        try:
            for follower in followers:
                follower.start()
            async with httpx.AsyncClient(trust_env=False, timeout=60) as client:
                await _under_load(city, load, client, mode)
                await _sent_again(load, client, city.cast.kelurahan)
            assert process.poll() is None
            await _nothing_twice(city, load)
            await _all_heard(city, followers, start)
        finally:
            for follower in followers:
                follower.kill()
    assert (tmp_path / "server.log").read_text().count('"ERROR"') == 0


async def _under_load(city: City, load: Load, client: httpx.AsyncClient, mode: str) -> None:
    known = {}
    for name, (role, query) in QUERIES.items():
        answer = await client.post(f"{load.url}/graphql", json={"query": query}, headers=_token(city, role))
        assert "errors" not in answer.json(), answer.text
        known[name] = answer.content
    asking = [
        load.ask(name, client, _token(city, role), known[name])
        for name, (role, _) in QUERIES.items()
        for _ in range(CLIENTS_PER_QUERY)
    ]
    filing = [load.complain(client, f"contoh-{mode}-{n}", city.cast.kelurahan) for n in range(3)]
    tasks = [asyncio.create_task(work) for work in (*asking, *filing)]
    await asyncio.sleep(1)
    await asyncio.to_thread(_stop_and_start, city.settings, mode)
    back = time.monotonic()
    await asyncio.sleep(BACK_WITHIN_S)
    load.answered.clear()
    filed = len(load.acknowledged)
    await asyncio.sleep(1)
    load.stop.set()
    await asyncio.gather(*tasks)
    told = (
        f"{mode}: {dict(load.refused)}, last {max(load.refused_at) - back:.2f} s after, slowest {load.slowest_s:.2f} s"
    )
    print(told)  # noqa: T201  # the figure
    assert not load.faults, "\n".join(load.faults[:10])
    assert load.refused, "nothing was asked while the database was away: this proves nothing"
    assert max(load.refused_at) < back + BACK_WITHIN_S
    assert load.slowest_s < ANSWERS_WITHIN_S
    assert set(load.answered) == set(QUERIES)
    assert len(load.acknowledged) > filed


async def _sent_again(load: Load, client: httpx.AsyncClient, region: str) -> None:
    """What had no answer, and some of what had one, with the same keys."""
    for key in (*load.open, *list(load.acknowledged)[-20:]):
        await load.file(client, key, region)
    assert load.open == set()
    assert not load.faults, "\n".join(load.faults[:10])


async def _nothing_twice(city: City, load: Load) -> None:
    tables = await asyncpg.connect(city.server.uri())
    rows = await tables.fetch("select text from ksbb.complaint where text = any ($1)", list(load.acknowledged))
    await tables.close()
    assert Counter(row["text"] for row in rows) == Counter(list(load.acknowledged))


async def _all_heard(city: City, followers: list[Consumer], start: int) -> None:
    tables = await asyncpg.connect(city.server.uri())
    async with asyncio.timeout(60):
        while await tables.fetchval("select count(*) from ksbb.event where position is null"):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        told = await truth(city, tables, start)
        while not all(follower.has_all(told) for follower in followers):  # noqa: ASYNC110  # other processes hear
            await asyncio.sleep(0.1)
    await tables.close()
    for follower in followers:
        follower.check(told, 1)

"""How fast events fan out: `python -m bench.events` (`make bench-events`); results in `bench/results/events.json`.

One document, followed over thousands of websockets, on this project's server and on one that does nothing but send the
same bytes to all (`broadcast.py`): the same uvicorn, the same frames, the same clients in a process of their own.

    python -m bench.events                         # 1,000 and 5,000 subscribers
    python -m bench.events --sockets 200 --rounds 1   # does it run?
    python -m bench.events --idle 600              # 5,000 sockets that nothing happens to, for ten minutes
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryDirectory
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import httpx
import psutil  # type: ignore[import-untyped]  # ships no types

from bench.report import RESULTS, machine
from demo.city import SMALL, build
from kernel.settings import Settings
from models import migrate
from models.server import Server
from policy import wall
from policy.secrets import Secrets

QUERY = "subscription { collaborationUpdated { id cursor type at left subject { id title status regionCode } } }"
SPACED = 10
"""Events told one after the other, a second apart: how long one takes to reach all."""
BURST = 50
"""Events told at once: how many deliveries a second."""
PATIENCE_S = 120


@dataclass
class Side:
    """One of the two servers: where it listens, its process, and how an event is told to it."""

    name: str
    port: int
    process: psutil.Process
    tell: Callable[[], Awaitable[float]]
    """Tells one event; the instant at which it was committed, or sent."""


class Sockets:
    """The process of the subscribers."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def answer(self, line: str = "") -> Any:
        """What it says, after a line is said to it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        if line:
            self._process.stdin.write(f"{line}\n".encode())
        said = await self._process.stdout.readline()
        assert said, f"the subscribers ended at {line!r}"
        return json.loads(said)

    async def close(self) -> None:
        """Cut all and wait for the end."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"close\n")
        await self._process.wait()


@asynccontextmanager
async def sockets(port: int, count: int) -> AsyncIterator[Sockets]:
    """So many subscribers, each of which has subscribed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bench.sockets", str(port), str(count), QUERY),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 30,
    )
    opened = Sockets(process)
    assert await opened.answer() == {"open": count}
    try:
        yield opened
    finally:
        await opened.close()


async def fan_out(side: Side, count: int, sample: list[str]) -> dict[str, Any]:
    """Deliveries of single events and of a burst to so many subscribers, and the memory that each takes."""
    before = side.process.memory_info().rss
    async with sockets(side.port, count) as crowd:
        per_subscriber = (side.process.memory_info().rss - before) / count
        await side.tell()
        sample[:] = [(await crowd.answer(f"expect 1 {PATIENCE_S}"))["sample"]]
        waits: list[float] = []
        spreads: list[float] = []
        cpu_one = sum(side.process.cpu_times()[:2])
        for _ in range(SPACED):
            told = await side.tell()
            answer = await crowd.answer(f"expect 1 {PATIENCE_S}")
            waits += [at - told for at in answer["times"][0]]
            spreads.append(max(answer["times"][0]) - min(answer["times"][0]))
            await asyncio.sleep(0.2)
        cpu_one = sum(side.process.cpu_times()[:2]) - cpu_one
        cpu = sum(side.process.cpu_times()[:2])
        began = time.monotonic()
        for _ in range(BURST):
            await side.tell()
        answer = await crowd.answer(f"expect {BURST} {PATIENCE_S}")
        ended = max(max(times) for times in answer["times"])
        cpu = sum(side.process.cpu_times()[:2]) - cpu
        assert answer["lost"] == 0
    cuts = quantiles(waits, n=100)
    return {
        "side": side.name,
        "sockets": count,
        "one_s": count / median(spreads),
        "burst_s": BURST * count / (ended - began),
        "p50_ms": median(waits) * 1e3,
        "p99_ms": cuts[98] * 1e3,
        "slowest_ms": max(waits) * 1e3,
        "cpu_one_us": cpu_one / (SPACED * count) * 1e6,
        "cpu_burst_us": cpu / (BURST * count) * 1e6,
        "bytes_each": per_subscriber,
    }


async def idle(side: Side, count: int, seconds: int) -> dict[str, Any]:
    """What a server holds before, at the beginning and the end of a time in which nothing happens, and afterwards."""

    def held() -> dict[str, float]:
        return {"mb": side.process.memory_info().rss / 1e6, "files": side.process.num_fds()}

    async with sockets(side.port, 50):
        pass  # what is made once
    await asyncio.sleep(2)
    found = {"before": held()}
    async with sockets(side.port, count) as crowd:
        await asyncio.sleep(10)
        found["begin"] = held()
        await asyncio.sleep(seconds)
        found["end"] = held()
        await side.tell()
        assert (await crowd.answer(f"expect 1 {PATIENCE_S}"))["lost"] == 0
    await asyncio.sleep(10)
    found["after"] = held()
    return {"sockets": count, "seconds": seconds, **found}


@asynccontextmanager
async def sides(settings: Settings, server: Server, sample: list[str]) -> AsyncIterator[list[Side]]:
    """Both servers, running; the limit sends the bytes that the first one sent."""
    owner = await asyncpg.connect(server.uri())
    subject: UUID = await owner.fetchval(
        "select id from ksbb.collaboration where package_kind = 'SARPRAS' and status = 'BERJALAN' order by id limit 1"
    )
    client = httpx.AsyncClient(trust_env=False)
    processes = []

    async def commit() -> float:
        await owner.execute(
            "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
            " values ($1, now(), 'CollaborationMoved', 1, 'collaboration', $2, '{}', '{\"status\": \"BERJALAN\"}')",
            uuid4(),
            subject,
        )
        return time.monotonic()

    async def send() -> float:
        told = time.monotonic()
        await client.post(f"http://127.0.0.1:{found[1].port}/broadcast", content=sample[0])
        return told

    environment = {**os.environ, "KSBB_DATA_DIR": str(settings.data_dir), "KSBB_LOG_LEVEL": "ERROR"}
    environment["KSBB_RATE_LIMITS"] = ""
    found: list[Side] = []
    for name, what, port, tell in (("ksbb", "ksbb", 8921, commit), ("limit", "broadcast", 8922, send)):
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "bench.serve", what, str(port), env=environment
        )
        processes.append(process)
        await _until_it_listens(client, port)
        found.append(Side(name, port, psutil.Process(process.pid), tell))
    try:
        yield found
    finally:
        for process in processes:
            process.terminate()
            await process.wait()
        await client.aclose()
        await owner.close()


async def _until_it_listens(client: httpx.AsyncClient, port: int) -> None:
    for _ in range(600):
        try:
            await client.get(f"http://127.0.0.1:{port}/livez")
            return
        except httpx.TransportError:
            await asyncio.sleep(0.1)
    raise AssertionError("the server did not start")


async def _measure(settings: Settings, server: Server, options: argparse.Namespace) -> dict[str, Any]:
    owner = await asyncpg.connect(server.uri())
    secrets = Secrets.of(settings)
    await build(owner, SMALL, secrets)
    await owner.close()
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)
    sample = [""]
    async with sides(settings, server, sample) as both:
        if options.idle:
            return {"idle": await idle(both[0], max(options.sockets), options.idle)}
        rows = [
            await fan_out(side, count, sample)
            for count in options.sockets
            for _ in range(options.rounds)
            for side in both
        ]
    return {"rounds": options.rounds, "query": QUERY, "bytes": len(sample[0]), "rows": rows}


def _of_limit(rows: list[dict[str, Any]], count: int, what: str) -> float:
    """The median of a figure's shares within the rounds."""
    ours, limit = ([r[what] for r in rows if r["sockets"] == count and r["side"] == s] for s in ("ksbb", "limit"))
    return float(median(mine / its for mine, its in zip(ours, limit, strict=True)))


def main() -> None:
    """Measure and write down."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sockets", type=int, nargs="+", default=[1_000, 5_000])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--idle", type=int, default=0, metavar="SECONDS")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        settings = Settings(data_dir=Path(folder) / "data")
        with Server.open(settings) as server:
            asyncio.run(migrate.upgrade(server.uri()))
            found = {**machine(), **asyncio.run(_measure(settings, server, options))}
    if options.idle:
        print(json.dumps(found["idle"], indent=1))
    for count in [] if options.idle else options.sockets:
        for row in found["rows"]:
            if row["sockets"] == count:
                print(
                    f"{row['side']:6} {count:6,} sockets: {row['one_s']:9,.0f} deliveries/s of one event,"
                    f" {row['burst_s']:9,.0f} of {BURST} at once   p50"
                    f" {row['p50_ms']:7.1f} ms  p99 {row['p99_ms']:7.1f} ms"
                    f"   CPU {row['cpu_one_us']:5.1f}, {row['cpu_burst_us']:5.1f} us"
                    f"   {row['bytes_each'] / 1e3:6.1f} kB a socket"
                )
        one, burst = (_of_limit(found["rows"], count, what) for what in ("one_s", "burst_s"))
        print(f"of the limit at {count:,}: {one:.2f} with one event, {burst:.2f} with {BURST} at once")
    RESULTS.mkdir(parents=True, exist_ok=True)
    name = "events_idle.json" if options.idle else "events.json"
    (RESULTS / name).write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()

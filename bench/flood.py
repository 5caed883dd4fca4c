"""What a well-behaved caller waits while others send slowly and hurtfully, beside the same caller when it is quiet.

`python -m bench.flood` serves a small city by `ksbb serve`, as a process of its own, and asks one query again and
again over one connection: first alone; then beside 60 connections that send heads and bodies byte by byte and eight
that send hostile documents (`bench.hostile`) as fast as they are answered, from one address; then from 100 addresses.
The callers that hurt are a process of priority 19, of plain sockets and finished bytes: what it needs is not taken from
the server. Writes milliseconds and their ratio to `bench/results/flood.json`.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from itertools import cycle
from pathlib import Path
from typing import Any

import asyncpg

from bench.hostile import HOSTILE, document, of_length
from demo.city import SMALL, build
from kernel.settings import Settings
from models import migrate
from models.server import Server
from policy import wall
from policy.secrets import Secrets

Row = dict[str, Any]
RESULTS = Path(__file__).parent / "results" / "flood.json"
ROOT = Path(__file__).parents[1]
GOAL = 3.0
ROUNDS, SECONDS = 5, 10.0
WARM_S = 12.0
"""Of a flood before it is measured: by then the first slow connections were closed."""
PAUSE_S = 0.02
"""Of the well-behaved caller between two questions."""
ASKERS = 6
"""Addresses from which it asks, so that it keeps within the limits of each."""
SLOW, HURTFUL = 60, 8
"""Connections."""
DROP_S = 0.5
"""Between two bytes of a slow one."""
LENGTH = 1_000
"""Bytes of a hostile document."""
STARTS_WITHIN_S = 120.0

QUERY = """{ collaborations(first: 20) { totalCount nodes { id title status region { name }
  pledges(first: 3) { nodes { item } } } } }"""
_NUMBER = b"N0000000"
"""The name of an operation, which is counted on so that each document is new."""


def request(body: bytes, address: str) -> bytes:
    """A POST that a proxy passes on for an address."""
    head = (
        "POST /graphql HTTP/1.1\r\nhost: ksbb\r\ncontent-type: application/json\r\n"
        f"x-forwarded-for: {address}\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def answered(reader: asyncio.StreamReader) -> int:
    """The status of an answer that was read to its end."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return int(head[9:12])


async def well_behaved(port: int, seconds: float) -> list[float]:
    """Milliseconds of each answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    body = json.dumps({"query": QUERY}).encode()
    askers = cycle([request(body, f"192.0.2.{number}") for number in range(ASKERS)])
    taken, until = [], time.monotonic() + seconds
    while time.monotonic() < until:
        sent, started = next(askers), time.perf_counter()
        writer.write(sent)
        status = await answered(reader)
        taken.append((time.perf_counter() - started) * 1e3)
        if status != 200:
            raise RuntimeError(f"the well-behaved caller was answered {status}")
        await asyncio.sleep(PAUSE_S)
    writer.close()
    return taken


# ---- those who hurt, in a process of their own


async def _slow(port: int, number: int) -> None:
    """Head or body byte by byte, again when it is cut."""
    whole = request(b'{"query": "{ __typename }"}' + b" " * 500, f"198.51.100.{number}")
    begun = whole.index(b"\r\n\r\n") + 4 if number % 2 else 0
    while True:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(whole[:begun])
            for byte in whole[begun:]:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(DROP_S)
                if reader.at_eof():
                    break
            writer.close()


async def _hurtful(port: int, number: int, addresses: int, hostile: Sequence[bytes], told: Counter[int]) -> None:
    """Hostile documents, each new, as fast as they are answered."""
    bodies = cycle(hostile)
    for turn in range(10**7):
        with suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while True:
                turn += HURTFUL
                name = b"N%07d" % ((turn * HURTFUL + number) % 10**7)
                address = f"203.0.113.{(turn + number) % addresses}"
                writer.write(request(next(bodies).replace(_NUMBER, name), address))
                told[await answered(reader)] += 1


def _bodies() -> Iterator[bytes]:
    for make in HOSTILE.values():
        asked = document([make(of_length(make, LENGTH))])
        text = asked.query.replace(asked.query.split()[1].partition("(")[0], _NUMBER.decode(), 1)
        yield json.dumps({"query": text, "variables": asked.variables}).encode()


async def _hurt(port: int, addresses: int) -> None:
    """Until killed; each second a line of what was answered."""
    os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    told, hostile = Counter[int](), list(_bodies())
    print("{}", flush=True)
    works = [_slow(port, n) for n in range(SLOW)]
    works += [_hurtful(port, n, addresses, hostile, told) for n in range(HURTFUL)]
    tasks = [asyncio.create_task(work) for work in works]
    while not any(task.done() for task in tasks):
        await asyncio.sleep(1)
        print(json.dumps(told), flush=True)
        told.clear()
    await asyncio.gather(*tasks)


# ---- the measurement


@contextmanager
def _served(settings: Settings) -> Iterator[int]:
    """A server of its own process, on a city; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    given = {name: value for name, value in os.environ.items() if not name.startswith("KSBB_")}
    given |= {"KSBB_DATA_DIR": str(settings.data_dir), "KSBB_PORT": str(port), "KSBB_LOG_LEVEL": "ERROR"}
    given["KSBB_TRUSTED_PROXIES"] = "127.0.0.1"
    command = [sys.executable, "-c", "from cli import main; main()", "serve"]
    with subprocess.Popen(command, cwd=ROOT, env=given, stderr=subprocess.DEVNULL) as process:
        try:
            until = time.monotonic() + STARTS_WITHIN_S
            while time.monotonic() < until:
                with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.1)
            yield port
        finally:
            process.kill()


async def beside(port: int, addresses: int) -> Row:
    """The well-behaved caller beside those who hurt."""
    command = [sys.executable, "-m", "bench.flood", "hurt", str(port), str(addresses)]
    hurting = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert hurting.stdout is not None
    try:
        await hurting.stdout.readline()  # it has its documents
        await asyncio.sleep(WARM_S)
        taken = await well_behaved(port, SECONDS)
    finally:
        hurting.kill()
    said, _ = await hurting.communicate()
    told = Counter[str]()
    for line in said.decode().splitlines()[int(WARM_S) :]:
        told.update(json.loads(line))
    return {**_figures(taken), "hostile_per_s": round(told.total() / SECONDS, 1), "refused": round(_refused(told), 2)}


def _refused(told: Counter[str]) -> float:
    """The part that was over the limits of its address."""
    return told["429"] / max(1, told.total())


def _figures(taken: list[float]) -> Row:
    cuts = statistics.quantiles(taken, n=100)
    return {"p50_ms": round(cuts[49], 1), "p99_ms": round(cuts[98], 1)}


async def _filled(server: Server, settings: Settings) -> None:
    secrets = Secrets.of(settings)
    await migrate.upgrade(server.uri())
    connection = await asyncpg.connect(server.uri())
    await build(connection, SMALL, secrets)
    await connection.close()
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)


async def _measured(port: int) -> Row:
    await well_behaved(port, 5)
    quiet, floods = list[Row](), {addresses: list[Row]() for addresses in (1, 100)}
    for _ in range(ROUNDS):
        quiet.append(_figures(await well_behaved(port, SECONDS)))
        for addresses, rows in floods.items():
            rows.append(await beside(port, addresses))
    alone = _medians(quiet)
    found = [{"addresses": addresses, **_medians(rows)} for addresses, rows in floods.items()]
    for flood in found:
        flood["ratio_p99"] = round(flood["p99_ms"] / alone["p99_ms"], 1)
    return {"goal_ratio_p99": GOAL, "rounds": ROUNDS, "quiet": alone, "floods": found}


def _medians(rows: Sequence[Row]) -> Row:
    """The median of each figure; of the waits also those of each round."""
    medians = {name: round(statistics.median(row[name] for row in rows), 2) for name in rows[0]}
    return {**medians, "p99_ms_by_round": [row["p99_ms"] for row in rows]}


def main() -> None:
    """Measure, print and write; or hurt, in the process that does."""
    if sys.argv[1:2] == ["hurt"]:
        asyncio.run(_hurt(int(sys.argv[2]), int(sys.argv[3])))
        return
    with tempfile.TemporaryDirectory(prefix="ksbb-flood-") as folder:
        settings = Settings(data_dir=Path(folder) / "data")
        with Server.open(settings) as server:
            asyncio.run(_filled(server, settings))
            with _served(settings) as port:
                found = asyncio.run(_measured(port))
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps({"python": sys.version.split()[0], **found}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

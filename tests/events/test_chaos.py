"""Servers and consumers are killed with -9 while events are written: everybody hears everything, once and in order."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from random import Random
from uuid import UUID

import asyncpg
import pytest
import pytest_asyncio

from commands.bus import Bus
from kernel.clock import SystemClock
from kernel.settings import Settings
from models import server as database
from policy.viewer import PUBLIC, Role, Viewer
from server import bus_of
from tests.conftest import SECRET_KEY, City, a_walled_city
from tests.events.chaos import LIFE, TOLD, Consumer, Hook, Server, Told, Writers, figures, truth, writing
from tests.folders import a_data_folder

KILLS = 100 if os.environ.get("TEST_LONG") else 10
EVENTS = 10_000 if os.environ.get("TEST_LONG") else 1_500
"""At least."""
CLIENTS_PER_TURN = 2
BOTH_EVERY = 5
"""Turns after which both servers are killed at once."""
WORKERS = 3
"""Commands that are under way at a time."""
SLOW_WRITERS = 2
DRAIN_S = 120.0
PATIENCE_S = 60.0

_SESSIONS = (
    "select pg_terminate_backend(pid) from pg_stat_activity"
    " where application_name like $1 and datname = current_database()"
)
_OVERTAKEN = (
    "select count(*) from (select entry < lag(entry) over (order by position) as is_late from ksbb.event) e"
    " where is_late"
)
INSPECTOR = Viewer(Role.INSPEKTORAT, "contoh-inspektorat")
CENTRE, NORTH = (Viewer(Role.WILAYAH, f"contoh-{area}", area=area) for area in ("31.71", "31.72"))


@dataclass
class House:
    """One city with two servers, and who follows them."""

    city: City
    tables: asyncpg.Connection
    folder: Path
    servers: tuple[Server, Server]
    bus: Bus
    consumers: list[Consumer] = field(default_factory=list)

    async def position(self) -> int:
        """The last position that was given."""
        last: int = await self.tables.fetchval("select last_position from ksbb.event_log")
        return last

    def follow(self, name: str, kind: str, viewer: Viewer, after: int, *at: Server) -> Consumer:
        """Begin to follow after a position, at the named servers or at any."""
        urls = [server.url for server in at or self.servers]
        return self._begun(Consumer(self.city, kind, viewer, urls, self.folder / f"{name}.jsonl", after))

    async def hook(self, name: str, viewer: Viewer) -> None:
        """Have events sent to a receiver from now on."""
        self._begun(await Hook.registered(self.city, self.bus, viewer, self.folder / f"{name}.jsonl"))

    def _begun(self, consumer: Consumer) -> Consumer:
        self.consumers.append(consumer)
        consumer.start()
        return consumer

    async def settled(self) -> int:
        """The last position, once all that was written has one."""
        waiting = "select count(*) from ksbb.event where position is null"
        async with asyncio.timeout(PATIENCE_S):
            while await self.tables.fetchval(waiting):  # noqa: ASYNC110  # another process gives them
                await asyncio.sleep(0.05)
        return await self.position()

    async def all_follow(self) -> None:
        """Wait until every consumer is connected."""
        await until(lambda: all(c.sessions() for c in self.consumers), "somebody does not connect")

    async def drained(self, after: int) -> list[Told]:
        """Everything that was written, once every consumer has what is in its scope."""
        await self.settled()
        told = await truth(self.city, self.tables, after)
        try:
            await until(lambda: all(c.has_all(told) for c in self.consumers), "", DRAIN_S)
        except AssertionError as failure:
            raise AssertionError(f"somebody does not get everything:\n{figures(self.consumers)}") from failure
        return told


async def until(is_so: Callable[[], bool], otherwise: str, at_most_s: float = PATIENCE_S) -> None:
    """Wait until something is so."""
    started = time.monotonic()
    while not is_so():
        assert time.monotonic() - started < at_most_s, otherwise
        await asyncio.sleep(0.1)


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def city() -> AsyncIterator[City]:
    """A city of the module's own."""
    with a_data_folder() as folder:
        settings = Settings(data_dir=folder, secret_key=SECRET_KEY, webhook_allow_private=1)
        with database.Server.open(settings) as server:
            yield await a_walled_city(settings, server)


@pytest_asyncio.fixture(loop_scope="session")
async def house(city: City, tmp_path: Path) -> AsyncIterator[House]:
    """Two servers on the city."""
    async with AsyncExitStack() as stack:
        tables = await asyncpg.connect(city.server.uri())
        stack.push_async_callback(tables.close)
        log = stack.enter_context((tmp_path / "servers.log").open("wb"))
        servers = Server(city, log), Server(city, log)
        bus = bus_of(city.settings, city.server, SystemClock())
        stack.push_async_callback(bus.close)
        made = House(city, tables, tmp_path, servers, bus)
        for server in servers:
            stack.callback(server.kill)
            server.start()
        for server in servers:
            await server.ready()
        yield made
        for consumer in made.consumers:
            consumer.kill()


async def test_two_servers_on_one_database_give_every_subscriber_the_same_sequence(house: House) -> None:
    start = await house.position()
    for place, server in zip("ab", house.servers, strict=True):
        for kind in ("ws", "sse"):
            house.follow(f"inspector-{kind}-{place}", kind, INSPECTOR, start, server)
        house.follow(f"centre-{place}", "ws", CENTRE, start, server)
        house.follow(f"public-{place}", "sse", PUBLIC, start, server)
    await house.all_follow()
    async with writing(house.city, house.bus, Random(2020), WORKERS, SLOW_WRITERS):
        await _flows(house, start + 200)
    told = await house.drained(start)
    for consumer in house.consumers:
        assert consumer.all() == [event.id for event in told if event.reaches(consumer.viewer)]


@pytest.mark.slow
async def test_whatever_is_killed_everybody_hears_everything_once_and_in_order(house: House) -> None:
    random, started = Random(2020), time.monotonic()
    for name, viewer in (("inspector", INSPECTOR), ("centre", CENTRE)):
        await house.hook(f"{name}-webhook", viewer)
    start, (a, b) = await house.settled(), house.servers
    twins = house.follow("twin-a", "ws", INSPECTOR, start, a), house.follow("twin-b", "sse", INSPECTOR, start, b)
    for name, viewer in (("inspector", INSPECTOR), ("centre", CENTRE), ("north", NORTH), ("public", PUBLIC)):
        for kind in ("ws", "sse"):
            house.follow(f"{name}-{kind}", kind, viewer, start)
    await house.all_follow()
    unlucky = cycle(random.sample(house.consumers, len(house.consumers)))
    async with writing(house.city, house.bus, random, WORKERS, SLOW_WRITERS) as writers:
        for turn in range(KILLS):
            writers.is_hurried = True
            await _flows(house, start + (turn + 1) * EVENTS // KILLS)
            await asyncio.sleep(random.uniform(0, 0.5))
            clients = [next(unlucky) for _ in range(CLIENTS_PER_TURN)]
            await _strike(house, turn, random, writers, clients)
    written = time.monotonic()
    told = await house.drained(start)
    drained = time.monotonic()
    print(f"{KILLS} kills, {len(told)} events in {written - started:.0f} s, all heard {drained - written:.1f} s later")  # noqa: T201  # the figures
    print(figures(house.consumers))  # noqa: T201  # as above
    for consumer in house.consumers:
        consumer.check(told, KILLS)
    assert twins[0].once() == twins[1].once()
    await _is_a_proof(house, told)


async def _flows(house: House, position: int) -> None:
    """Wait until the log has come so far, and moves."""
    before = await house.position()
    async with asyncio.timeout(PATIENCE_S):
        while (now := await house.position()) < position or now == before:  # noqa: ASYNC110  # others write
            await asyncio.sleep(0.02)


async def _strike(house: House, turn: int, random: Random, writers: Writers, clients: list[Consumer]) -> None:
    """Kill a server or both, some consumers, and sessions of the database; start again what was killed."""
    servers = list(house.servers) if turn % BOTH_EVERY == BOTH_EVERY - 1 else [random.choice(house.servers)]
    cut = (None, "ksbb-sequencer %", "ksbb-events", "ksbb")[turn % 4]
    if cut is not None:
        await house.tables.fetch(_SESSIONS, cut)
        await asyncio.sleep(random.uniform(0, 0.2))
    victims: list[Server | Consumer] = [*servers, *clients]
    random.shuffle(victims)
    for victim in victims:
        victim.kill()
        await asyncio.sleep(random.uniform(0, 0.1))
    writers.is_hurried = False  # servers that start have a core for themselves
    random.shuffle(victims)
    for victim in victims:
        victim.start()
    for server in servers:
        await server.ready()


async def _is_a_proof(house: House, told: list[Told]) -> None:
    """Enough happened, complaints went through their lives in order, and slow transactions were overtaken."""
    assert len(told) >= EVENTS
    assert {event.type for event in told} == TOLD
    lives: dict[UUID, list[str]] = defaultdict(list)
    for event in told:
        if event.kind == "complaint":
            lives[event.subject].append(event.type)
    assert Counter(map(tuple, lives.values())) == {tuple(LIFE): len(lives)}
    assert await house.tables.fetchval(_OVERTAKEN) > 0, "no slow transaction was overtaken: they prove nothing"
    assert all(len(c.sessions()) > 1 for c in house.consumers), "somebody was never cut"
    assert any(len(c.all()) > len(c.once()) for c in house.consumers), "nothing was under way when it was cut"

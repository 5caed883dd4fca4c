"""Two servers on one database, consumers that follow them as processes, and writers: all that may be killed."""

from __future__ import annotations

import asyncio
import datetime as dt
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import IO
from uuid import UUID, uuid4

import asyncpg

from commands.bus import Bus
from commands.complaint import (
    FileComplaint,
    FollowUpComplaint,
    ForwardComplaint,
    ResolveComplaint,
    VerifyComplaint,
)
from commands.webhook import RegisterWebhook
from kernel.clock import SystemClock
from models.vocabulary import ComplaintCategory
from policy.tokens import issue
from policy.viewer import PUBLIC, Role, Viewer
from resolvers.cursors import EventCursors
from tests.conftest import City
from tests.events.consuming import KEPT_EVERY, lines_of
from tests.serving import ROOT, free_port, served, until_ready

LIFE = ["ComplaintFiled", "ComplaintMoved", "ComplaintMoved", "ComplaintRouted", "ComplaintMoved", "ComplaintMoved"]
"""The events of one complaint from its filing to its end."""
REGIONS = ("31.71.01.1001", "31.72.01.1001", "31.73.01.1001")
"""Where complaints are filed: in two areas that somebody follows, and in one that nobody does."""
ORGANISATIONS = {"institution": "InstitutionUpdated", "place": "PlaceRegistered"}
"""Rows that everybody sees, with an event that everybody hears of."""
TOLD = {*LIFE, *ORGANISATIONS.values()}

_SLOW_S = (0.05, 1.5)
_PAUSES_S = (0.2, 0.6)
_WRITE = (
    "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
    " values ($1, clock_timestamp(), $2, 1, $3, $4, '{}', '{}')"
)
_TRUTH = (
    "select e.id, e.position, e.type, e.subject_kind, e.subject_id, c.region_code"
    " from ksbb.event e left join ksbb.complaint c on c.id = e.subject_id"
    " where e.position > $1 order by e.position"
)


# ---- servers


class Server:
    """One `ksbb serve` that can be killed and started again."""

    def __init__(self, city: City, log: IO[bytes]) -> None:
        self._city = city
        self._log = log
        self._port = free_port()
        self._running = ExitStack()
        self.url = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Start it; it needs a while."""
        self._running.enter_context(served(self._city.settings, self._port, self._log))

    def kill(self) -> None:
        """Kill it with -9."""
        self._running.close()

    async def ready(self) -> None:
        """Wait until it answers."""
        await until_ready(self.url)


# ---- consumers


@dataclass(frozen=True)
class Told:
    """An event as the tables have it."""

    position: int
    id: str
    type: str
    kind: str
    subject: UUID
    region: str | None

    def reaches(self, viewer: Viewer) -> bool:
        """Whether a viewer is to hear of it; what the policy says is not asked."""
        if self.kind in ORGANISATIONS:
            return True
        if viewer.role is Role.WILAYAH:
            return self.region is not None and self.region.startswith(f"{viewer.area}.")
        return viewer.role is Role.INSPEKTORAT


async def truth(city: City, tables: asyncpg.Connection, after: int) -> list[Told]:
    """Everything behind a position, in order."""
    rows = await tables.fetch(_TRUTH, after)
    return [Told(r[1], city.secrets.public_id("event", r[0]), *r[2:]) for r in rows]


@dataclass
class Consumer:
    """One subscriber as a process. Its file is its memory, and outlives it."""

    city: City
    kind: str
    viewer: Viewer
    urls: Sequence[str]
    """Where it may connect."""
    file: Path
    begins_after: int
    _process: subprocess.Popen[bytes] | None = None

    @property
    def _cursors(self) -> EventCursors:
        return EventCursors(self.city.secrets, self.viewer)

    def _token(self) -> str:
        if self.viewer.role is Role.PUBLIK:
            return ""
        return issue(self.city.settings, SystemClock(), self.viewer, dt.timedelta(hours=5))

    def start(self) -> None:
        """Start it, or start it again."""
        given = [self.kind, str(self.file), self._token(), self._cursors.seal(self.begins_after), *self.urls]
        self._process = subprocess.Popen([sys.executable, "-m", "tests.events.consuming", *given], cwd=ROOT)

    def kill(self) -> None:
        """Kill it with -9, in the middle of whatever it does."""
        assert self._process is not None
        assert self._process.poll() is None, f"{self.file.name} ended by itself"
        self._process.kill()
        self._process.wait()

    def sessions(self) -> list[tuple[str, list[str]]]:
        """Per connection: the cursor after which it began, and the events that came over it."""
        found: list[tuple[str, list[str]]] = []
        for line in lines_of(self.file):
            if "open" in line:
                found.append((line["at"], []))
            elif "seen" in line:
                assert not line["left"]
                found[-1][1].append(line["seen"])
        return found

    def all(self) -> list[str]:
        """Every event as it came, twice where it came twice."""
        return [id_ for _, seen in self.sessions() for id_ in seen]

    def once(self) -> list[str]:
        """Every event when it came first."""
        return list(dict.fromkeys(self.all()))

    def has_all(self, told: Sequence[Told]) -> bool:
        """Whether it has heard all that it is to hear."""
        return {event.id for event in told if event.reaches(self.viewer)} <= set(self.all())

    def check(self, told: Sequence[Told], strikes: int) -> None:  # noqa: ARG002  # its sessions tell how often it was cut
        """All that was to be heard came in order, each connection going on where the last cursor was."""
        scope = [event for event in told if event.reaches(self.viewer)]
        expected = [event.id for event in scope]
        assert self.once() == expected, self.file.name
        sessions = self.sessions()
        for cursor, seen in sessions:
            after = self._cursors.open(cursor, "after")
            first = sum(event.position <= after for event in scope)
            assert seen == expected[first : first + len(seen)], self.file.name
        assert len(self.all()) - len(expected) <= (len(sessions) - 1) * KEPT_EVERY


@dataclass
class Hook(Consumer):
    """A webhook and its receiver. Order is promised per subject only."""

    secret: str = ""

    @classmethod
    async def registered(cls, city: City, bus: Bus, viewer: Viewer, file: Path) -> Hook:
        """A new one, which hears of what happens from now on."""
        url = f"http://127.0.0.1:{free_port()}"
        made = await bus.carry_out(viewer, RegisterWebhook(name="Contoh", target_url=url))
        return cls(city, "webhook", viewer, [url], file, 0, secret=made.reply["secret"])

    def _token(self) -> str:
        return self.secret

    def check(self, told: Sequence[Told], strikes: int) -> None:
        """All that was to be heard came, in order per subject; twice only what was on its way when something died."""
        scope = {event.id: event for event in told if event.reaches(self.viewer)}
        once = self.once()
        assert len(once) == len(scope)
        positions: dict[UUID, int] = {}
        for event in (scope[id_] for id_ in once):
            assert event.position > positions.get(event.subject, 0), self.file.name
            positions[event.subject] = event.position
        assert len(self.all()) - len(once) <= strikes * IN_HAND


IN_HAND = 32
"""Messages of one webhook that are on their way at a time, at most (`events/webhook_lane.py`)."""


# ---- writers


@dataclass
class Writers:
    """Commands at full speed, and transactions that are slow to commit."""

    city: City
    bus: Bus
    random: Random
    is_hurried: bool = True
    """Whether commands follow each other without a pause."""
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    async def complain(self) -> None:
        """File complaints and bring each to its end."""
        inspector = Viewer(Role.INSPEKTORAT, "contoh-inspektorat")
        while not self.stop.is_set():
            region = self.random.choice(REGIONS)
            area = Viewer(Role.WILAYAH, "contoh-wilayah", area=region[:5])
            filed = FileComplaint(category=ComplaintCategory.LAIN, region_code=region, text="Contoh.")
            outcome = await self.bus.carry_out(PUBLIC, filed)
            _, key = self.city.secrets.internal_key(outcome.subject)
            for viewer, step in (
                (area, VerifyComplaint(complaint_id=key)),
                (inspector, ForwardComplaint(complaint_id=key, agency="KELURAHAN")),
                (area, FollowUpComplaint(complaint_id=key)),
                (inspector, ResolveComplaint(complaint_id=key)),
            ):
                await asyncio.sleep(0 if self.is_hurried else self.random.uniform(*_PAUSES_S))
                await self.bus.carry_out(viewer, step)

    async def dawdle(self) -> None:
        """Write first and commit last: events of which those of other transactions come before they are seen."""
        tables = await asyncpg.connect(self.city.server.uri())
        keys = {kind: await _keys(tables, kind) for kind in ORGANISATIONS}
        while not self.stop.is_set():
            async with tables.transaction():
                for _ in range(self.random.randint(1, 20)):
                    kind = self.random.choice([*ORGANISATIONS])
                    key = self.random.choice(keys[kind])
                    await tables.execute(_WRITE, uuid4(), ORGANISATIONS[kind], kind, key)
                await asyncio.sleep(self.random.uniform(*_SLOW_S))
        await tables.close()


async def _keys(tables: asyncpg.Connection, table: str) -> list[UUID]:
    """A few rows, so that each gets several events."""
    return [row["id"] for row in await tables.fetch(f"select id from ksbb.{table} order by id limit 5")]


@asynccontextmanager
async def writing(city: City, bus: Bus, random: Random, complaining: int, dawdling: int) -> AsyncIterator[Writers]:
    """So many writers of each kind beside a block; they end with it."""
    writers = Writers(city, bus, random)
    works = [writers.complain] * complaining + [writers.dawdle] * dawdling
    tasks = [asyncio.create_task(work()) for work in works]
    try:
        yield writers
    finally:
        writers.stop.set()
        await asyncio.gather(*tasks)


def figures(consumers: Sequence[Consumer]) -> str:
    """Per consumer what came, how often its connection began anew, and what came twice."""
    rows = []
    for c in consumers:
        all_, once = c.all(), c.once()
        rows.append(
            f"{c.file.stem}: {len(once)} events, {len(c.sessions())} connections, {len(all_) - len(once)} came twice"
        )
    return "\n".join(rows)

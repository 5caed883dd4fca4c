"""The city of a random sequence: its actors, what is in its tables, and what a command did to them."""

from __future__ import annotations

import datetime as dt
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any
from uuid import UUID

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import Text, cast, literal, select, union_all
from sqlalchemy.dialects import postgresql

from commands.bus import Bus, Outcome
from commands.command import Command
from commands.invariants.all import invariants
from demo.city import SMALL, build
from kernel.clock import FixedClock, today
from kernel.settings import Settings
from models import migrate
from models.all import METADATA
from models.base import SCHEMA
from models.server import Server
from policy import wall
from policy.secrets import Secrets
from policy.viewer import Role, Viewer
from server import bus_of
from tests.conftest import SECRET_KEY

SIZE = replace(
    SMALL,
    businesses=300,
    collaborations=60,
    loans=100,
    collaborators=10,
    places=10,
    complaints=10,
    intake_applications=10,
)
"""The smallest city in which everything occurs: all invariants are asked in 11 ms."""
COPY = "sequence"
"""The database of the copy."""
BEGIN = dt.datetime(2022, 1, 3, 2, tzinfo=dt.UTC)
_DESKS = (Role.BIRO_KSD, Role.DINAS, Role.INSPEKTORAT, Role.DISKOMINFOTIK, Role.ADMIN, Role.SATPOL_PP)
NEWEST = 6
"""From how many rows one is picked: few, so that the same rows are met again and again."""
ASTRAY = 0.12
"""How often a step takes any row instead of one that it could move."""

_TABLES = [f"{SCHEMA}.{table.name}" for table in METADATA.sorted_tables if table.schema == SCHEMA]
PRINT = " union all ".join(f"select '{name}', count(*), max(xmin::text::bigint) from {name}" for name in _TABLES)
_UNBALANCED = (
    "select p.collaboration_id from ksbb.ledger_posting p join ksbb.ledger_entry e on e.posting_id = p.id"
    " group by 1 having sum(e.amount) <> 0"
)


def _offending() -> str:
    """All rules of all invariants as one statement without parameters, which PostgreSQL plans once per connection."""
    rules = [rule for one in invariants() for rule in one.rules]
    found = [(rule.name, rule.offending.subquery(rule.name)) for rule in rules]
    rows = [select(literal(name).label("rule"), cast(f.c.id, Text).label("id")).where(~f.c.known) for name, f in found]
    dialect = postgresql.asyncpg.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy left its dialects untyped
    return str(union_all(*rows).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))


_SHOWN_WITHOUT_CONSENT = (
    "select d.id from ksbb.delivery d join ksbb.delivery_recipient r on r.delivery_id = d.id"
    " join ksbb.business b on b.id = r.business_id where d.status = 'TERVALIDASI'"
    " group by 1 having bool_and(b.photo_consented) <> d.photos_consented"
)

Print = Sequence[tuple[Any, ...]]


@dataclass(frozen=True)
class Players:
    """Who acts: several of each kind, so that they meet and get in each other's way."""

    donors: tuple[Viewer, ...]
    fintechs: tuple[Viewer, ...]
    fund_managers: tuple[Viewer, ...]
    officers: tuple[Viewer, ...]
    areas: tuple[str, ...]
    desks: tuple[Viewer, ...]

    @property
    def all(self) -> tuple[Viewer, ...]:
        """Everybody, but owners and intake officers, who come with their rows."""
        return (*self.donors, *self.fintechs, *self.fund_managers, *self.officers, *self.desks)


@dataclass
class World:
    """One copy of the city while a sequence runs in it; `random` is that of the present step."""

    tables: asyncpg.Connection
    rules: PreparedStatement
    prints: PreparedStatement
    bus: Bus
    clock: FixedClock
    players: Players
    secrets: Secrets
    random: Random = field(default_factory=lambda: Random(0))
    number: int = 0
    """Counts what needs a name of its own."""
    kept: list[tuple[Viewer, Command, Outcome]] = field(default_factory=list)
    """Commands with a key that were carried out."""
    codes: dict[str, str] = field(default_factory=dict)
    """Tracking codes of complaints, by public identifier."""

    @property
    def today(self) -> dt.date:
        """The day that it is."""
        return today(self.clock)

    def next(self) -> int:
        """A number that was not used yet."""
        self.number += 1
        return self.number

    def chance(self, share: float) -> bool:
        """True in a share of the cases."""
        return self.random.random() < share

    def day(self, around: int = 3) -> dt.date:
        """Mostly today, sometimes some days before or after."""
        return self.today if self.chance(0.8) else self.today + dt.timedelta(self.random.randint(-around, around))

    async def pick(self, table: str, right: str = "true", *given: Any) -> Any:
        """One of the newest rows that meet a condition, now and then any of the newest; None for none."""
        condition, values = ("true", ()) if self.chance(ASTRAY) else (right, given)
        query = f"select t.* from ksbb.{table} t where {condition} order by t.id desc limit {NEWEST}"
        rows = await self.tables.fetch(query, *values)
        return self.random.choice(rows) if rows else None

    async def some(self, table: str, right: str, *given: Any) -> list[UUID]:
        """The keys of one to three of the newest rows that meet a condition, in any order."""
        query = f"select t.id from ksbb.{table} t where {right} order by t.id desc limit {NEWEST}"
        keys = [row["id"] for row in await self.tables.fetch(query, *given)]
        return self.random.sample(keys, min(len(keys), self.random.randint(1, 3)))

    def lender(self, loan: Any) -> Viewer:
        """The fintech of a loan, or of what stands under it."""
        return institution(Role.FINTECH, loan["fintech_id"])

    def anybody(self) -> Viewer:
        """Somebody of any role."""
        return self.random.choice((*self.players.all, Viewer(Role.PUBLIK)))

    async def print(self) -> Print:
        """Rows of each table and its youngest change: another one whenever anything was written."""
        return [tuple(row) for row in await self.prints.fetch()]

    async def broken(self) -> list[Any]:
        """What breaks an invariant, and collaborations whose money does not sum to zero."""
        found = [tuple(row) for row in await self.rules.fetch()]
        found += [("photos", row[0]) for row in await self.tables.fetch(_SHOWN_WITHOUT_CONSENT)]
        return [*found, *(("ledger", row[0]) for row in await self.tables.fetch(_UNBALANCED))]

    async def told(self) -> dict[str, set[str]]:
        """By fact, the tables of the subjects that its events are about."""
        told: dict[str, set[str]] = {}
        for event in await self.tables.fetch("select distinct type, subject_kind from ksbb.event"):
            told.setdefault(event["type"], set()).add(event["subject_kind"])
        return told


def institution(role: Role, key: UUID) -> Viewer:
    """A donor or an institution."""
    return Viewer(role, str(key), institution_id=str(key))


def owner(key: UUID) -> Viewer:
    """The owner of a business."""
    return Viewer(Role.UMKM, str(key), person_id=str(key))


async def the_city(settings: Settings, server: Server) -> None:
    """The city that each sequence gets a copy of."""
    secrets = Secrets.of(settings)
    await migrate.upgrade(server.uri())
    connection = await asyncpg.connect(server.uri())
    try:
        await build(connection, SIZE, secrets)
        await connection.execute("vacuum analyze")
    finally:
        await connection.close()
    await wall.build(server.uri(), settings.role_prefix, secrets.role_password)


def sequence_settings(folder: Any) -> Settings:
    """Settings of the city."""
    return Settings(data_dir=folder, secret_key=SECRET_KEY)


@asynccontextmanager
async def a_world(settings: Settings, server: Server) -> AsyncIterator[World]:
    """A fresh copy of the city with its bus."""
    maintenance = await asyncpg.connect(server.uri("postgres"))
    await maintenance.execute(f"drop database if exists {COPY} with (force)")
    await maintenance.execute(f"create database {COPY} template ksbb")
    await maintenance.close()
    copy = Server(server.uri(COPY))
    clock = FixedClock(BEGIN)
    bus = bus_of(settings, copy, clock)
    tables = await asyncpg.connect(copy.uri())
    try:
        rules, prints = await tables.prepare(_offending()), await tables.prepare(PRINT)
        yield World(tables, rules, prints, bus, clock, await players_of(tables), Secrets.of(settings))
    finally:
        await tables.close()
        await bus.close()


async def players_of(tables: asyncpg.Connection) -> Players:
    """Who acts in a city."""
    active = (
        "select i.id from ksbb.institution i join ksbb.accreditation a on a.institution_id = i.id where i.kind = $1"
        " and a.status = 'AKTIF' and a.package_kind = $2 order by i.id limit 2"
    )
    officers = await tables.fetch(
        "select a.user_account_id, a.region_code from ksbb.role_assignment a join ksbb.business b"
        " on starts_with(b.region_code, a.region_code) where a.role = 'PENDAMPING' and b.verified_on is not null"
        " group by 1, 2 order by count(*) desc, 2 limit 2"
    )
    areas = tuple(row["region_code"] for row in officers)
    donors = await tables.fetch("select id from ksbb.collaborator order by id limit 3")
    fintechs = await tables.fetch(active, "FINTECH", "PINJAMAN_MODAL")
    managers = await tables.fetch(active, "AGREGATOR", "SARPRAS")
    return Players(
        donors=tuple(institution(Role.KOLABORATOR, row["id"]) for row in donors),
        fintechs=tuple(institution(Role.FINTECH, row["id"]) for row in fintechs),
        fund_managers=tuple(institution(Role.AGREGATOR, row["id"]) for row in managers),
        officers=tuple(
            Viewer(Role.PENDAMPING, str(key), area=area, person_id=str(key)) for key, area in map(tuple, officers)
        ),
        areas=areas,
        desks=(
            *(Viewer(role, role.value.lower()) for role in _DESKS),
            *(Viewer(Role.WILAYAH, f"wilayah-{area}", area=area) for area in areas),
        ),
    )

"""The application: everything put together, in the order in which it starts and stops."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING

import asyncpg
from sqlalchemy.exc import SQLAlchemyError
from starlette.applications import Starlette

from commands.bus import Bus
from commands.export import own_export
from commands.storage import Storage, storage_of
from datapackages.due import carry_out
from datapackages.package import NAME
from datapackages.publish import catalogue
from edge import log
from edge.api_keys import ApiKeys
from edge.app import Edge, routes
from edge.arrival import sweep
from edge.atom import AtomFeeds
from edge.authentication import Authentication
from edge.documents import documents_of
from edge.evidence import EvidenceFiles
from edge.export import export_route
from edge.guard import Limits, read_document
from edge.metrics import Sources, metrics_route, networks_of
from edge.rates import Rates, rates_of
from edge.readiness import Check, NotReady, Readiness, require_events, require_room
from edge.revocations import Revocations
from edge.safety import only_by_https
from edge.sdl import sdl_route
from edge.streams import OpenConnections, limits_of
from edge.traffic import Traffic
from edge.view import GraphQLView
from edge.websocket import Websockets
from kernel.clock import Clock, SystemClock
from kernel.errors import KsbbError
from kernel.settings import Settings, UnusableSetting
from models import migrate
from models.server import Server
from policy import wall
from policy.secrets import Secrets
from policy.tokens import Verifier
from policy.viewer import PUBLIC, Role, Viewer
from policy.wall import SEQUENCER, WRITER
from publishing.release.editions import newest_release_s
from resolvers.aside import share_the_interpreter
from resolvers.execute import QueryReader
from resolvers.meaning import RoleSchema
from resolvers.pools import Pools, Watch
from resolvers.publications import Publications
from resolvers.request import GraphQLRequest
from resolvers.updates import Updates
from schema.build import role_schema, sdl
from schema.nouns import CATALOGUE
from schema.words import labels

if TYPE_CHECKING:
    from edge.tracing import Tracing

_FIRST_QUESTION = GraphQLRequest("{ regions(first: 1) { nodes { name } } }")

_LIMITS = Limits()

Background = Callable[[], Awaitable[None]]
"""Work that goes on beside the server, such as the first release of the demo city."""


class WallOutdated(KsbbError):
    """The roles and views in the database were written from another policy than this release's."""

    code = "POLICY_MISMATCH"

    def __init__(self) -> None:
        super().__init__("The roles and views are not those of this release's policy. Run `ksbb db upgrade`.")


def reader_of(settings: Settings, server: Server, bus: Bus | None = None, watch: Watch | None = None) -> QueryReader:
    """Who answers GraphQL on a running database: queries, and mutations where there is a bus for their commands."""
    secrets = Secrets.of(settings)
    return QueryReader(
        settings,
        secrets,
        Pools(settings, lambda role: _dsn(settings, server, secrets, role), watch),
        schema_of=_lasting_schema,
        parse=partial(read_document, limits=_LIMITS),
        longest_document=_LIMITS.source_bytes,
        carry_out=bus.carry_out if bus is not None else None,
        publications=Publications(catalogue(settings) / NAME, settings.public_url),
    )


def bus_of(settings: Settings, server: Server, clock: Clock, committed: Callable[[], None] = lambda: None) -> Bus:
    """Who carries out commands on a running database; after each it calls `committed`."""
    secrets = Secrets.of(settings)
    return Bus(settings, secrets, clock, _dsn(settings, server, secrets, WRITER), committed)


def updates_of(settings: Settings, server: Server, clock: Clock, reader: QueryReader) -> Updates:
    """What delivers the events of a running database."""
    return Updates(settings, clock, reader, sequencer_dsn(settings, server))


def tracing_of(settings: Settings) -> Tracing | None:
    """What tells spans to a collector; None where the settings name none.

    Raises:
        UnusableSetting: they name one, and its library is not installed.
    """
    if not settings.otlp_endpoint:
        return None
    try:
        from edge.tracing import Tracing
    except ModuleNotFoundError:
        raise UnusableSetting(
            "KSBB_OTLP_ENDPOINT needs the library opentelemetry: pip install 'ksbb-terbuka[otel]'."
        ) from None
    return Tracing(settings.otlp_endpoint)


def sequencer_dsn(settings: Settings, server: Server) -> str:
    """Where the sequencer, and whoever reads the event log, logs in."""
    return _dsn(settings, server, Secrets.of(settings), SEQUENCER)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _dsn(settings: Settings, server: Server, secrets: Secrets, role: str) -> str:
    name = f"{settings.role_prefix}{role.lower()}"
    return server.role_dsn(name, secrets.role_password(name))


@cache
def _lasting_schema(role: Role) -> RoleSchema:
    """A role's schema, out of the garbage collector's sight: it lasts, and looking through it takes milliseconds."""
    schema = role_schema(role)
    _keep_for_good()
    return schema


def _keep_for_good() -> None:
    gc.collect()
    gc.freeze()


async def check_policy(uri: str) -> None:
    """Make sure that the wall is this release's.

    Raises:
        WallOutdated: it is of another policy, or missing.
    """
    if await wall.stored_hash(uri) != _policy_hash():
        raise WallOutdated


@cache
def _policy_hash() -> str:
    """The hash of this release's policy: it takes 0.6 s, and `/readyz` asks for it each time."""
    return wall.current_hash()


@dataclass(frozen=True)
class _Parts:
    """What is open while the server runs."""

    settings: Settings
    server: Server
    clock: Clock
    bus: Bus
    reader: QueryReader
    updates: Updates
    rates: Rates
    keys: ApiKeys
    storage: Storage
    request_log: log.RequestLog
    connections: OpenConnections
    traffic: Traffic
    tracing: Tracing | None

    @asynccontextmanager
    async def running(self, background: Background | None, _: Starlette) -> AsyncIterator[None]:
        """Start everything in its order, and let go of it in the other.

        Raises:
            WallOutdated: the wall is not this release's.
        """
        await self._prepare()
        beside = [asyncio.create_task(_run(background))] if background is not None else []
        if self.settings.tick_every_s:
            jobs = (self.bus.tick, partial(carry_out, self.settings, self.server, self.clock))
            beside.append(asyncio.create_task(_tick(jobs, self.settings.tick_every_s)))
        async with self.updates:
            yield
        await _end(beside)
        await self.reader.close()
        await self.rates.close()
        await self.keys.close()
        await self.bus.close()
        if self.tracing is not None:
            await self.tracing.close()
        self.request_log.flush()

    def readiness(self) -> Readiness:
        """What must be well for this process to be given requests."""
        uri, free_mb = self.server.uri(), self.settings.disk_free_mb
        checks: dict[str, Check] = {
            "queries": lambda: _one_answer(self.reader),
            "migrations": lambda: _migrations(uri),
            "policy": lambda: check_policy(uri),
            "events": lambda: require_events(self.updates.lag.look),
            "data disk": lambda: require_room(self.settings.data_dir, "the data folder", free_mb),
            "evidence disk": lambda: require_room(self.storage.drafts, "files of evidence", free_mb),
        }
        return Readiness(checks)

    def sources(self) -> Sources:
        """Where the figures of `/metrics` are read from."""
        package = catalogue(self.settings) / NAME
        return Sources(
            pools=self.reader.pool_uses,
            streams=self.connections.by_role,
            behind=self.updates.lag.look,
            released_at_s=lambda: newest_release_s(package),
            policy=_policy_hash(),
        )

    async def _prepare(self) -> None:
        settings, uri = self.settings, self.server.uri()
        share_the_interpreter()
        log.configure(settings.log_level)
        await check_policy(uri)
        await asyncio.to_thread(sweep, self.storage.drafts)
        await wall.renew_logins(uri, settings.role_prefix, Secrets.of(settings).role_password)
        await _one_answer(self.reader)
        _keep_for_good()


def create_app(settings: Settings, server: Server, background: Background | None = None) -> Edge:
    """The ASGI application on a running database.

    It refuses to start on a wall of another policy, and gives the logins their passwords and settings again. `/readyz`
    answers 200 once a query of the public was answered.
    """
    clock, secrets, tracing = SystemClock(), Secrets.of(settings), tracing_of(settings)
    bus = bus_of(settings, server, clock, lambda: updates.sequencer.wake())
    reader = reader_of(settings, server, bus, None if tracing is None else tracing.database)
    updates = updates_of(settings, server, clock, reader)
    request_log, storage = log.RequestLog(), storage_of(settings)
    documents, rates = documents_of(settings), rates_of(settings, secrets)
    revocations = Revocations(bus, clock)
    keys = ApiKeys(revocations, secrets, clock, bus)
    connections, traffic = OpenConnections(limits_of(settings)), Traffic()
    parts = _Parts(
        settings, server, clock, bus, reader, updates, rates, keys, storage, request_log, connections, traffic, tracing
    )

    async def export(viewer: Viewer, public_id: str) -> bytes:
        return await own_export(bus, viewer, public_id, labels(CATALOGUE))

    authentication = Authentication(Verifier(settings, clock), clock, revocations, keys)
    also = only_by_https(settings.public_url)
    asked = (reader, updates.feeds, authentication, connections, documents, rates)
    view = GraphQLView(*asked, log=request_log, traffic=traffic, also=also, tracing=tracing)
    origins = frozenset(filter(None, settings.allowed_origins.split(",")))
    sockets = Websockets(*asked, origins=origins, log=request_log, traffic=traffic, tracing=tracing)
    evidence = EvidenceFiles(bus, reader, storage, secrets, authentication, request_log, rates)
    feeds = AtomFeeds(updates.newest, reader, secrets, settings.public_url)
    addresses = [
        *routes(parts.readiness(), catalogue(settings), evidence),
        export_route(authentication, export, rates),
        sdl_route(authentication, sdl, rates),
        metrics_route(traffic, parts.sources(), networks_of(settings.metrics_from)),
        *feeds.routes(),
    ]
    others = Starlette(routes=addresses, lifespan=partial(parts.running, background))
    return Edge(view, others, sockets, connections.stop, also=also, traffic=traffic)


async def _run(background: Background) -> None:
    try:
        await background()
    except KsbbError as refused:
        log.log_failure("background", refused)


async def _tick(jobs: Sequence[Callable[[], Awaitable[object]]], every_s: int) -> None:
    """Do what time makes due and what was ordered, again and again; what cannot be done now is due the next time."""
    while True:
        for job in jobs:
            try:
                await job()
            except (KsbbError, SQLAlchemyError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as failure:
                log.log_failure("tick", failure)
        await asyncio.sleep(every_s)


async def _one_answer(reader: QueryReader) -> None:
    await reader.answer(PUBLIC, _FIRST_QUESTION)


async def _migrations(uri: str) -> None:
    missing = await migrate.pending(uri)
    if missing:
        raise NotReady(f"{len(missing)} migration steps are missing. Run `ksbb db upgrade`.")

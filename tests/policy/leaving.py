"""What leaves the house without being asked for: messages of the real webhook worker, and Atom feeds, as bytes."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest
from starlette.applications import Starlette

from commands.bus import Bus
from commands.webhook import PingWebhook, RegisterWebhook, RemoveWebhook, ReplayWebhook
from datapackages.package import datasets
from edge.atom import AtomFeeds
from events.database import sequencer_engine
from events.hub import Hub
from events.log import EventLog
from events.sight import Sights
from events.webhooks import Webhooks
from geo.regions import Level, regions
from kernel.clock import SystemClock
from models.event import DISCONTINUITY
from models.server import Server
from models.webhook import PING
from policy.actions import MAY
from policy.event_cursor import BEGINNING
from policy.viewer import Role, Viewer
from resolvers.execute import QueryReader
from resolvers.feed import Feeds
from resolvers.newest import Newest
from resolvers.request import GraphQLRequest
from resolvers.webhooks import WebhookAudience
from schema.nouns import CATALOGUE
from server import reader_of
from tests.conftest import City
from tests.events.conftest import until
from tests.events.receiving import Got, receiving
from tests.events.webhook_worker import QUICK, at_work
from tests.policy.documents import Questions

SUBSCRIBERS = [role for role in Role if role in MAY["RegisterWebhook"]]
LOG_READERS = (Role.INSPEKTORAT,)
"""Who reads the logs of the webhooks of all."""

_ALL_IS_SENT = """select s.position = l.last_position and not exists (
  select from ksbb.webhook_delivery where subscription_id = s.id and state = 'WAITING'
) from ksbb.subscription s, ksbb.event_log l where s.id = $1"""
_UNHURRIED = replace(QUICK, answered_within_s=20.0)
_OWN_MESSAGES = {PING, DISCONTINUITY}
_OF_A_DELIVERY = ("eventType", "state", "attempts", "lastStatus", "problem")


@dataclass(frozen=True)
class House:
    """A copy of the city, and who tells of what happens in it."""

    city: City
    server: Server
    reader: QueryReader
    log: EventLog
    feeds: Feeds


@asynccontextmanager
async def house(city: City, server: Server) -> AsyncIterator[House]:
    """Who opens streams on a copy of the city; the log is read by the owner of the tables."""
    reader = reader_of(city.settings, server)
    engine = sequencer_engine(city.settings, server.uri())
    log = EventLog(engine)
    hub = Hub(log, queue=10_000)
    await hub.start()
    yield House(city, server, reader, log, Feeds(reader, city.secrets, SystemClock(), log, Sights(engine, log), hub))
    await hub.close()
    await engine.dispose()
    await reader.close()


# ---- webhooks


@asynccontextmanager
async def clerk(city: City, server: Server) -> AsyncIterator[Bus]:
    """Who carries out commands on a copy of the city, as the owner of its tables."""
    bus = Bus(replace(city.settings, webhook_allow_private=1), city.secrets, SystemClock(), server.uri())
    yield bus
    await bus.close()


async def registered(city: City, bus: Bus, viewer: Viewer, url: str) -> tuple[UUID, str]:
    """A webhook of a viewer: its key and its secret."""
    made = await bus.carry_out(viewer, RegisterWebhook(name="Contoh", target_url=url))
    return city.secrets.internal_key(made.subject)[1], made.reply["secret"]


async def sent(house: House, owner: asyncpg.Connection, viewer: Viewer) -> list[Got]:
    """All messages to a webhook of a viewer: the whole log, a test, and that the log was archived."""
    async with receiving() as receiver, clerk(house.city, house.server) as bus, _worker(house) as worker:
        key, receiver.secret = await registered(house.city, bus, viewer, receiver.url)

        async def through() -> bool:
            return bool(await owner.fetchval(_ALL_IS_SENT, key))

        await bus.carry_out(viewer, PingWebhook(subscription_id=key))
        for archived_until in ("0", "last_position"):
            await owner.execute(f"update ksbb.event_log set archived_until = {archived_until}")
            await bus.carry_out(viewer, ReplayWebhook(subscription_id=key, after=BEGINNING))
            worker.wake()
            await until(through, at_most_s=60)
        await owner.execute("update ksbb.event_log set archived_until = 0")
        await bus.carry_out(viewer, RemoveWebhook(subscription_id=key))
        return receiver.got


async def failed(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Let the worker meet webhooks that cannot be served, and say so."""

    async def said() -> bool:
        return any(record.name == "ksbb.webhooks" for record in caplog.records)

    async with _worker(house):
        await until(said)


def _worker(house: House) -> AbstractAsyncContextManager[Webhooks]:
    types = {noun.table.name: noun.name for noun in CATALOGUE.nouns.values()}
    audience = WebhookAudience(house.feeds, types)
    return at_work(house.city.settings, house.server.uri(), audience, _UNHURRIED)


def comparable(messages: Sequence[Got]) -> list[Any]:
    """Messages without what is another every time, in a fixed order: cursors, instants, signatures, and own ids."""
    return sorted((_comparable(one) for one in messages), key=json.dumps)


def _comparable(one: Got) -> list[Any]:
    told, headers = json.loads(one.body), dict[str, Any](one.headers)
    assert headers.pop("webhook-id") == told["data"]["id"]
    for name in ("host", "webhook-timestamp", "webhook-signature"):
        headers[name] = _form(headers[name])
    if one.type in _OWN_MESSAGES:
        told |= {"timestamp": "", "data": {**told["data"], "id": _form(one.data["id"])}}
        headers["content-length"] = ""
    else:
        told["data"]["cursor"] = _form(one.data["cursor"])
    return [told, headers]


def _form(text: str) -> int:
    """Of what differs every time only the length may be told."""
    return len(text)


def subjects_in_order(messages: Sequence[Got]) -> dict[str, list[str]]:
    """Per subject the messages about it, as they came."""
    found: dict[str, list[str]] = {}
    for one in messages:
        if "subjectId" in one.data:
            found.setdefault(one.data["subjectId"], []).append(one.id)
    return found


async def logs(house: House, viewer: Viewer) -> list[bytes]:
    """All that a viewer reads of webhooks, and of what was sent to them: a body for each noun."""
    questions = Questions(viewer.role)
    nouns = [noun for noun in questions.nouns if noun.table.name in {"subscription", "webhook_delivery"}]
    return [(await house.reader.answer(viewer, GraphQLRequest(questions.whole(noun)))).body for noun in nouns]


def deliveries(read: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """What the log says of each delivery, without what is another every time."""
    nodes = [edge["node"] for body in read for edge in json.loads(body)["data"]["page"]["edges"]]
    sent = [node for node in nodes if "messageId" in node]
    return sorted((_message_of(node), *(str(node[name]) for name in _OF_A_DELIVERY)) for node in sent)


def _message_of(node: Mapping[str, Any]) -> str:
    return "" if node["eventType"] in _OWN_MESSAGES else str(node["messageId"])


# ---- feeds


@asynccontextmanager
async def atom(house: House) -> AsyncIterator[httpx.AsyncClient]:
    """The feeds of a copy of the city, none of them kept from before."""
    newest = Newest(house.feeds, house.log)
    routes = AtomFeeds(newest, house.reader, house.city.secrets, "https://contoh.jakarta.test").routes()
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://ksbb", trust_env=False) as http:
        yield http


async def addresses(owner: asyncpg.Connection) -> list[str]:
    """Of every kind of feed some: of regions all, of collaborations those that the public sees and others."""
    shown = await owner.fetch(
        "select public_id from (select public_id, row_number() over (partition by number_issued_on is null,"
        " package_kind order by id) as n from ksbb.collaboration) c where n <= 4 order by 1"
    )
    return [
        "/feeds/programme.atom",
        *(f"/feeds/collaborations/{row['public_id']}.atom" for row in shown),
        *(f"/feeds/regions/{r.code}.atom" for r in regions().values() if r.level in {Level.KOTA, Level.KECAMATAN}),
        *(f"/feeds/datasets/{dataset.name}.atom" for dataset in datasets()),
    ]

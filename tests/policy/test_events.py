"""Events under the same two proofs as queries: twins that differ in what is hidden, and canaries."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest
import pytest_asyncio

from commands.facts import FACTS, subject_of
from commands.webhook import PingWebhook
from edge.log import JsonLines
from models.event import DISCONTINUITY
from models.server import Server
from models.webhook import PING
from policy.viewer import Role, Viewer
from resolvers.feed import Feeds
from resolvers.request import Answer, GraphQLRequest
from tests.conftest import City
from tests.policy.canaries import Canary, allowed, disguises, let_fly
from tests.policy.conftest import Copies, Pairs, owner_of
from tests.policy.documents import LONG, Questions
from tests.policy.hiding import hide
from tests.policy.leaving import (
    LOG_READERS,
    SUBSCRIBERS,
    addresses,
    atom,
    clerk,
    comparable,
    deliveries,
    failed,
    house,
    logs,
    registered,
    sent,
    subjects_in_order,
)
from tests.policy.telling import Told, kept_from, promised, release, with_photos, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


@dataclass(frozen=True)
class Twins:
    """Two cities alike in all that a viewer may see, with the same events about that, and one with others between."""

    viewer: Viewer
    one: Server
    other: Server
    events: list[Told]
    """Those of both, the last of which everybody hears."""


@pytest_asyncio.fixture(scope="module", loop_scope="session", params=list(Role), ids=str)
async def twins(copies: Copies, request: pytest.FixtureRequest) -> AsyncIterator[Twins]:
    """The twins of each role."""
    role, viewer = request.param, copies.city.viewer(request.param)
    readers, name = {role, *LOG_READERS}, role.lower()
    async with copies.copy(f"heard_{name}", *readers) as one, copies.copy(f"unheard_{name}", *readers) as other:
        async with owner_of(one) as owner, owner_of(other) as twin:
            for tables in (owner, twin):
                await release(tables, copies.city.secrets)
            await hide(twin, viewer)
            events = [*await promised(owner, viewer), *await with_photos(owner), await _end(owner)]
            events = list(dict.fromkeys(events))
            await write(owner, events)
            await write(twin, [*_mixed(events[:-1], await kept_from(twin, viewer)), events[-1]])
        yield Twins(viewer, one, other, events)


def _one_noun(role: Role, noun: Any) -> str:
    """A subscription to all events with everything of the subjects of one noun."""
    selection = Questions(role).selection(noun)
    return (
        'subscription { events(after: "BEGINNING") { id type version at left subjectId regionCode fetchInstead'
        f" subject {{ __typename id ... on {noun.name} {{ {selection} }} }} }} }}"
    )


async def _heard(feeds: Feeds, viewer: Viewer, document: str, last: str) -> list[bytes]:
    """The bodies of everything that a viewer hears, up to the event that all may hear."""
    stream = await feeds.subscribe(viewer, GraphQLRequest(document))
    assert not isinstance(stream, Answer), stream.body
    found: list[bytes] = []
    while not (found and last.encode() in found[-1]):
        found += [delivery.body for delivery in await stream.take()]
    await stream.close()
    return found


async def _end(owner: asyncpg.Connection) -> Told:
    """An event that everybody hears, to stand last."""
    place = await owner.fetchval("select id from ksbb.place order by id limit 1")
    return Told("PlaceRegistered", "place", place, (("last", "yes"),))


def _mixed(events: Sequence[Told], others: Sequence[Told]) -> list[Told]:
    """All of them, the others spread between the first."""
    mixed = list(others)
    for number, told in enumerate(events):
        mixed.insert(min(len(mixed), number * 2), told)
    return mixed


def _nouns_of(role: Role, events: Sequence[Told]) -> list[Any]:
    """The nouns that the events are about; in the short run every third, which goes by the role."""
    nouns = [n for n in Questions(role).nouns if n.table.name in {told.kind for told in events}]
    return nouns if LONG else nouns[list(Role).index(role) % 3 :: 3]


async def test_what_a_role_may_not_see_changes_nothing_that_it_hears(copies: Copies, twins: Twins) -> None:
    city, viewer, heard = copies.city, twins.viewer, list[bytes]()
    async with house(city, twins.one) as first, house(city, twins.other) as second:
        end = city.secrets.public_id("event", twins.events[-1].id)
        for noun in _nouns_of(viewer.role, twins.events):
            heard = await _heard(first.feeds, viewer, _one_noun(viewer.role, noun), end)
            assert heard == await _heard(second.feeds, viewer, _one_noun(viewer.role, noun), end), noun.name
    assert len(heard) > len(twins.events) / 2
    assert not any(json.loads(body)["data"]["events"]["left"] for body in heard)


@pytest.mark.parametrize("twins", SUBSCRIBERS, indirect=True, ids=str)
async def test_what_a_role_may_not_see_changes_nothing_that_its_webhook_gets(copies: Copies, twins: Twins) -> None:
    city, viewer = copies.city, twins.viewer
    async with house(city, twins.one) as first, house(city, twins.other) as second:
        async with owner_of(twins.one) as owner, owner_of(twins.other) as twin:
            got, other = await sent(first, owner, viewer), await sent(second, twin, viewer)
        assert comparable(got) == comparable(other)
        assert subjects_in_order(got) == subjects_in_order(other)
        assert {one.type for one in got} > {PING, DISCONTINUITY}
        assert len(got) == len({one.id for one in got}) > len(twins.events) / 2
        for reader in {viewer, *map(city.viewer, LOG_READERS)}:
            read = deliveries(await logs(first, reader))
            assert len(read) == len(got)
            assert read == deliveries(await logs(second, reader)), reader.role


@pytest.mark.parametrize("twins", [Role.PUBLIK], indirect=True, ids=str)
async def test_what_the_public_may_not_see_changes_no_byte_of_a_feed(copies: Copies, twins: Twins) -> None:
    city = copies.city
    async with owner_of(twins.one) as owner:
        wanted = await addresses(owner)
    async with house(city, twins.one) as told, atom(told) as http:
        answers = [await http.get(address) for address in wanted]
    async with house(city, twins.other) as told, atom(told) as http:
        others = [await http.get(address) for address in wanted]
    for one, other in zip(answers, others, strict=True):
        assert (one.status_code, one.headers, one.content) == (other.status_code, other.headers, other.content), one.url
    filled = {one.url.path.split("/")[2] for one in answers if b"<entry>" in one.content}
    assert filled == {"programme.atom", "collaborations", "regions", "datasets"}
    assert {one.status_code for one in answers} == {200, 404}
    assert any(b'rel="enclosure"' in one.content for one in answers)


async def test_the_comparison_hears_a_leak_when_there_is_one(copies: Copies) -> None:
    viewer = copies.city.viewer(Role.PUBLIK)
    async with copies.copy("telling_events", Role.PUBLIK) as one:
        async with owner_of(one) as owner:
            last = await _end(owner)
            events = await promised(owner, viewer)
            await write(owner, [*events[1:], last])
        async with house(copies.city, one) as told:
            end = copies.city.secrets.public_id("event", last.id)
            document = _one_noun(Role.PUBLIK, _nouns_of(Role.PUBLIK, events)[0])
            fewer = await _heard(told.feeds, viewer, document, end)
        async with owner_of(one) as owner:
            await write(owner, [*events, last])
        async with house(copies.city, one) as told:
            assert len(await _heard(told.feeds, viewer, document, end)) == len(fewer) + 1


@dataclass(frozen=True)
class Singing:
    """A city full of canaries, with events about all of them, and webhooks of everybody who may have some."""

    viewers: dict[Role, Viewer]
    server: Server
    canaries: list[Canary]
    may: dict[Role, set[Canary]]
    events: list[Told]

    def heard_by(self, role: Role, text: bytes) -> set[str]:
        """The names of the canaries in a text that a role may see."""
        return {canary.name for canary in self.may[role] if canary.sought in text}

    def escaped(self, role: Role, text: bytes) -> set[str]:
        """The names of the canaries in a text that a role may not see, and whatever is there in disguise."""
        disguised = {repr(form) for form in disguises(self.canaries) if form in text}
        return {c.name for c in self.canaries if c not in self.may[role] and c.sought in text} | disguised


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def singing(copies: Copies, pairs: Pairs) -> AsyncIterator[Singing]:
    """The city of the canaries."""
    city = copies.city
    awaiting = pairs[Role.SATPOL_PP][1]
    viewers = {role: awaiting if role is Role.SATPOL_PP else city.viewer(role) for role in Role}
    async with copies.copy("singing", *Role) as server:
        async with owner_of(server) as owner:
            await _webhooks_of_all(city, server, viewers)
            canaries = await let_fly(owner, city.secrets, list(viewers.values()))
            await owner.execute("update ksbb.subscription set active = false")  # their secrets are canaries now
            rows = {c.row: c.column.table.name for c in canaries}
            events = [told for viewer in viewers.values() for told in await promised(owner, viewer)]
            events += [*await _on_rows(owner, rows), *await with_photos(owner), await _end(owner)]
            events = list(dict.fromkeys(events))
            await write(owner, events)
            may = {role: await allowed(owner, canaries, viewer) for role, viewer in viewers.items()}
        yield Singing(viewers, server, canaries, may, events)


async def _webhooks_of_all(city: City, server: Server, viewers: Mapping[Role, Viewer]) -> None:
    async with clerk(city, server) as bus:
        for role in SUBSCRIBERS:
            key, _ = await registered(city, bus, viewers[role], "http://127.0.0.1:9/never")
            await bus.carry_out(viewers[role], PingWebhook(subscription_id=key))


async def test_events_carry_no_canary_to_who_may_not_see_it(copies: Copies, singing: Singing) -> None:
    found_some = False
    async with house(copies.city, singing.server) as told:
        end = copies.city.secrets.public_id("event", singing.events[-1].id)
        for role, viewer in singing.viewers.items():
            documents = [_one_noun(role, noun) for noun in _nouns_of(role, singing.events)]
            text = b"".join([body for one in documents for body in await _heard(told.feeds, viewer, one, end)])
            assert singing.escaped(role, text) == set(), role
            found_some = found_some or bool(singing.heard_by(role, text))
    assert found_some


async def test_messages_to_webhooks_carry_no_canary_not_even_one_that_their_owner_may_see(
    copies: Copies, singing: Singing
) -> None:
    async with house(copies.city, singing.server) as told, owner_of(singing.server) as owner:
        for role in SUBSCRIBERS:
            got = await sent(told, owner, singing.viewers[role])
            assert {one.type for one in got} > {PING, DISCONTINUITY}
            text = b"".join(repr(one.headers).encode() + one.body for one in got)
            assert singing.escaped(role, text) | singing.heard_by(role, text) == set(), role


async def test_who_reads_of_webhooks_reads_no_canary_and_neither_does_the_log(
    copies: Copies, singing: Singing, caplog: pytest.LogCaptureFixture
) -> None:
    assert "subscription.target_url" in {canary.name for canary in singing.canaries}
    async with house(copies.city, singing.server) as told, owner_of(singing.server) as owner:
        for role in (*SUBSCRIBERS, *LOG_READERS):
            read = await logs(told, singing.viewers[role])
            assert len(deliveries(read)) > 0
            assert singing.escaped(role, b"".join(read)) == set(), role
        await owner.execute("update ksbb.subscription set active = true where ended_on is null")
        await failed(told, caplog)
    lines = "\n".join(map(JsonLines().format, caplog.records)).encode()
    assert b"ksbb.webhooks" in lines
    assert singing.escaped(Role.PUBLIK, lines) | singing.heard_by(Role.PUBLIK, lines) == set()


async def test_feeds_carry_no_canary_that_the_public_may_not_see(copies: Copies, singing: Singing) -> None:
    async with owner_of(singing.server) as owner:
        wanted = await addresses(owner)
        keys = [canary.row for canary in singing.canaries]
        named = await owner.fetch("select public_id from ksbb.place where id::text = any($1)", keys)
    async with house(copies.city, singing.server) as told, atom(told) as http:
        answers = [await http.get(address) for address in wanted]
    text = b"".join(repr(one.headers).encode() + one.content for one in answers)
    assert singing.escaped(Role.PUBLIK, text) == set()
    assert any(row["public_id"].encode() in text for row in named), "no entry is about a row with a canary"
    assert b'rel="enclosure"' in text


async def _on_rows(owner: asyncpg.Connection, rows: dict[str, str]) -> list[Told]:
    """An event of every type on each row with a canary."""
    found: list[Told] = []
    for name, fact in sorted(FACTS.items()):
        kind = subject_of(fact)
        for key, table in rows.items():
            if table == kind and (row := await owner.fetchrow(f"select * from ksbb.{kind} where id::text = $1", key)):
                payload = (("loan_id", str(row["loan_id"])),) if name == "RepaymentRecorded" else ()
                found.append(Told(name, kind, row["id"], payload, row.get("region_code")))
    return found

"""Events under the same two proofs as queries: twins that differ in what is hidden, and canaries."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest

from commands.facts import FACTS, subject_of
from events.database import sequencer_engine
from events.hub import Hub
from events.log import EventLog
from events.sight import Sights
from kernel.clock import SystemClock
from models.server import Server
from policy.viewer import Role, Viewer
from resolvers.feed import Feeds
from resolvers.request import Answer, GraphQLRequest
from server import reader_of
from tests.conftest import City
from tests.policy.canaries import allowed, disguises, let_fly
from tests.policy.conftest import Copies, Pairs, owner_of
from tests.policy.documents import LONG, Questions
from tests.policy.hiding import hide
from tests.policy.telling import Told, kept_from, promised, write

pytestmark = pytest.mark.asyncio(loop_scope="session")


@asynccontextmanager
async def _feeds(city: City, server: Server) -> AsyncIterator[Feeds]:
    """Who opens streams on a copy of the city; the log is read by the owner of the tables."""
    reader = reader_of(city.settings, server)
    engine = sequencer_engine(city.settings, server.uri())
    log = EventLog(engine)
    hub = Hub(log, queue=10_000)
    await hub.start()
    yield Feeds(reader, city.secrets, SystemClock(), log, Sights(engine, log), hub)
    await hub.close()
    await engine.dispose()
    await reader.close()


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


@pytest.mark.parametrize("role", list(Role))
async def test_what_a_role_may_not_see_changes_nothing_that_it_hears(copies: Copies, role: Role) -> None:
    city, viewer = copies.city, copies.city.viewer(role)
    name = role.lower()
    async with copies.copy(f"heard_{name}", role) as one, copies.copy(f"unheard_{name}", role) as other:
        async with owner_of(one) as owner, owner_of(other) as twin:
            await hide(twin, viewer)
            last = await _end(owner)
            events = await promised(owner, viewer)
            await write(owner, [*events, last])
            await write(twin, [*_mixed(events, await kept_from(twin, viewer)), last])
        async with _feeds(city, one) as first, _feeds(city, other) as second:
            end = city.secrets.public_id("event", last.id)
            heard: list[bytes] = []
            for noun in _nouns_of(role, [*events, last]):
                heard = await _heard(first, viewer, _one_noun(role, noun), end)
                assert heard == await _heard(second, viewer, _one_noun(role, noun), end), noun.name
    assert len(heard) > len(events) / 2
    assert not any(json.loads(body)["data"]["events"]["left"] for body in heard)


async def test_the_comparison_hears_a_leak_when_there_is_one(copies: Copies) -> None:
    viewer = copies.city.viewer(Role.PUBLIK)
    async with copies.copy("telling_events", Role.PUBLIK) as one:
        async with owner_of(one) as owner:
            last = await _end(owner)
            events = await promised(owner, viewer)
            await write(owner, [*events[1:], last])
        async with _feeds(copies.city, one) as feeds:
            end = copies.city.secrets.public_id("event", last.id)
            document = _one_noun(Role.PUBLIK, _nouns_of(Role.PUBLIK, events)[0])
            fewer = await _heard(feeds, viewer, document, end)
        async with owner_of(one) as owner:
            await write(owner, [*events, last])
        async with _feeds(copies.city, one) as feeds:
            assert len(await _heard(feeds, viewer, document, end)) == len(fewer) + 1


async def test_events_carry_no_canary_to_who_may_not_see_it(copies: Copies, pairs: Pairs) -> None:
    city = copies.city
    awaiting = pairs[Role.SATPOL_PP][1]
    viewers = {role: awaiting if role is Role.SATPOL_PP else city.viewer(role) for role in Role}
    async with copies.copy("singing", *Role) as server:
        async with owner_of(server) as owner:
            canaries = await let_fly(owner, city.secrets, list(viewers.values()))
            last = await _end(owner)
            rows = {c.row: c.column.table.name for c in canaries}
            events = [told for viewer in viewers.values() for told in await promised(owner, viewer)]
            events += await _on_rows(owner, rows)
            await write(owner, [*dict.fromkeys(events), last])
            may = {role: await allowed(owner, canaries, viewer) for role, viewer in viewers.items()}
        found_some = False
        async with _feeds(city, server) as feeds:
            end = city.secrets.public_id("event", last.id)
            for role, viewer in viewers.items():
                text = b"".join(
                    [
                        body
                        for noun in _nouns_of(role, [*events, last])
                        for body in await _heard(feeds, viewer, _one_noun(role, noun), end)
                    ]
                )
                hidden = [c.name for c in canaries if c not in may[role] and c.sought in text]
                assert hidden == [], role
                assert [form for form in disguises(canaries) if form in text] == [], role
                found_some = found_some or any(c.sought in text for c in may[role])
    assert found_some


async def _on_rows(owner: asyncpg.Connection, rows: dict[str, str]) -> list[Told]:
    """An event of every type on each row with a canary."""
    found: list[Told] = []
    for name, fact in sorted(FACTS.items()):
        kind = subject_of(fact)
        for key, table in rows.items():
            if table == kind and (row := await owner.fetchrow(f"select * from ksbb.{kind} where id::text = $1", key)):
                payload = (("loan_id", str(row["loan_id"])),) if name == "RepaymentRecorded" else ()
                found.append(Told(name, kind, row["id"], payload))
    return found

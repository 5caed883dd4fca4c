"""What subscribers hear of the log, and what not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest_asyncio

from events.stream import Stream
from policy.viewer import Role, Viewer
from resolvers.request import Answer, GraphQLRequest
from resolvers.updates import Updates
from server import updates_of
from tests.acting import Acting

EVENTS = "subscription ($after: String) { events(after: $after) { id cursor type at left subjectId subject { id } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def updates(acting: Acting) -> AsyncIterator[Updates]:
    """What delivers the events of the module's city."""
    async with updates_of(acting.city.settings, acting.city.server, acting.clock, acting.reader) as made:
        yield made


async def opened(updates: Updates, viewer: Viewer, query: str = EVENTS, **variables: Any) -> Stream:
    """A stream that is open."""
    stream = await updates.feeds.subscribe(viewer, GraphQLRequest(query, variables=variables))
    assert not isinstance(stream, Answer), stream.body
    return stream


async def taken(stream: Stream, count: int, within_s: float = 5) -> list[Any]:
    """The next events of a stream, each the value of its root field."""
    found: list[Any] = []
    async with asyncio.timeout(within_s):
        while len(found) < count:
            for delivery in await stream.take():
                (event,) = json.loads(delivery.body)["data"].values()
                found.append(event)
    return found


async def nothing_more(stream: Stream) -> bool:
    """Whether nothing comes within a moment."""
    try:
        await taken(stream, 1, 0.5)
    except TimeoutError:
        return True
    return False


async def a_complaint(acting: Acting) -> str:
    payload = await acting.do(
        Role.PUBLIK,
        "fileComplaint",
        "trackingCode",
        category="PUNGUTAN",
        regionCode="31.71.01.1001",
        text="Petugas meminta uang.",
    )
    assert payload["userErrors"] == []
    code: str = payload["trackingCode"]
    return code


async def test_a_fact_reaches_who_may_hear_of_it_and_nobody_else(acting: Acting, updates: Updates) -> None:
    inspector = await opened(updates, acting.city.viewer(Role.INSPEKTORAT))
    public = await opened(updates, acting.city.viewer(Role.PUBLIK))
    waiting = asyncio.create_task(taken(inspector, 1)), asyncio.create_task(nothing_more(public))
    await asyncio.sleep(0.1)
    await a_complaint(acting)
    (event,) = await waiting[0]
    assert event["type"] == "ComplaintFiled"
    assert event["subject"]["id"] == event["subjectId"]
    assert await waiting[1]
    await inspector.close()
    await public.close()


async def test_a_stream_goes_on_after_its_cursor_without_gap_or_duplicate(acting: Acting, updates: Updates) -> None:
    viewer = acting.city.viewer(Role.INSPEKTORAT)
    first = await opened(updates, viewer, after=updates.feeds.start_cursor(viewer))
    for _ in range(6):
        await a_complaint(acting)
    events = await taken(first, 6)
    again = await opened(updates, viewer, after=events[2]["cursor"])
    await a_complaint(acting)
    followed = await taken(again, 4)
    assert [e["id"] for e in followed[:3]] == [e["id"] for e in events[3:]]
    assert len({e["id"] for e in [*events, *followed]}) == 7
    await first.close()
    await again.close()

"""Following the log in tests: streams of a city, what comes out of them, and events that are told by hand."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import UUID, uuid4

from events.stream import Stream
from policy.viewer import Role, Viewer
from resolvers.request import Answer, GraphQLRequest
from resolvers.updates import Updates
from tests.acting import Acting

EVENTS = """subscription ($after: String) {
  events(after: $after) { id cursor type at left subjectId regionCode fetchInstead subject { id } }
}"""


async def opened(updates: Updates, viewer: Viewer, query: str = EVENTS, **variables: Any) -> Stream:
    """A stream that is open."""
    stream = await updates.feeds.subscribe(viewer, GraphQLRequest(query, variables=variables))
    assert not isinstance(stream, Answer), stream.body
    return stream


async def following(updates: Updates, viewer: Viewer, query: str = EVENTS, **variables: Any) -> Stream:
    """A stream that begins now, whenever it is taken from."""
    return await opened(updates, viewer, query, **{"after": updates.feeds.start_cursor(viewer), **variables})


async def taken(stream: Stream, count: int, within_s: float = 5) -> list[Any]:
    """The next events of a stream, each the value of its root field."""
    found: list[Any] = []
    async with asyncio.timeout(within_s):
        while len(found) < count:
            for delivery in await stream.take():
                (event,) = json.loads(delivery.body)["data"].values()
                found.append(event)
    return found


async def nothing_more(stream: Stream, within_s: float = 0.5) -> bool:
    """Whether nothing comes within a moment."""
    try:
        await taken(stream, 1, within_s)
    except TimeoutError:
        return True
    return False


async def a_complaint(acting: Acting, region: str = "31.71.01.1001") -> str:
    """A complaint that somebody filed; its tracking code."""
    payload = await acting.do(
        Role.PUBLIK,
        "fileComplaint",
        "trackingCode",
        category="PUNGUTAN",
        regionCode=region,
        text="Petugas meminta uang.",
    )
    assert payload["userErrors"] == []
    code: str = payload["trackingCode"]
    return code


async def tell(acting: Acting, type_: str, kind: str, key: UUID, **payload: Any) -> UUID:
    """An event as a command would write it, of something that is there already; its key."""
    event = uuid4()
    await acting.tables.execute(
        "insert into ksbb.event (id, at, type, version, subject_kind, subject_id, institutions, payload)"
        " values ($1, now(), $2, 1, $3, $4, '{}', $5)",
        event,
        type_,
        kind,
        key,
        json.dumps(payload),
    )
    return event
